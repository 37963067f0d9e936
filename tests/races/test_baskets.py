"""Baskets that want the same rooms in opposite order: one has all of them, the others nothing.

The control locks nothing and lets the database forbid nothing: there a room is had twice.
"""

from collections.abc import Callable
from functools import partial
from itertools import cycle, islice

import pytest

from tests.races import promise, race, world
from tests.races.race import Answer
from tests.races.world import DAY, Racer, World

CLIENTS, FEW = 40, 8
MEMBERS = CLIENTS
ROOMS = ["room", "other-room", "half-a"]
Run = Callable[[list[Racer]], list[Answer]]


@pytest.fixture(scope="module")
def run(address: str) -> Run:
    return partial(race.run_baskets, address)


@pytest.fixture(scope="module")
def run_careless(careless: str) -> Run:
    return partial(race.run_baskets, careless)


def wish(space: str, **more: str) -> dict[str, str]:
    hours = {"on": DAY.isoformat(), "from": "10:00", "to": "11:00", "people": "1"}
    return {"space": f"quai/{space}"} | hours | more


def crossed(place: World, clients: int, **more: str) -> list[Racer]:
    """Every other member wants the same rooms the other way round."""
    there = [wish(room, **more) for room in ROOMS]
    days = islice(cycle([there, there[::-1]]), clients)
    return [
        world.with_basket(place, racer, day) for racer, day in zip(place.racers, days, strict=False)
    ]


def won(answers: list[Answer]) -> int:
    """How many were led to their reservations."""
    return sum(answer.location.startswith("/reservations") for answer in answers)


def statuses(answers: list[Answer]) -> set[int]:
    return {answer.status for answer in answers}


def test_of_crossed_baskets_one_wins_and_the_others_have_nothing(place, run):
    answers = run(crossed(place, CLIENTS))

    assert statuses(answers) == {302, 409}
    assert won(answers) == 1
    assert promise.taken(place) == dict.fromkeys(ROOMS, 1)


def test_the_last_projectors_go_to_one_basket_or_to_none(place, run):
    """There are two, and a day wants three: nobody may have it."""
    answers = run(crossed(place, CLIENTS, **{"extra-projector": "1"}))

    assert statuses(answers) == {409}
    assert promise.taken(place) == {}


def test_the_lock_alone_is_enough_for_baskets(place, careless_database, run):
    answers = run(crossed(place, FEW))

    assert won(answers) == 1
    assert promise.taken(place) == dict.fromkeys(ROOMS, 1)


def test_without_lock_and_guard_a_room_is_in_two_baskets(place, careless_database, run_careless):
    run_careless(crossed(place, FEW))

    assert max(promise.taken(place).values()) > 1
