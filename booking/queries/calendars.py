"""What calendar addresses show."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.errors import NotFound
from booking.models.calendars import Feed
from booking.models.hours import Closure
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.queries.availability import OF_UNITS, OVERLAPPING, asked
from booking.rules import codes
from booking.rules.periods import Period


def feed(token: str) -> Feed:
    """The live feed a token opens, with its member and roles. Raises NotFound, also for a revoked
    token or a blocked member: all look the same."""
    query = (
        select(Feed)
        .options(joinedload(Feed.member).selectinload(Member.roles))
        .where(Feed.token_hash == codes.digest(token), Feed.revoked_at.is_(None))
    )
    found = db.session.scalars(query).one_or_none()
    if found is None or found.member.blocked_at is not None:
        raise NotFound(what="feed")
    return found


def feeds(member: Member) -> Sequence[Feed]:
    """The member's live calendar addresses, latest first."""
    query = (
        select(Feed)
        .where(Feed.member_id == member.id, Feed.revoked_at.is_(None))
        .order_by(Feed.id.desc())
    )
    return db.session.scalars(query).all()


OCCUPIED = (
    select(Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at)
    .where(OF_UNITS, *OVERLAPPING)
    .order_by(Occupancy.starts_at, Occupancy.unit_id)
)


def occupied(
    units: Collection[int], window: Period, now: datetime
) -> Sequence[tuple[int, datetime, datetime]]:
    """(unit, start, end) for public busy calendars, earliest first.

    From start to end with the buffers: that is when the place cannot be had, because somebody has
    it or because it is closed.
    """
    return db.session.execute(OCCUPIED, asked(units, window, now)).all()


STATE = (
    select(
        func.count(),
        func.sum(Occupancy.id),
        func.min(Occupancy.starts_at),
        func.max(Occupancy.starts_at),
        func.max(Occupancy.ends_at),
        func.max(func.coalesce(Reservation.updated_at, Closure.created_at)),
    )
    .outerjoin(Reservation, Reservation.id == Occupancy.reservation_id)
    .outerjoin(Closure, Closure.id == Occupancy.closure_id)
    .where(OF_UNITS, *OVERLAPPING)
)


def state_of(units: Collection[int], window: Period, now: datetime) -> str:
    """What tells one answer of `occupied` from every other, found without fetching it.

    Rows are numbered upwards, so that what comes and goes changes the count or the sum; what
    enters and leaves the window changes a first or a last; what only changes has a later change.
    """
    return repr(tuple(db.session.execute(STATE, asked(units, window, now)).one()))
