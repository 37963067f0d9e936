"""A repeat rule becomes dates, and each date a period by the venue's wall clock."""

from bisect import bisect_left, insort
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from booking.rules.hours import DAY_MINUTES, day, exists, instant, today
from booking.rules.periods import Period

DAILY, WEEKLY, MONTHLY, DATES = "daily", "weekly", "monthly", "dates"
BY_DATE, BY_WEEKDAY, BY_LAST = "date", "weekday", "last"
MISSING, HOLIDAY = "missing", "holiday"
"""Why a date is passed over: the month does not have it; it is a public holiday."""
MOST = 366
LONGEST = timedelta(days=3 * 366)
"""From the first to the last date of a series."""
MOST_EVERY = 52
ONE_DAY = timedelta(days=1)
START = attrgetter("start")


@dataclass(frozen=True)
class Repeat:
    """A rule. `every` so many days, weeks or months, from the first date on.

    `weekdays` (0 is Monday): of a weekly one; none means that of the first date. `by`, of a monthly
    one: the same date, the same weekday of the month (the second Tuesday), or the last such
    weekday. It ends with `until`, that day included, or after `count` dates: what is passed over
    does not count. `dates` are a person's own, and then everything else. `skip_holidays`: not on
    public holidays.
    """

    freq: str
    every: int = 1
    weekdays: tuple[int, ...] = ()
    by: str = BY_DATE
    until: date | None = None
    count: int | None = None
    dates: tuple[date, ...] = ()
    skip_holidays: bool = False


@dataclass(frozen=True)
class Dates:
    """The dates of a rule, soonest first, and what was passed over, with why: for a date that a
    month does not have, the first of that month. `whole`: whether that is all of them; there are at
    most `MOST`, and none later than `LONGEST` after the first."""

    dates: Sequence[date]
    passed: Sequence[tuple[date, str]] = field(default=())
    whole: bool = True


@dataclass(frozen=True)
class Walls:
    """Wall times: minutes since midnight; the end lies so many `days` after the start's date, and
    is at most 1440."""

    opens: int
    closes: int
    days: int = 0


def dates_of(
    repeat: Repeat, first: date, holiday: Callable[[date], bool] = lambda on: False
) -> Dates:
    """The dates from `first` on. `holiday` says which are public holidays."""
    found: list[date] = []
    passed: list[tuple[date, str]] = []
    wanted = len(repeat.dates) if repeat.freq == DATES else repeat.count
    for on, there in candidates(repeat, first):
        if repeat.until is not None and on > repeat.until:
            break
        if repeat.freq != DATES and len(found) == wanted:
            break
        if on - first > LONGEST or len(found) == MOST:
            return Dates(found, passed, whole=False)
        if not there:
            passed.append((on, MISSING))
        elif repeat.skip_holidays and holiday(on):
            passed.append((on, HOLIDAY))
        else:
            found.append(on)
    return Dates(found, passed)


def following(repeat: Repeat, first: date, last: date) -> date | None:
    """The first date after `last` that the rule would name if it did not end; None of own dates."""
    if repeat.freq == DATES:
        return None
    named = (on for on, there in candidates(repeat, first) if there and on > last)
    return next(named, None)


def candidates(repeat: Repeat, first: date) -> Iterator[tuple[date, bool]]:
    """What the rule names, without end but for own dates, soonest first, and whether there is such
    a date."""
    if repeat.freq == DATES:
        yield from ((on, True) for on in sorted(set(repeat.dates)))
    elif repeat.freq == DAILY:
        yield from ((first + timedelta(days=n), True) for n in count(0, repeat.every))
    elif repeat.freq == WEEKLY:
        monday = first - timedelta(days=first.weekday())
        weekdays = sorted(repeat.weekdays) or [first.weekday()]
        for week in count(0, repeat.every):
            for weekday in weekdays:
                on = monday + timedelta(days=7 * week + weekday)
                if on >= first:
                    yield on, True
    else:
        for month in count(0, repeat.every):
            year, month = divmod(first.year * 12 + first.month - 1 + month, 12)
            there = in_month(year, month + 1, first, repeat.by)
            yield there or date(year, month + 1, 1), there is not None


def in_month(year: int, month: int, first: date, by: str) -> date | None:
    """What stands for `first` in another month; None where that has no such date."""
    length = monthrange(year, month)[1]
    if by == BY_DATE:
        day = first.day
    else:
        offset = (first.weekday() - date(year, month, 1).weekday()) % 7
        which = (first.day - 1) // 7 if by == BY_WEEKDAY else (length - 1 - offset) // 7
        day = 1 + offset + 7 * which
    return date(year, month, day) if day <= length else None


def is_last(on: date) -> bool:
    """Whether no such weekday follows in its month."""
    return on.day + 7 > monthrange(on.year, on.month)[1]


def period_on(on: date, walls: Walls, zone: ZoneInfo) -> Period | None:
    """From wall time to wall time on that date; None where the clocks leave nothing of it, or the
    calendar ends before."""
    try:
        start = instant(on, walls.opens, zone)
        end = instant(on + timedelta(days=walls.days), walls.closes, zone)
    except OverflowError:
        return None
    return Period(start, end) if start < end else None


def shifted(on: date, walls: Walls, zone: ZoneInfo) -> bool:
    """Whether clocks do not show one of these times on that date: it moves on by the gap."""
    edges = ((on, walls.opens), (on + timedelta(days=walls.days), walls.closes))
    return not all(minute >= DAY_MINUTES or exists(day, minute, zone) for day, minute in edges)


def walls_of(period: Period, zone: ZoneInfo) -> tuple[date, Walls]:
    """The date on which a period starts there, and its wall times."""
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    days = (end.date() - start.date()).days
    closes = end.hour * 60 + end.minute
    if not closes and days:  # Midnight at the end of a day is 24:00 of that day.
        days, closes = days - 1, DAY_MINUTES
    return start.date(), Walls(start.hour * 60 + start.minute, closes, days)


def usual_walls(periods: Iterable[tuple[Period, ZoneInfo]]) -> Walls | None:
    """The wall times that most of these have; None where all begin or end on days on which clocks
    change, and so may show another time than the one that was asked for."""
    counts = Counter(
        walls_of(period, zone)[1]
        for period, zone in periods
        if not any(changes(today(edge, zone), zone) for edge in (period.start, period.end))
    )
    return counts.most_common(1)[0][0] if counts else None


def changes(on: date, zone: ZoneInfo) -> bool:
    """Whether clocks change on that date."""
    return day(on, zone).length != ONE_DAY


def as_json(repeat: Repeat) -> dict[str, Any]:
    """The rule as JSON values, to be kept; what says nothing is left out."""
    found: dict[str, Any] = {"freq": repeat.freq, "every": repeat.every, "by": repeat.by}
    found |= {"weekdays": list(repeat.weekdays), "count": repeat.count}
    found |= {"until": repeat.until and repeat.until.isoformat()}
    found |= {"dates": [on.isoformat() for on in repeat.dates]}
    found["skip_holidays"] = repeat.skip_holidays
    return {name: value for name, value in found.items() if value}


def from_json(kept: Mapping[str, Any]) -> Repeat:
    """The rule that `as_json` kept."""
    given = dict(kept)
    if until := given.get("until"):
        given["until"] = date.fromisoformat(until)
    given["dates"] = tuple(date.fromisoformat(on) for on in given.get("dates", ()))
    given["weekdays"] = tuple(given.get("weekdays", ()))
    return Repeat(**given)


class Taken:
    """When units are taken, asked for one short time after another along a whole year.

    The periods of a unit do not overlap, so that those of any time lie side by side.
    """

    def __init__(self, busy: Mapping[int, Sequence[Period]] | None = None) -> None:
        self.periods = {unit: sorted(periods) for unit, periods in (busy or {}).items()}

    def within(self, units: Iterable[int], around: Period) -> dict[int, list[Period]]:
        """What takes these units at any instant of that time."""
        found: dict[int, list[Period]] = {}
        for unit in units:
            periods = self.periods.get(unit, [])
            at = bisect_left(periods, around.end, key=START)
            while at and periods[at - 1].end > around.start:
                at -= 1
                found.setdefault(unit, []).append(periods[at])
        return found

    def add(self, units: Iterable[int], around: Period) -> None:
        """Takes these units then, which must be free."""
        for unit in units:
            insort(self.periods.setdefault(unit, []), around)
