"""Who checks in at the instant at which the worker releases: either the one or the other.

The control looks without a lock: somebody has checked in to a place that was given away.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import FOUND
from threading import Barrier

import pytest
from sqlalchemy import select

from booking import jobs
from booking.actions import occupancy
from booking.db import db
from booking.models.reservations import Reservation
from booking.rules.states import CHECKED_IN, NO_SHOW
from tests.races import promise, race, world
from tests.races.race import Answer, Wish
from tests.races.test_deciding import told
from tests.races.unguarded import seen_a_while_ago
from tests.races.world import DESKS, World
from tests.support.servers import serving

GUESTS, WORKERS = len(DESKS), 3
MEMBERS = GUESTS


@dataclass(frozen=True)
class Arrival(Wish):
    """Somebody is there."""

    code: str = ""

    @property
    def path(self) -> str:  # type: ignore[override]
        return f"/reservations/{self.code}/check-in"

    def form(self) -> dict[str, str]:
        return {}


def wishes(codes: list[str]) -> list[Wish]:
    return [Arrival("desks", code=code) for code in codes]


def arrive_and_release(address: str, place: World, codes: list[str]) -> list[Answer]:
    """All guests check in while several workers release what nobody came to."""
    start = Barrier(WORKERS + 1)

    def work() -> None:
        with place.app.app_context():
            start.wait()
            jobs.release_missed()
            db.session.remove()

    with ThreadPoolExecutor(WORKERS) as workers:
        at_work = [workers.submit(work) for _ in range(WORKERS)]
        start.wait()
        answers = race.run(address, place.racers, wishes(codes))
        for one in at_work:
            one.result()
    return answers


def broken(place: World) -> list[str]:
    """Reservations with a story of two ends, or with more or less than their state gives them."""
    with place.app.app_context():
        faults = [*promise.doubles(), *promise.halves(), *promise.torn_stories()]
        odd = select(Reservation.code).where(Reservation.state.not_in([CHECKED_IN, NO_SHOW]))
        return [*faults, *db.session.scalars(odd)]


def test_whoever_checks_in_while_it_is_released_has_it_or_reads_that_it_is_gone(
    place: World,
) -> None:
    ends: set[str] = set()
    with serving({"DATABASE_URL": place.url}, workers=4) as address:
        for _ in range(6):
            world.empty(place)
            answers = arrive_and_release(address, place, world.add_awaited(place))

            assert {answer.status for answer in answers} == {FOUND}
            assert broken(place) == []
            assert promise.changes(place, "check_in") + promise.changes(place, "miss") == GUESTS
            ends |= set(told(place))
    assert ends <= {CHECKED_IN, NO_SHOW}


def test_control_without_locks_somebody_sits_at_a_desk_that_was_given_away(
    place: World, careless: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or gets no answer: SQLite refuses to write over what has changed since it was read."""
    monkeypatch.setattr(occupancy, "look_again", seen_a_while_ago)  # That of the workers here.
    answers = arrive_and_release(careless, place, world.add_awaited(place))

    lost = [answer for answer in answers if answer.status != FOUND]
    assert broken(place) or lost
