"""Searching the whole network: at one time, or for some length of time in a window of days."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from booking.errors import Refusal
from booking.queries.availability import (
    A_DAY,
    Busy,
    around,
    blocks_for,
    busy,
    clear_of,
    count_for,
    fits,
    has_room,
    how_far,
    nearest_in,
    opening_of,
    place_for,
    taken_units,
)
from booking.queries.keeping import kept_with_places
from booking.queries.venues import Atlas, SpaceFacts, VenueFacts
from booking.rules.availability import earliest
from booking.rules.hours import DAY_MINUTES, instant, open_around, told_why
from booking.rules.periods import Period, within
from booking.rules.policies import Asker, Wish, asks, fitting, reach, refusals

AT_A_TIME = 40
"""Spaces that are looked at together where a buffer could be in the way."""
CHOICES = 3
"""So many times are shown of a space that can be had at any."""
Groups = Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Question:
    """What somebody looks for. `venue` is where, or None for the whole network; `only`: nowhere
    else. `space` is one they named. `groups`: venue id -> the groups that know them there; who
    asks makes it no other question."""

    kind: str | None = None
    venue: VenueFacts | None = None
    people: int = 1
    only: bool = False
    space: SpaceFacts | None = None
    layout: str | None = None
    features: frozenset[str] = frozenset()
    step_free: bool = False
    instant: bool = False
    groups: Groups = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class AnyTime:
    """Some length of time on any of these dates, within these hours of each venue's wall clock.

    `opens` and `closes` in minutes since midnight, `closes` up to 1440; dates earliest first.
    """

    length: timedelta
    dates: tuple[date, ...]
    opens: int
    closes: int


@dataclass(frozen=True)
class Result:
    """One space in an answer: free at `period` (and at `alternatives` too, where any time would
    do), or not, with the nearest times at which it could be had. `asks`: why a manager decides."""

    space: SpaceFacts
    period: Period
    free: bool
    alternatives: list[Period]
    reasons: list[Refusal]
    kilometres: float | None
    asks: list[str] = field(default_factory=list)


class Found(NamedTuple):
    """A page of answers. `free`: how many free spaces are known of; `many`: there are yet more;
    `more`: there is another page."""

    answers: list[Result]
    free: int
    many: bool
    more: bool


@kept_with_places(64)
def matching(places: Atlas, question: Question) -> tuple[SpaceFacts, ...]:
    """Spaces that are what is looked for, wherever they are; near first, smallest that fits."""
    found = [space for space in places.spaces() if suits(space, question)]
    return tuple(sorted(found, key=lambda space: order(space, question)))


def suits(space: SpaceFacts, question: Question) -> bool:
    """Whether the space is what is looked for, apart from the time."""
    if question.only and question.venue and space.venue.id != question.venue.id:
        return False
    if question.space is not None and space.id != question.space.id:
        return False
    layout = question.layout
    return (
        question.kind in (None, space.space.kind)
        and fits(space, question.people)
        and (layout is None or space.rules.layouts.get(layout, 0) >= question.people)
        and question.features <= space.features
        and (not question.step_free or space.step_free is True)
    )


def order(space: SpaceFacts, question: Question) -> tuple[float, bool, int, int]:
    """Near before far; instant before on request; the smallest that fits."""
    away = how_far(kilometres(space, question))
    return away, space.on_request, space.rules.capacity or 0, space.id


def kilometres(space: SpaceFacts, question: Question) -> float | None:
    """From the venue asked for; None where none is, or a place on the map is unknown."""
    return question.venue.kilometres_to(space.venue) if question.venue else None


def results(
    spaces: Sequence[SpaceFacts],
    asked: Mapping[int, Period],
    question: Question,
    now: datetime,
    page: range,
) -> Found:
    """Answers for one time: free spaces first, each part in the order given; those of the page.

    `asked` maps the id of a venue to the period its own wall clock means. Once a page is full of
    free spaces no more are looked at, and rules and nearest times only of those that are shown.
    """
    free: list[Result] = []
    for space in with_room(spaces, asked, question, now):
        wish = wish_for(space, asked, question)
        why = asked_why(space, wish, question)
        if not (question.instant and why) and not reasons_of(space, wish, now):
            away = kilometres(space, question)
            free.append(Result(space, wish.period, True, [], [], away, why))
        if len(free) > page.stop:
            return Found(free[page.start : page.stop], page.stop, many=True, more=True)
    found = {one.space.id for one in free}
    others = [space for space in spaces if space.id not in found]
    if question.instant:
        others = [s for s in others if not asked_why(s, wish_for(s, asked, question), question)]
    first, last = (max(edge - len(free), 0) for edge in (page.start, page.stop))
    answers = free[page.start : page.stop] + refused(others[first:last], asked, question, now)
    more = len(free) + len(others) > page.stop
    return Found(answers, len(free), many=False, more=more)


def wish_for(space: SpaceFacts, asked: Mapping[int, Period], question: Question) -> Wish:
    """What is asked for, as a wish for this space."""
    return Wish(asked[space.venue.id], question.people, space.zone, question.layout)


def with_room(
    spaces: Sequence[SpaceFacts], asked: Mapping[int, Period], question: Question, now: datetime
) -> Iterator[SpaceFacts]:
    """The spaces of which enough is free then with its buffers, in the order given.

    One look at the whole network tells of most. Where a buffer could be in the way, some spaces
    at a time are looked at more closely, as far as somebody wants to know.
    """
    left = not_taken(spaces, asked, question.people, now)
    seen: dict[int, Busy] = {}
    for number, space in enumerate(left):
        if space.rules.buffered and space.id not in seen:
            some = [one for one in left[number : number + AT_A_TIME] if one.rules.buffered]
            blocks = busy({u for one in some for u in one.units}, around(some, asked.values()), now)
            seen |= {one.id: blocks for one in some}
        wish = wish_for(space, asked, question)
        if not space.rules.buffered or has_room(space, wish, seen[space.id]):
            yield space


def not_taken(
    spaces: Sequence[SpaceFacts], asked: Mapping[int, Period], people: int, now: datetime
) -> list[SpaceFacts]:
    """The spaces of which enough is free then, whatever lies in their buffers."""
    needing, taken = needed_by(tuple(spaces)), {}
    for period in set(asked.values()):
        units = taken_units(period, now)
        taken[period] = units, {one for unit in units for one in needing.get(unit, ())}

    def left(space: SpaceFacts) -> bool:
        units, gone = taken[asked[space.venue.id]]
        if space.id in gone or not space.units:
            return False
        return not space.pool or enough(space, units, people)

    return [space for space in spaces if left(space)]


@kept_with_places(64)
def needed_by(spaces: tuple[SpaceFacts, ...]) -> dict[int, list[int]]:
    """The ids of those spaces that are taken whole, by each unit they need."""
    found: dict[int, list[int]] = {}
    for space in spaces:
        for unit in () if space.pool else space.units:
            found.setdefault(unit, []).append(space.id)
    return found


def enough(space: SpaceFacts, gone: frozenset[int], people: int) -> bool:
    """Whether what is left of a pool is enough for so many people."""
    left = sum(1 for unit in space.units if unit not in gone)
    return left >= count_for(space, people)


def refused(
    spaces: Sequence[SpaceFacts], asked: Mapping[int, Period], question: Question, now: datetime
) -> list[Result]:
    """Spaces that cannot be had then, with the rules in the way and the nearest times; last
    those that have none."""
    if not spaces:
        return []
    blocks, found = blocks_for(spaces, asked, now), []
    for space in spaces:
        wish = wish_for(space, asked, question)
        broken, nearby = reasons_of(space, wish, now), nearest_in(space, wish, blocks, now)
        away = kilometres(space, question)
        found.append(Result(space, wish.period, False, nearby, broken, away))
    return sorted(found, key=lambda one: not one.alternatives)


def reasons_of(space: SpaceFacts, wish: Wish, now: datetime) -> list[Refusal]:
    """Which rules the wish would break, as far as a search knows."""
    opening = open_around(space.hours, wish.period, space.zone)
    broken = refusals(space.rules, wish, opening, now)
    return told_why(broken, space.hours, wish.period, space.zone)


def asked_why(space: SpaceFacts, wish: Wish, question: Question) -> list[str]:
    """Why a manager would be asked; empty where it would be theirs at once."""
    opening = open_around(space.hours, wish.period, space.zone)
    groups = question.groups.get(space.venue.id, frozenset())
    return asks(space.rules, wish, opening, Asker(groups=groups))


def results_any_time(
    spaces: Sequence[SpaceFacts], wanted: AnyTime, question: Question, now: datetime, page: range
) -> Found:
    """Answers for any time in a window: first what has room for so long, with its earliest times,
    then the others with the times nearest to the window's beginning; those of the page."""
    if not spaces:
        return Found([], 0, many=False, more=False)
    whole = [stretch(space, wanted) for space in spaces]
    window = Period(min(w.start for w in whole), max(w.end for w in whole))
    units = {unit for space in spaces for unit in space.units}
    blocks = busy(units, window.widened(2 * A_DAY, 2 * A_DAY), now)
    found = [answer(space, wanted, question, blocks, now) for space in spaces]
    kept = [one for one in found if not (question.instant and one.asks)]
    kept.sort(key=lambda one: (not one.free, not one.alternatives))
    free = sum(1 for one in kept if one.free)
    shown = kept[page.start : page.stop]
    return Found(shown, free, many=False, more=len(kept) > page.stop)


def stretch(space: SpaceFacts, wanted: AnyTime) -> Period:
    """From the beginning of the first window to the end of the last."""
    first, last = wanted.dates[0], wanted.dates[-1]
    start = instant(first, wanted.opens, space.zone)
    end = instant(last, wanted.closes, space.zone)
    return Period(start, max(end, start + timedelta(minutes=15)))


def answer(
    space: SpaceFacts, wanted: AnyTime, question: Question, blocks: Busy, now: datetime
) -> Result:
    """The earliest times at which one space can be had for so long, or the nearest to them."""
    away = kilometres(space, question)
    first = stretch(space, wanted).start
    wish = Wish(Period(first, first + wanted.length), question.people, space.zone, question.layout)
    if fitting(space.rules, wish.period) == wish.period:
        opening = opening_of(space, wanted.dates, Period(*clamped(space, now)))
        windows = list(windows_of(space, wanted))
        place = place_for(space, wish)
        times = earliest(
            place, clear_of(space, blocks), within(opening, windows), wanted.length, CHOICES
        )
        if times:
            theirs = Wish(times[0], question.people, space.zone, question.layout)
            why = asked_why(space, theirs, question)
            return Result(space, times[0], True, times[1:], [], away, why)
    broken = [one for one in reasons_of(space, wish, now) if one.code in ABOUT_LENGTH]
    nearby = nearest_in(space, wish, blocks, now)
    return Result(space, wish.period, False, nearby, broken, away)


ABOUT_LENGTH = ("too-short", "too-long", "too-late", "too-early", "past")
"""Rules that any time in the window may break; the others depend on the time."""


def clamped(space: SpaceFacts, now: datetime) -> tuple[datetime, datetime]:
    """What notice and horizon leave; never empty."""
    start, end = reach(space.rules, now)
    return start, max(end, start + timedelta(minutes=1))


def windows_of(space: SpaceFacts, wanted: AnyTime) -> Iterator[Period]:
    """The hours asked for on each date, by the venue's wall clock."""
    for on in wanted.dates:
        start = instant(on, wanted.opens, space.zone)
        end = instant(on, min(wanted.closes, DAY_MINUTES), space.zone)
        if start < end:
            yield Period(start, end)


def dates_between(first: date, last: date, weekdays: Iterable[int]) -> tuple[date, ...]:
    """Every date from the first to the last that falls on one of the weekdays (none: any)."""
    chosen = set(weekdays)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(on for on in every if not chosen or on.weekday() in chosen)
