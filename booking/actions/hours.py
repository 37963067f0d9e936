"""Closing and reopening places, and the hours of single dates. Every function flushes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

from sqlalchemy import update

from booking.actions import approvals, occupancy, reservations
from booking.actions.guard import require
from booking.actions.locks import lock
from booking.db import db
from booking.errors import InTheWay, NotFound, Refusal, Refused
from booking.models.hours import Closure, SpecialHours
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.venues import Network
from booking.queries import hours as find
from booking.queries.hours import Covers
from booking.queries.venues import Atlas
from booking.rules import holidays, texts
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.rules.states import CONFIRMED, HELD, KEEPING, REQUESTED

LONGEST = timedelta(days=366)
MOST_SPANS = 6


@dataclass(frozen=True)
class Closing:
    """What is to be closed, when, and why; everybody reads why.

    `cancelling`: codes of the reservations that may be cancelled for it, those somebody has seen.
    """

    covers: Covers
    period: Period
    why: str
    cancelling: Collection[str] = field(default_factory=frozenset)


def close(closing: Closing, places: Atlas, *, by: Member, now: datetime) -> Closure:
    """Takes the units for that time. Reservations in the way are cancelled, requests declined,
    with the reason, if all of them are named; else nothing is.

    Raises NotAllowed, Refused with all reasons, InTheWay with the codes of what stands there,
    SlotTaken. A venue's closure takes everything it has; what is closed already stays so.
    """
    venue, space = closing.covers
    require(by, "close", venue.id, now)
    why, period = texts.one_line(closing.why)[:200], closing.period
    check_closing(why, period, now)
    # All of the venue's, so that cancelling needs no lock that is out of order.
    occupancy.lock(sorted(venue.units))
    units = find.units_of(closing.covers)
    there = find.in_the_way(units, period, now)
    if {row.code for row in there} - set(closing.cancelling):
        raise InTheWay(codes=[row.code for row in there])
    for row in there:
        if row.state in KEEPING:  # And has not ended with the one it would change.
            end(row, places, why, by, now)
    closure = Closure(
        venue_id=venue.id,
        space_id=space.id if space else None,
        starts_at=period.start,
        ends_at=period.end,
        why=why,
        member_id=by.id,
        created_at=now,
    )
    db.session.add(closure)
    db.session.flush()
    occupancy.close(closure, units, now)
    return closure


def check_closing(why: str, period: Period, now: datetime) -> None:
    """Raises Refused with everything that is wrong."""
    checks = [
        (not why, Refusal("why-missing")),
        (period.end <= now, Refusal("past")),
        (period.length > LONGEST, Refusal("closure-too-long", {"most": LONGEST.days})),
    ]
    if broken := [refusal for holds, refusal in checks if holds]:
        raise Refused(broken)


def end(row: Reservation, places: Atlas, why: str, by: Member, now: datetime) -> None:
    """The reservation ends for the closure's reason; its member is told. Raises InTheWay for one
    that nobody may end (people are there already)."""
    if row.state in (HELD, REQUESTED):
        approvals.turn_away(row, places, by=by, now=now, why=why)
    elif row.state == CONFIRMED:
        reservations.cancel(row, places, by=by, now=now, why=why)
    else:
        raise InTheWay(codes=[row.code])


def reopen(closure: Closure, places: Atlas, *, by: Member, now: datetime) -> None:
    """Ends the closure: its units are free again, but for what another closure covers.

    Raises NotAllowed, and NotFound where it is over already.
    """
    require(by, "close", closure.venue_id, now)
    venue = next(one for one in places.venues if one.id == closure.venue_id)
    occupancy.lock(sorted(venue.units))
    db.session.refresh(closure, with_for_update={"key_share": True})
    if closure.ended_at is not None or closure.ends_at <= now:
        raise NotFound(what="closure")
    closure.ended_at = now
    occupancy.reopen(closure)
    for other in find.closures(venue.id, now):
        occupancy.close(other, find.units_of(covered(other, places)), now)
    db.session.flush()


def covered(closure: Closure, places: Atlas) -> Covers:
    """The venue, and perhaps the space, that a closure closes. Raises NotFound."""
    venue = next((one for one in places.venues if one.id == closure.venue_id), None)
    if venue is None:
        raise NotFound(what="venue")
    space = places.by_id(closure.space_id) if closure.space_id is not None else None
    return venue, space


def renew(places: Atlas, now: datetime) -> None:
    """After the places have changed: what is closed takes the units that it covers now.

    All units must be locked.
    """
    for venue in places.venues:
        standing = find.closures(venue.id, now)
        for closure in standing:
            occupancy.reopen(closure)
        for closure in standing:
            occupancy.close(closure, find.units_of(covered(closure, places)), now)


@dataclass(frozen=True)
class DayHours:
    """The hours of one date: (opens, closes) in minutes of wall time; none is closed all day."""

    on: date
    spans: Sequence[tuple[int, int]]
    why: str = ""


def set_hours(
    covers: Covers, hours: DayHours, *, by: Member, now: datetime, confirmed: bool = False
) -> SpecialHours:
    """Says the hours of a date, instead of what was said of it before. Reservations stay.
    Whoever sets other hours at this moment waits: each changes the version of the places.

    Opening on 1 May, where that is a public holiday, has to be `confirmed`: nobody may be made to
    work then but where work cannot stop (Code du travail, L3133-4 and L3133-6). Raises
    NotAllowed, Refused with all reasons.
    """
    venue, space = covers
    require(by, "set_hours", venue.id, now)
    check_hours(covers, hours, now, confirmed)
    lock(Network, 1)
    row = find.special_day_of(covers, hours.on)
    if row is None:
        row = SpecialHours(venue_id=venue.id, space_id=space.id if space else None, on=hours.on)
        db.session.add(row)
    row.spans = [list(span) for span in sorted(hours.spans)]
    row.why = texts.one_line(hours.why)[:200]
    row.member_id, row.created_at = by.id, now
    places_changed()
    return row


def check_hours(covers: Covers, hours: DayHours, now: datetime, confirmed: bool) -> None:
    """Raises Refused with everything that is wrong."""
    venue, _ = covers
    spans = sorted(hours.spans)
    ill = any(not 0 <= opens < closes <= 1440 for opens, closes in spans)
    ill = ill or any(one[1] > other[0] for one, other in pairwise(spans))
    holiday = holidays.public(venue.venue.holidays, hours.on)
    labour = bool(spans and holiday) and holidays.is_labour_day(hours.on)
    checks = [
        (hours.on < today(now, venue.zone), Refusal("past")),
        (ill or len(spans) > MOST_SPANS, Refusal("spans-wrong", {"most": MOST_SPANS})),
        (labour and not confirmed, Refusal("labour-day-unconfirmed")),
    ]
    if broken := [refusal for holds, refusal in checks if holds]:
        raise Refused(broken)


def clear_hours(row: SpecialHours, *, by: Member, now: datetime) -> None:
    """The date has the usual hours again: those of the week, or a holiday's closing.

    Raises NotAllowed, and NotFound where another has just cleared them.
    """
    require(by, "set_hours", row.venue_id, now)
    lock(Network, 1)
    if db.session.get(SpecialHours, row.id, populate_existing=True) is None:
        raise NotFound(what="special-hours")
    db.session.delete(row)
    places_changed()


def places_changed() -> None:
    """Every process reads the places anew, as soon as this is kept."""
    db.session.flush()
    db.session.execute(update(Network).values(version=str(uuid4())))
