"""Who is there, who should be, and who did not come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal_column, select

from booking.db import db
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.availability import blocks_for, busy, nearest_in, opening_of, taken
from booking.queries.reservations import with_place
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import codes, presence
from booking.rules.hours import dates_of
from booking.rules.periods import Period
from booking.rules.policies import Wish, fitting
from booking.rules.presence import CLOSED, COUNTED, EARLY, TAKEN, Glance
from booking.rules.states import CHECKED_IN, CONFIRMED, NO_SHOW

SEEN = (CONFIRMED, CHECKED_IN, NO_SHOW)
"""States of which somebody who looks for people wants to know."""
AHEAD = timedelta(days=8)
"""So far a glance looks: over any closed week."""
AN_HOUR = timedelta(hours=1)
# Written out, so that the indexes of just these rows are used: the worker asks every second.
IS_CONFIRMED = Reservation.state == literal_column("'confirmed'")
UNFINISHED = Reservation.state.in_([literal_column("'confirmed'"), literal_column("'checked_in'")])


def absences(member: Member, venue: VenueFacts, now: datetime) -> int:
    """How often they did not come to that venue within `COUNTED`."""
    spaces = [space.id for space in venue.spaces]
    query = (
        select(func.count(Reservation.id))
        .where(Reservation.member_id == member.id, Reservation.state == NO_SHOW)
        .where(Reservation.space_id.in_(spaces), Reservation.starts_at > now - COUNTED)
    )
    return db.session.scalar(query) or 0


def missed(now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of reservations to which nobody has come in time, longest first."""
    query = select(Reservation.id).where(IS_CONFIRMED, Reservation.check_in_by <= now)
    return db.session.scalars(query.order_by(Reservation.check_in_by).limit(limit)).all()


def over(now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of reservations whose time is over, longest first; not of those that were missed."""
    nobody_missing = (Reservation.state == CHECKED_IN) | Reservation.check_in_by.is_(None)
    query = select(Reservation.id).where(UNFINISHED, Reservation.ends_at <= now, nobody_missing)
    return db.session.scalars(query.order_by(Reservation.ends_at).limit(limit)).all()


def by_id(reservation_id: int) -> Reservation:
    """One of these, with its place and its member."""
    return db.session.scalars(with_place().where(Reservation.id == reservation_id)).one()


def at_the_door(space: SpaceFacts, code: str, now: datetime) -> Reservation:
    """The reservation of that code, if it is on now in this very space, or nearly. Raises
    NotFound."""
    query = nearly_on(now).where(Reservation.space_id == space.id)
    found = db.session.scalars(query.where(Reservation.code == codes.tidy(code))).one_or_none()
    if found is None:
        raise NotFound(what="reservation")
    return found


def nearly_on(now: datetime) -> Select[Reservation]:
    """What one can check in to now, or could have."""
    return (
        with_place()
        .where(Reservation.state.in_(SEEN))
        .where(Reservation.starts_at <= now + EARLY, Reservation.ends_at > now)
    )


def own_here(
    member: Member, spaces: Collection[SpaceFacts], now: datetime, until: datetime
) -> Sequence[Reservation]:
    """What the member has in these spaces now or until then, soonest first."""
    query = (
        with_place()
        .where(Reservation.member_id == member.id, Reservation.state.in_(SEEN))
        .where(Reservation.space_id.in_([space.id for space in spaces]))
        .where(Reservation.ends_at > now, Reservation.starts_at < until)
        .order_by(Reservation.starts_at, Reservation.id)
        .limit(5)
    )
    return db.session.scalars(query).all()


def expected(venue: VenueFacts, day: Period) -> Sequence[Reservation]:
    """All reservations of a venue that have to do with that day, soonest first."""
    query = (
        with_place()
        .where(Reservation.space_id.in_([space.id for space in venue.spaces]))
        .where(Reservation.state.in_(SEEN))
        .where(Reservation.starts_at < day.end, Reservation.ends_at > day.start)
        .order_by(Reservation.starts_at, Reservation.id)
        .limit(500)
    )
    return db.session.scalars(query).all()


def glance(space: SpaceFacts, now: datetime) -> Glance:
    """What the space is doing now, and until when."""
    ahead = Period(now, now + AHEAD)
    opening = opening_of(space, dates_of(ahead, space.zone), ahead)
    needed = 1 if space.pool else len(space.units)
    return presence.glance(space.units, needed, busy(space.units, ahead, now), opening, now)


@dataclass(frozen=True)
class Seen:
    """A space as somebody in the hall sees it; `closed`: why nobody may have it now, if a closure
    is what takes it."""

    space: SpaceFacts
    glance: Glance
    closed: str = ""


def in_the_hall(venue: VenueFacts, now: datetime) -> list[Seen]:
    """What each space of the venue is doing now, by one question for all."""
    ahead = Period(now, now + AHEAD)
    blocks, closures = dict[int, list[Period]](), dict[int, list[Period]]()
    why: dict[int, str] = {}
    for row in taken(venue.units, ahead, now):
        blocks.setdefault(row.unit_id, []).append(row.period)
        if row.closed is not None and row.period.start <= now:
            closures.setdefault(row.unit_id, []).append(row.period)
            why[row.unit_id] = row.closed
    found = []
    for space in venue.spaces:
        opening = opening_of(space, dates_of(ahead, space.zone), ahead)
        needed = 1 if space.pool else len(space.units)
        seen = presence.glance(space.units, needed, blocks, opening, now)
        shut = presence.glance(space.units, needed, closures, opening, now).state == TAKEN
        reasons = [why[unit] for unit in space.units if unit in why] if shut else []
        found.append(Seen(space, Glance(CLOSED) if reasons else seen, next(iter(reasons), "")))
    return found


def soonest(space: SpaceFacts, now: datetime) -> list[Period]:
    """The nearest times at which one person could have it for about an hour from now on, earliest
    first; no rules about persons are asked."""
    period = fitting(space.rules, Period(now, now + AN_HOUR))
    blocks = blocks_for([space], {space.venue.id: period}, now)
    return sorted(nearest_in(space, Wish(period, 1, space.zone), blocks, now))
