"""Which of a venue's named periods can be had in a space on a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from booking.queries.availability import Busy, Taken, has_room
from booking.queries.venues import SpaceFacts
from booking.rules.day_parts import Part, parts_of
from booking.rules.hours import open_around
from booking.rules.periods import Period
from booking.rules.policies import Wish, of_time

TAKEN, CLOSED = "taken", "closed"


@dataclass(frozen=True)
class Chance:
    """A named period on a date. `against`: the code of the first rule it breaks, or that it is
    closed or taken; None where one person can have it."""

    part: Part
    period: Period
    against: str | None


def chances(space: SpaceFacts, on: date, taken: Sequence[Taken], now: datetime) -> list[Chance]:
    """One for each named period of the venue. `taken`: what takes the space's units, among others,
    on that date, as far as its buffers reach."""
    rows = [row for row in taken if row.unit_id in space.units]
    found = []
    for part in parts_of(space.venue.venue.day_parts):
        period = part.on(on, space.zone)
        if period is not None:
            found.append(Chance(part, period, against(space, period, rows, now)))
    return found


def against(space: SpaceFacts, period: Period, rows: Sequence[Taken], now: datetime) -> str | None:
    """What stands against it, in one word."""
    opening = open_around(space.hours, period, space.zone)
    wish = Wish(period, 1, space.zone)
    broken = of_time(space.rules, wish, opening, now)
    if broken:
        return broken[0].code
    if has_room(space, wish, busy_of(rows)):
        return None
    return CLOSED if any(r.closed and r.period.overlaps(period) for r in rows) else TAKEN


def busy_of(taken: Sequence[Taken]) -> Busy:
    """The same by unit, without by what."""
    found: Busy = {}
    for row in taken:
        found.setdefault(row.unit_id, []).append(row.period)
    return found
