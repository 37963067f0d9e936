"""Taking units and giving them back: the one gate every reservation passes (docs/decisions/002).

Order of locks, the same everywhere: units by id, then reservations by id. On SQLite the
transaction already holds the write lock (BEGIN IMMEDIATE).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.actions import messages
from booking.actions.history import change_state
from booking.db import db, sqlstate
from booking.errors import SlotTaken, WrongState
from booking.models.hours import Closure
from booking.models.occupancy import GUARD, Occupancy
from booking.models.reservations import Reservation
from booking.models.venues import Unit
from booking.queries.availability import LOOK_BACK, busy
from booking.queries.reservations import with_place
from booking.rules import states
from booking.rules.availability import free_units
from booking.rules.periods import Period, minus, pieces

EXCLUSION_VIOLATION = "23P01"
CHANGING = ["state", "starts_at", "ends_at", "expires_at", "sequence"]
"""What another transaction may have changed of a reservation."""
LONGEST = timedelta(days=31)
"""Of one row of a closure, which has as many as it needs: queries look back LOOK_BACK only."""


def lock(unit_ids: Sequence[int]) -> None:
    """Nobody else looks at these units with intent until this transaction ends."""
    query = select(Unit.id).where(Unit.id.in_(unit_ids)).order_by(Unit.id)
    db.session.execute(query.with_for_update(key_share=True)).all()


def look_again(reservation: Reservation, units: Sequence[int], verb: str, now: datetime) -> None:
    """Locks the units and the reservation, and reads it afresh: another may have changed it.

    Raises WrongState when its time has run out, whether or not the worker has said so yet.
    """
    lock(units)
    db.session.refresh(reservation, CHANGING, with_for_update={"key_share": True})
    if reservation.expires_at is not None and reservation.expires_at <= now:
        raise WrongState(state=states.EXPIRED, verb=verb)


@dataclass(frozen=True)
class Need:
    """So many of these units, for a period that includes the buffers; `must` be among them."""

    units: Sequence[int]
    count: int
    around: Period
    must: int | None = None


def choose(need: Need, now: datetime) -> list[int]:
    """The first free ones of the units, in the order given: nobody else can take them meanwhile.

    Rows the same reservation already has must be released before. Raises SlotTaken when too
    few are free.
    """
    lock(need.units)
    expire_holds(need.units, need.around, now)
    free = free_units(need.units, busy(need.units, need.around, now), need.around)
    if len(free) < max(need.count, 1):
        raise SlotTaken
    if need.must is not None and need.must not in free:
        raise SlotTaken(unit_id=need.must)
    return free[: need.count]


def take(reservation: Reservation, units: Sequence[int], around: Period) -> None:
    """Takes the units chosen. The database has the last word: its no becomes SlotTaken."""
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
    insert()


def close(closure: Closure, units: Sequence[int], now: datetime) -> None:
    """Takes what is left free of these units for the closure's whole period.

    What a reservation or another closure has keeps it. The units must be locked. The database
    has the last word here too: SlotTaken.
    """
    period = Period(closure.starts_at, closure.ends_at)
    expire_holds(units, period, now)
    had = busy(units, period, now)
    for unit in units:
        for left in minus([period], had.get(unit, ())):
            for row in pieces(left, LONGEST):
                values = {"starts_at": row.start, "ends_at": row.end}
                db.session.add(Occupancy(unit_id=unit, closure_id=closure.id, **values))
    insert()


def insert() -> None:
    """Sends the new rows. Raises SlotTaken where the guard says no."""
    try:
        db.session.flush()
    except DBAPIError as error:
        if not forbidden_overlap(error):
            raise
        raise SlotTaken from error


def forbidden_overlap(error: DBAPIError) -> bool:
    """Whether this is the guard of migrations speaking, on either database."""
    if sqlstate(error) == EXCLUSION_VIOLATION:
        return True
    return isinstance(error, IntegrityError) and GUARD in str(error.orig)


def release(reservation: Reservation) -> list[int]:
    """Gives all its units back; returns which they were."""
    query = delete(Occupancy).where(Occupancy.reservation_id == reservation.id)
    return list(db.session.scalars(query.returning(Occupancy.unit_id)))


def reopen(closure: Closure) -> None:
    """Gives back all that the closure has."""
    db.session.execute(delete(Occupancy).where(Occupancy.closure_id == closure.id))


def keep(reservation: Reservation) -> None:
    """Its units no longer run out: a request was approved."""
    rows = select(Occupancy).where(Occupancy.reservation_id == reservation.id)
    for row in db.session.scalars(rows):
        row.expires_at = None
    reservation.expires_at = None
    db.session.flush()


def expire_holds(units: Sequence[int], around: Period, now: datetime) -> None:
    """Ends what has run out on these units, so that it never stands in the way.

    The worker may be ending the same ones: whoever comes second finds their state changed.
    """
    run_out = (
        select(Occupancy.reservation_id)
        .where(Occupancy.unit_id.in_(units), Occupancy.expires_at <= now)
        .where(Occupancy.starts_at < around.end, Occupancy.ends_at > around.start)
        .where(Occupancy.starts_at > around.start - LOOK_BACK)
    )
    in_the_way = db.session.scalars(run_out).all()
    if not in_the_way:
        return
    query = (
        with_place()
        .where(Reservation.id.in_(in_the_way), Reservation.state.in_(states.EXPIRING))
        .order_by(Reservation.id)
        .with_for_update(key_share=True, of=Reservation)
        .execution_options(populate_existing=True)
    )
    for reservation in db.session.scalars(query).all():
        expire(reservation, now)


def expire(reservation: Reservation, now: datetime) -> None:
    """An unanswered request or hold ends and gives its units back. Raises WrongState."""
    change_state(reservation, "expire", None, now)
    release(reservation)
    messages.tell_of(reservation, "expire", now)
    db.session.flush()
