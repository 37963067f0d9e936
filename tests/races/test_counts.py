"""What is counted and not taken: a quota spent twice in parallel, a venue filled by several.

Each has its control: without the lock of what is counted, the same race goes beyond the number.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from booking.db import db
from booking.models.reservations import Reservation
from tests.races import race, world
from tests.races.race import Answer, OnBehalf, Wish
from tests.races.world import CLOSES, OPENS, World

CLIENTS = 10
MEMBERS = CLIENTS
Run = Callable[[list[Wish]], list[Answer]]


@pytest.fixture(autouse=True)
def nothing_reserved(place: World) -> None:
    world.empty(place)
    world.set_ceiling(place, None)


def states(place: World) -> Counter[str]:
    query = select(Reservation.state, func.count()).group_by(Reservation.state)
    with place.app.app_context():
        return Counter({state: count for state, count in db.session.execute(query)})


def spend(place: World, address: str) -> list[int]:
    """One member asks for ten hours of a day on which one reservation is allowed."""
    hours = range(OPENS, min(OPENS + CLIENTS, CLOSES))
    wishes = [Wish("rationed", opens=hour, closes=hour + 1) for hour in hours]
    answers = race.run(address, [place.racers[0]] * len(wishes), wishes)
    return sorted(answer.status for answer in answers)


def spend_for(place: World, address: str) -> list[int]:
    """Two delegates of one member ask for two hours each; one reservation a day is allowed."""
    numbers = world.let_reserve(place, 2)
    racers = [racer for racer in place.racers[1:3] for _ in range(2)]
    wishes = [
        OnBehalf("rationed", opens=OPENS + n, closes=OPENS + n + 1, whose=numbers[n // 2])
        for n in range(4)
    ]
    return sorted(answer.status for answer in race.run(address, racers, wishes))


def crowd(place: World, address: str) -> None:
    """Everybody takes a place of their own in a venue that may hold two people."""
    world.set_ceiling(place, 2)
    spaces = ["room", "other-room", "half-a", "half-b", "desks", "desks", "desks", "desks"]
    race.run(address, place.racers, [Wish(space) for space in spaces])


def test_a_quota_is_spent_once(place: World, address: str) -> None:
    statuses = spend(place, address)

    assert statuses == [302] + [422] * (CLIENTS - 1)
    assert states(place) == {"confirmed": 1}


def test_control_without_the_lock_it_is_spent_twice(place: World, careless: str) -> None:
    spend(place, careless)

    assert states(place)["confirmed"] > 1


def test_two_delegates_spend_the_quota_of_their_member_once(place: World, address: str) -> None:
    statuses = spend_for(place, address)

    assert statuses == [302, 422, 422, 422]
    assert states(place) == {"confirmed": 1}


def test_control_without_the_lock_two_delegates_spend_it_twice(place: World, careless: str) -> None:
    spend_for(place, careless)

    assert states(place)["confirmed"] > 1


def test_a_venue_is_filled_to_its_ceiling(place: World, address: str) -> None:
    crowd(place, address)

    assert states(place) == {"confirmed": 2, "requested": 6}


def test_control_without_the_lock_it_is_filled_beyond(place: World, careless: str) -> None:
    crowd(place, careless)

    assert states(place)["confirmed"] > 2
