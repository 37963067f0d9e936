"""Giving back several dates of a series at once, and taking that back."""

from collections.abc import Sequence
from datetime import date, datetime

from booking.actions import messages, occupancy, outbox
from booking.actions import reservations as one
from booking.actions.guard import require_all_own_or_managed
from booking.actions.history import change_state, next_state
from booking.actions.occupancy import Need
from booking.actions.reservations import UNDO, Details
from booking.actions.series import first_free
from booking.db import append, db
from booking.errors import Refusal, Refused, WrongState
from booking.models.members import Member
from booking.models.reservations import History, Reservation
from booking.models.series import Series
from booking.queries import series as find
from booking.queries.availability import busy, with_buffers
from booking.queries.delegations import acts_for
from booking.queries.extras import counts_of, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import states, texts
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.rules.presence import check_in_by
from booking.rules.series import Taken


def coming(rows: Sequence[Reservation], now: datetime) -> list[Reservation]:
    """The dates that can still be changed or given back: alive, not begun, and nobody there yet."""
    alive = states.KEEPING - {states.CHECKED_IN}
    return [row for row in rows if row.state in alive and row.starts_at > now]


def from_on(rows: Sequence[Reservation], on: date | None) -> list[Reservation]:
    """Those that stand for this date or a later one, wherever they were moved; all for None."""
    return [row for row in rows if on is None or (row.series_on and row.series_on >= on)]


def between(
    rows: Sequence[Reservation], places: Atlas, first: date, last: date
) -> list[Reservation]:
    """Those that begin on these dates, both included, by their venue's calendar."""
    return [
        row
        for row in rows
        if first <= today(row.starts_at, places.by_id(row.space_id).zone) <= last
    ]


def in_time(
    rows: Sequence[Reservation], places: Atlas, *, by: Member, now: datetime
) -> tuple[list[Reservation], list[Reservation]]:
    """What `by` may give back by themselves, and what it is too late for. Raises NotFound and
    NotAllowed where they may not at all."""
    require_all_own_or_managed(rows, by, "cancel", now)
    yes, late = [], []
    for row in rows:
        try:
            one.check_deadline(places.by_id(row.space_id), row, by, now)
        except Refused:
            late.append(row)
        else:
            yes.append(row)
    return yes, late


def cancel(
    series: Series,
    rows: Sequence[Reservation],
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str = "",
) -> list[Reservation]:
    """Gives these dates back, or withdraws them; one mail tells of all, after `UNDO`. Returns those
    that were: what has begun or ended stays, and so does what it is too late for.

    Raises NotFound, NotAllowed, and Refused where nothing is left to give back.
    """
    require_all_own_or_managed(rows, by, "cancel", now)
    spaces = spaces_of(rows, places)
    occupancy.look_again_at_all(rows, sorted({u for space in spaces for u in space.units}))
    found, _ = in_time(coming(rows, now), places, by=by, now=now)
    if not found:
        raise Refused([Refusal("no-dates")])
    reason = texts.clean(why)[:500]
    give_back(series, found, by, now, reason)
    more = {"why": reason, "not_before": now + UNDO} | messages.done_by(by, found[0])
    messages.tell_of_series(series, "cancelled", found, spaces, now, **more)
    return found


def give_back(
    series: Series,
    rows: Sequence[Reservation],
    by: Member,
    now: datetime,
    why: str,
    *,
    final: bool = False,
) -> None:
    """Ends these dates, which must be locked, and what waits to change them. Nobody is told.
    `final`: they cannot be taken back, since it is told at once."""
    for asked in find.changes_of(rows):
        change_state(asked, "withdraw", by.id, now)
        occupancy.release(asked)
    units = occupancy.release_all(rows)
    own = ("withdraw",) if acts_for(by, series.member_id, now) else ()
    lines = []
    for row in rows:
        changed = {"units": sorted(units[row.id]), "series": series.code, "final": final}
        verb = next(v for v in (*own, "cancel", "decline") if states.knows(row.state, v))
        lines.append(next_state(row, verb, by.id, now, why=why, changed=changed))
    db.session.flush()
    append(History, lines)


def spaces_of(rows: Sequence[Reservation], places: Atlas) -> list[SpaceFacts]:
    """The spaces in which they are."""
    return [places.by_id(number) for number in sorted({row.space_id for row in rows})]


def undone(
    series: Series, rows: Sequence[Reservation], *, by: Member, now: datetime
) -> list[tuple[Reservation, History]]:
    """What the same person gave back of it last, if that was a moment ago, each with its line of
    history."""
    last = find.last_of(rows)
    mine = [
        (row, last[row.id])
        for row in rows
        if states.knows(row.state, "restore")
        and last[row.id].member_id == by.id
        and is_from(series, last[row.id])
        and now < last[row.id].at + UNDO
    ]
    latest = max((line.at for _, line in mine), default=now)
    return [(row, line) for row, line in mine if line.at == latest]


def is_from(series: Series, line: History) -> bool:
    """Whether it was given back with others of the series, of which nobody has been told yet."""
    said = line.changed or {}
    return said.get("series") == series.code and not said.get("final")


def restore(
    series: Series, rows: Sequence[Reservation], places: Atlas, *, by: Member, now: datetime
) -> list[Reservation]:
    """Takes back what the same person gave back of it a moment ago: all of it, or nothing.

    Raises WrongState where there is nothing, or `UNDO` is over, Refused where a quota or the venue
    has been filled meanwhile, and SlotTaken where somebody was quicker.
    """
    back = undone(series, rows, by=by, now=now)
    extras = {row.id: counts_of(row.id) for row, _ in back}
    units = {
        unit for row, _ in back for unit in units_for(places.by_id(row.space_id), extras[row.id])
    }
    occupancy.look_again_at_all([row for row, _ in back], sorted(units))
    back = undone(series, [row for row, _ in back], by=by, now=now)
    if not back:
        raise WrongState(state=states.CANCELLED, verb="restore")
    periods = [with_buffers(places.by_id(row.space_id), period_of(row)) for row, _ in back]
    whole = Period(min(p.start for p in periods), max(p.end for p in periods))
    for row, line in back:
        had = (line.changed or {}).get("units", [])
        around = with_buffers(places.by_id(row.space_id), period_of(row))
        one.reclaim(had, around, line.at, now)
    occupancy.pass_on_run_out(sorted(units), whole, now)
    others, own, taken = Taken(busy(units, whole, now)), Taken(), []
    for row, line in back:
        space = places.by_id(row.space_id)
        one.check_counted(row, space, now)
        change_state(row, "restore", by.id, now)
        row.check_in_by = check_in_by(space.rules, period_of(row), now)
        had = (line.changed or {}).get("units", [])
        if had:
            needs = kept_needs(row, space, extras[row.id], had)
            chosen = first_free(needs, others, own)
            own.add(chosen, needs[0].around)
            taken += occupancy.rows_for(row, chosen, needs[0].around)
    db.session.flush()
    occupancy.insert(taken)
    outbox.take_back(series.code, now)
    return [row for row, _ in back]


def kept_needs(
    row: Reservation, space: SpaceFacts, extras: dict[str, int], had: Sequence[int]
) -> list[Need]:
    """What it needs, the units it had first."""
    needs = one.needs_of(space, period_of(row), Details(row.people, extras=extras))
    return [one.prefer(need, had) for need in needs]


def period_of(row: Reservation) -> Period:
    """When it is."""
    return Period(row.starts_at, row.ends_at)
