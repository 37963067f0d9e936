"""What people reserve at one venue: an office's days for two years around today.

A day's reservations depend on the venue and the date alone: the first venues of a large network
have the very days that those of a small one have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.bench.places import CLOSES, DESKS, OPENS, SPACES, WEEKDAYS, Plan

YEAR, MONTH = timedelta(days=365), timedelta(days=28)
LAST_HOUR = CLOSES - 60
"""Kept free by everybody: what is reserved while we measure is reserved then."""
GRID = 30
PLANS = {plan.slug: plan for plan in SPACES}
HALLS = (["hall"], ["hall-ab", "hall-c"], ["hall-a", "hall-bc"], ["hall-a", "hall-b", "hall-c"])
ALONE, JOINED = (["room-1", "room-2"], ["room-3", "room-4"]), (["rooms-1-2"], ["rooms-3-4"])
LOST = 4
"""Of each day's reservations so many, or a few more, were cancelled or declined."""


@dataclass(frozen=True)
class Wish:
    """A reservation of a space on a day, minutes since midnight; `keeps` its `units`, or not."""

    plan: Plan
    units: Sequence[str]
    on: date
    opens: int
    closes: int
    keeps: bool = True


def working_days(first: date, last: date) -> list[date]:
    """Mondays to Fridays from the first to the last, both included."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [on for on in days if on.weekday() in WEEKDAYS]


def two_years(venue: str, today: date, many: int) -> Iterator[Wish]:
    """So many wishes, as many on each working day; no two that keep their place overlap."""
    days = working_days(today - YEAR, today + YEAR)
    for on, due in zip(days, shares(many, len(days)), strict=True):
        chance = Random(f"{venue} {on}")
        kept = list(kept_on(on, chance))
        kept = chance.sample(kept, min(len(kept), max(0, due - LOST)))
        yield from kept
        yield from (lost(on, chance) for _ in range(due - len(kept)))


def shares(many: int, parts: int) -> list[int]:
    """`many` in so many parts, as alike as can be."""
    return [many * (n + 1) // parts - many * n // parts for n in range(parts)]


def without_end(room: Plan, today: date, many: int) -> Iterator[Wish]:
    """So many wishes for one room, four a day with time between them: none joins another.

    They begin where calendars begin, a month ago.
    """
    for number in range(many):
        days, hour = divmod(number, 4)
        on = today + timedelta(days=days) - MONTH
        opens = OPENS + 150 * hour
        yield Wish(room, room.units, on, opens, opens + 60)


def kept_on(on: date, chance: Random) -> Iterator[Wish]:
    """A day on which everything is in use."""
    for desk in DESKS:
        yield from line(PLANS["coworking"], (desk,), on, chance)
    pairs = [chance.choice((*[one] * 5, other)) for one, other in zip(ALONE, JOINED, strict=True)]
    for slug in (*chance.choice(HALLS), *pairs[0], *pairs[1], "studio", "laser"):
        yield from line(PLANS[slug], PLANS[slug].units, on, chance)


def lost(on: date, chance: Random) -> Wish:
    """One that was cancelled or declined."""
    plan = chance.choice(SPACES)
    opens = OPENS + GRID * chance.randrange(12)
    return Wish(plan, (), on, opens, opens + plan.lengths[0], keeps=False)


def line(plan: Plan, units: Sequence[str], on: date, chance: Random) -> Iterator[Wish]:
    """One after the other, with the buffers between them."""
    between = -(-(plan.before + plan.after) // GRID) * GRID
    opens = OPENS + GRID * chance.randrange(3)
    while True:
        closes = opens + chance.choice(plan.lengths)
        if closes + plan.after > LAST_HOUR:
            return
        yield Wish(plan, units, on, opens, closes)
        opens = closes + between + chance.choice((0, 0, GRID))
