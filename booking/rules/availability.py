"""Open time less what is taken: when a space can be had, and the nearest such times.

A space that is taken whole needs all its units at once; a pool needs any `count` of them.
All periods are half-open and in UTC.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from booking.rules.hours import today
from booking.rules.periods import Period, union

Busy = Mapping[int, Sequence[Period]]


def units_needed(people: int, per_unit: int | None, offer: str, units: int) -> int:
    """How many units `people` take: all of a whole, else enough for them, at least one."""
    if offer == "whole":
        return units
    return max(1, ceil(people / per_unit)) if per_unit else 1


def free_units(units: Sequence[int], busy: Busy, period: Period) -> list[int]:
    """The units that nothing takes during `period`, in the order given."""
    return [
        unit for unit in units if not any(period.overlaps(taken) for taken in busy.get(unit, ()))
    ]


def widened(busy: Busy, before: timedelta, after: timedelta) -> dict[int, list[Period]]:
    """Where a reservation itself may not lie, when it also needs its buffers free.

    A block ``[a, b)`` keeps away every reservation that, with `before` and `after` around it,
    would overlap the block: exactly ``[a - after, b + before)``.
    """
    return {
        unit: [taken.widened(after, before) for taken in blocks] for unit, blocks in busy.items()
    }


def on_grid(moment: datetime, grid: int, zone: ZoneInfo) -> datetime:
    """The first instant from `moment` on whose wall clock shows a multiple of `grid` minutes."""
    late = past_grid(moment, grid, zone)
    if not late:
        return moment
    step = moment + timedelta(minutes=grid) - late
    if same_clocks(moment, step, zone):
        return step
    # Clocks change on the way: they may show it sooner or later, on a whole minute at any rate.
    minute = timedelta(minutes=1)
    step = moment + -late % minute
    while past_grid(step, grid, zone):
        step += minute
    return step


def past_grid(moment: datetime, grid: int, zone: ZoneInfo) -> timedelta:
    """How much the wall clock shows more than a multiple of `grid` minutes."""
    wall = moment.astimezone(zone)
    late = timedelta(minutes=(wall.hour * 60 + wall.minute) % grid)
    return late + timedelta(seconds=wall.second, microseconds=wall.microsecond)


def same_clocks(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    """Whether the venue's clocks are as far from UTC at both instants."""
    return one.astimezone(zone).utcoffset() == other.astimezone(zone).utcoffset()


def starts(
    opening: Sequence[Period], length: timedelta, grid: int, zone: ZoneInfo
) -> list[datetime]:
    """Every start on the grid from which `length` stays within opening hours, earliest first."""
    found = []
    step = timedelta(minutes=grid)
    for period in opening:
        steady = same_clocks(period.start, period.end, zone)
        start = on_grid(period.start, grid, zone)
        while start + length <= period.end:
            found.append(start)
            start = start + step if steady else on_grid(start + timedelta(minutes=1), grid, zone)
    return found


def starts_over_nights(
    opening: Sequence[Period], length: timedelta, grid: int, zone: ZoneInfo
) -> list[datetime]:
    """The same where closed hours may lie between: start and end alone are within opening hours."""
    return [
        start
        for start in starts(opening, timedelta(minutes=1), grid, zone)
        if any(p.start < start + length <= p.end for p in opening)
    ]


@dataclass(frozen=True)
class Place:
    """One space as the search for free time needs it: which units, how many, on which grid;
    whether closed hours may lie between start and end.

    `beside`: the units of each extra that is wanted too, and how many of them.
    """

    units: Sequence[int]
    count: int
    grid: int
    zone: ZoneInfo
    nights: bool = False
    beside: Sequence[tuple[Sequence[int], int]] = ()

    @property
    def groups(self) -> list[tuple[Sequence[int], int]]:
        """Units, and how many of them are wanted: of the space, and of each extra."""
        return [(self.units, self.count), *self.beside]

    def free(self, busy: Busy, period: Period) -> bool:
        """Whether enough is free for the whole of the period."""
        return all(len(free_units(units, busy, period)) >= n for units, n in self.groups)


def nearest(
    place: Place,
    busy: "Busy | Blocks",
    opening: Sequence[Period],
    wanted: Period,
    limit: int = 2,
) -> list[Period]:
    """Free periods as long as `wanted`, nearest start first, no two overlapping.

    Half of them begin before it and half do not; where one side has fewer, the other has more.
    `busy` is already widened by the buffers. The same units are free for the whole of each
    period. Start and end lie on the grid, also where clocks change.
    """
    blocks = busy if isinstance(busy, Blocks) else Blocks(place, busy)
    half = limit // 2
    chosen: list[Period] = []
    sides: tuple[list[Period], list[Period]] = ([], [])
    for period in by_distance(tuple(opening), wanted, place.grid, place.zone, place.nights):
        side = sides[period.start < wanted.start]
        if len(side) == limit or not blocks.leave(period):
            continue
        if any(period.overlaps(other) for other in chosen):
            continue
        side.append(period)
        chosen.append(period)
        if len(chosen) >= limit and min(map(len, sides)) >= half:
            break
    if len(chosen) <= limit:
        return chosen
    kept = {one for side in sides for one in side[:half]}
    for one in chosen:
        if len(kept) < limit:
            kept.add(one)
    return [one for one in chosen if one in kept]


@lru_cache(64)
def by_distance(
    opening: tuple[Period, ...], wanted: Period, grid: int, zone: ZoneInfo, nights: bool
) -> list[Period]:
    """Every period as long as `wanted` within opening hours, nearest first.

    Start and end lie on the grid, also where clocks change. An answer asks this for many spaces
    of the same hours, and looks at a few of the nearest only.
    """
    every = starts_over_nights if nights else starts
    near = sorted(
        every(opening, wanted.length, grid, zone),
        key=lambda start: (abs(start - wanted.start), start),
    )
    found = [Period(start, start + wanted.length) for start in near]
    return [p for p in found if all(on_grid(edge, grid, zone) == edge for edge in (p.start, p.end))]


def earliest(
    place: Place, busy: Busy, opening: Sequence[Period], length: timedelta, limit: int
) -> list[Period]:
    """The first free periods of that length, earliest first, no two overlapping.

    `busy` is already widened by the buffers. Start and end lie on the grid and within one
    opening. Nothing after the last one needed is looked at.
    """
    blocks = Blocks(place, busy)
    chosen: list[Period] = []
    for start in starts(opening, length, place.grid, place.zone):
        period = Period(start, start + length)
        if chosen and period.overlaps(chosen[-1]):
            continue
        if on_grid(period.end, place.grid, place.zone) != period.end:
            continue
        if blocks.leave(period):
            chosen.append(period)
            if len(chosen) == limit:
                break
    return chosen


class Blocks:
    """What is taken of a place, so that many periods can be tried against it quickly."""

    def __init__(self, place: Place, busy: Busy) -> None:
        self.groups = [ordered(units, count, busy) for units, count in place.groups]

    def leave(self, period: Period) -> bool:
        """Whether enough units are free for all of the period. Asked dozens of times a space."""
        for taken, spare in self.groups:
            gone = 0
            for blocks, begun in taken:
                # Of those that begin before its end, only the last can overlap.
                last = bisect_left(begun, period.end) - 1
                if last >= 0 and blocks[last].end > period.start:
                    gone += 1
            if gone > spare:
                return False
        return True


Blocking = tuple[list[Period], list[datetime]]
"""Blocks of which no two overlap, earliest first, and when each begins."""


def ordered(units: Sequence[int], count: int, busy: Busy) -> tuple[list[Blocking], int]:
    """What takes each of the units, and how many of them may be taken."""
    taken: list[Sequence[Period]] = [busy[unit] for unit in units if unit in busy]
    spare = len(units) - count
    if not spare:  # Whatever takes any of the units is in the way.
        taken = [[block for blocks in taken for block in blocks]]
    apart = [union(blocks) for blocks in taken]
    return [(blocks, [block.start for block in blocks]) for blocks in apart], spare


def fullness(units: Collection[int], busy: Busy, opening: Sequence[Period]) -> int:
    """How much of the open unit time is taken, in percent, 0 to 100 (100 where nothing is open)."""
    open_time = sum((period.length for period in opening), timedelta())
    if not open_time or not units:
        return 100
    taken = timedelta()
    for unit in units:
        for block in union(busy.get(unit, ())):
            taken += sum((cut.length for p in opening if (cut := p.cut(block))), timedelta())
    return round(100 * (taken / (open_time * len(units))))


def next_midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the venue's wall calendar turns, in UTC: nothing about "today" is true past it."""
    tomorrow = today(now, zone) + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)
