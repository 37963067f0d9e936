"""Opening hours, in wall time of the venue, and the instants they mean.

A wall time that does not exist (clocks go forward) moves on by the gap; one that exists
twice (clocks go back) means the first. This is the only place that decides it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from booking.errors import Refusal
from booking.rules import holidays
from booking.rules.holidays import Words
from booking.rules.periods import Period, union

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, order=True)
class Span:
    """One stretch of a weekday (0 is Monday): minutes since midnight, wall time; closes ≤ 1440."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, eq=False)
class Hours:
    """When a place is open: by the week, but on public holidays and on single dates.

    Never changed, and known by itself: what follows from it for a date is worked out once.

    `special`: date -> its spans (opens, closes), earliest first, instead of everything else; none
    means closed all day. `why`: date -> what was said of it. `holidays`: the country whose public
    holidays close the place.
    """

    weekly: Sequence[Span] = ()
    special: Mapping[date, Sequence[tuple[int, int]]] = field(default_factory=dict)
    holidays: str | None = None
    why: Mapping[date, str] = field(default_factory=dict)

    def reason(self, on: date) -> Words | None:
        """Why the hours of that date are not the usual ones, per language; None if nobody said."""
        if on in self.special:
            said = self.why.get(on)
            return {"fr": said, "en": said} if said else None
        return holidays.public(self.holidays, on)

    def spans_on(self, on: date) -> Sequence[tuple[int, int]]:
        """(opens, closes) in minutes of wall time on that date."""
        if on in self.special:
            return self.special[on]
        if holidays.public(self.holidays, on):
            return ()
        return self.usual_on(on)

    def usual_on(self, on: date) -> list[tuple[int, int]]:
        """The same by the week alone, as if it were no particular date."""
        return [(s.opens, s.closes) for s in self.weekly if s.weekday == on.weekday()]


def instant(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of `minute` minutes (0 to 1440) of wall time on that date.

    Raises OverflowError at the end of the calendar (year 9999).
    """
    if minute >= DAY_MINUTES:
        on, minute = on + timedelta(days=1), minute - DAY_MINUTES
    wall = datetime.combine(on, time(minute // 60, minute % 60), tzinfo=zone)
    return wall.astimezone(UTC)


def exists(on: date, minute: int, zone: ZoneInfo) -> bool:
    """Whether clocks show that wall time on that date (28 March 2027, 2:30 in Paris: no)."""
    moment = instant(on, minute, zone).astimezone(zone)
    wanted = datetime.combine(on, time(0)) + timedelta(minutes=minute)
    return moment.replace(tzinfo=None) == wanted


@lru_cache(1024)
def reached(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant of that date at which clocks show this minute (0 to 1440) or a later one:
    the same as `instant`, but where they skip it, the moment at which they do."""
    while minute < DAY_MINUTES and not exists(on, minute, zone):
        minute += 1
    return instant(on, minute, zone)


def day(on: date, zone: ZoneInfo) -> Period:
    """From midnight to midnight there: 23, 24 or 25 hours."""
    return Period(instant(on, 0, zone), instant(on, DAY_MINUTES, zone))


def today(now: datetime, zone: ZoneInfo) -> date:
    """The date a clock on the venue's wall shows."""
    return now.astimezone(zone).date()


@lru_cache(1024)
def open_periods(hours: Hours, on: date, zone: ZoneInfo) -> tuple[Period, ...]:
    """When the place is open on that date, earliest first."""
    found = []
    for opens, closes in hours.spans_on(on):
        start, end = instant(on, opens, zone), instant(on, closes, zone)
        if start < end:
            found.append(Period(start, end))
    return tuple(union(found))


def dates_of(period: Period, zone: ZoneInfo) -> list[date]:
    """Every date of the venue's calendar that it touches, at most 401."""
    first, last = today(period.start, zone), today(period.end - timedelta(microseconds=1), zone)
    return [first + timedelta(days=n) for n in range(min((last - first).days, 400) + 1)]


def told_why(
    broken: Sequence[Refusal], hours: Hours, period: Period, zone: ZoneInfo
) -> list[Refusal]:
    """The same refusals; "closed" also says why: of a period on one date `why` its hours are not
    the usual ones, of a longer one what `closed_days` finds, and whether nobody may stay
    `overnight`, where it begins and ends in open hours."""
    if all(one.code != "closed" for one in broken):
        return list(broken)
    dates = dates_of(period, zone)
    if len(dates) == 1:
        more: dict[str, Any] = {"why": hours.reason(dates[0])}
    else:
        opening = open_around(hours, period, zone)
        starts = any(p.start <= period.start < p.end for p in opening)
        ends = any(p.start < period.end <= p.end for p in opening)
        outside = {dates[0]: starts, dates[-1]: ends}
        more = closed_days(hours, dates, zone)
        more["open"] = [day for day in more["open"] if not outside.get(day[0], True)]
        more["overnight"] = starts and ends
    return [
        Refusal(one.code, one.facts | more, one.exception_by) if one.code == "closed" else one
        for one in broken
    ]


def shifted(period: Period, days: int, zone: ZoneInfo) -> Period:
    """As long, and at the same time of day, so many days later (before, if negative)."""
    wall = period.start.astimezone(zone)
    start = instant(wall.date() + timedelta(days=days), wall.hour * 60 + wall.minute, zone)
    return Period(start, start + period.length)


def closed_days(hours: Hours, dates: Sequence[date], zone: ZoneInfo) -> dict[str, Any]:
    """`shut`: those of the dates without any open time, each with why its hours are not the usual
    ones, if anybody said; `open`: the others, each with when it is open."""
    opening = {on: open_periods(hours, on, zone) for on in dates}
    return {
        "shut": [(on, hours.reason(on)) for on in dates if not opening[on]],
        "open": [(on, list(opening[on])) for on in dates if opening[on]],
    }


@lru_cache(1024)
def open_around(hours: Hours, period: Period, zone: ZoneInfo) -> tuple[Period, ...]:
    """Open time on every date that `period` touches; spans that meet at midnight are joined."""
    dates = dates_of(period, zone)
    return tuple(union(found for on in dates for found in open_periods(hours, on, zone)))


def next_open_date(hours: Hours, now: datetime, zone: ZoneInfo) -> date:
    """The first date, today included, with open time ahead; today where none is within 14 days."""
    first = today(now, zone)
    for n in range(15):
        if any(p.end > now for p in open_periods(hours, first + timedelta(days=n), zone)):
            return first + timedelta(days=n)
    return first
