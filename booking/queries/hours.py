"""Closures and the hours of single dates, and which reservations they touch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from booking.db import db, read
from booking.errors import NotFound
from booking.models.hours import Closure, SpecialHours
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.models.venues import Space, SpaceUnit, Unit
from booking.queries.availability import LOOK_BACK
from booking.queries.reservations import with_place
from booking.queries.venues import Atlas, SpaceFacts, VenueFacts
from booking.rules.hours import day, open_around
from booking.rules.periods import Period
from booking.rules.policies import outside_hours
from booking.rules.states import KEEPING

Covers = tuple[VenueFacts, SpaceFacts | None]
"""What a closure or the hours of a date are for: a venue, or one of its spaces."""


def units_of(covers: Covers) -> list[int]:
    """The units it is about: those of the space, else all that the venue has, its extras' too."""
    venue, space = covers
    return sorted(space.units if space else venue.units)


def in_the_way(units: Collection[int], period: Period, now: datetime) -> Sequence[Reservation]:
    """Reservations and requests that have these units in that time and are not over, soonest
    first. Their buffers alone are in nobody's way; what has run out neither."""
    takes = select(Occupancy.reservation_id).where(
        Occupancy.unit_id.in_(units),
        Occupancy.starts_at < period.end,
        Occupancy.starts_at > period.start - LOOK_BACK,
        Occupancy.ends_at > period.start,
        Occupancy.expires_at.is_(None) | (Occupancy.expires_at > now),
    )
    query = (
        with_place()
        .where(Reservation.id.in_(takes), Reservation.state.in_(KEEPING))
        .where(Reservation.starts_at < period.end)
        .where(Reservation.ends_at > max(period.start, now))
        .order_by(Reservation.starts_at, Reservation.id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def closure(closure_id: int, venue_id: int) -> Closure:
    """A closure of the venue. Raises NotFound."""
    found = db.session.get(Closure, closure_id)
    if found is None or found.venue_id != venue_id:
        raise NotFound(what="closure")
    return found


# Asked for every page of a venue: put together once.
OF_VENUE = (
    Closure.venue_id == bindparam("venue"),
    Closure.ends_at > bindparam("now"),
    Closure.ended_at.is_(None),
)


class Coming(NamedTuple):
    """A closure as the page of its venue says it."""

    starts_at: datetime
    ends_at: datetime
    why: str
    space_id: int | None


COMING = select(Closure.starts_at, Closure.ends_at, Closure.why, Closure.space_id)
COMING = COMING.where(*OF_VENUE).order_by(Closure.starts_at, Closure.id)


def coming(venue_id: int, now: datetime) -> list[Coming]:
    """What is or will be closed at the venue, soonest first, for everybody."""
    return [Coming(*row) for row in read(COMING, {"venue": venue_id, "now": now})]


def closures(venue_id: int, now: datetime) -> Sequence[Closure]:
    """The same with who closed it, for who may open it again."""
    query = select(Closure).options(joinedload(Closure.member)).where(*OF_VENUE)
    query = query.order_by(Closure.starts_at, Closure.id)
    return db.session.scalars(query, {"venue": venue_id, "now": now}).all()


def closures_over(units: Collection[int], period: Period) -> Sequence[Closure]:
    """The closures that have one of these units in that time, soonest first, with who closed."""
    takes = select(Occupancy.closure_id).where(
        Occupancy.unit_id.in_(units),
        Occupancy.starts_at < period.end,
        Occupancy.starts_at > period.start - LOOK_BACK,
        Occupancy.ends_at > period.start,
    )
    query = (
        select(Closure)
        .options(joinedload(Closure.member))
        .where(Closure.id.in_(takes))
        .order_by(Closure.starts_at, Closure.id)
    )
    return db.session.scalars(query).all()


def closings_of(units: Collection[int], period: Period) -> list[tuple[Closure, int]]:
    """Each closure that is in force in that time with each of these units that it covers, whether
    it has the unit or something else had it first; the oldest first."""
    own = select(SpaceUnit.unit_id).where(SpaceUnit.space_id == Closure.space_id)
    query = (
        select(Closure, Unit.id)
        .join(Unit, Unit.venue_id == Closure.venue_id)
        .where(Unit.id.in_(units), Closure.ended_at.is_(None))
        .where(Closure.starts_at < period.end, Closure.ends_at > period.start)
        .where(or_(Closure.space_id.is_(None), Unit.id.in_(own)))
        .order_by(Closure.id, Unit.id)
    )
    return [(closure, unit) for closure, unit in db.session.execute(query)]


def closed_venues(now: datetime) -> dict[int, Closure]:
    """The venues that are closed as a whole at this moment, by id."""
    query = select(Closure).where(
        Closure.space_id.is_(None),
        Closure.ended_at.is_(None),
        Closure.starts_at <= now,
        Closure.ends_at > now,
    )
    return {row.venue_id: row for row in db.session.scalars(query)}


def special_days(venue_id: int, first: date) -> Sequence[SpecialHours]:
    """The hours of single dates at the venue and its spaces, from `first` on, with who said so."""
    query = (
        select(SpecialHours)
        .options(joinedload(SpecialHours.member))
        .where(SpecialHours.venue_id == venue_id, SpecialHours.on >= first)
        .order_by(SpecialHours.on, SpecialHours.space_id.is_not(None), SpecialHours.id)
    )
    return db.session.scalars(query).all()


def special_day(row_id: int, venue_id: int) -> SpecialHours:
    """The hours of a date at the venue. Raises NotFound."""
    found = db.session.get(SpecialHours, row_id)
    if found is None or found.venue_id != venue_id:
        raise NotFound(what="special-hours")
    return found


def special_day_of(covers: Covers, on: date) -> SpecialHours | None:
    """What was said of that date for this venue or this space itself."""
    venue, space = covers
    query = select(SpecialHours).where(
        SpecialHours.venue_id == venue.id,
        SpecialHours.on == on,
        SpecialHours.space_id.is_(None) if space is None else SpecialHours.space_id == space.id,
    )
    return db.session.scalars(query).one_or_none()


@dataclass(frozen=True)
class Displaced:
    """A reservation that lies outside the hours of its day; it stays."""

    reservation: Reservation
    space: SpaceFacts
    period: Period


def displaced(
    places: Atlas, venue: VenueFacts, dates: Iterable[date], now: datetime
) -> list[Displaced]:
    """Reservations at the venue on these dates, not over, that its hours no longer allow."""
    days = [day(on, venue.zone) for on in dates]
    if not days:
        return []
    at_venue = select(Space.id).where(Space.venue_id == venue.id)
    query = (
        with_place()
        .where(Reservation.space_id.in_(at_venue), Reservation.state.in_(KEEPING))
        .where(Reservation.ends_at > now)
        .where(or_(*(touching(one) for one in days)))
        .order_by(Reservation.starts_at, Reservation.id)
    )
    rows = [
        Displaced(row, places.by_id(row.space_id), Period(row.starts_at, row.ends_at))
        for row in db.session.scalars(query)
    ]
    return [one for one in rows if lies_outside(one)]


def touching(one: Period) -> ColumnElement[bool]:
    """The condition of a reservation that has an instant of that day."""
    return and_(Reservation.starts_at < one.end, Reservation.ends_at > one.start)


def lies_outside(one: Displaced) -> bool:
    """Whether the hours as they are now do not allow it."""
    opening = open_around(one.space.hours, one.period, one.space.zone)
    return outside_hours(one.space.rules, one.period, opening)
