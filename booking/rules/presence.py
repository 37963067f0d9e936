"""Being there: when one may check in, until when one must, and what a place is doing just now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from booking.rules.periods import Period, union
from booking.rules.policies import Rules, minutes

EARLY = timedelta(minutes=15)
"""So long before the start one may check in."""
COUNTED = timedelta(days=90)
"""So long an absence counts; afterwards nobody is told of it any more."""
FREE, TAKEN, CLOSED = "free", "taken", "closed"


def check_in_by(rules: Rules, period: Period, now: datetime) -> datetime | None:
    """When a reservation that is made or changed `now` is released unless somebody has checked in.

    At the latest at its end. None where nobody has to, or where that instant is over already:
    whoever takes what is running is there.
    """
    if rules.check_in is None:
        return None
    by = min(period.start + minutes(rules.check_in), period.end)
    return by if by > now else None


def window(period: Period) -> Period:
    """When one may check in."""
    return Period(period.start - EARLY, period.end)


@dataclass(frozen=True)
class Glance:
    """What a place is doing: free, taken or closed, `until` when (None: as far as was looked).

    `free`: how many of its units are free now; `coming`: when it will be taken after that.
    """

    state: str
    free: int = 0
    until: datetime | None = None
    coming: list[Period] = field(default_factory=list)


def glance(
    units: Collection[int],
    needed: int,
    busy: Mapping[int, Sequence[Period]],
    opening: Sequence[Period],
    now: datetime,
) -> Glance:
    """What a place of these units is doing now; it is free while so many of them are.

    `busy` and `opening` reach from now to as far as is to be told.
    """
    open_now = next((p for p in union(opening) if p.start <= now < p.end), None)
    if open_now is None:
        return Glance(CLOSED, until=min((p.start for p in opening if p.start > now), default=None))
    edges = sorted(
        {edge for periods in busy.values() for p in periods for edge in (p.start, p.end)}
    )
    later = [edge for edge in edges if now < edge < open_now.end]

    def left(at: datetime) -> int:
        return sum(not any(p.start <= at < p.end for p in busy.get(u, ())) for u in units)

    free = left(now)
    is_free = free >= needed
    turns = next((edge for edge in later if (left(edge) >= needed) is not is_free), open_now.end)
    steps = [now, *later, open_now.end]
    full = [Period(start, end) for start, end in pairwise(steps) if left(start) < needed]
    coming = [p for p in union(full) if p.start >= turns]
    return Glance(FREE if is_free else TAKEN, free, turns, coming)
