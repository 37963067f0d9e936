"""What calendar addresses show."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    Interval,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from booking.db import db, read
from booking.errors import NotFound
from booking.models.calendars import Feed
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.queries.availability import ALIVE, OVERLAPPING, asked
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


# One by one and not as an array: over so long a time PostgreSQL has to know how many there are, or
# it reads what all others have.
OF_UNITS = Occupancy.unit_id.in_(bindparam("units", expanding=True))
BEGUN = (OF_UNITS, Occupancy.starts_at > bindparam("look_back"))
SHOWN = (*BEGUN, *OVERLAPPING)
OCCUPIED = (
    select(Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at)
    .where(*SHOWN)
    .order_by(Occupancy.starts_at, Occupancy.unit_id)
)


def occupied(
    units: Collection[int], window: Period, now: datetime
) -> Sequence[tuple[int, datetime, datetime]]:
    """(unit, start, end) for public busy calendars, earliest first.

    From start to end with the buffers: that is when the place cannot be had, because somebody has
    it or because it is closed.
    """
    return read(OCCUPIED, asked(units, window, now))


# A row is never changed but for its `expires_at`, and PostgreSQL never gives a number twice.
# SQLite gives that of the last row again once it is gone: there the whole row has to speak.
ROWS = {
    "postgresql": cast(func.array_agg(aggregate_order_by(Occupancy.id, Occupancy.id)), String),
    "sqlite": func.group_concat(
        type_coerce(Occupancy.unit_id, String)
        + type_coerce(Occupancy.starts_at, String)
        + type_coerce(Occupancy.ends_at, String)
    ),
}
# An end that is reckoned keeps PostgreSQL, which forgets how long the time is, from the index of
# all units; that of the unit itself is a third of the work.
ENDS = Occupancy.ends_at + literal_column("interval '0'", Interval)
STATES = {
    "postgresql": select(ROWS["postgresql"]).where(
        *BEGUN, Occupancy.starts_at < bindparam("end"), bindparam("start") < ENDS, ALIVE
    ),
    "sqlite": select(ROWS["sqlite"]).where(*SHOWN),
}


def state_of(units: Collection[int], window: Period, now: datetime) -> str | None:
    """A text that names every row of `occupied`: another answer has another text.

    The database makes it of the rows without sending them, at a fraction of what they cost.
    """
    query = STATES[db.engine.dialect.name]
    state: str | None = db.session.execute(query, asked(units, window, now)).scalar_one()
    return state
