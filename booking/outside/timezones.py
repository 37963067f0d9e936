"""IANA zones as VTIMEZONE (RFC 5545 3.6.5): a yearly rule, or nothing.

Half of the calendar readers trust the VTIMEZONE and the other half the IANA name, so both must
say the same. The rule is therefore read off the zone database that also turns our instants into
wall time, checked against it year by year, and dropped when one yearly pair does not fit.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HORIZON = 10
BEGIN = 1970  # All rules are dated from here, as is usual, so that their text never changes.
STEP = 14 * 24 * 60  # Minutes.
ZERO = timedelta()


@dataclass(frozen=True)
class Change:
    """One change of the offset from UTC: at `at` (aware UTC), `before` becomes `after`."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def wall(self) -> datetime:
        """The moment as the old clock shows it: what DTSTART of a VTIMEZONE part wants."""
        return (self.at + self.before).replace(tzinfo=None)


@dataclass(frozen=True)
class Onset:
    """The same change every year, such as "last Sunday of March, 02:00 by the old clock"."""

    month: int
    weekday: int  # 0 is Monday.
    week: int  # 1 is the first such weekday of the month, -1 the last.
    at: time
    before: timedelta
    after: timedelta
    name: str

    def wall(self, year: int) -> datetime:
        """The moment in that year as the old clock shows it, naive."""
        if self.week < 0:
            last = date(year, self.month, monthrange(year, self.month)[1])
            day = last - timedelta(days=(last.weekday() - self.weekday) % 7)
        else:
            first = date(year, self.month, 1)
            ahead = (self.weekday - first.weekday()) % 7 + 7 * (self.week - 1)
            day = first + timedelta(days=ahead)
        return datetime.combine(day, self.at)

    def explains(self, change: Change) -> bool:
        return (self.wall(change.wall.year), self.before, self.after) == (
            change.wall,
            change.before,
            change.after,
        )

    def lines(self) -> list[str]:
        part = "DAYLIGHT" if self.after > self.before else "STANDARD"
        rule = f"FREQ=YEARLY;BYMONTH={self.month};BYDAY={self.week}{DAYS[self.weekday]}"
        return _part(part, self.wall(BEGIN), (self.before, self.after), self.name, f"RRULE:{rule}")


@dataclass(frozen=True)
class Zone:
    """One zone over some years: its VTIMEZONE, and the offset of each instant in these years.

    `offsets[n]` holds between `edges[n-1]` and `edges[n]`; it is None while the wall clock shows
    an hour that comes twice.
    """

    name: str
    lines: tuple[str, ...]
    edges: tuple[datetime, ...]
    offsets: tuple[timedelta | None, ...]

    def offset(self, instant: datetime) -> timedelta | None:
        """What to add to UTC for wall time; None if the instant has to be written in UTC.

        Readers give two different answers for wall times in a repeated hour.
        """
        return self.offsets[bisect_right(self.edges, instant)]


@lru_cache(maxsize=256)
def described(name: str, first: int, last: int) -> Zone | None:
    """The zone from the year `first` to `last`, both included; None if UTC must serve instead.

    The rule is checked from the year before `first`, so that it has begun when `first` does, to
    ten years after `first` or to `last`, whichever is later. Raises ZoneInfoNotFoundError.
    """
    info = ZoneInfo(name)
    start, end = first - 1, max(last, first + HORIZON)
    changes = list(_changes(info, start, end))
    opening = datetime(start, 1, 1, tzinfo=UTC).astimezone(info)
    if changes:
        parts = _yearly(changes, range(start, end + 1))
    else:
        parts = _fixed(opening.tzname() or "", opening.utcoffset() or ZERO)
    if parts is None or opening.tzname() == "UTC":
        return None
    return Zone(name, _vtimezone(name, parts), *_offsets(changes, opening.utcoffset() or ZERO))


def _vtimezone(name: str, parts: list[str]) -> tuple[str, ...]:
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE")


def _offset(info: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(info).utcoffset() or ZERO


def _changes(info: ZoneInfo, first: int, last: int) -> Iterator[Change]:
    """The zone's changes from the UTC year `first` to `last`, earliest first.

    zoneinfo does not tell its transitions. Nobody changes the clock twice within two weeks, and
    always on a full minute: compare the ends of each step, then bisect its minutes.
    """
    instant, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    before = _offset(info, instant)
    while instant < end:
        later = min(instant + timedelta(minutes=STEP), end)
        after = _offset(info, later)
        if after != before:
            at = _first_minute(info, instant, before)
            yield Change(at, before, after, at.astimezone(info).tzname() or "")
        instant, before = later, after


def _first_minute(info: ZoneInfo, start: datetime, before: timedelta) -> datetime:
    def changed(minute: int) -> bool:
        return _offset(info, start + timedelta(minutes=minute)) != before

    return start + timedelta(minutes=bisect_left(range(STEP), True, key=changed))


def _yearly(changes: Sequence[Change], years: range) -> list[str] | None:
    forward = _onset([change for change in changes if change.after > change.before], years)
    back = _onset([change for change in changes if change.after < change.before], years)
    return forward.lines() + back.lines() if forward and back else None


def _onset(changes: Sequence[Change], years: range) -> Onset | None:
    """The one rule behind these changes; None unless it explains exactly one in each year."""
    if [change.wall.year for change in changes] != list(years):
        return None
    one = changes[0]
    for week in (-1, (one.wall.day + 6) // 7):
        onset = Onset(
            month=one.wall.month,
            weekday=one.wall.weekday(),
            week=week,
            at=one.wall.time(),
            before=one.before,
            after=one.after,
            name=one.name,
        )
        if all(onset.explains(change) for change in changes):
            return onset
    return None


def _fixed(name: str, offset: timedelta) -> list[str]:
    """One STANDARD part, for a zone that never changes its offset."""
    onset = datetime.combine(date(BEGIN, 1, 1), time())
    return _part("STANDARD", onset, (offset, offset), name)


def _part(
    kind: str, onset: datetime, offsets: tuple[timedelta, timedelta], name: str, *rule: str
) -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        *rule,
        f"TZOFFSETFROM:{_signed(offsets[0])}",
        f"TZOFFSETTO:{_signed(offsets[1])}",
        f"TZNAME:{name}",
        f"END:{kind}",
    ]


def _signed(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{'-' if offset < ZERO else '+'}{hours:02d}{minutes:02d}"


def _offsets(
    changes: Sequence[Change], opening: timedelta
) -> tuple[tuple[datetime, ...], tuple[timedelta | None, ...]]:
    """Edges and offsets of `Zone`: a clock that is put back hides both hours it shows twice."""
    edges: list[datetime] = []
    offsets: list[timedelta | None] = [opening]
    for change in changes:
        repeated = max(change.before - change.after, ZERO)
        if repeated:
            edges.append(change.at - repeated)
            offsets.append(None)
        edges.append(change.at + repeated)
        offsets.append(change.after)
    return tuple(edges), tuple(offsets)


# For a calendar that has to have some part (RFC 5545 3.6) but no time to write.
NO_ZONE = _vtimezone("UTC", _fixed("UTC", ZERO))
