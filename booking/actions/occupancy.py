"""Taking units and giving them back: the one gate every reservation passes (docs/decisions/002).

Order of locks, the same everywhere: units by id, then reservations by id. On SQLite the
transaction already holds the write lock (BEGIN IMMEDIATE).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.actions import messages
from booking.actions.history import change_state
from booking.db import Words, among, append, conclude, db, notes, read, sqlstate
from booking.errors import SlotTaken, WrongState
from booking.models.hours import Closure
from booking.models.occupancy import GUARD, Occupancy
from booking.models.reservations import Reservation
from booking.models.venues import Unit
from booking.queries.availability import LOOK_BACK, Busy, asked, busy, near
from booking.queries.hours import closings_of
from booking.queries.reservations import with_place
from booking.rules import states
from booking.rules.availability import free_units
from booking.rules.periods import Period, minus, pieces

EXCLUSION_VIOLATION = "23P01"
CHANGING = [
    *("state", "starts_at", "ends_at", "expires_at", "sequence", "space_id", "organisation_id"),
    *("people", "layout", "activity", "named", "title", "note", "check_in_by"),
]
"""What another transaction may have changed of a reservation."""
LONGEST = timedelta(days=31)
"""Of one row of a closure, which has as many as it needs: queries look back LOOK_BACK only."""


# Put together once, and not for every reservation.
LOCK = (
    select(Unit.id).where(among(Unit.id, "units")).order_by(Unit.id).with_for_update(key_share=True)
)
ROWS = near(
    Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at, Occupancy.expires_at, run_out=True
)
ALL_ROWS = select(*ROWS.c).order_by(ROWS.c.starts_at)
RUN_OUT = (
    select(Occupancy.reservation_id)
    .where(among(Occupancy.unit_id, "units"))
    .where(Occupancy.expires_at <= bindparam("now"))
    .where(Occupancy.starts_at < bindparam("end"), Occupancy.ends_at > bindparam("start"))
    .where(Occupancy.starts_at > bindparam("look_back"))
)


def lock(unit_ids: Sequence[int]) -> None:
    """Nobody else looks at these units with intent until this transaction ends."""
    read(LOCK, {"units": list(unit_ids)})


def look_again(reservation: Reservation, units: Sequence[int], verb: str, now: datetime) -> None:
    """Locks the units and the reservation, and reads it afresh: another may have changed it.

    Raises WrongState when its time has run out, whether or not the worker has said so yet.
    """
    lock(units)
    db.session.refresh(reservation, CHANGING, with_for_update={"key_share": True})
    if reservation.expires_at is not None and reservation.expires_at <= now:
        raise WrongState(state=states.EXPIRED, verb=verb)


def look_again_at_all(reservations: Sequence[Reservation], units: Sequence[int]) -> None:
    """The same for many, whose time may have run out: locks the units, then the reservations by id,
    and reads them afresh."""
    lock(units)
    query = (
        with_place()
        .where(Reservation.id.in_([one.id for one in reservations]))
        .order_by(Reservation.id)
        .with_for_update(key_share=True, of=Reservation)
        .execution_options(populate_existing=True)
    )
    db.session.scalars(query).all()


@dataclass(frozen=True)
class Freed:
    """Units that were given back for a time, and by which reservation, if it was one."""

    units: frozenset[int]
    period: Period
    reservation_id: int | None = None


def freed() -> list[Freed]:
    """What this transaction has freed since it was last asked."""
    found = list(notes())
    notes().clear()
    return found


@dataclass(frozen=True)
class Need:
    """So many of these units, for a period that includes the buffers; `must` be among them.

    `extra` and `name` say of what beside the space these are pieces; None of the space itself.
    """

    units: Sequence[int]
    count: int
    around: Period
    must: int | None = None
    extra: str | None = None
    name: Words | None = None


def choose(needs: Sequence[Need], now: datetime, own: Busy | None = None) -> list[int]:
    """Units for all needs, which share one period: nobody else can take them meanwhile.

    All units are locked at once. Rows the same reservation already has must be released before, or
    be named as its `own`. Raises SlotTaken, as `pick` does.
    """
    units = sorted({unit for need in needs for unit in need.units})
    around = needs[0].around
    lock(units)
    return pick(needs, but(left_by_others(units, around, now), own or {}))


def but(blocks: Busy, own: Busy) -> Busy:
    """What takes the units, without what one has oneself."""
    return {
        unit: [one for one in periods if one not in own.get(unit, ())]
        for unit, periods in blocks.items()
    }


def left_by_others(units: Sequence[int], around: Period, now: datetime) -> Busy:
    """What takes these locked units then; what has run out of it is ended first, and passed on."""
    found: Busy = {}
    for unit, start, end, expires in read(ALL_ROWS, asked(units, around, now)):
        if expires is not None and expires <= now:
            pass_on_run_out(units, around, now)
            return busy(units, around, now)
        found.setdefault(unit, []).append(Period(start, end))
    return found


def pick(needs: Sequence[Need], blocks: Busy) -> list[int]:
    """For each need the first free ones of its units, in the order given; none twice.

    Raises SlotTaken with all that is missing: see there.
    """
    chosen: list[int] = []
    facts: dict[str, Any] = {}
    for need in needs:
        free = [u for u in free_units(need.units, blocks, need.around) if u not in chosen]
        chosen += free[: need.count]
        if need.extra is not None:
            if len(free) < need.count:
                short = {"extra": need.extra, "name": need.name, "left": len(free)}
                facts.setdefault("extras", []).append(short)
        elif len(free) < max(need.count, 1):
            facts["place"] = True
        elif need.must is not None and need.must not in free:
            facts["unit_id"] = need.must
    if facts:
        raise SlotTaken(**facts)
    return chosen


def take(reservation: Reservation, units: Sequence[int], around: Period) -> None:
    """Takes the units chosen. The database has the last word: its no becomes SlotTaken."""
    insert(rows_for(reservation, units, around))


def rows_for(
    reservation: Reservation, units: Sequence[int], around: Period
) -> list[dict[str, Any]]:
    """The rows that `take` inserts; the first of the units stands for the people."""
    values = {
        "reservation_id": reservation.id,
        "starts_at": around.start,
        "ends_at": around.end,
        "expires_at": reservation.expires_at,
    }
    people = [reservation.people, *[0] * (len(units) - 1)]
    return [
        {"unit_id": unit, "people": count, **values}
        for unit, count in zip(units, people, strict=True)
    ]


def take_beside(reservation: Reservation, units: Sequence[int], around: Period, own: Busy) -> None:
    """Like `take`, but for what another reservation of the same person has already: `own`."""
    values = {
        "reservation_id": reservation.id,
        "expires_at": reservation.expires_at,
        "people": reservation.people,
    }
    pieces_ = [(unit, piece) for unit in units for piece in minus([around], own.get(unit, ()))]
    insert(
        [
            {"unit_id": unit, "starts_at": piece.start, "ends_at": piece.end, **values}
            for unit, piece in pieces_
        ]
    )


def had_by(*reservations: Reservation) -> Busy:
    """When they have which units, buffers included."""
    query = select(Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at)
    owners = [one.id for one in reservations]
    found: Busy = {}
    for unit, start, end in db.session.execute(
        query.where(among(Occupancy.reservation_id, "owners")), {"owners": owners}
    ):
        found.setdefault(unit, []).append(Period(start, end))
    return found


def had_by_each(reservations: Sequence[Reservation]) -> dict[int, Busy]:
    """The same for each of them, by its id."""
    query = select(
        Occupancy.reservation_id, Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at
    ).where(among(Occupancy.reservation_id, "owners"))
    found: dict[int, Busy] = {one.id: {} for one in reservations}
    for owner, unit, start, end in db.session.execute(query, {"owners": list(found)}):
        found[owner or 0].setdefault(unit, []).append(Period(start, end))
    return found


def close(closure: Closure, units: Sequence[int], now: datetime) -> None:
    """Takes what is left free of these units for the closure's whole period.

    What a reservation or another closure has keeps it. The units must be locked. The database
    has the last word here too: SlotTaken.
    """
    period = Period(closure.starts_at, closure.ends_at)
    expire_holds(units, period, now)
    cover(closure, units, period, busy(units, period, now))


def cover(closure: Closure, units: Sequence[int], period: Period, had: Busy) -> None:
    """Takes what others leave of these units in that part of the closure's time."""
    db.session.flush()
    rows = [
        {"unit_id": unit, "starts_at": row.start, "ends_at": row.end}
        for unit in units
        for left in minus([period], had.get(unit, ()))
        for row in pieces(left, LONGEST)
    ]
    insert([{"closure_id": closure.id, "people": 0, **row} for row in rows])


def insert(rows: Sequence[dict[str, Any]]) -> None:
    """Sends the new rows. Raises SlotTaken where the guard says no."""
    try:
        append(Occupancy, rows)
    except DBAPIError as error:
        if not forbidden_overlap(error):
            raise
        raise SlotTaken from error


def forbidden_overlap(error: DBAPIError) -> bool:
    """Whether this is the guard of migrations speaking, on either database."""
    if sqlstate(error) == EXCLUSION_VIOLATION:
        return True
    return isinstance(error, IntegrityError) and GUARD in str(error.orig)


def rows_of(units: Sequence[int], period: Period) -> Busy:
    """When the units have a row then, run out or not."""
    found: Busy = {}
    query = select(Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at).where(
        Occupancy.unit_id.in_(units),
        Occupancy.starts_at < period.end,
        Occupancy.starts_at > period.start - LOOK_BACK,
        Occupancy.ends_at > period.start,
    )
    for unit, start, end in db.session.execute(query):
        found.setdefault(unit, []).append(Period(start, end))
    return found


def release(reservation: Reservation) -> list[int]:
    """Gives all its units back; returns which they were.

    A closure may have begun within its buffers: what it left to them is closed now.
    """
    return release_all([reservation])[reservation.id]


def release_all(reservations: Sequence[Reservation]) -> dict[int, list[int]]:
    """The same for many: the units that each had, by its id."""
    found: dict[int, list[int]] = {one.id: [] for one in reservations}
    query = delete(Occupancy).where(among(Occupancy.reservation_id, "owners"))
    columns = (Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at)
    rows = db.session.execute(
        query.returning(Occupancy.reservation_id, *columns), {"owners": list(found)}
    ).all()
    had = [(unit, Period(start, end)) for _, unit, start, end in rows]
    freed: dict[tuple[int | None, Period], set[int]] = {}
    for owner, unit, start, end in rows:
        freed.setdefault((owner, Period(start, end)), set()).add(unit)
    notes().extend(Freed(frozenset(units), at, owner) for (owner, at), units in freed.items())
    for owner, unit, _, _ in rows:
        if owner is not None and unit not in found[owner]:
            found[owner].append(unit)
    if had:
        whole = Period(min(one.start for _, one in had), max(one.end for _, one in had))
        closings = closings_of({unit for unit, _ in had}, whole)
        for closure, unit in closings:
            for its, period in had:
                closed = period.cut(Period(closure.starts_at, closure.ends_at))
                if its == unit and closed:
                    cover(closure, [unit], closed, rows_of([unit], closed))
    return found


def reopen(closure: Closure) -> None:
    """Gives back all that the closure has."""
    query = delete(Occupancy).where(Occupancy.closure_id == closure.id)
    units = frozenset(db.session.scalars(query.returning(Occupancy.unit_id)))
    if units:
        notes().append(Freed(units, Period(closure.starts_at, closure.ends_at)))


def keep(reservation: Reservation, until: datetime | None = None) -> list[int]:
    """Its units no longer run out, or not before `until`: a request was approved, an offer taken.
    Returns which they are; none where a request competed and holds no place yet."""
    rows = select(Occupancy).where(Occupancy.reservation_id == reservation.id)
    found = db.session.scalars(rows).all()
    for row in found:
        row.expires_at = until
    reservation.expires_at = until
    db.session.flush()
    return [row.unit_id for row in found]


def pass_on_run_out(units: Sequence[int], around: Period, now: datetime) -> None:
    """Ends what has run out on these units. Who waits for it comes before whoever finds it."""
    aside = freed()
    expire_holds(units, around, now)
    conclude()
    notes().extend(aside)


def expire_holds(units: Sequence[int], around: Period, now: datetime) -> None:
    """Ends what has run out on these units, so that it never stands in the way.

    The worker may be ending the same ones: whoever comes second finds their state changed.
    """
    in_the_way = db.session.scalars(RUN_OUT, asked(units, around, now)).all()
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
    offered = reservation.state == states.HELD
    change_state(reservation, "expire", None, now)
    release(reservation)
    messages.tell_of(reservation, "pass" if offered else "expire", now)
    db.session.flush()
