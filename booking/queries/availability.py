"""What is taken when, and what that leaves: board, search and alternatives stand on it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Subquery, bindparam, func, select, union_all

from booking.db import Gathered, Words, among, read
from booking.models.hours import Closure
from booking.models.occupancy import Long, Occupancy
from booking.models.reservations import Reservation
from booking.queries.extras import beside, units_for
from booking.queries.venues import SpaceFacts
from booking.rules.availability import (
    Place,
    free_units,
    nearest,
    units_needed,
    widened,
)
from booking.rules.extras import Counts
from booking.rules.hours import dates_of, day, open_periods, today
from booking.rules.periods import Period, union
from booking.rules.policies import Wish, fitting, minutes, reach, within_opening

A_DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=34)
"""No occupancy is longer (31 days and its buffers, by a CHECK of policy; a closure is cut into
rows of 31 days): a query needs no older rows, and its cost does not grow with history."""

Busy = dict[int, list[Period]]
NOTHING: Counts = {}


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit taken: for `period`, buffers included, of which `reserved` was asked for.

    By a reservation, or by a closure: then `closed` says why, and there is no code.
    """

    unit_id: int
    period: Period
    reserved: Period
    code: str | None
    state: str | None
    member_id: int | None
    title: str | None
    organisation_id: int | None = None
    closed: str | None = None


# Built once: putting a statement together anew takes as long as sending it.
IN_TIME = (Occupancy.starts_at < bindparam("end"), Occupancy.ends_at > bindparam("start"))
ALIVE = (Occupancy.expires_at.is_(None)) | (Occupancy.expires_at > bindparam("now"))
OVERLAPPING = (*IN_TIME, ALIVE)
OF_UNITS = among(Occupancy.unit_id, "units")
# What began a day before or earlier can only reach into the time if it is longer than a day. Each
# part has one lower bound: of two, SQLite may look from the wrong one on.
SHORT = Occupancy.starts_at > bindparam("a_day_back")
LONG = (
    Long(),
    Occupancy.starts_at > bindparam("look_back"),
    Occupancy.starts_at <= bindparam("a_day_back"),
)
# The zero keeps SQLite, which guesses, from the index of units.
LONG_OF_UNITS = among(Occupancy.unit_id + 0, "units")


def near(*columns: Any, run_out: bool = False) -> Subquery:
    """These columns of all rows that take one of the units at any instant of the time asked for;
    also of those that have `run_out` and take them no more.

    Of the few long rows the database has a list of their own: what it reads for all others does
    not grow with how long a row may be.
    """
    query = select(*columns).where(*(IN_TIME if run_out else OVERLAPPING))
    short, long = query.where(OF_UNITS, SHORT), query.where(LONG_OF_UNITS, *LONG)
    return union_all(short, long).subquery("near")


ROWS = near(
    Occupancy.unit_id,
    Occupancy.starts_at,
    Occupancy.ends_at,
    Occupancy.reservation_id,
    Occupancy.closure_id,
).c
TAKEN = (
    select(
        ROWS.unit_id,
        ROWS.starts_at,
        ROWS.ends_at,
        func.coalesce(Reservation.starts_at, Closure.starts_at),
        func.coalesce(Reservation.ends_at, Closure.ends_at),
        Reservation.code,
        Reservation.state,
        Reservation.member_id,
        Reservation.title,
        Reservation.organisation_id,
        Closure.why,
    )
    .outerjoin(Reservation, Reservation.id == ROWS.reservation_id)
    .outerjoin(Closure, Closure.id == ROWS.closure_id)
    .order_by(ROWS.starts_at, ROWS.unit_id)
)
TIMES = near(Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at).c
BUSY = select(TIMES.unit_id, TIMES.starts_at, TIMES.ends_at).order_by(TIMES.starts_at)
PEOPLE = Occupancy.unit_id, Occupancy.people
EVERYWHERE = select(*PEOPLE).where(*OVERLAPPING)
ANYWHERE = union_all(EVERYWHERE.where(SHORT), EVERYWHERE.where(*LONG)).subquery("anywhere").c
TAKEN_ANYWHERE = select(Gathered(ANYWHERE.unit_id), Gathered(ANYWHERE.people))
SOME = near(*PEOPLE).c
TAKEN_OF_SOME = select(Gathered(SOME.unit_id), Gathered(SOME.people))
MANY = 10_000_000
"""More than any venue may hold, so that somebody asks who comes."""
People = dict[int, int]
"""Units that are taken, by id, each with the people who come with it: all that come one after the
other, so that never more are there together."""


def people_anywhere(period: Period, now: datetime) -> People:
    """Of the whole network what is taken at any instant of `period`."""
    return people_in(read(TAKEN_ANYWHERE, asked((), period, now)))


def people_at(units: Collection[int], period: Period, now: datetime) -> People:
    """The same of these units."""
    return people_in(read(TAKEN_OF_SOME, asked(units, period, now)))


def people_in(rows: Sequence[Any]) -> People:
    """The one row of two lists, of units and of people, as counts; what was not said is many."""
    ((units, people),) = rows
    found: People = {}
    for unit, count in zip(units or (), people or (), strict=True):
        found[unit] = found.get(unit, 0) + (MANY if count is None else count)
    return found


def taken(units: Collection[int], period: Period, now: datetime) -> list[Taken]:
    """What takes these units at any instant of `period`, earliest first; expired rows do not."""
    return [
        Taken(unit, Period(start, end), Period(wanted, until), *rest)
        for unit, start, end, wanted, until, *rest in read(TAKEN, asked(units, period, now))
    ]


def busy(units: Collection[int], period: Period, now: datetime) -> Busy:
    """When each unit is taken at any instant of `period`; units that are free do not appear."""
    found: Busy = {}
    for unit, start, end in read(BUSY, asked(units, period, now)):
        found.setdefault(unit, []).append(Period(start, end))
    return found


def merged(one: Busy, other: Busy) -> Busy:
    """When either takes a unit."""
    return {unit: [*one.get(unit, ()), *other.get(unit, ())] for unit in one.keys() | other.keys()}


def asked(units: Collection[int], period: Period, now: datetime) -> dict[str, object]:
    """What the statements leave open: `look_back` is where the longest row could begin."""
    start, end = period.start, period.end
    when = {"start": start, "end": end, "look_back": start - LOOK_BACK, "now": now}
    return {"units": list(units), "a_day_back": start - A_DAY, **when}


def fits(space: SpaceFacts, people: int) -> bool:
    """Whether so many people have room; an unknown capacity refuses nobody."""
    return space.rules.capacity is None or people <= space.rules.capacity


def blocks_for(
    spaces: Sequence[SpaceFacts],
    wanted: Mapping[int, Period],
    now: datetime,
    extras: Counts = NOTHING,
) -> Busy:
    """What takes the units of these spaces and extras at any time that an answer may speak of.

    `wanted` maps the id of a venue to the period wanted there; a space that is only to be had for
    longer is looked at for longer.
    """
    asked_for = {(wanted[space.venue.id], space.zone) for space in spaces}
    asked_for |= {(fitting(space.rules, wanted[space.venue.id]), space.zone) for space in spaces}
    windows = [looked_at(period, zone) for period, zone in asked_for]
    units = {unit for space in spaces for unit in units_for(space, extras)}
    return busy(units, around(spaces, windows), now)


def around(spaces: Iterable[SpaceFacts], periods: Collection[Period]) -> Period:
    """From the first to the last instant, with room for the largest buffers of these spaces."""
    before = max(space.rules.buffer_before for space in spaces)
    after = max(space.rules.buffer_after for space in spaces)
    whole = Period(min(p.start for p in periods), max(p.end for p in periods))
    both = minutes(max(before, after))
    return whole.widened(both, both)


def looked_at(wanted: Period, zone: ZoneInfo) -> Period:
    """The days `nearest_in` looks at and the whole period wanted."""
    first, last = today(wanted.start, zone), today(wanted.end, zone)
    return Period(day(first - A_DAY, zone).start, day(last + A_DAY, zone).end)


def how_far(kilometres: float | None) -> float:
    """For sorting: what nobody knows comes last."""
    return inf if kilometres is None else kilometres


def count_for(space: SpaceFacts, people: int) -> int:
    """How many units a reservation of so many people takes."""
    per_unit = space.space.capacity_per_unit
    return units_needed(people, per_unit, space.space.offer, len(space.units))


def clear_of(space: SpaceFacts, blocks: Busy) -> Busy:
    """The blocks of its units and of its extras', widened by the space's own buffers."""
    before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
    units = (*space.units, *(unit for one in beside(space).values() for unit in one.units))
    found = {u: blocks[u] for u in units if u in blocks}
    return widened(found, before, after) if before or after else found


def has_room(space: SpaceFacts, wish: Wish, blocks: Busy) -> bool:
    """Whether enough units are free for the period and its buffers, the extras' too."""
    needed, around = count_for(space, wish.people), with_buffers(space, wish.period)
    if not needed or len(free_units(space.units, blocks, around)) < needed:
        return False
    if not wish.extras:
        return True
    return has_extras(space, wish.extras) and place_for(space, wish).free(blocks, around)


def with_buffers(space: SpaceFacts, period: Period) -> Period:
    """The period with what the space keeps free around it."""
    return period.widened(minutes(space.rules.buffer_before), minutes(space.rules.buffer_after))


def has_extras(space: SpaceFacts, extras: Counts) -> bool:
    """Whether all of these can be had beside the space at all."""
    return extras.keys() <= beside(space).keys()


def place_for(space: SpaceFacts, wish: Wish) -> Place:
    """The space as the search for free time needs it; extras that never run out count nothing."""
    stock = [
        (one.units, wish.extras[slug])
        for slug, one in beside(space).items()
        if one.units and slug in wish.extras
    ]
    count = count_for(space, wish.people)
    rules = space.rules
    return Place(space.units, count, rules.grid, space.zone, rules.nights, stock)


@dataclass(frozen=True)
class Left:
    """How many pieces of an extra are free at some time."""

    extra: str
    name: Words
    left: int


def extras_left(space: SpaceFacts, period: Period, blocks: Busy) -> dict[str, Left]:
    """What is free beside the space for the period and its buffers; not what never runs out."""
    taken = clear_of(space, blocks)
    return {
        slug: Left(slug, one.extra.name, len(free_units(one.units, taken, period)))
        for slug, one in beside(space).items()
        if one.units
    }


def nearest_in(
    space: SpaceFacts, wish: Wish, blocks: Busy, now: datetime, limit: int = 2
) -> list[Period]:
    """The nearest times on the day before, that day and the next that break no rule, before and
    after the wish as far as both can be had.

    A length that the rules or the hours of these days do not allow is brought to the nearest one
    that they do.
    """
    wanted = fitting(space.rules, wish.period)
    if not fits(space, wish.people) or not has_extras(space, wish.extras):
        return []
    earliest, latest = reach(space.rules, now)
    if latest <= earliest:
        return []
    around = Period(wanted.start - A_DAY, wanted.end + A_DAY)
    hours = open_over(space, dates_of(around, space.zone))
    wanted = within_opening(space.rules, wanted, hours)
    opening = [cut for p in hours if (cut := p.cut(Period(earliest, latest)))]
    return nearest(place_for(space, wish), clear_of(space, blocks), opening, wanted, limit)


def open_over(space: SpaceFacts, dates: Iterable[date]) -> list[Period]:
    """When the space is open on these dates; spans that meet at midnight are one."""
    return union(p for on in dates for p in open_periods(space.hours, on, space.zone))


def opening_of(space: SpaceFacts, dates: Iterable[date], within: Period) -> list[Period]:
    """The same within what notice and horizon allow."""
    return [cut for p in open_over(space, dates) if (cut := p.cut(within))]
