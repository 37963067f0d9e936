"""A space's policy against one wish: all broken rules at once, each with its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking.errors import Refusal
from booking.rules.periods import Period

NEVER, ALWAYS = "never", "always"
MANAGER = "manager"


@dataclass(frozen=True)
class Rules:
    """The rules of one space: minutes, but for `horizon` in days; None means no limit.

    `approval` is never or always; `capacity` is the most people.
    """

    approval: str
    buffer_before: int
    buffer_after: int
    notice: int
    horizon: int
    shortest: int
    longest: int
    grid: int
    cancel_notice: int
    capacity: int | None


@dataclass(frozen=True)
class Wish:
    """What a person asks for: a period, in a zone, for so many people."""

    period: Period
    people: int
    zone: ZoneInfo


def refusals(rules: Rules, wish: Wish, opening: Sequence[Period], now: datetime) -> list[Refusal]:
    """Why the house says no; empty if it says yes.

    `opening` is the venue's open time on all dates the wish touches. Order: when, how
    long, how early, how many.
    """
    period = wish.period
    length = period.length
    checks = [
        (period.start < now, Refusal("past")),
        (
            not any(p.holds(period) for p in opening),
            Refusal("closed", {"opening": list(opening)}, MANAGER),
        ),
        (not starts_on_grid(rules, wish), Refusal("off-grid", {"grid": rules.grid})),
        (
            length < minutes(rules.shortest),
            Refusal("too-short", {"shortest": rules.shortest}, MANAGER),
        ),
        (length > minutes(rules.longest), Refusal("too-long", {"longest": rules.longest}, MANAGER)),
        (
            now <= period.start < now + minutes(rules.notice),
            Refusal("too-late", {"notice": rules.notice}, MANAGER),
        ),
        (
            period.end > now + timedelta(days=rules.horizon),
            Refusal("too-early", {"horizon": rules.horizon}, MANAGER),
        ),
        (
            rules.capacity is not None and wish.people > rules.capacity,
            Refusal("too-many", {"people": wish.people, "capacity": rules.capacity}),
        ),
    ]
    return [refusal for broken, refusal in checks if broken]


def starts_on_grid(rules: Rules, wish: Wish) -> bool:
    """Whether start and end show a multiple of the grid on the venue's wall clock."""
    edges = (wish.period.start, wish.period.end)
    walls = [edge.astimezone(wish.zone) for edge in edges]
    return all(
        (wall.hour * 60 + wall.minute) % rules.grid == 0 and wall.second == wall.microsecond == 0
        for wall in walls
    )


def reach(rules: Rules, now: datetime) -> tuple[datetime, datetime]:
    """The earliest start and the latest end that notice and horizon allow."""
    return now + minutes(rules.notice), now + timedelta(days=rules.horizon)


def fitting(rules: Rules, period: Period) -> Period:
    """The same start with the nearest length the rules allow, rounded up to the grid."""
    grid = minutes(rules.grid)
    length = -(-period.length // grid) * grid
    length = min(max(length, minutes(rules.shortest)), minutes(rules.longest))
    return Period(period.start, period.start + length)


def brought_within(rules: Rules, period: Period, now: datetime) -> Period:
    """The period with a length the rules allow, moved by whole days to where notice and horizon
    allow it, if anywhere."""
    wanted = fitting(rules, period)
    earliest, latest = reach(rules, now)
    day = timedelta(days=1)
    if wanted.start < earliest:
        wanted = wanted.moved(-(-(earliest - wanted.start) // day) * day)
    if wanted.end > latest:
        wanted = wanted.moved((latest - wanted.end) // day * day)
    return wanted


def cancellable_until(rules: Rules, start: datetime) -> datetime:
    """The last instant at which the member may cancel alone."""
    return start - minutes(rules.cancel_notice)


def minutes(count: int) -> timedelta:
    """So many minutes, as a length of time."""
    return timedelta(minutes=count)
