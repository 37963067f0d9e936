"""One link that is confirmed by several requests at the same instant is one reservation.

The control does not look whether the wish was there still when it was taken away: all that saw it
go on, and only the database's own rule that a link is one of a kind stops them, with an error.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import FOUND

import pytest
from sqlalchemy import func, select

from booking import clock
from booking.actions import visitors
from booking.actions.reservations import Details
from booking.db import db, transaction
from booking.models.members import Member
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorLink, VisitorWish
from booking.queries.venues import atlas
from booking.rules.hours import instant
from booking.rules.periods import Period
from tests.races import promise, race, world
from tests.races.race import Answer, Wish
from tests.races.world import DAY, World
from tests.support.servers import serving

CLICKS = 12
HASTY = "tests.races.hasty:create_app"
EMAIL = "visitor@demo.example"


@dataclass(frozen=True)
class Click(Wish):
    """The button behind a mailed link."""

    token: str = ""

    @property
    def path(self) -> str:  # type: ignore[override]
        return f"/requests/{self.token}"

    def form(self) -> dict[str, str]:
        return {}


@pytest.fixture(scope="module")
def place(database: str, migrated_database: Callable[[str], str]) -> Iterator[World]:
    with world.made(migrated_database(database), members=CLICKS) as place:
        world.set_policy(place, "desks", visitors=True)
        yield place


@pytest.fixture(autouse=True)
def nobody_has_asked(place: World) -> None:
    forget(place)


def forget(place: World) -> None:
    """Nobody has asked for anything, and the visitor was never there."""
    with place.app.app_context(), transaction():
        for table in (VisitorLink, VisitorWish):
            db.session.query(table).delete()
    world.empty(place)
    with place.app.app_context(), transaction():
        db.session.query(Member).filter_by(email=EMAIL).delete()


def asked(place: World) -> str:
    """The token of the link to a wish for one of the desks."""
    with place.app.app_context(), transaction():
        desks = atlas().space("quai", "desks")
        period = Period(*(instant(DAY, hour * 60, desks.zone) for hour in (10, 11)))
        person = visitors.Person("Visitor", EMAIL, "", "fr")
        visitors.ask(visitors.Ask(desks, period, Details()), person, now=clock.now())
        token: str = db.session.scalars(select(OutboxMessage)).one().facts["token"]
    return token


def click(place: World, address: str) -> list[Answer]:
    clicks: list[Wish] = [Click("desks", token=asked(place))] * CLICKS
    return race.run(address, place.racers, clicks)


def count(place: World, table: type) -> int:
    with place.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_link_that_is_pressed_many_times_at_once_is_one_reservation(place: World) -> None:
    with serving({"DATABASE_URL": place.url}, workers=4) as address:
        for _ in range(4):
            forget(place)
            answers = click(place, address)

            assert {answer.status for answer in answers} == {FOUND}
            assert (count(place, Reservation), count(place, VisitorLink)) == (1, 1)
            with place.app.app_context():
                assert [*promise.doubles(), *promise.halves(), *promise.torn_stories()] == []


def test_control_without_the_look_some_get_an_error(place: World) -> None:
    with serving({"DATABASE_URL": place.url}, workers=4, factory=HASTY) as address:
        answers = click(place, address)

    assert {answer.status for answer in answers} != {FOUND}
