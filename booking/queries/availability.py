"""What is taken when, and what that leaves: board, search and alternatives stand on it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from booking.db import Words, db
from booking.models.hours import Closure
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.queries.extras import beside, units_for
from booking.queries.venues import Atlas, SpaceFacts, VenueFacts
from booking.rules.availability import (
    Place,
    free_units,
    nearest,
    units_needed,
    widened,
)
from booking.rules.extras import Counts
from booking.rules.hours import dates_of, day, open_around, open_periods, today, told_why
from booking.rules.periods import Period, union
from booking.rules.policies import Wish, fitting, minutes, reach, refusals

A_DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=34)
"""No occupancy is longer (31 days and its buffers, by a CHECK of policy; a closure is cut into
rows of 31 days): a query needs no older rows, and its cost does not grow with history."""

Busy = dict[int, list[Period]]
NOTHING: Counts = {}


@dataclass(frozen=True)
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


def taken(units: Collection[int], period: Period, now: datetime) -> list[Taken]:
    """What takes these units at any instant of `period`, earliest first; expired rows do not."""
    query = (
        select(
            Occupancy.unit_id,
            Occupancy.starts_at,
            Occupancy.ends_at,
            func.coalesce(Reservation.starts_at, Closure.starts_at),
            func.coalesce(Reservation.ends_at, Closure.ends_at),
            Reservation.code,
            Reservation.state,
            Reservation.member_id,
            Reservation.title,
            Reservation.organisation_id,
            Closure.why,
        )
        .outerjoin(Reservation, Reservation.id == Occupancy.reservation_id)
        .outerjoin(Closure, Closure.id == Occupancy.closure_id)
        .where(Occupancy.unit_id.in_(units), *overlapping(period, now))
        .order_by(Occupancy.starts_at, Occupancy.unit_id)
    )
    return [
        Taken(unit, Period(start, end), Period(asked, until), *rest)
        for unit, start, end, asked, until, *rest in db.session.execute(query)
    ]


def busy(units: Collection[int], period: Period, now: datetime) -> Busy:
    """When each unit is taken at any instant of `period`; units that are free do not appear."""
    query = (
        select(Occupancy.unit_id, Occupancy.starts_at, Occupancy.ends_at)
        .where(Occupancy.unit_id.in_(units), *overlapping(period, now))
        .order_by(Occupancy.starts_at)
    )
    found: Busy = {}
    for unit, start, end in db.session.execute(query):
        found.setdefault(unit, []).append(Period(start, end))
    return found


def merged(one: Busy, other: Busy) -> Busy:
    """When either takes a unit."""
    return {unit: [*one.get(unit, ()), *other.get(unit, ())] for unit in one.keys() | other.keys()}


def overlapping(period: Period, now: datetime) -> list:  # type: ignore[type-arg]
    """The conditions of a row that blocks some of `period`."""
    return [
        Occupancy.starts_at < period.end,
        Occupancy.starts_at > period.start - LOOK_BACK,
        Occupancy.ends_at > period.start,
        (Occupancy.expires_at.is_(None)) | (Occupancy.expires_at > now),
    ]


@dataclass(frozen=True)
class Question:
    """What somebody looks for. `venue` is where, or None for the whole network."""

    kind: str | None
    venue: VenueFacts | None
    people: int


@dataclass(frozen=True)
class Result:
    """One space in an answer: free then, or the nearest times at which it could be had."""

    space: SpaceFacts
    period: Period
    free: bool
    alternatives: list[Period]
    reasons: list  # type: ignore[type-arg]
    kilometres: float | None


def matching(places: Atlas, question: Question) -> list[SpaceFacts]:
    """Spaces of the kind that are large enough, anywhere in the network."""
    return [
        space
        for space in places.spaces()
        if question.kind in (None, space.space.kind) and fits(space, question.people)
    ]


def fits(space: SpaceFacts, people: int) -> bool:
    """Whether so many people have room; an unknown capacity refuses nobody."""
    return space.rules.capacity is None or people <= space.rules.capacity


def results(
    spaces: Sequence[SpaceFacts],
    asked: dict[int, Period],
    question: Question,
    now: datetime,
) -> list[Result]:
    """An answer for each space, free ones first, then by distance, instant before on request.

    `asked` maps the id of a venue to the period its own wall clock means.
    """
    if not spaces:
        return []
    blocks = blocks_for(spaces, asked, now)
    found = [one_result(space, asked[space.venue.id], question, blocks, now) for space in spaces]
    return sorted(found, key=result_order)


def blocks_for(
    spaces: Sequence[SpaceFacts],
    asked: dict[int, Period],
    now: datetime,
    extras: Counts = NOTHING,
) -> Busy:
    """What takes the units of these spaces and extras at any time that an answer may speak of.

    `asked` maps the id of a venue to the period wanted there; a space that is only to be had for
    longer is looked at for longer.
    """
    wanted = {(asked[space.venue.id], space.zone) for space in spaces}
    wanted |= {(fitting(space.rules, asked[space.venue.id]), space.zone) for space in spaces}
    windows = [looked_at(period, zone) for period, zone in wanted]
    window = Period(min(w.start for w in windows), max(w.end for w in windows))
    return busy({unit for space in spaces for unit in units_for(space, extras)}, window, now)


def looked_at(wanted: Period, zone: ZoneInfo) -> Period:
    """The days `nearest_in` looks at and the whole period wanted, with room for any buffers."""
    first, last = today(wanted.start, zone), today(wanted.end, zone)
    start, end = day(first - A_DAY, zone).start, day(last + A_DAY, zone).end
    return Period(start, end).widened(A_DAY, A_DAY)


def result_order(result: Result) -> tuple[object, ...]:
    """Free first, then what has a way out; near before far; instant first; smallest that fits."""
    capacity = result.space.rules.capacity or 0
    return (
        not result.free,
        not result.alternatives,
        how_far(result.kilometres),
        result.space.on_request,
        capacity,
        result.space.id,
    )


def how_far(kilometres: float | None) -> float:
    """For sorting: what nobody knows comes last."""
    return inf if kilometres is None else kilometres


def one_result(
    space: SpaceFacts, wanted: Period, question: Question, blocks: Busy, now: datetime
) -> Result:
    """Whether the space is free then under its own rules, and if not, when it is."""
    wish = Wish(wanted, question.people, space.zone)
    opening = open_around(space.hours, wanted, space.zone)
    reasons = refusals(space.rules, wish, opening, now)
    reasons = told_why(reasons, space.hours, wanted, space.zone)
    away = question.venue.kilometres_to(space.venue) if question.venue else None
    if not reasons and has_room(space, wish, blocks):
        return Result(space, wanted, True, [], [], away)
    nearby = nearest_in(space, wish, blocks, now)
    return Result(space, wanted, False, nearby, reasons, away)


def count_for(space: SpaceFacts, people: int) -> int:
    """How many units a reservation of so many people takes."""
    per_unit = space.space.capacity_per_unit
    return units_needed(people, per_unit, space.space.offer, len(space.units))


def clear_of(space: SpaceFacts, blocks: Busy) -> Busy:
    """The blocks of its units and of its extras', widened by the space's own buffers."""
    before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
    units = (*space.units, *(unit for one in beside(space).values() for unit in one.units))
    return widened({u: blocks[u] for u in units if u in blocks}, before, after)


def has_room(space: SpaceFacts, wish: Wish, blocks: Busy) -> bool:
    """Whether enough units are free for the period and its buffers, the extras' too."""
    if not count_for(space, wish.people) or not has_extras(space, wish.extras):
        return False
    return place_for(space, wish).free(clear_of(space, blocks), wish.period)


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
    """The nearest times on the day before, that day and the next that break no rule.

    A length the rules do not allow is brought to the nearest one they do.
    """
    wanted = fitting(space.rules, wish.period)
    if not fits(space, wish.people) or not has_extras(space, wish.extras):
        return []
    earliest, latest = reach(space.rules, now)
    if latest <= earliest:
        return []
    around = Period(wanted.start - A_DAY, wanted.end + A_DAY)
    opening = opening_of(space, dates_of(around, space.zone), Period(earliest, latest))
    return nearest(place_for(space, wish), clear_of(space, blocks), opening, wanted, limit)


def opening_of(space: SpaceFacts, dates: Iterable[date], within: Period) -> list[Period]:
    """When the space is open on these dates, within what notice and horizon allow; spans that
    meet at midnight are one."""
    opening = union(p for on in dates for p in open_periods(space.hours, on, space.zone))
    return [cut for p in opening if (cut := p.cut(within))]
