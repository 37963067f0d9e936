"""Availability as slow as it is plain: minute by minute, without a line of the product's code.

Time is a whole number of minutes since 1970, UTC; wall time too, as if the wall were in UTC. Only
`now` may lie between two minutes. What it knows are the plain values a test made its world of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 24 * 60
EPOCH = date(1970, 1, 1)
FRENCH = {
    *(date(2027, *on) for on in [(1, 1), (3, 29), (5, 1), (5, 6), (5, 8), (5, 17), (7, 14)]),
    *(date(2027, *on) for on in [(8, 15), (11, 1), (11, 11), (12, 25)]),
    *(date(2028, *on) for on in [(1, 1), (4, 17), (5, 1), (5, 8), (5, 25), (6, 5), (7, 14)]),
}
"""Public holidays from a calendar on paper; Easter is on 28 March 2027 and 16 April 2028."""
Spans = Sequence[tuple[int, int]]
NOBODY = frozenset[str]()


@dataclass(frozen=True)
class Space:
    """What is reserved, with its rules: minutes, the horizon in days. `weekly`: by weekday, from
    Monday; none is the venue's."""

    name: str
    units: tuple[str, ...]
    weekly: tuple[Spans, ...] = ()
    pool: bool = False
    per_unit: int | None = None
    capacity: int | None = None
    before: int = 0
    after: int = 0
    notice: int = 0
    horizon: int = 180
    shortest: int = 30
    longest: int = 720
    grid: int = 15
    nights: bool = False
    asks: bool = False
    asks_outside: bool = False


@dataclass(frozen=True)
class Venue:
    """Where spaces are. `special`: hours of single dates, of a space by its name or of all."""

    name: str
    zone: str
    weekly: tuple[Spans, ...]
    spaces: tuple[Space, ...]
    special: dict[tuple[str | None, date], Spans] = field(default_factory=dict)
    french: bool = False
    stock: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """Of a space, by its name; `projectors` of the venue's stock; perhaps one unit above all."""

    space: str
    start: int
    end: int
    people: int = 1
    projectors: int = 0
    unit: str | None = None


@dataclass(eq=False)
class Taken:
    """Units that a reservation or closure has; after `until` nobody answered, and it has none."""

    units: frozenset[str]
    start: int
    end: int
    before: int = 0
    after: int = 0
    until: int | None = None


@lru_cache(maxsize=128)
def clock(zone: str, day: int) -> list[int]:
    """What the wall clock shows at each minute of one day of UTC, days since 1970."""
    walls = (datetime.fromtimestamp((day * DAY + n) * 60, ZoneInfo(zone)) for n in range(DAY))
    return [(w.date() - EPOCH).days * DAY + w.hour * 60 + w.minute for w in walls]


def wall(zone: str, minute: int) -> int:
    """What the wall clock shows."""
    return clock(zone, minute // DAY)[minute % DAY]


def date_of(zone: str, minute: int) -> date:
    return EPOCH + timedelta(days=wall(zone, minute) // DAY)


@lru_cache(maxsize=8192)
def reached(zone: str, shown: int) -> int:
    """The first minute at which the wall clock shows that; what it jumps over is as much later as
    it jumps."""
    minutes = range(shown - 15 * 60, shown + 15 * 60)  # No zone is farther from UTC.
    for minute in minutes:
        if wall(zone, minute) == shown:
            return minute
    jumps = (wall(zone, m) - wall(zone, m - 1) - 1 for m in minutes)
    return reached(zone, shown + max(jumps))


def on_date(zone: str, on: date, minute: int) -> int:
    """The minute of a wall time on a date; 1440 is midnight at its end."""
    return reached(zone, (on - EPOCH).days * DAY + minute)


class Oracle:
    """Knows two things: when places are open, and what is taken."""

    def __init__(self, venues: Iterable[Venue]) -> None:
        self.where = {space.name: (venue, space) for venue in venues for space in venue.spaces}
        self.taken: list[Taken] = []
        self.open_on: dict[tuple[str, date], set[int]] = {}
        self.known: tuple[object, dict[str, set[int]]] = (None, {})

    def hours(self, name: str, on: date) -> Spans:
        venue, space = self.where[name]
        for whose in (name, None):
            if (whose, on) in venue.special:
                return venue.special[whose, on]
        if venue.french and on in FRENCH:
            return ()
        return (space.weekly or venue.weekly)[on.weekday()]

    def open_minutes(self, name: str, dates: Iterable[date]) -> set[int]:
        zone = self.where[name][0].zone
        found: set[int] = set()
        for on in dates:
            if (name, on) not in self.open_on:
                spans = (
                    (on_date(zone, on, a), on_date(zone, on, b)) for a, b in self.hours(name, on)
                )
                self.open_on[name, on] = {minute for a, b in spans for minute in range(a, b)}
            found |= self.open_on[name, on]
        return found

    def dates(self, name: str, start: int, end: int) -> list[date]:
        """All that the wall clock shows from the first minute to the last."""
        zone = self.where[name][0].zone
        first, last = date_of(zone, start), date_of(zone, end - 1)
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def closed(self, wish: Wish, opening: set[int]) -> bool:
        if self.where[wish.space][1].nights:
            return wish.start not in opening or wish.end - 1 not in opening
        return any(minute not in opening for minute in range(wish.start, wish.end))

    def outside(self, wish: Wish) -> bool:
        """Whether it is not all within opening hours."""
        dates = self.dates(wish.space, wish.start, wish.end)
        return self.closed(wish, self.open_minutes(wish.space, dates))

    def on_grid(self, name: str, minute: int) -> bool:
        venue, space = self.where[name]
        return wall(venue.zone, minute) % DAY % space.grid == 0

    def may_day(self, wish: Wish) -> bool:
        """Whether it has a minute of 1 May where public holidays are kept."""
        venue, _ = self.where[wish.space]
        dates = self.dates(wish.space, wish.start, wish.end)
        return venue.french and any((on.month, on.day) == (5, 1) for on in dates)

    def broken(self, wish: Wish, now: float) -> set[str]:
        """Every rule that says no, by its code."""
        _, space = self.where[wish.space]
        length = wish.end - wish.start
        checks = {
            "past": wish.start < now,
            "closed": self.outside(wish) and (self.may_day(wish) or not space.asks_outside),
            "off-grid": not all(self.on_grid(wish.space, m) for m in (wish.start, wish.end)),
            "too-short": length < space.shortest,
            "too-long": length > space.longest,
            "too-late": now <= wish.start < now + space.notice,
            "too-early": wish.end > now + space.horizon * DAY,
            "too-many": self.crowded(wish),
        }
        return {code for code, holds in checks.items() if holds}

    def crowded(self, wish: Wish) -> bool:
        _, space = self.where[wish.space]
        return space.capacity is not None and wish.people > space.capacity

    def beyond(self, wish: Wish) -> set[str]:
        """What there is not so much of, at any time."""
        venue, space = self.where[wish.space]
        checks = {
            "too-many-units": self.needed(wish) > len(space.units),
            "extra-beyond-stock": wish.projectors > len(venue.stock) > 0,
            "extra-not-here": wish.projectors > 0 and not venue.stock,
        }
        return {code for code, holds in checks.items() if holds}

    def needed(self, wish: Wish) -> int:
        _, space = self.where[wish.space]
        if not space.pool:
            return len(space.units)
        desks = 1
        while space.per_unit and desks * space.per_unit < wish.people:
            desks += 1
        return desks

    def busy(self, now: float) -> dict[str, set[int]]:
        """Every minute of every unit that something has, buffers included."""
        state = (now, repr(self.taken))
        if self.known[0] != state:
            busy: dict[str, set[int]] = {}
            for one in self.taken:
                if self.counts(one, now):
                    for unit in one.units:
                        minutes = range(one.start - one.before, one.end + one.after)
                        busy.setdefault(unit, set()).update(minutes)
            self.known = (state, busy)
        return self.known[1]

    def counts(self, one: Taken, now: float) -> bool:
        """Whether it still has its units."""
        return one.until is None or one.until > now

    def units(self, wish: Wish, now: float) -> frozenset[str]:
        """The first ones that are free in every minute, buffers included; none if too few are."""
        venue, space = self.where[wish.space]
        minutes = range(wish.start - space.before, wish.end + space.after)
        busy = self.busy(now)
        mine = [unit for unit in space.units if busy.get(unit, set()).isdisjoint(minutes)]
        mine.sort(key=lambda unit: unit != wish.unit)
        beside = [unit for unit in venue.stock if busy.get(unit, set()).isdisjoint(minutes)]
        enough = len(mine) >= self.needed(wish) and len(beside) >= wish.projectors
        if not enough or (wish.unit and wish.unit not in mine):
            return NOBODY
        return frozenset([*mine[: self.needed(wish)], *beside[: wish.projectors]])

    def free(self, wish: Wish, now: float) -> bool:
        return not self.broken(wish, now) and bool(self.units(wish, now))

    def fitted(self, wish: Wish) -> int:
        """The length allowed that is nearest to the one wished for, longer before shorter."""
        _, space = self.where[wish.space]
        length = wish.end - wish.start
        allowed = range(space.shortest, space.longest + 1, space.grid)
        return min([n for n in allowed if n >= length] or [max(allowed)])

    def shortened(self, wish: Wish, length: int, opening: set[int]) -> int:
        """The length, or the longest on the grid for which it is open at a stretch, if that is less
        and long enough."""
        _, space = self.where[wish.space]
        run = longest = 0
        for minute in range(min(opening, default=0), max(opening, default=0) + 1):
            run = run + 1 if minute in opening else 0
            longest = max(longest, run)
        whole = longest // space.grid * space.grid
        if space.nights or not whole or whole < space.shortest:
            return length
        return min(length, whole)

    def nearest(self, wish: Wish, now: float, limit: int) -> list[tuple[int, int]]:
        """Of all minutes from the day before to the day after, the nearest to start at, earlier
        before later; none that overlaps a nearer one. Half of them are earlier than the wish and
        half are not, unless there are too few."""
        _, space = self.where[wish.space]
        length = self.fitted(wish)
        around = self.dates(wish.space, wish.start - DAY, wish.start + length + DAY)
        opening = self.open_minutes(wish.space, around)
        length = self.shortened(wish, length, opening)
        first, latest = now + space.notice, now + space.horizon * DAY
        if self.crowded(wish):
            return []
        found: list[tuple[int, int]] = []
        for start in sorted(opening, key=lambda m: (abs(m - wish.start), m)):
            end = start + length
            if start < first or end > latest:
                continue
            if not (self.on_grid(wish.space, start) and self.on_grid(wish.space, end)):
                continue
            other = Wish(wish.space, start, end, wish.people, wish.projectors)
            apart = all(end <= a or b <= start for a, b in found)
            if apart and not self.closed(other, opening) and self.units(other, now):
                found.append((start, end))
        earlier = [one for one in found if one[0] < wish.start][: limit // 2]
        others = [one for one in found if one[0] >= wish.start][: limit // 2]
        rest = [one for one in found if one not in earlier + others]
        some = earlier + others + rest[: limit - len(earlier + others)]
        return [one for one in found if one in some]

    def earliest(
        self, wish: Wish, windows: Sequence[tuple[date, int, int]], now: float, limit: int
    ) -> list[tuple[int, int]]:
        """The first times as long as the wish within one of the windows (date, from, to on the
        wall), each in open hours from end to end; none where it is no length allowed."""
        venue, space = self.where[wish.space]
        length = wish.end - wish.start
        found: list[tuple[int, int]] = []
        opening = self.open_minutes(wish.space, [on for on, _, _ in windows])
        for on, opens, closes in windows if length == self.fitted(wish) else ():
            last = on_date(venue.zone, on, closes) - length
            for start in range(on_date(venue.zone, on, opens), last + 1):
                end = start + length
                if len(found) == limit or (found and start < found[-1][1]):
                    continue
                if not (self.on_grid(wish.space, start) and self.on_grid(wish.space, end)):
                    continue
                reached_now = start >= now + space.notice and end <= now + space.horizon * DAY
                whole = all(minute in opening for minute in range(start, end))
                if reached_now and whole and self.units(replace(wish, start=start, end=end), now):
                    found.append((start, end))
        return found
