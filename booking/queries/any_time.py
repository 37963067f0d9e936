"""Searching the whole network for some length of time, at any time in a window of days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.errors import Refusal
from booking.queries.availability import (
    Busy,
    around,
    busy,
    clear_of,
    looked_at,
    opening_of,
    place_for,
)
from booking.queries.search import (
    NOWHERE,
    Found,
    Full,
    Question,
    Result,
    asked_why,
    barred,
    full_in,
    kilometres,
    known,
    near_times,
    of_reader,
    to_show,
    with_ceilings,
)
from booking.queries.venues import SpaceFacts
from booking.rules.availability import earliest, starts
from booking.rules.hours import closed_days, day, open_around, reached, told_why
from booking.rules.periods import Period, minus, within
from booking.rules.policies import Wish, asks, fitting, reach, refusals

CHOICES = 3
"""So many times are shown of a space that can be had at any."""


@dataclass(frozen=True)
class AnyTime:
    """Some length of time on any of these dates, within these hours of each venue's wall clock.

    `opens` and `closes` in minutes since midnight, `closes` up to 1440; dates earliest first.
    """

    length: timedelta
    dates: tuple[date, ...]
    opens: int
    closes: int


def results_any_time(
    spaces: Sequence[SpaceFacts], wanted: AnyTime, question: Question, now: datetime, page: range
) -> Found:
    """Answers for any time in a window: first what has room for so long, with its earliest times,
    then the others with the times nearest to the window's beginning; those of the page."""
    if not spaces:
        return Found([], 0, many=False, more=False)
    window = looked_through(spaces, wanted)
    question = of_reader(question, spaces, [window])
    units = {unit for space in spaces for unit in space.units}
    blocks = busy(units, window, now)
    full = full_in(spaces, window, question, now) if question.instant else NOWHERE
    found = [answer(space, wanted, question, blocks, full, now) for space in spaces]
    kept = [one for one in found if not (question.instant and (one.asks or one.reasons))]
    kept.sort(key=lambda one: (not one.free, not one.alternatives))
    free = sum(1 for one in kept if one.free)
    first = with_ceilings([one for one in kept if one.free][page.start : page.stop], question, now)
    others = kept[max(page.start, free) : page.stop]
    answers = first + [with_reasons(one, wanted, question, now) for one in others]
    return Found(answers, free, many=False, more=len(kept) > page.stop)


def looked_through(spaces: Sequence[SpaceFacts], wanted: AnyTime) -> Period:
    """Everything that an answer may speak of: all windows, and the days around the first in which
    the nearest times are looked for, also of what is only to be had for longer."""
    hulls = {stretch(zone, wanted): zone for zone in {space.zone for space in spaces}}
    first = {zone: first_of(zone, wanted) for zone in hulls.values()}
    fitted = {(fitting(space.rules, first[space.zone]), space.zone) for space in spaces}
    return around(spaces, [*hulls, *(looked_at(period, zone) for period, zone in fitted)])


def stretch(zone: ZoneInfo, wanted: AnyTime) -> Period:
    """From the beginning of the first window to the end of the last."""
    first, last = wanted.dates[0], wanted.dates[-1]
    start, end = reached(first, wanted.opens, zone), reached(last, wanted.closes, zone)
    return Period(start, max(end, start + timedelta(minutes=15)))


def first_of(zone: ZoneInfo, wanted: AnyTime) -> Period:
    """The length wanted, from the beginning of the first window on."""
    start = stretch(zone, wanted).start
    return Period(start, start + wanted.length)


def answer(
    space: SpaceFacts, wanted: AnyTime, question: Question, blocks: Busy, full: Full, now: datetime
) -> Result:
    """The earliest times at which one space can be had for so long, or the nearest to them; with
    reasons where the reader may not have it at any of them.

    `full`: when the venue has no room for so many more, where that leaves nothing to be had.
    """
    away = kilometres(space, question)
    wish = Wish(first_of(space.zone, wanted), question.people, space.zone, question.layout)
    mine = windows_for(space, wanted, question)
    if fitting(space.rules, wish.period) == wish.period:
        opening = opening_of(space, wanted.dates, Period(*clamped(space, now)))
        whole = within(opening, mine)
        place, taken = place_for(space, wish), clear_of(space, blocks)
        over = full.get(space.venue.id, ())
        left = minus(whole, over) if over else whole
        times = earliest(place, taken, left, wanted.length, CHOICES)
        if times:
            why = asked_why(space, replace(wish, period=times[0]), question)
            return Result(space, times[0], True, times[1:], [], away, why)
        if over and (times := earliest(place, taken, whole, wanted.length, 1)):
            return Result(space, times[0], True, [], [], away, ["ceiling"])
    near = near_times(space, wish, question, blocks, now)
    nearby, why = to_show(space, wish, near, question, full), always_asked(space, wish, question)
    broken = [] if mine else barred(space, wish, question)
    return Result(space, wish.period, False, nearby, broken, away, why)


def windows_for(space: SpaceFacts, wanted: AnyTime, question: Question) -> list[Period]:
    """The hours asked for on each date on which the reader may have the space for so long."""
    windows = list(windows_of(space.zone, wanted))
    if question.reader is None:
        return windows
    wish = Wish(first_of(space.zone, wanted), question.people, space.zone, question.layout)
    moved = [replace(wish, period=Period(w.start, w.start + wanted.length)) for w in windows]
    pairs = zip(windows, moved, strict=True)
    kept = [window for window, one in pairs if not barred(space, one, question)]
    until = question.reader.trained_until(space)
    return [Period(w.start, min(w.end, until)) for w in kept] if until else kept


def always_asked(space: SpaceFacts, wish: Wish, question: Question) -> list[str]:
    """Why a manager would be asked at whatever time."""
    return asks(space.rules, wish, [wish.period], known(space, question))


def with_reasons(result: Result, wanted: AnyTime, question: Question, now: datetime) -> Result:
    """The same answer with what is in the way: the rules that every start in the window breaks,
    or all that are broken, where each start breaks another; none where only others are."""
    space, zone = result.space, result.space.zone
    people, layout = question.people, question.layout
    opening = open_around(space.hours, stretch(zone, wanted), zone)
    windows = list(windows_of(zone, wanted))
    tried = starts(windows, wanted.length, space.rules.grid, zone) or [result.period.start]
    seen: dict[str, Refusal] = {}
    every: set[str] | None = None
    for start in tried:
        wish = Wish(Period(start, start + wanted.length), people, zone, layout)
        broken = refusals(space.rules, wish, opening, now) + barred(space, wish, question)
        if not broken:
            return result
        codes = {one.code for one in broken}
        every = codes if every is None else every & codes
        seen |= {one.code: one for one in broken if one.code not in seen}
    kept = [one for code, one in seen.items() if not every or code in every]
    return replace(result, reasons=told_of_days(kept, space, wanted.dates))


def told_of_days(
    broken: Sequence[Refusal], space: SpaceFacts, dates: Sequence[date]
) -> list[Refusal]:
    """The same refusals; "closed" also says on which of the days, and why."""
    if len(dates) == 1:
        return told_why(broken, space.hours, day(dates[0], space.zone), space.zone)
    days = closed_days(space.hours, dates, space.zone)
    return [
        Refusal(one.code, one.facts | days, one.exception_by) if one.code == "closed" else one
        for one in broken
    ]


def clamped(space: SpaceFacts, now: datetime) -> tuple[datetime, datetime]:
    """What notice and horizon leave; never empty."""
    start, end = reach(space.rules, now)
    return start, max(end, start + timedelta(minutes=1))


def windows_of(zone: ZoneInfo, wanted: AnyTime) -> Iterator[Period]:
    """The hours asked for on each date, by the venue's wall clock."""
    for on in wanted.dates:
        start, end = reached(on, wanted.opens, zone), reached(on, wanted.closes, zone)
        if start < end:
            yield Period(start, end)


def dates_between(first: date, last: date, weekdays: Iterable[int]) -> tuple[date, ...]:
    """Every date from the first to the last that falls on one of the weekdays (none: any)."""
    chosen = set(weekdays)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(on for on in every if not chosen or on.weekday() in chosen)
