"""The periods that people ask for by name: morning, afternoon, day; each venue has its own."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from booking.rules.hours import instant
from booking.rules.periods import Period

Words = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One of them: minutes of wall time of the same day; `closes` may be 1440."""

    slug: str
    name: Words
    opens: int
    closes: int

    def on(self, date_: date, zone: ZoneInfo) -> Period | None:
        """The period it means on a date; None where the clocks leave nothing of it."""
        start, end = instant(date_, self.opens, zone), instant(date_, self.closes, zone)
        return Period(start, end) if start < end else None


def parts_of(kept: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Those of a venue, as its row keeps them."""
    return [Part(one["slug"], one["name"], one["opens"], one["closes"]) for one in kept]


def usual(venues: Sequence[Sequence[Part]]) -> list[Part]:
    """One of each slug for several venues, with the hours that most of them give it (those of the
    first, where no more do); early ones first, and what holds another after all others."""
    same: dict[str, list[Part]] = {}
    for part in (part for parts in venues for part in parts):
        same.setdefault(part.slug, []).append(part)
    found = []
    for parts in same.values():
        hours = Counter((part.opens, part.closes) for part in parts).most_common(1)[0][0]
        found.append(next(part for part in parts if (part.opens, part.closes) == hours))

    def order(part: Part) -> tuple[bool, int, int]:
        inside = (one for one in found if one.slug != part.slug)
        wide = any(part.opens <= o.opens and o.closes <= part.closes for o in inside)
        return wide, part.opens, part.closes

    return sorted(found, key=order)
