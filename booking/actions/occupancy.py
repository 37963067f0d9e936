"""Taking units and giving them back: the one gate every reservation passes (DESIGN 2).

Order of locks, the same everywhere: units by id. On SQLite the transaction already holds the
write lock (BEGIN IMMEDIATE).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.actions import messages
from booking.actions.history import change_state
from booking.db import db, sqlstate
from booking.errors import SlotTaken
from booking.models.occupancy import GUARD, Occupancy
from booking.models.reservations import Reservation
from booking.models.venues import Unit
from booking.queries.availability import busy
from booking.queries.reservations import with_place
from booking.rules.availability import free_units
from booking.rules.periods import Period

EXCLUSION_VIOLATION = "23P01"


def lock(unit_ids: Sequence[int]) -> None:
    """Nobody else looks at these units with intent until this transaction ends."""
    query = select(Unit.id).where(Unit.id.in_(unit_ids)).order_by(Unit.id)
    db.session.execute(query.with_for_update(key_share=True)).all()


def take(
    reservation: Reservation,
    around: Period,
    units: Sequence[int],
    count: int,
    now: datetime,
) -> None:
    """Takes `count` of the units, the first free ones in the order given, for `around`.

    `around` includes the buffers. Rows the reservation already has must be released before.
    Raises SlotTaken when too few are free.
    """
    lock(units)
    expire_holds(units, around, now)
    free = free_units(units, busy(units, around, now), around)
    if len(free) < count:
        raise SlotTaken(space_id=reservation.space_id)
    insert(reservation, free[:count], around)


def insert(reservation: Reservation, units: Sequence[int], around: Period) -> None:
    """The rows themselves. The database has the last word: its no becomes SlotTaken."""
    for unit in units:
        db.session.add(
            Occupancy(
                unit_id=unit,
                reservation_id=reservation.id,
                starts_at=around.start,
                ends_at=around.end,
                expires_at=reservation.expires_at,
            )
        )
    try:
        db.session.flush()
    except DBAPIError as error:
        if not forbidden_overlap(error):
            raise
        raise SlotTaken(space_id=reservation.space_id) from error


def forbidden_overlap(error: DBAPIError) -> bool:
    """Whether this is the guard of migrations speaking, on either database."""
    if sqlstate(error) == EXCLUSION_VIOLATION:
        return True
    return isinstance(error, IntegrityError) and GUARD in str(error.orig)


def release(reservation: Reservation) -> None:
    """Gives all its units back."""
    db.session.execute(delete(Occupancy).where(Occupancy.reservation_id == reservation.id))


def keep(reservation: Reservation) -> None:
    """Its units no longer run out: a request was approved."""
    rows = select(Occupancy).where(Occupancy.reservation_id == reservation.id)
    for row in db.session.scalars(rows):
        row.expires_at = None
    reservation.expires_at = None
    db.session.flush()


def expire_holds(units: Sequence[int], around: Period, now: datetime) -> None:
    """Ends what has run out on these units, so that it never stands in the way."""
    in_the_way = (
        select(Occupancy.reservation_id)
        .where(Occupancy.unit_id.in_(units), Occupancy.expires_at <= now)
        .where(Occupancy.starts_at < around.end, Occupancy.ends_at > around.start)
    )
    for reservation in db.session.scalars(with_place().where(Reservation.id.in_(in_the_way))).all():
        expire(reservation, now)


def expire(reservation: Reservation, now: datetime) -> None:
    """An unanswered request or hold ends and gives its units back. Raises WrongState."""
    change_state(reservation, "expire", None, now)
    release(reservation)
    messages.tell_of(reservation, "expire", now)
    db.session.flush()
