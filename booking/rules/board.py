"""The board: spaces down, hours across, one kind of cell for each state of time.

It is a plain picture of values; templates draw it as a real table on a quarter-hour grid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.rules.availability import Busy, free_units
from booking.rules.hours import instant
from booking.rules.periods import Period

QUARTER = timedelta(minutes=15)
FREE, BUSY, MINE, WAIT, SHUT, PAST, POOL = "free", "busy", "mine", "wait", "shut", "past", "pool"
KEPT = "kept"
"""Around a reservation: what it keeps free, and where another would lack what it must keep."""
LATE = "late"
"""Open and not taken, but nearer than the notice or farther than the horizon allows."""
CLOSED = "closed"
"""By a closure, which says why; outside opening hours it is SHUT."""
STEPS = 4
"""Quarters in an hour."""


class Block(NamedTuple):
    """A reservation as the board shows it: which kind, from when to when, what to say of it."""

    kind: str
    period: Period
    label: str = ""
    code: str | None = None


class Cell(NamedTuple):
    """One stretch of a row, `span` quarters wide. `free` of `total` only for pools.

    `period` is that of what is there, which may reach out of the day; `part` is what is drawn.
    """

    kind: str
    span: int
    period: Period
    part: Period
    label: str = ""
    code: str | None = None
    free: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class Frame:
    """The hours a board shows: the date, from the hour `first` up to the hour `last`, in a zone."""

    on: date
    first: int
    last: int
    zone: ZoneInfo

    @cached_property
    def hours(self) -> list[int]:
        """What the wall clock shows at the head of each column."""
        return [hour.start.astimezone(self.zone).hour for hour in self.hour_periods]

    @cached_property
    def period(self) -> Period:
        start = instant(self.on, self.first * 60, self.zone)
        end = instant(self.on, self.last * 60, self.zone)
        return Period(start, max(end, start + timedelta(hours=1)))

    @cached_property
    def hour_periods(self) -> list[Period]:
        """Each column as a period; on a day of 25 hours the repeated hour has two columns."""
        found = []
        start = self.period.start
        while start < self.period.end:
            found.append(Period(start, start + timedelta(hours=1)))
            start += timedelta(hours=1)
        return found

    @cached_property
    def quarters(self) -> list[Period]:
        """The hours in their quarters."""
        return [
            Period(hour.start + step * QUARTER, hour.start + (step + 1) * QUARTER)
            for hour in self.hour_periods
            for step in range(STEPS)
        ]

    def touched(self, period: Period) -> range:
        """Which of the quarters share an instant with the period."""
        start = self.period.start
        first, end = (period.start - start) // QUARTER, -((start - period.end) // QUARTER)
        return range(max(0, first), min(len(self.quarters), end))

    def part(self, now: datetime) -> float | None:
        """How far through the shown day `now` lies, 0 to 1; None outside it."""
        whole = self.period
        if not whole.start <= now < whole.end:
            return None
        return (now - whole.start) / whole.length


def frame_for(on: date, spans: Sequence[tuple[int, int]], zone: ZoneInfo) -> Frame:
    """The whole hours that cover all opening spans (minutes), 8 to 19 if there are none."""
    first = min((opens for opens, _ in spans), default=8 * 60) // 60
    last = -(-max((closes for _, closes in spans), default=19 * 60) // 60)
    return Frame(on, first, max(last, first + 1), zone)


def whole_row(
    frame: Frame,
    opening: Sequence[Period],
    blocks: Sequence[Block],
    now: datetime,
    reach: Period | None = None,
) -> list[Cell]:
    """The cells of a space that is taken whole: free time is cut at full hours, so each is a link.

    `blocks` may overlap (buffers, several units): at every quarter the most telling wins,
    own before waiting before busy. Free time outside `reach` is late; None means no limit.
    """
    rank = {MINE: 0, WAIT: 1, BUSY: 2, CLOSED: 3, KEPT: 4}
    holders: list[Block | None] = [None] * len(frame.quarters)
    for block in reversed(sorted(blocks, key=lambda block: rank[block.kind])):
        for number in frame.touched(block.period):
            holders[number] = block
    kinds = untaken(frame, tuple(opening), now, reach)
    return joined(
        frame,
        [
            (block.kind if block else kinds[number], block, number // STEPS)
            for number, block in enumerate(holders)
        ],
    )


@lru_cache(64)
def untaken(
    frame: Frame, opening: tuple[Period, ...], now: datetime, reach: Period | None
) -> list[str]:
    """What each quarter is where nobody has taken it: alike in most rows of a board."""
    return [kind_of(piece, opening, now, reach) for piece in frame.quarters]


def kind_of(piece: Period, opening: Sequence[Period], now: datetime, reach: Period | None) -> str:
    """What a time that nobody has taken is: closed first, then past, then late, else free."""
    if not any(p.holds(piece) for p in opening):
        return SHUT
    if piece.start < now:
        return PAST
    return FREE if reach is None or reach.holds(piece) else LATE


def joined(frame: Frame, quarters: Sequence[tuple[str, Block | None, int]]) -> list[Cell]:
    """Neighbouring quarters of the same thing as one cell; free ones only within their hour."""
    cells: list[Cell] = []
    index = 0
    while index < len(quarters):
        kind, block, hour = quarters[index]
        end = index + 1
        while end < len(quarters) and same(quarters[end], (kind, block, hour)):
            end += 1
        period = Period(frame.quarters[index].start, frame.quarters[end - 1].end)
        if block is not None and kind != KEPT:
            cells.append(Cell(kind, end - index, block.period, period, block.label, block.code))
        else:
            cells.append(Cell(kind, end - index, period, period))
        index = end
    return cells


def same(one: tuple[str, Block | None, int], other: tuple[str, Block | None, int]) -> bool:
    """Whether two quarters belong into one cell."""
    if one[0] != other[0]:
        return False
    if one[0] == FREE:
        return one[2] == other[2]
    if one[0] in (SHUT, PAST, LATE, KEPT):
        return True
    return one[1] is other[1] or (one[0] in (BUSY, CLOSED) and one[1] == other[1])


def pool_row(
    frame: Frame,
    opening: Sequence[Period],
    units: Sequence[int],
    busy: Busy,
    now: datetime,
    reach: Period | None = None,
) -> list[Cell]:
    """The cells of a pool: hour by hour, how many units are free for the whole hour."""
    cells: list[Cell] = []
    for hour in frame.hour_periods:
        open_part = next((cut for p in opening if (cut := p.cut(hour))), None)
        kind = SHUT if open_part is None else PAST if hour.end <= now else POOL
        period = open_part or hour
        if kind == POOL and reach is not None and not reach.overlaps(period):
            kind = LATE
        if kind == POOL:
            free = len(free_units(units, busy, period))
            cells.append(Cell(POOL, STEPS, period, period, free=free, total=len(units)))
        elif cells and cells[-1].kind == kind:
            last = cells.pop()
            span = last.span + STEPS
            whole = Period(last.period.start, period.end)
            cells.append(Cell(kind, span, whole, whole))
        else:
            cells.append(Cell(kind, STEPS, period, period))
    return cells


def with_closures(
    cells: Sequence[Cell], units: Sequence[int], closed: Mapping[int, Sequence[Block]]
) -> list[Cell]:
    """The cells of a pool, where those during which every unit is closed are told as closed.

    `closed`: unit -> its closures, as blocks of the kind CLOSED.
    """
    busy = {unit: [block.period for block in blocks] for unit, blocks in closed.items()}
    found: list[Cell] = []
    for cell in cells:
        if cell.kind != POOL or not closed or free_units(units, busy, cell.period):
            found.append(cell)
            continue
        block = next(
            b for blocks in closed.values() for b in blocks if b.period.overlaps(cell.part)
        )
        span, part = cell.span, cell.part
        if found and found[-1].kind == CLOSED and found[-1].label == block.label:
            before = found.pop()
            span, part = span + before.span, Period(before.part.start, part.end)
        found.append(Cell(CLOSED, span, block.period, part, block.label))
    return found
