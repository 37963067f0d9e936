"""Half-open stretches of time in UTC, and what one does with several of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

NOTHING = timedelta(0)


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """``[start, end)``: both aware; the end lies after the start, else ValueError."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Period") -> bool:
        """Whether both share an instant; neighbours that touch do not."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Period") -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> "Period":
        return Period(self.start - before, self.end + after)

    def moved(self, by: timedelta) -> "Period":
        return Period(self.start + by, self.end + by)

    def cut(self, other: "Period") -> "Period | None":
        """The part shared with `other`, if any."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


def pieces(period: Period, longest: timedelta) -> list[Period]:
    """The same time in parts that touch, none longer than `longest`, earliest first."""
    found, start = [], period.start
    while start < period.end:
        end = min(start + longest, period.end)
        found.append(Period(start, end))
        start = end
    return found


def union(periods: Iterable[Period]) -> list[Period]:
    """The same time, earliest first, no two overlapping or touching."""
    merged: list[Period] = []
    for period in sorted(periods, key=attrgetter("start")):
        if not merged or period.start > merged[-1].end:
            merged.append(period)
        elif period.end > merged[-1].end:
            merged[-1] = Period(merged[-1].start, period.end)
    return merged


def within(periods: Iterable[Period], windows: Iterable[Period]) -> list[Period]:
    """The parts of the periods that lie in a window, earliest first."""
    bounds = list(windows)
    return sorted(cut for period in periods for window in bounds if (cut := period.cut(window)))


def minus(periods: Iterable[Period], taken: Iterable[Period]) -> list[Period]:
    """What `taken` leaves of `periods`, earliest first, no two touching."""
    left: list[Period] = []
    blocks = union(taken)
    for period in union(periods):
        start = period.start
        for block in blocks:
            if block.end <= start or block.start >= period.end:
                continue
            if block.start > start:
                left.append(Period(start, block.start))
            start = max(start, block.end)
        if start < period.end:
            left.append(Period(start, period.end))
    return left
