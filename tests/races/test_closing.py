"""Closing against reserving: one of them has the place, never both.

Whoever reserves first stands in the way of every closure; once it is closed, nobody reserves.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from http.client import CONFLICT, FOUND

import pytest

from tests.races import promise, race, world
from tests.races.race import Answer, Closure, Wish
from tests.races.world import CLOSES, OPENS, World

MANAGERS = 4
HOURS = [hour for hour in range(OPENS, CLOSES) for _ in range(2)]


@pytest.fixture(scope="module")
def place(database: str, migrated_database: Callable[[str], str]) -> Iterator[World]:
    with world.made(migrated_database(database), members=MANAGERS + len(HOURS)) as place:
        world.appoint(place, MANAGERS)
        yield place


def contest(address: str, place: World, space: str, of: str) -> tuple[Counter[int], Counter[int]]:
    """Managers close `of` for the day while members reserve `space`, hour by hour; the statuses
    of what closed and of what reserved."""
    closing = [Closure(of, opens=OPENS, closes=CLOSES) for _ in range(MANAGERS)]
    reserving = [Wish(space, opens=hour, closes=hour + 1) for hour in HOURS]
    answers = race.run(address, place.racers, [*closing, *reserving])
    return statuses(answers[:MANAGERS]), statuses(answers[MANAGERS:])


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def one_of_both(closed: Counter[int], reserved: Counter[int]) -> bool:
    """Somebody had the place, and never both; the others heard a clean no."""
    proper = {*closed, *reserved} <= {FOUND, CONFLICT}
    return proper and bool(closed[FOUND]) != bool(reserved[FOUND])


@pytest.mark.parametrize(("space", "of"), [("room", "room"), ("half-a", "hall"), ("desks", "")])
def test_a_place_is_closed_or_reserved(place: World, address: str, space: str, of: str) -> None:
    closed, reserved = contest(address, place, space, of)

    assert one_of_both(closed, reserved), (closed, reserved)
    with place.app.app_context():
        assert promise.doubles() == []
        assert promise.halves() == []


def test_the_database_alone_is_enough(place: World, careless: str) -> None:
    contest(careless, place, "room", "room")

    with place.app.app_context():
        assert promise.doubles() == []


def test_control_without_both_it_is_closed_and_reserved(place: World, careless: str) -> None:
    world.drop_guard(place)
    try:
        contest(careless, place, "room", "room")
        with place.app.app_context():
            assert promise.double_booked(promise.doubles())
    finally:
        world.empty(place)
        world.restore_guard(place)
