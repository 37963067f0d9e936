"""A space's policy against one wish: all broken rules at once, each with its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import lcm
from typing import TypeVar
from zoneinfo import ZoneInfo

from booking.errors import Refusal
from booking.rules.holidays import is_labour_day
from booking.rules.hours import dates_of
from booking.rules.periods import Period

NEVER, ALWAYS = "never", "always"
MANAGER = "manager"
RESIDENTS = "residents"
"""In `who`: people of any organisation that is at home in the venue."""
RESERVATIONS, MINUTES = "reservations", "minutes"
DAY, WEEK, MONTH = "day", "week", "month"
MEMBER, ORGANISATION = "member", "organisation"
SPACE, VENUE = "space", "venue"

Value = TypeVar("Value")
Usual = TypeVar("Usual")


@dataclass(frozen=True)
class Quota:
    """At most so many reservations, or minutes, a day, week or month, for one member or one
    organisation; in the space that says so, or in all spaces of the venue that says so."""

    most: int
    of: str
    per: str
    by: str
    scope: str = SPACE


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a venue or a space says of its own; None is nothing said. Units as in `Rules`."""

    approval: str | None = None
    ask_outside_hours: bool | None = None
    ask_above: int | None = None
    ask_strangers: bool | None = None
    competing: bool | None = None
    who: tuple[str, ...] | None = None
    buffer_before: int | None = None
    buffer_after: int | None = None
    notice: int | None = None
    horizon: int | None = None
    shortest: int | None = None
    longest: int | None = None
    grid: int | None = None
    nights: bool | None = None
    cancel_notice: int | None = None
    quotas: tuple[Quota, ...] | None = None
    named_people: int | None = None
    activities: tuple[str, ...] | None = None
    waitlist_hold: int | None = None
    check_in: int | None = None
    ask_after_absences: int | None = None
    visitors: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules that hold for one space: minutes, but for `horizon` in days; None means no limit.

    `approval` is never or always; `capacity` is the most people, `layouts` the most per set-up.
    `who`: each of these groups must know the member. `training_id`: what they must have learnt, and
    `training` what that is called, per language; `names`: what the organisations are called.
    `labour_day`: the venue keeps public holidays, of which no exception is made on 1 May.
    `waitlist_hold`: how long the first in line has for an answer; 0 is no waitlist.
    `check_in`: how long after the start one must have checked in, None for never;
    `ask_after_absences`: how many of them make a manager be asked (rules/presence). `visitors`:
    one may ask without an account.
    """

    approval: str = NEVER
    ask_outside_hours: bool = False
    ask_above: int | None = None
    ask_strangers: bool = False
    competing: bool = False
    who: tuple[frozenset[str], ...] = ()
    buffer_before: int = 0
    buffer_after: int = 0
    notice: int = 0
    horizon: int = 180
    shortest: int = 30
    longest: int = 720
    grid: int = 15
    nights: bool = False
    cancel_notice: int = 0
    quotas: tuple[Quota, ...] = ()
    named_people: int = 0
    activities: tuple[str, ...] | None = None
    waitlist_hold: int = 60
    check_in: int | None = None
    ask_after_absences: int | None = None
    visitors: bool = False
    capacity: int | None = None
    layouts: Mapping[str, int] = field(default_factory=dict)
    training_id: int | None = None
    training: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    labour_day: bool = False

    @property
    def buffered(self) -> bool:
        """Whether time around a reservation is kept free."""
        return bool(self.buffer_before or self.buffer_after)


USUAL = Rules()
"""What holds where neither venue nor space says anything."""


def strictest(venue: Terms, space: Terms) -> Rules:
    """What holds in a space: what either says, and the stricter of both where both speak.

    Being asked, refused, named, kept waiting or kept apart is stricter than not. Quotas of both
    hold side by side.
    """
    longest = pick(min, venue.longest, space.longest, USUAL.longest)
    return Rules(
        approval=ALWAYS if ALWAYS in (venue.approval, space.approval) else NEVER,
        ask_outside_hours=pick(min, venue.ask_outside_hours, space.ask_outside_hours, False),
        ask_above=pick(min, venue.ask_above, space.ask_above, None),
        ask_strangers=pick(max, venue.ask_strangers, space.ask_strangers, False),
        competing=pick(lambda _, own: own, venue.competing, space.competing, False),
        who=tuple(frozenset(one.who) for one in (venue, space) if one.who),
        buffer_before=pick(max, venue.buffer_before, space.buffer_before, 0),
        buffer_after=pick(max, venue.buffer_after, space.buffer_after, 0),
        notice=pick(max, venue.notice, space.notice, USUAL.notice),
        horizon=pick(min, venue.horizon, space.horizon, USUAL.horizon),
        shortest=min(pick(max, venue.shortest, space.shortest, USUAL.shortest), longest),
        longest=longest,
        grid=pick(lcm, venue.grid, space.grid, USUAL.grid),
        nights=pick(min, venue.nights, space.nights, False),
        cancel_notice=pick(max, venue.cancel_notice, space.cancel_notice, 0),
        quotas=quotas_of(venue, VENUE) + quotas_of(space, SPACE),
        named_people=pick(max, venue.named_people, space.named_people, 0),
        activities=pick(shared, venue.activities, space.activities, None),
        waitlist_hold=pick(min, venue.waitlist_hold, space.waitlist_hold, USUAL.waitlist_hold),
        check_in=pick(min, venue.check_in, space.check_in, None),
        ask_after_absences=pick(min, venue.ask_after_absences, space.ask_after_absences, None),
        visitors=pick(min, venue.visitors, space.visitors, False),
    )


def pick(
    stricter: Callable[[Value, Value], Value],
    venue: Value | None,
    space: Value | None,
    usual: Usual,
) -> Value | Usual:
    """The stricter of two values, the one that is given, or what is usual."""
    if venue is None:
        return usual if space is None else space
    return venue if space is None else stricter(venue, space)


def shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """What both allow, in the order of the first."""
    return tuple(word for word in one if word in other)


def quotas_of(terms: Terms, scope: str) -> tuple[Quota, ...]:
    """The quotas of a venue or a space, with where they count."""
    return tuple(Quota(q.most, q.of, q.per, q.by, scope) for q in terms.quotas or ())


@dataclass(frozen=True)
class Wish:
    """What a person asks for: a period, in a zone, for so many people, and in which manner.

    `extras`: how many pieces of what beside the space, by slug.
    """

    period: Period
    people: int
    zone: ZoneInfo
    layout: str | None = None
    activity: str | None = None
    named: tuple[str, ...] = ()
    extras: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, as far as rules care.

    `groups`: slugs of their organisations, and "residents" where one is at home in the venue.
    `trained`: training id -> until when, None for good. `used`: what each quota has counted so
    far, without this wish. `acts_for`: the id of the organisation of this wish. `absences`: how
    often they did not come, lately and at this venue. `visitor`: they have no account.
    """

    groups: frozenset[str] = frozenset()
    trained: Mapping[int, datetime | None] = field(default_factory=dict)
    used: Mapping[Quota, int] = field(default_factory=dict)
    acts_for: int | None = None
    absences: int = 0
    visitor: bool = False


def refusals(
    rules: Rules,
    wish: Wish,
    opening: Sequence[Period],
    now: datetime,
    asker: Asker | None = None,
) -> list[Refusal]:
    """Why the house says no; empty if it says yes.

    `opening` is the open time on all dates the wish touches. Order: when, how long, how early,
    how many, in which manner, who. Without `asker` (somebody only searches) what a form asks for,
    and the rules about persons, are left for later.
    """
    return [
        *of_time(rules, wish, opening, now),
        *of_size(rules, wish),
        *((*of_manner(rules, wish), *of_person(rules, wish, asker)) if asker is not None else ()),
    ]


def of_time(rules: Rules, wish: Wish, opening: Sequence[Period], now: datetime) -> list[Refusal]:
    """What is wrong with the period itself."""
    period, length, found = wish.period, wish.period.length, []
    if period.start < now:
        found.append(Refusal("past"))
    found += of_hours(rules, wish, opening)
    if not on_grid(period, rules.grid, wish.zone):
        found.append(Refusal("off-grid", {"grid": rules.grid}))
    if length < minutes(rules.shortest):
        found.append(Refusal("too-short", {"shortest": rules.shortest}, MANAGER))
    if length > minutes(rules.longest):
        found.append(Refusal("too-long", {"longest": rules.longest}, MANAGER))
    if now <= period.start < now + minutes(rules.notice):
        found.append(Refusal("too-late", {"notice": rules.notice}, MANAGER))
    if period.end > now + timedelta(days=rules.horizon):
        found.append(Refusal("too-early", {"horizon": rules.horizon}, MANAGER))
    return found


def of_hours(rules: Rules, wish: Wish, opening: Sequence[Period]) -> list[Refusal]:
    """That it is closed then, if it is and nobody may ask for it. On 1 May nobody may, where that
    is kept: a manager opens the day first, and confirms that twice (Code du travail, L3133-4 and
    L3133-6)."""
    if not outside_hours(rules, wish.period, opening):
        return []
    facts = {"opening": list(opening)}
    if rules.labour_day and any(is_labour_day(on) for on in dates_of(wish.period, wish.zone)):
        return [Refusal("closed", facts | {"labour_day": True})]
    return [] if rules.ask_outside_hours else [Refusal("closed", facts, MANAGER)]


def outside_hours(rules: Rules, period: Period, opening: Sequence[Period]) -> bool:
    """Whether it is not all open then. Where nights are allowed, start and end alone count."""
    if any(p.holds(period) for p in opening):
        return False
    starts = any(p.start <= period.start < p.end for p in opening)
    ends = any(p.start < period.end <= p.end for p in opening)
    return not (rules.nights and starts and ends)


def of_size(rules: Rules, wish: Wish) -> list[Refusal]:
    """Too many people for the space, or for its set-up (the smaller of both is told)."""
    most = rules.layouts.get(wish.layout or "")
    if wish.layout is not None and most is None:
        return [Refusal("no-such-layout", {"layouts": dict(rules.layouts)})]
    facts = {"people": wish.people, "capacity": rules.capacity}
    if most is not None and wish.people > most:
        return [Refusal("too-many-for-layout", facts | {"most": most, "layout": wish.layout})]
    if rules.capacity is not None and wish.people > rules.capacity:
        return [Refusal("too-many", facts)]
    return []


def of_manner(rules: Rules, wish: Wish) -> list[Refusal]:
    """What for, and who will be there."""
    found = []
    if rules.activities is not None and wish.activity not in rules.activities:
        code = "activity-missing" if wish.activity is None else "activity-not-allowed"
        facts = {"activities": list(rules.activities), "activity": wish.activity}
        found.append(Refusal(code, facts, MANAGER if wish.activity else None))
    if len(set(wish.named)) < rules.named_people:
        found.append(Refusal("names-missing", {"named_people": rules.named_people}))
    return found


def of_person(rules: Rules, wish: Wish, asker: Asker) -> list[Refusal]:
    """What this person may not, or not any more."""
    found = [Refusal("no-visitors")] if asker.visitor and not rules.visitors else []
    if any(not (group & asker.groups) for group in rules.who):
        facts: dict[str, object] = {"who": [sorted(group) for group in rules.who]}
        facts["names"] = dict(rules.names)
        found.append(Refusal("not-for-you", facts, MANAGER))
    needed = rules.training_id
    if needed is not None:
        until = asker.trained.get(needed)
        if needed not in asker.trained:
            found.append(Refusal("training-missing", {"training": rules.training}, MANAGER))
        elif until is not None and until < wish.period.end:
            facts = {"training": rules.training, "until": until}
            found.append(Refusal("training-ends", facts, MANAGER))
    return found + [
        Refusal("quota-used", vars(quota) | {"used": asker.used.get(quota, 0)}, MANAGER)
        for quota in rules.quotas
        if asker.used.get(quota, 0) + counted(quota, wish.period) > quota.most
        and (quota.by == MEMBER or asker.acts_for is not None)
    ]


def counted(quota: Quota, period: Period) -> int:
    """What one reservation adds to a quota: one, or its minutes."""
    return 1 if quota.of == RESERVATIONS else -(-period.length // minutes(1))


def asks(
    rules: Rules, wish: Wish, opening: Sequence[Period], asker: Asker | None = None
) -> list[str]:
    """Why a manager is asked before it is a reservation; empty where it is one at once.

    Codes: always, outside-hours, above, stranger, absences, visitor. Without `asker` a stranger is
    assumed, who has always come.
    """
    groups = asker.groups if asker else frozenset()
    absences, most = asker.absences if asker else 0, rules.ask_after_absences
    outside = rules.ask_outside_hours and outside_hours(rules, wish.period, opening)
    checks = [
        (rules.approval == ALWAYS, "always"),
        (outside, "outside-hours"),
        (rules.ask_above is not None and wish.people > rules.ask_above, "above"),
        (rules.ask_strangers and RESIDENTS not in groups, "stranger"),
        (most is not None and absences >= most, "absences"),
        (asker is not None and asker.visitor, "visitor"),
    ]
    return [why for holds, why in checks if holds]


@lru_cache(1024)
def on_grid(period: Period, grid: int, zone: ZoneInfo) -> bool:
    """Whether start and end show a multiple of the grid (minutes) on the venue's wall clock."""
    walls = [edge.astimezone(zone) for edge in (period.start, period.end)]
    return all(
        (wall.hour * 60 + wall.minute) % grid == 0 and wall.second == wall.microsecond == 0
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


def within_opening(rules: Rules, period: Period, opening: Sequence[Period]) -> Period:
    """The same start, no longer than the longest of `opening` if that is allowed, on the grid."""
    longest = max((one.length for one in opening), default=period.length)
    grid = minutes(rules.grid)
    length = min(period.length, longest // grid * grid)
    if rules.nights or length < minutes(rules.shortest) or not length:
        return period
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
