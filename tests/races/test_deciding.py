"""Managers who decide at the same instant as others decide, or as the member goes back on it."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import CONFLICT, FOUND

import pytest
from sqlalchemy import func, select

from booking.db import db
from booking.models.occupancy import Occupancy
from booking.models.reservations import History, Reservation
from booking.rules import states
from tests.races import promise, race, world
from tests.races.race import Answer, Wish
from tests.races.world import OPENS, World

MANAGERS, PAIRS = 8, 8


@dataclass(frozen=True)
class Decision(Wish):
    """What is said of a request: `path` is whose to say it, and what."""

    said: str = ""

    @property
    def path(self) -> str:  # type: ignore[override]
        return self.said

    def form(self) -> dict[str, str]:
        return {"why": ""}


@pytest.fixture(scope="module")
def place(database: str, migrated_database) -> Iterator[World]:
    """The first are managers; in the room they decide on requests, of which several may wait."""
    with world.made(migrated_database(database), members=MANAGERS + 2 * PAIRS) as place:
        world.appoint(place, MANAGERS)
        world.set_policy(place, "room", approval="always", competing=True)
        world.set_policy(place, "other-room", approval="always")
        yield place


def asked_for(address: str, place: World, space: str, hours: Sequence[int]) -> list[str]:
    """One request of another member for each of the hours; their codes."""
    wishes = [Wish(space, opens=hour, closes=hour + 1) for hour in hours]
    answers = race.run(address, place.racers[MANAGERS:], wishes)
    assert all(answer.code for answer in answers)
    return [answer.code or "" for answer in answers]


def approve(code: str) -> Decision:
    return Decision("room", said=f"/desk/{code}/approve")


def withdraw(code: str) -> Decision:
    return Decision("room", said=f"/reservations/{code}/cancel")


def rivals_approved(asking: str, deciding: str, place: World) -> list[Answer]:
    """For each hour two members ask, and two managers say yes to one each, all at once."""
    hours = [OPENS + number for number in range(MANAGERS // 2)]
    codes = asked_for(asking, place, "room", [*hours, *hours])
    return race.run(deciding, place.racers, [approve(code) for code in codes])


def told(place: World) -> Counter[str]:
    with place.app.app_context():
        query = select(Reservation.state, func.count()).group_by(Reservation.state)
        return Counter(dict(db.session.execute(query).all()))


def test_of_two_requests_for_one_time_one_is_granted(place: World, address: str) -> None:
    answers = rivals_approved(address, address, place)

    half = MANAGERS // 2
    assert Counter(answer.status for answer in answers) == {FOUND: half, CONFLICT: half}
    assert told(place) == {states.CONFIRMED: half, states.DECLINED: half}
    with place.app.app_context():
        assert promise.doubles() == []


def test_the_database_alone_grants_no_time_twice(place: World, address: str, careless: str) -> None:
    rivals_approved(address, careless, place)

    with place.app.app_context():
        assert promise.doubles() == []


def test_control_without_both_a_time_is_granted_twice(
    place: World, address: str, careless: str
) -> None:
    world.drop_guard(place)
    try:
        rivals_approved(address, careless, place)
        with place.app.app_context():
            assert promise.double_booked(promise.doubles())
    finally:
        world.empty(place)
        world.restore_guard(place)


def gone_back_on(asking: str, deciding: str, place: World) -> list[Answer]:
    """Each member withdraws in the very instant in which a manager says yes."""
    codes = asked_for(asking, place, "other-room", [OPENS + number for number in range(PAIRS)])
    managers, members = place.racers[:PAIRS], place.racers[MANAGERS : MANAGERS + PAIRS]
    wishes = [*map(approve, codes), *map(withdraw, codes)]
    return race.run(deciding, [*managers, *members], wishes)


def broken_stories(place: World) -> list[str]:
    """Codes of which a line of the history begins elsewhere than the line before it ended, or
    which still have their place though they are no more."""
    found = []
    with place.app.app_context():
        having = set(db.session.scalars(select(Occupancy.reservation_id)))
        for row in db.session.scalars(select(Reservation)):
            lines = db.session.scalars(
                select(History).where(History.reservation_id == row.id).order_by(History.id)
            ).all()
            chain = all(a.after == b.before for a, b in itertools.pairwise(lines))
            if not chain or lines[-1].after != row.state or row.id in having:
                found.append(row.code)
    return found


def test_a_request_that_is_withdrawn_while_it_is_approved_has_one_story(
    place: World, address: str
) -> None:
    """Whichever comes first, in the end it is given back, and nothing of it is left."""
    answers = gone_back_on(address, address, place)

    assert {answer.status for answer in answers} <= {FOUND, CONFLICT}
    assert all(answer.status == FOUND for answer in answers[PAIRS:])
    assert broken_stories(place) == []
    assert sum(told(place)[state] for state in (states.WITHDRAWN, states.CANCELLED)) == PAIRS


def test_control_without_locks_somebody_is_told_a_wrong_story(
    place: World, address: str, careless: str
) -> None:
    """Or gets no answer at all: SQLite refuses to write over what has changed since it was read."""
    answers = gone_back_on(address, careless, place)

    lost = [one for one in answers if one.status not in (FOUND, CONFLICT)]
    assert broken_stories(place) or lost
