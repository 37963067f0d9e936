"""Searching the whole network at one time; `any_time` looks for some length of time in a window."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from booking.errors import Refusal
from booking.queries.availability import (
    Busy,
    People,
    around,
    blocks_for,
    busy,
    count_for,
    fits,
    has_room,
    how_far,
    nearest_in,
    people_anywhere,
)
from booking.queries.keeping import kept_with_places
from booking.queries.policies import too_full
from booking.queries.readers import Reader, personal, with_own
from booking.queries.venues import Atlas, SpaceFacts, VenueFacts
from booking.rules.hours import open_around, told_why
from booking.rules.periods import Period
from booking.rules.policies import Asker, Wish, asks, refusals

AT_A_TIME = 40
"""Spaces that are looked at together where a buffer could be in the way."""
SHOWN_NEAR, TRIED, FAR_TRIED = 2, 8, 100
"""So many of the nearest times are shown, and so many are tried where some may be left out: of a
quota that is used up, all of that day."""


@dataclass(frozen=True)
class Question:
    """What somebody looks for. `venue` is where, or None for the whole network; `only`: nowhere
    else. `space` is one they named. `reader`: who asks, None for a visitor; that makes it no
    other question."""

    kind: str | None = None
    venue: VenueFacts | None = None
    people: int = 1
    only: bool = False
    space: SpaceFacts | None = None
    layout: str | None = None
    features: frozenset[str] = frozenset()
    step_free: bool = False
    instant: bool = False
    reader: Reader | None = field(default=None, compare=False)


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


Full = Mapping[int, Sequence[Period]]
"""When so many more people are too many for a venue, by its id; see `policies.too_full`."""
NOWHERE: Full = {}


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
    What the reader may not have is not free for them.
    """
    question = of_reader(question, spaces, asked.values())
    taken = {period: people_anywhere(period, now) for period in set(asked.values())}
    there = None if len(taken) > 1 else next(iter(taken.values()), None)
    full = NOWHERE
    if question.instant and spaces:
        times = hull([asked[space.venue.id] for space in spaces])
        full = full_in(spaces, times, question, now, there)
    free: list[Result] = []
    left = not_taken(spaces, asked, question.people, taken)
    seen = seen_at_once(spaces, left, asked, now, page)
    for space in with_room(left, asked, question, now, seen):
        wish = wish_for(space, asked, question)
        why = asked_why(space, wish, question, full)
        if not (question.instant and why) and not reasons_of(space, wish, question, now):
            away = kilometres(space, question)
            free.append(Result(space, wish.period, True, [], [], away, why))
        if len(free) > page.stop:
            shown = with_ceilings(free[page.start : page.stop], question, now, there)
            return Found(shown, page.stop, many=True, more=True)
    found = {one.space.id for one in free}
    others = [space for space in spaces if space.id not in found]
    if question.instant:
        others = [s for s in others if at_once(s, wish_for(s, asked, question), question, full)]
    first, last = (max(edge - len(free), 0) for edge in (page.start, page.stop))
    answers = with_ceilings(free[page.start : page.stop], question, now, there)
    answers += refused(others[first:last], asked, question, now, seen)
    more = len(free) + len(others) > page.stop
    return Found(answers, len(free), many=False, more=more)


def of_reader(
    question: Question, spaces: Sequence[SpaceFacts], periods: Collection[Period]
) -> Question:
    """The same question; of somebody it is known what they have used of these spaces' quotas."""
    if question.reader is None or not spaces:
        return question
    return replace(question, reader=with_own(question.reader, spaces, hull(periods)))


def full_in(
    spaces: Sequence[SpaceFacts],
    period: Period,
    question: Question,
    now: datetime,
    there: People | None = None,
) -> Full:
    """When in the period the venues of these spaces would hold too many people; see `too_full`."""
    return too_full({space.venue for space in spaces}, question.people, period, now, there)


def hull(periods: Collection[Period]) -> Period:
    """From the first to the last instant."""
    return Period(min(p.start for p in periods), max(p.end for p in periods))


def with_ceilings(
    free: list[Result], question: Question, now: datetime, there: People | None = None
) -> list[Result]:
    """The same answers; where so many more would be too many for the venue, a manager is asked.
    Other times are those of which the same is true. `there`: who is expected at any of the times,
    where that is known.

    Where only what is at once was looked for, that is known already.
    """
    bounded = [one for one in free if one.space.venue.venue.ceiling is not None]
    if question.instant or not bounded:
        return free
    times = [period for one in bounded for period in (one.period, *one.alternatives)]
    full = full_in([one.space for one in bounded], hull(times), question, now, there)
    return [with_ceiling(one, full) if full else one for one in free]


def with_ceiling(one: Result, full: Full) -> Result:
    """The same for one of them."""
    over = crowded(one.space, one.period, full)
    alike = [p for p in one.alternatives if crowded(one.space, p, full) == over]
    return replace(one, alternatives=alike, asks=[*one.asks, "ceiling"] if over else one.asks)


def crowded(space: SpaceFacts, period: Period, full: Full) -> bool:
    """Whether the venue would hold too many people at some instant of the period."""
    return any(period.overlaps(one) for one in full.get(space.venue.id, ()))


def wish_for(space: SpaceFacts, asked: Mapping[int, Period], question: Question) -> Wish:
    """What is asked for, as a wish for this space."""
    return Wish(asked[space.venue.id], question.people, space.zone, question.layout)


Seen = dict[int, Busy]
"""What takes the units of spaces, by their ids, as far as it was looked at."""


def seen_at_once(
    spaces: Sequence[SpaceFacts],
    left: Sequence[SpaceFacts],
    asked: Mapping[int, Period],
    now: datetime,
    page: range,
) -> Seen:
    """What takes the spaces of this page, looked at in one go, where those that are `left` do not
    fill it: the first of the others, and those of which a buffer could be in the way."""
    if len(left) > page.stop:
        return {}
    known = {space.id for space in left}
    gone = [space for space in spaces if space.id not in known]
    near = [space for space in left if space.rules.buffered]
    first, last = page.start - len(left), page.stop - len(left) + len(near)
    some = [*near, *gone[max(first, 0) : last]]
    blocks = blocks_for(some, asked, now) if some else {}
    return {space.id: blocks for space in some}


def with_room(
    left: Sequence[SpaceFacts],
    asked: Mapping[int, Period],
    question: Question,
    now: datetime,
    seen: Seen,
) -> Iterator[SpaceFacts]:
    """The spaces of which enough is free then with its buffers, of those that are `left`, in the
    order given.

    Where a buffer could be in the way, some spaces at a time are looked at more closely, as far
    as somebody wants to know; what was `seen` is not looked at again.
    """
    seen = dict(seen)  # Here only the time itself is looked at.
    for number, space in enumerate(left):
        if space.rules.buffered and space.id not in seen:
            some = [one for one in left[number : number + AT_A_TIME] if one.rules.buffered]
            blocks = busy({u for one in some for u in one.units}, around(some, asked.values()), now)
            seen |= {one.id: blocks for one in some}
        wish = wish_for(space, asked, question)
        if not space.rules.buffered or has_room(space, wish, seen[space.id]):
            yield space


def not_taken(
    spaces: Sequence[SpaceFacts],
    asked: Mapping[int, Period],
    people: int,
    taken: Mapping[Period, People],
) -> list[SpaceFacts]:
    """The spaces of which enough is free then, whatever lies in their buffers. `taken` maps each
    period to the units taken in it."""
    gone, (needing, others) = {}, needed_by(tuple(spaces))
    for period, units in taken.items():
        gone[period] = {one for unit in units for one in needing.get(unit, ())}
        gone[period] |= {space.id for space in others if not enough(space, units, people)}
    return [space for space in spaces if space.id not in gone[asked[space.venue.id]]]


@kept_with_places(64)
def needed_by(spaces: tuple[SpaceFacts, ...]) -> tuple[dict[int, list[int]], list[SpaceFacts]]:
    """The ids of those spaces that one unit that is taken takes, by that unit; and the others,
    which are pools or have none."""
    found: dict[int, list[int]] = {}
    whole = [space for space in spaces if space.units and not space.pool]
    for space in whole:
        for unit in space.units:
            found.setdefault(unit, []).append(space.id)
    return found, [space for space in spaces if space.pool or not space.units]


def enough(space: SpaceFacts, gone: People, people: int) -> bool:
    """Whether what is left of the space is enough for so many people."""
    left = sum(1 for unit in space.units if unit not in gone)
    return left >= max(count_for(space, people), 1)


def refused(
    spaces: Sequence[SpaceFacts],
    asked: Mapping[int, Period],
    question: Question,
    now: datetime,
    seen: Seen,
) -> list[Result]:
    """Spaces that cannot be had then, with the rules in the way and the nearest times; last
    those that have none."""
    if not spaces:
        return []
    found, new = [], [space for space in spaces if space.id not in seen]
    blocks = blocks_for(new, asked, now) if new else {}
    seen = seen | {space.id: blocks for space in new}
    wishes = {space.id: wish_for(space, asked, question) for space in spaces}
    near = {s.id: near_times(s, wishes[s.id], question, seen[s.id], now) for s in spaces}
    times = [period for periods in near.values() for period in periods]
    full = NOWHERE
    if question.instant and times:
        full = full_in(spaces, hull(times), question, now)
    for space in spaces:
        wish = wishes[space.id]
        nearby = to_show(space, wish, near[space.id], question, full)
        broken, away = reasons_of(space, wish, question, now), kilometres(space, question)
        found.append(Result(space, wish.period, False, nearby, broken, away))
    return sorted(found, key=lambda one: not one.alternatives)


def near_times(
    space: SpaceFacts, wish: Wish, question: Question, blocks: Busy, now: datetime
) -> list[Period]:
    """The nearest times; more of them than are shown, where some may be left out."""
    most = SHOWN_NEAR
    if question.instant or (question.reader is not None and personal(space)):
        most = FAR_TRIED if barred(space, wish, question) else TRIED
    return nearest_in(space, wish, blocks, now, most)


def to_show(
    space: SpaceFacts, wish: Wish, near: Sequence[Period], question: Question, full: Full
) -> list[Period]:
    """Of the nearest times those that are shown: none that the reader may not have and, where only
    what is at once was looked for, none of which a manager is asked; before the wish and after
    it, as far as both can be had."""
    wishes = [replace(wish, period=period) for period in near]
    if question.instant:
        kept = [one.period for one in wishes if at_once(space, one, question, full)]
    else:
        kept = [one.period for one in wishes if not barred(space, one, question)]
    before = [period for period in kept if period.start < wish.period.start]
    after = [period for period in kept if period.start >= wish.period.start]
    shown = [*before[:1], *after[:1]] if before and after else kept[:SHOWN_NEAR]
    return sorted(shown, key=kept.index)


def reasons_of(space: SpaceFacts, wish: Wish, question: Question, now: datetime) -> list[Refusal]:
    """Which rules the wish would break, as far as a search knows."""
    opening = open_around(space.hours, wish.period, space.zone)
    broken = refusals(space.rules, wish, opening, now)
    broken = told_why(broken, space.hours, wish.period, space.zone)
    return [*broken, *barred(space, wish, question)]


def barred(space: SpaceFacts, wish: Wish, question: Question) -> list[Refusal]:
    """Which rules about persons stand against it; of a visitor nothing is known."""
    return question.reader.broken(space, wish) if question.reader else []


def at_once(space: SpaceFacts, wish: Wish, question: Question, full: Full) -> bool:
    """Whether rules about persons and about asking a manager leave it to be had at once."""
    return not asked_why(space, wish, question, full) and not barred(space, wish, question)


def asked_why(space: SpaceFacts, wish: Wish, question: Question, full: Full = NOWHERE) -> list[str]:
    """Why a manager would be asked; empty where it would be theirs at once."""
    opening = open_around(space.hours, wish.period, space.zone)
    why = asks(space.rules, wish, opening, known(space, question))
    return [*why, "ceiling"] if crowded(space, wish.period, full) else why


def known(space: SpaceFacts, question: Question) -> Asker:
    """Who asks, as far as it matters for asking a manager."""
    return Asker(groups=question.reader.known_at(space) if question.reader else frozenset())
