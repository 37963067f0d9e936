"""Waiting for a place that is taken: who is before whom, and how long an offer holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from booking.rules.periods import Period
from booking.rules.policies import minutes

WAITING, OFFERED = "waiting", "offered"
TAKEN, LEFT, PASSED, ENDED = "taken", "left", "passed", "ended"
STATES = (WAITING, OFFERED, TAKEN, LEFT, PASSED, ENDED)
OPEN = frozenset({WAITING, OFFERED})
"""In line, or asked for an answer. All others are ends: the offer was taken, the member left or
passed it on (also by not answering), or there is nothing to wait for any more."""
MOST = 20
"""So many places one member may wait for."""
LONGEST_HOLD = 7 * 1440
"""Minutes that an offer may hold."""


@dataclass(frozen=True)
class Turn:
    """Somebody in line: since when, for which time, and the units that would serve them."""

    id: int
    since: datetime
    period: Period
    units: frozenset[int]


def in_the_way(one: Turn, other: Turn) -> bool:
    """Whether what serves one might be what the other waits for."""
    return one.period.overlaps(other.period) and bool(one.units & other.units)


def ahead(one: Turn, others: Iterable[Turn]) -> int:
    """How many of the others are asked before: whoever came first is."""
    return sum(
        1
        for other in others
        if (other.since, other.id) < (one.since, one.id) and in_the_way(one, other)
    )


def holds_until(told: datetime, hold: int, start: datetime) -> datetime:
    """Until when an offer holds of which somebody is told then: so many minutes, and never into
    the time that it is about."""
    return min(told + minutes(hold), start)
