"""Searching the whole network: at one time, or for some length of time in a window of days."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from booking.errors import Refusal
from booking.queries.availability import (
    A_DAY,
    Busy,
    blocks_for,
    busy,
    clear_of,
    fits,
    has_room,
    how_far,
    nearest_in,
    opening_of,
    place_for,
)
from booking.queries.venues import Atlas, SpaceFacts, VenueFacts
from booking.rules.availability import earliest
from booking.rules.hours import DAY_MINUTES, instant, open_around, told_why
from booking.rules.periods import Period, within
from booking.rules.policies import Asker, Wish, asks, fitting, reach, refusals

CHOICES = 3
"""So many times are shown of a space that can be had at any."""
Groups = Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Question:
    """What somebody looks for. `venue` is where, or None for the whole network; `only`: nowhere
    else. `space` is one they named. `groups`: venue id -> the groups that know them there."""

    kind: str | None = None
    venue: VenueFacts | None = None
    people: int = 1
    only: bool = False
    space: SpaceFacts | None = None
    layout: str | None = None
    features: frozenset[str] = frozenset()
    step_free: bool = False
    instant: bool = False
    groups: Groups = field(default_factory=dict)


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


def matching(places: Atlas, question: Question) -> list[SpaceFacts]:
    """Spaces that are what is looked for, wherever they are; near first, smallest that fits."""
    found = [space for space in places.spaces() if suits(space, question)]
    return sorted(found, key=lambda space: order(space, question))


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
    most: int,
) -> list[Result]:
    """Answers for one time: free spaces first, each part in the order given; `most` at most.

    `asked` maps the id of a venue to the period its own wall clock means. The nearest times are
    looked for only in spaces that are shown.
    """
    if not spaces:
        return []
    blocks = blocks_for(spaces, asked, now)
    free: list[Result] = []
    others: list[tuple[SpaceFacts, Wish, list[Refusal]]] = []
    for space in spaces:
        wish = Wish(asked[space.venue.id], question.people, space.zone, question.layout)
        broken = reasons_of(space, wish, now)
        why = asked_why(space, wish, question)
        if not broken and has_room(space, wish, blocks) and not (question.instant and why):
            away = kilometres(space, question)
            free.append(Result(space, wish.period, True, [], [], away, why))
        elif not (question.instant and why):
            others.append((space, wish, broken))
        if len(free) == most:
            return free
    refused = [
        Result(
            space,
            wish.period,
            False,
            nearest_in(space, wish, blocks, now),
            broken,
            kilometres(space, question),
        )
        for space, wish, broken in others[: most - len(free)]
    ]
    return free + sorted(refused, key=lambda one: not one.alternatives)


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
    spaces: Sequence[SpaceFacts], wanted: AnyTime, question: Question, now: datetime, most: int
) -> list[Result]:
    """Answers for any time in a window: first what has room for so long, with its earliest times,
    then the others with the times nearest to the window's beginning."""
    if not spaces:
        return []
    whole = [stretch(space, wanted) for space in spaces]
    window = Period(min(w.start for w in whole), max(w.end for w in whole))
    units = {unit for space in spaces for unit in space.units}
    blocks = busy(units, window.widened(2 * A_DAY, 2 * A_DAY), now)
    found = [answer(space, wanted, question, blocks, now) for space in spaces]
    kept = [one for one in found if not (question.instant and one.asks)]
    kept.sort(key=lambda one: (not one.free, not one.alternatives))
    return kept[:most]


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
