"""Series against single reservations, and one form that is sent many times at once.

The control locks nothing and lets the database forbid nothing: there a room is had twice. For the
form it is the same wish with a token of its own each time.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from booking.db import db
from booking.models.reservations import Reservation
from booking.models.series import Series
from tests.races import promise, race
from tests.races.race import Answer, Repeated, Wish
from tests.races.world import DAY, World

RACERS, FEW, DATES = 24, 8, Repeated.dates
MEMBERS = RACERS
Run = Callable[[list[Wish]], list[Answer]]


@pytest.fixture(scope="module")
def run(address: str, place: World) -> Run:
    return partial(race.run, address, place.racers)


@pytest.fixture(scope="module")
def run_careless(careless: str, place: World) -> Run:
    return partial(race.run, careless, place.racers)


def mixed(count: int) -> list[Wish]:
    """Every other client wants all days, the others one of them each."""
    return [
        Repeated("room", token=str(number))
        if number % 2
        else Wish("room", on=DAY + timedelta(days=number // 2 % DATES))
        for number in range(count)
    ]


def series_won(answers: list[Answer]) -> int:
    """How many were led to their series."""
    return sum(answer.location.startswith("/series/") for answer in answers)


def counted(place: World) -> tuple[int, set[int]]:
    """How many series there are, and of how many dates each."""
    with place.app.app_context():
        of_each = select(func.count()).where(Reservation.series_id.is_not(None))
        sizes = set(db.session.scalars(of_each.group_by(Reservation.series_id)))
        return db.session.scalar(select(func.count()).select_from(Series)) or 0, sizes


def test_a_series_has_all_its_dates_or_none(place, run):
    answers = run(mixed(RACERS))

    assert {answer.status for answer in answers} <= {302, 409}
    count, sizes = counted(place)
    assert (count, sizes) in [(0, set()), (1, {DATES})]
    assert count == series_won(answers)
    with place.app.app_context():
        assert promise.doubles() == []
        assert promise.halves() == []


def test_of_many_series_for_one_room_one_is_made(place, run):
    answers = run([Repeated("room", token=str(number)) for number in range(RACERS)])

    assert series_won(answers) == 1
    assert counted(place) == (1, {DATES})
    assert promise.taken(place) == {"room": DATES}


def test_the_lock_alone_is_enough_for_series(place, careless_database, run):
    answers = run([Repeated("room", token=str(number)) for number in range(FEW)])

    assert series_won(answers) == 1
    assert promise.taken(place) == {"room": DATES}


def test_control_without_lock_and_guard_a_room_is_in_two_series(
    place, careless_database, run_careless
):
    run_careless([Repeated("room", token=str(number)) for number in range(FEW)])

    with place.app.app_context():
        assert promise.double_booked(promise.doubles())


def sent_by_one(run: Run, place: World, tokens: list[str]) -> list[Answer]:
    """One member sends a form for a desk again and again, all at once."""
    wishes = [Repeated("desks", token=token) for token in tokens]
    return race.run(run.args[0], place.racers[:1] * len(wishes), wishes)  # type: ignore[attr-defined]


def test_a_form_that_is_sent_many_times_makes_one_series(place, run):
    answers = sent_by_one(run, place, ["the form"] * 5)

    assert {answer.status for answer in answers} == {302}
    assert len({re.sub(r"\?.*", "", answer.location) for answer in answers}) == 1
    assert counted(place) == (1, {DATES})


def test_control_forms_of_their_own_make_a_series_each(place, run):
    answers = sent_by_one(run, place, [str(number) for number in range(5)])

    assert {answer.status for answer in answers} == {302}
    assert counted(place) == (5, {DATES})
