"""One host at several tabs who invites more guests than there is room for: as many as fit, at most.

The control looks without a lock: each tab counts before the others have written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.client import FOUND, UNPROCESSABLE_ENTITY

import pytest
from sqlalchemy import func, select

from booking import clock
from booking.actions import reservations
from booking.actions.reservations import Details
from booking.db import db, transaction
from booking.models.guests import Guest
from booking.models.outbox import OutboxMessage
from booking.queries.members import by_email
from booking.queries.venues import atlas
from booking.rules.hours import instant
from booking.rules.periods import Period
from tests.races import race
from tests.races.race import Answer, Wish
from tests.races.world import DAY, World

TABS, ROOM_FOR = 8, 3
MEMBERS = 1


@dataclass(frozen=True)
class Invitation(Wish):
    """A guest for one reservation."""

    code: str = ""
    email: str = ""

    @property
    def path(self) -> str:  # type: ignore[override]
        return f"/reservations/{self.code}/guests"

    def form(self) -> dict[str, str]:
        return {"email": self.email}


@pytest.fixture
def code(place: World) -> str:
    """A reservation of the only member for themselves and so many guests."""
    with place.app.app_context(), transaction():
        room, host = atlas().space("quai", "room"), by_email("racer-0@demo.example")
        assert host
        start = instant(DAY, 600, room.zone)
        wish = Details(ROOM_FOR + 1)
        period = Period(start, start + timedelta(hours=1))
        return reservations.reserve(room, period, wish, by=host, now=clock.now()).code


def invite_at_once(address: str, place: World, code: str) -> Sequence[Answer]:
    wishes = [Invitation("room", code=code, email=f"{n}@example.org") for n in range(TABS)]
    return race.run(address, place.racers * TABS, wishes)


def invited(place: World) -> tuple[int, int]:
    """How many guests there are, and how many mails to them."""
    with place.app.app_context():
        mails = OutboxMessage.kind == "guest-invited"
        return (
            db.session.scalar(select(func.count(Guest.id))) or 0,
            db.session.scalar(select(func.count(OutboxMessage.id)).where(mails)) or 0,
        )


def test_however_many_tabs_invite_there_are_no_more_guests_than_room(
    place: World, address: str, code: str
) -> None:
    answers = invite_at_once(address, place, code)

    statuses = sorted(answer.status for answer in answers)
    assert statuses == [FOUND] * ROOM_FOR + [UNPROCESSABLE_ENTITY] * (TABS - ROOM_FOR)
    assert invited(place) == (ROOM_FOR, ROOM_FOR)


def test_control_without_locks_there_are_too_many(place: World, careless: str, code: str) -> None:
    """Or some get no answer: SQLite refuses to write over what has changed since it was read."""
    answers = invite_at_once(careless, place, code)

    lost = [one for one in answers if one.status not in (FOUND, UNPROCESSABLE_ENTITY)]
    guests, _ = invited(place)
    assert guests > ROOM_FOR or lost
