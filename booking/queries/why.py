"""Why a space cannot be had at a time: everything that stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.errors import Refusal
from booking.models.hours import Closure
from booking.queries import availability
from booking.queries.availability import Busy, Taken
from booking.queries.hours import closures_over
from booking.queries.policies import too_full
from booking.queries.readers import Reader
from booking.queries.venues import SpaceFacts
from booking.rules.availability import free_units, widened
from booking.rules.hours import open_around, told_why
from booking.rules.periods import Period, union
from booking.rules.policies import Asker, Wish, asks, minutes, of_time


@dataclass(frozen=True)
class Why:
    """What stands against it: `broken` rules about time and the reader, `closures`, and what is
    `taken`, closures apart. `stretches`: when, as whole stretches that may reach out of the period.
    `free` of the units are free, `needed` would have to be. `asks`: why a manager would decide."""

    broken: list[Refusal]
    closures: Sequence[Closure]
    taken: list[Taken]
    stretches: list[Period]
    free: int
    needed: int
    asks: list[str]

    @property
    def possible(self) -> bool:
        return not self.broken and self.free >= self.needed


def why_not(space: SpaceFacts, period: Period, now: datetime, reader: Reader | None = None) -> Why:
    """What stands against one person having the space then; rules about persons only if it is
    known who that is."""
    opening = open_around(space.hours, period, space.zone)
    wish = Wish(period, 1, space.zone)
    broken = of_time(space.rules, wish, opening, now)
    broken = told_why(broken, space.hours, period, space.zone)
    broken += reader.broken(space, wish) if reader else []
    before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
    rows = availability.taken(space.units, period.widened(before, after), now)
    busy: Busy = {}
    for row in rows:
        busy.setdefault(row.unit_id, []).append(row.period)
    reserved = [row for row in rows if row.closed is None]
    return Why(
        broken,
        closures_over(space.units, period) if len(reserved) < len(rows) else [],
        reserved,
        stretches(space, reserved, period),
        len(free_units(space.units, widened(busy, before, after), period)),
        availability.count_for(space, 1),
        asked_why(space, wish, opening, now, reader),
    )


def asked_why(
    space: SpaceFacts, wish: Wish, opening: Sequence[Period], now: datetime, reader: Reader | None
) -> list[str]:
    """Why a manager would decide; one statement where the venue has a ceiling."""
    asker = Asker(groups=reader.known_at(space)) if reader else None
    found = asks(space.rules, wish, opening, asker)
    return [*found, "ceiling"] if too_full([space.venue], wish.people, wish.period, now) else found


def stretches(space: SpaceFacts, rows: Sequence[Taken], period: Period) -> list[Period]:
    """When none of it is left in the period: of a whole when any unit is taken; of a pool, where
    all are, until the first of them is free again."""
    over = [row for row in rows if row.period.overlaps(period)]
    if not space.pool:
        return union(row.period for row in over)
    by_unit = {row.unit_id: row.period for row in reversed(over)}
    if len(by_unit) < len(space.units):
        return []
    start = max(one.start for one in by_unit.values())
    end = min(one.end for one in by_unit.values())
    return [Period(start, end)] if start < end else []
