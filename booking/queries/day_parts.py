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

TAKEN = "taken"


@dataclass(frozen=True)
class Chance:
    """A named period on a date. `against`: the code of the first rule it breaks, or taken; None
    where one person can have it."""

    part: Part
    period: Period
    against: str | None


def chances(space: SpaceFacts, on: date, busy: Busy, now: datetime) -> list[Chance]:
    """One for each named period of the venue. `busy`: what takes the space's units on that date,
    as far as its buffers reach."""
    found = []
    for part in parts_of(space.venue.venue.day_parts):
        period = part.on(on, space.zone)
        if period is not None:
            found.append(Chance(part, period, against(space, period, busy, now)))
    return found


def against(space: SpaceFacts, period: Period, busy: Busy, now: datetime) -> str | None:
    """What stands against it, in one word."""
    opening = open_around(space.hours, period, space.zone)
    broken = of_time(space.rules, Wish(period, 1, space.zone), opening, now)
    if broken:
        return broken[0].code
    return None if has_room(space, period, 1, busy) else TAKEN


def busy_of(taken: Sequence[Taken]) -> Busy:
    """The same by unit, without by what."""
    found: Busy = {}
    for row in taken:
        found.setdefault(row.unit_id, []).append(row.period)
    return found
