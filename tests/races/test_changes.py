"""Many who move into one slot, and many who change one reservation: one of them has it.

Whoever loses keeps what they had.
"""

from collections import Counter
from dataclasses import dataclass
from http.client import CONFLICT, FOUND

from tests.races import promise, race, world
from tests.races.race import Answer, Wish
from tests.races.world import CLOSES, OPENS, World

MOVERS = 24
MEMBERS = MOVERS
HOURS = range(OPENS, CLOSES)


@dataclass(frozen=True)
class Change(Wish):
    """What one client would make of their reservation, as they saw it."""

    code: str = ""
    version: str = "0"
    title: str = ""

    @property
    def path(self) -> str:  # type: ignore[override]
        return f"/reservations/{self.code}/change"

    def form(self) -> dict[str, str]:
        return super().form() | {"version": self.version, "title": self.title}


def desks(address: str, place: World) -> list[str]:
    """Each mover has a desk, two of them at the same hour; the codes, in the movers' order."""
    hours = [HOURS[number % len(HOURS)] for number in range(MOVERS)]
    wishes = [Wish("desks", opens=hour, closes=hour + 1) for hour in hours]
    answers = race.run(address, place.racers, wishes)
    assert all(answer.code for answer in answers)
    return [answer.code or "" for answer in answers]


def all_move(address: str, place: World, codes: list[str]) -> list[Answer]:
    """All of them into the room at ten."""
    return race.run(address, place.racers, [Change("room", code=code) for code in codes])


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_of_all_who_move_into_one_slot_one_has_it(place: World, address: str) -> None:
    answers = all_move(address, place, desks(address, place))

    assert statuses(answers) == {FOUND: 1, CONFLICT: MOVERS - 1}
    taken = promise.taken(place)
    assert taken["room"] == 1
    assert sum(taken.values()) == MOVERS
    with place.app.app_context():
        assert promise.doubles() + promise.halves() == []


def test_the_database_alone_is_enough(place: World, address: str, careless: str) -> None:
    all_move(careless, place, desks(address, place))

    with place.app.app_context():
        assert promise.doubles() == []


def test_control_without_both_the_slot_is_had_twice(
    place: World, address: str, careless: str
) -> None:
    codes = desks(address, place)
    world.drop_guard(place)
    try:
        all_move(careless, place, codes)
        with place.app.app_context():
            assert promise.double_booked(promise.doubles())
    finally:
        world.empty(place)
        world.restore_guard(place)


def edits(address: str, place: World, version: str) -> Counter[int]:
    """Somebody changes one reservation in several windows, all of which show it as it was."""
    (made,) = race.run(address, place.racers[:1], [Wish("room")])
    wishes = [Change("room", code=made.code or "", version=version, title=str(n)) for n in range(8)]
    return statuses(race.run(address, place.racers[:1] * len(wishes), wishes))


def test_of_several_changes_of_one_reservation_one_is_made(place: World, address: str) -> None:
    assert edits(address, place, "0") == {FOUND: 1, CONFLICT: 7}


def test_control_without_the_version_each_change_undoes_the_one_before(
    place: World, address: str
) -> None:
    assert edits(address, place, "") == {FOUND: 8}
