"""Who waits gets what is freed, once, whatever others do at the same instant.

Offers against new reservations, several that free at once, one offer accepted many times. Each
has its control, which fails without what keeps it in order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import CONFLICT, FOUND

import pytest
from sqlalchemy import select

from booking import clock
from booking.actions import reservations, waitlist
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.db import db, transaction
from booking.models.members import Member
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.models.waitlist import Waiting
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from booking.rules.hours import instant
from booking.rules.periods import Period
from booking.rules.states import CONFIRMED, HELD, KEEPING
from tests.races import promise, race, world
from tests.races.race import Answer, Wish
from tests.races.world import DAY, DESKS, PARIS, World
from tests.support.servers import serving

CLIENTS = 24
MEMBERS = CLIENTS
HOUR = Period(instant(DAY, 10 * 60, PARIS), instant(DAY, 11 * 60, PARIS))
UNORDERED, LATE = "tests.races.eager:unordered", "tests.races.eager:late"


@dataclass(frozen=True)
class Post(Wish):
    """A form of one button, sent there."""

    to: str = ""

    @property
    def path(self) -> str:  # type: ignore[override]
        return self.to

    def form(self) -> dict[str, str]:
        return {}


@pytest.fixture(scope="module")
def unordered(place: World) -> Iterator[str]:
    """The application that locks nothing."""
    with serving({"DATABASE_URL": place.url}, workers=2, factory=UNORDERED) as address:
        yield address


@pytest.fixture(scope="module")
def late(place: World) -> Iterator[str]:
    """The application that passes on nothing in the transaction that frees it."""
    with serving({"DATABASE_URL": place.url}, workers=2, factory=LATE) as address:
        yield address


def people() -> list[Member]:
    return list(db.session.scalars(select(Member).order_by(Member.id)))


def reserved(place: World, spaces: list[str]) -> list[str]:
    """The first racers have one of these each at ten; their codes."""
    with place.app.app_context(), transaction():
        where = [atlas().space("quai", slug) for slug in spaces]
        return [
            reservations.reserve(space, HOUR, Details(), by=by, now=clock.now()).code
            for space, by in zip(where, people(), strict=False)
        ]


def wait(place: World, space: str, number: int, *, anywhere: bool = False) -> None:
    """The last so many racers are in line for it at ten, the last but one after the last."""
    with place.app.app_context(), transaction():
        now = clock.now() - timedelta(hours=1)
        asked = Ask(atlas().space("quai", space), HOUR, Details(), anywhere)
        for minute, by in enumerate(people()[::-1][:number]):
            waitlist.join(asked, by=by, now=now + timedelta(minutes=minute))


def offer(place: World, address: str) -> str:
    """The last racer is offered the room; the address their mail links to."""
    (code,) = reserved(place, ["room"])
    wait(place, "room", 1)
    race.run(address, place.racers[:1], [cancelling(code)])
    with place.app.app_context():
        query = select(OutboxMessage).where(OutboxMessage.kind == "waitlist-offered")
        return f"/waitlist/offers/{db.session.scalars(query).one().facts['token']}"


def cancelling(code: str) -> Post:
    return Post("room", to=f"/reservations/{code}/cancel")


def states(place: World) -> Counter[str]:
    """How many entries are in which state."""
    with place.app.app_context():
        return Counter(db.session.scalars(select(Waiting.state)))


def having(place: World) -> Counter[str]:
    """How many reservations are in which of the states that keep a place."""
    with place.app.app_context():
        query = select(Reservation.state).where(Reservation.state.in_(KEEPING))
        return Counter(db.session.scalars(query))


def offers(place: World) -> Counter[int]:
    """How often each member was offered something."""
    query = select(Reservation.member_id).join(History, History.reservation_id == Reservation.id)
    with place.app.app_context():
        return Counter(db.session.scalars(query.where(History.verb == "hold")))


def faults(place: World) -> list[str]:
    with place.app.app_context():
        return [*promise.doubles(), *promise.halves()]


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


# An offer against new reservations


def cancel_among_newcomers(place: World, address: str) -> Counter[int]:
    """One gives the room back, one waits for it, all others want it at this instant and after."""
    (code,) = reserved(place, ["room"])
    wait(place, "room", 1)
    newcomers = place.racers[1:-1]
    wishes = [cancelling(code), *(Wish("room") for _ in newcomers)]
    found = statuses(race.run(address, [place.racers[0], *newcomers], wishes))
    return found + statuses(race.run(address, newcomers, wishes[1:]))


def test_who_waits_comes_before_whoever_comes_now(place: World, address: str) -> None:
    found = cancel_among_newcomers(place, address)

    assert found == {FOUND: 1, CONFLICT: 2 * (CLIENTS - 2)}
    assert (states(place), having(place)) == ({"offered": 1}, {HELD: 1})
    assert faults(place) == []


def test_control_what_is_passed_on_later_is_another_s(place: World, late: str) -> None:
    found = cancel_among_newcomers(place, late)

    assert found[FOUND] == 2
    assert (states(place), having(place)) == ({"waiting": 1}, {CONFIRMED: 1})


def test_joining_while_it_is_given_back_nobody_waits_for_what_is_free(
    place: World, address: str
) -> None:
    (code,) = reserved(place, ["room"])

    @dataclass(frozen=True)
    class Joining(Wish):
        path = "/waitlist"

    wishes = [cancelling(code), *(Joining("room") for _ in place.racers[1:])]
    race.run(address, place.racers, wishes)

    found = states(place)
    assert found in ({}, {"offered": 1}) or (found["offered"], found["waiting"] > 0) == (1, True)
    assert faults(place) == []


# Several that free at once


def free_at_once(place: World, address: str) -> None:
    """All five desks and both rooms are given back at the same instant."""
    codes = reserved(place, ["desks"] * len(DESKS))
    wait(place, "desks", 3)
    race.run(address, place.racers[: len(codes)], [cancelling(code) for code in codes])


def test_of_several_freed_at_once_nobody_is_promoted_twice(place: World, address: str) -> None:
    free_at_once(place, address)

    assert states(place) == {"offered": 3}
    assert sorted(offers(place).values()) == [1, 1, 1]
    assert faults(place) == []


def test_of_several_rooms_freed_at_once_one_goes_to_who_waits_for_any(
    place: World, address: str
) -> None:
    for _ in range(5):
        world.empty(place)
        codes = reserved(place, ["room", "other-room", "rationed"])
        wait(place, "room", 1, anywhere=True)

        answers = race.run(address, place.racers[:3], [cancelling(code) for code in codes])

        assert statuses(answers) == {FOUND: 3}
        assert (states(place), list(offers(place).values())) == ({"offered": 1}, [1])
        assert faults(place) == []


def test_control_without_locks_somebody_is_promoted_twice(place: World, unordered: str) -> None:
    codes = reserved(place, ["room", "other-room", "rationed"])
    wait(place, "room", 1, anywhere=True)

    race.run(unordered, place.racers[:3], [cancelling(code) for code in codes])

    assert max(offers(place).values()) > 1


# One offer accepted many times


def accept(place: World, address: str, path: str) -> list[Answer]:
    return race.run(address, place.racers[:8], [Post("room", to=f"{path}/accept")] * 8)


def accepted(place: World) -> tuple[int, int]:
    """How often history says so, and how many mails confirm it."""
    with place.app.app_context():
        (held,) = db.session.scalars(
            with_place().join(Waiting, Waiting.reservation_id == Reservation.id)
        ).all()
        lines = db.session.query(History).filter_by(reservation_id=held.id, verb="reserve")
        mails = db.session.query(OutboxMessage).filter_by(kind="reservation-confirmed")
        return lines.count(), sum(one.facts["code"] == held.code for one in mails)


def test_an_offer_accepted_many_times_is_accepted_once(place: World, address: str) -> None:
    path = offer(place, address)

    answers = accept(place, address, path)

    assert statuses(answers) == {FOUND: 8}
    assert accepted(place) == (1, 1)
    assert (states(place), having(place)) == ({"taken": 1}, {CONFIRMED: 1})
    assert faults(place) == []


def test_control_without_locks_it_is_accepted_again_and_again(
    place: World, address: str, unordered: str
) -> None:
    path = offer(place, address)

    accept(place, unordered, path)

    assert max(accepted(place)) > 1


def test_accepted_and_passed_on_at_once_it_is_one_of_both(place: World, address: str) -> None:
    path = offer(place, address)
    ends = [Post("room", to=f"{path}/{end}") for end in ("accept", "pass") * 4]

    answers = race.run(address, place.racers[:8], ends)

    assert statuses(answers) == {FOUND: 8}
    assert (states(place), having(place)) in [
        ({"taken": 1}, {CONFIRMED: 1}),
        ({"passed": 1}, {}),
    ]
    assert faults(place) == []
