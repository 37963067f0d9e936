"""No unit is ever taken twice: hundreds of clients against a server of several processes.

The guard has two layers, the lock of the action and the database's own no. Either alone must be
enough; without both, the same races must double-book, else these tests would prove nothing.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from http.client import FOUND
from itertools import cycle, islice

import pytest

from booking.rules.hours import instant
from booking.rules.periods import Period
from tests.races import promise, race, world
from tests.races.race import Answer, Named, Wish
from tests.races.world import CLOSES, DAY, DESKS, OPENS, PARIS, PROJECTORS, World

MANY, FEW = 200, 24
MEMBERS = MANY
SLOWEST = 30  # seconds
HALL_AND_HALVES = ["hall", "half-a", "hall", "half-b"]
ROOMS = ["room", "other-room", "half-a", "half-b"]
in_every_contest = pytest.mark.parametrize(
    "spaces",
    [["room"], ["desks"], ["hall", "half-a"], HALL_AND_HALVES],
    ids=["slot", "pool", "hall-and-half", "hall-and-halves"],
)

Run = Callable[[list[Wish]], list[Answer]]


def wishes(spaces: list[str], clients: int) -> list[Wish]:
    """So many clients who ask for these spaces in turn, all for the same hour."""
    return [Wish(space) for space in islice(cycle(spaces), clients)]


def with_projectors(count: int, clients: int) -> list[Wish]:
    """So many clients who ask for different rooms, each with so many of the two projectors."""
    return [Wish(room, projectors=count) for room in islice(cycle(ROOMS), clients)]


@pytest.fixture(scope="module")
def run(address: str, place: World) -> Run:
    """Runs a race against the application as it is; every client has its answer in good time."""

    def timed(wanted: list[Wish]) -> list[Answer]:
        answers = race.run(address, place.racers, wanted)
        last = max(answer.after for answer in answers)
        print(f"{len(answers)} clients, last answer after {last:.2f} s")
        assert last < SLOWEST
        return answers

    return timed


@pytest.fixture(scope="module")
def run_careless(careless: str, place: World) -> Run:
    return partial(race.run, careless, place.racers)


def test_one_slot_has_one_winner(place, run):
    answers = run(wishes(["room"], MANY))

    assert promise.broken(place, answers) == []
    assert promise.winners(answers) == {"room": 1}
    assert promise.taken(place) == {"room": 1}


def test_the_last_desk_has_one_winner(place, run):
    before = run(wishes(["desks"], len(DESKS) - 1))

    answers = run(wishes(["desks"], MANY))

    assert promise.broken(place, before + answers) == []
    assert promise.winners(answers) == {"desks": 1}
    assert promise.taken(place) == Counter(DESKS)


def test_five_desks_have_five_winners(place, run):
    answers = run(wishes(["desks"], MANY))

    assert promise.broken(place, answers) == []
    assert promise.winners(answers) == {"desks": 5}
    assert promise.taken(place) == Counter(DESKS)


def test_a_hall_and_its_half_exclude_each_other(place, run):
    answers = run(wishes(["hall", "half-a"], MANY))

    assert promise.broken(place, answers) == []
    assert promise.winners(answers) in ({"hall": 1}, {"half-a": 1})


def test_a_hall_is_had_whole_or_by_halves(place, run):
    answers = run(wishes(HALL_AND_HALVES, MANY))

    assert promise.broken(place, answers) == []
    assert promise.winners(answers) in ({"hall": 1}, {"half-a": 1, "half-b": 1})
    assert promise.taken(place) == {"half-a": 1, "half-b": 1}


def test_the_last_projector_has_one_winner_whatever_the_room(place, run):
    answers = run(with_projectors(2, len(ROOMS) * 6))

    assert promise.broken(place, answers) == []
    assert sum(promise.winners(answers).values()) == 1
    assert {unit: n for unit, n in promise.taken(place).items() if unit in PROJECTORS} == (
        dict.fromkeys(PROJECTORS, 1)
    )


def test_two_projectors_go_to_two_rooms(place, run):
    answers = run(with_projectors(1, len(ROOMS) * 6))

    assert promise.broken(place, answers) == []
    assert len(promise.winners(answers)) == 2
    assert sum(promise.winners(answers).values()) == 2


def test_nobody_loses_where_nobody_contests(place, run):
    days = [DAY + timedelta(days=number) for number in range(20)]
    slots = [Wish("room", on, hour, hour + 1) for on in days for hour in range(OPENS, CLOSES)]

    answers = run(slots[:MANY])

    assert promise.broken(place, answers) == []
    assert promise.winners(answers) == {"room": MANY}


def test_what_has_run_out_is_ended_once_and_stands_in_nobodys_way(place, run):
    hour = Period(instant(DAY, 10 * 60, PARIS), instant(DAY, 11 * 60, PARIS))
    world.add_expired_request(place, "hall", hour)

    answers = run(wishes(["half-a", "half-b"], FEW))

    assert promise.broken(place, answers) == []
    assert promise.winners(answers) == {"half-a": 1, "half-b": 1}
    assert promise.changes(place, "expire") == 1


@pytest.mark.parametrize("space", ["room", "desks"])
def test_a_form_that_one_member_sends_many_times_at_once_reserves_once(
    place: World, address: str, space: str
) -> None:
    answers = race.run(address, [place.racers[0]] * FEW, [Named(space) for _ in range(FEW)])

    assert {answer.status for answer in answers} == {FOUND}
    assert len({answer.location for answer in answers}) == 1
    assert len(promise.taken(place)) == 1


def test_control_a_form_without_a_name_takes_a_desk_each_time(place: World, address: str) -> None:
    answers = race.run(address, [place.racers[0]] * FEW, [Wish("desks") for _ in range(FEW)])

    assert len({answer.location for answer in answers if answer.code}) > 1


@in_every_contest
def test_the_lock_alone_is_enough(place, careless_database, run, spaces):
    answers = run(wishes(spaces, FEW))

    assert promise.broken(place, answers) == []
    assert promise.winners(answers)


@in_every_contest
def test_the_database_alone_is_enough(place, run_careless, spaces):
    answers = run_careless(wishes(spaces, FEW))

    assert not promise.double_booked(promise.broken(place, answers))
    assert promise.winners(answers)


@in_every_contest
def test_without_both_the_race_is_lost(place, careless_database, run_careless, spaces):
    answers = run_careless(wishes(spaces, FEW))

    assert promise.double_booked(promise.broken(place, answers))
    assert max(promise.taken(place).values()) > 1


def test_for_projectors_the_lock_alone_is_enough(place, careless_database, run):
    answers = run(with_projectors(2, FEW))

    assert promise.broken(place, answers) == []
    assert sum(promise.winners(answers).values()) == 1


def test_for_projectors_the_database_alone_is_enough(place, run_careless):
    answers = run_careless(with_projectors(2, FEW))

    assert not promise.double_booked(promise.broken(place, answers))


def test_without_both_a_projector_stands_in_two_rooms(place, careless_database, run_careless):
    answers = run_careless(with_projectors(2, len(ROOMS)))

    assert promise.double_booked(promise.broken(place, answers))
    assert max(promise.taken(place)[unit] for unit in PROJECTORS) > 1
