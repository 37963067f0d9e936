"""Reserving along a repeat rule: every date at once, or none (docs/decisions/014)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from booking.actions import messages, occupancy, rivals, waitlist
from booking.actions import policies as act
from booking.actions import reservations as one
from booking.actions.guard import require_reserving
from booking.actions.history import line_of
from booking.actions.judging import Judge
from booking.actions.locks import lock
from booking.actions.occupancy import Need
from booking.actions.policies import Verdict
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.db import append, db
from booking.errors import BookingError, NotFound, NotTogether, Refusal, Refused, SlotTaken
from booking.models.extras import ReservationExtra
from booking.models.members import Member
from booking.models.reservations import History, Reservation
from booking.models.series import Series
from booking.queries import series as find
from booking.queries import ways_out
from booking.queries.availability import (
    A_DAY,
    busy,
    clear_of,
    has_extras,
    opening_of,
    place_for,
    with_buffers,
)
from booking.queries.extras import beside, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import codes, states
from booking.rules.availability import nearest
from booking.rules.hours import day, today
from booking.rules.periods import Period
from booking.rules.policies import Wish, fitting, reach
from booking.rules.series import Repeat, Taken, Walls, as_json

PEERS, MOST_WAYS = 6, 3
"""Spaces that are looked at in the place of a date that is taken, and ways out of each."""


@dataclass(frozen=True)
class Line:
    """One date of a series, as it is wanted.

    `on`: the date it stands for. `period` is None where the clocks leave nothing of that time.
    `moved`: its time or place is its own.
    """

    on: date
    space: SpaceFacts
    period: Period | None
    details: Details
    moved: bool = False


@dataclass(frozen=True)
class Plan:
    """A series that is wanted: its rule, with what was left out of it, and the lines that are to be
    reserved. `waits`: those left out for which the member waits in line. `token`: of the form,
    which makes it once."""

    space: SpaceFacts
    repeat: Repeat
    first: date
    walls: Walls
    lines: Sequence[Line]
    left_out: Sequence[tuple[date, str]] = ()
    token: str = ""
    waits: Sequence[Line] = ()


@dataclass(frozen=True)
class Answer:
    """What one line is answered: a no, or why a manager would be asked, which rules an exception is
    made of, and the units it would take. `again`: of a date that is changed, that a manager has to
    say yes to that first."""

    no: BookingError | None = None
    verdict: Verdict = field(default_factory=Verdict)
    units: Sequence[int] = ()
    again: bool = False


def look(
    lines: Sequence[Line], *, by: Member, now: datetime, taken: Taken | None = None
) -> list[Answer]:
    """What each line would be answered now, after those before it; takes nothing.

    `taken`: what takes their units, if it is known already. A SlotTaken with the fact `own` is the
    doing of another date alone.
    """
    judge, own = Judge(now), Taken()
    others = taken or Taken(blocks(lines, now))
    return [answered(line, by, judge, others, own) for line in lines]


def answered(line: Line, by: Member, judge: Judge, others: Taken, own: Taken) -> Answer:
    """One of them; where it can be had, it counts from now on."""
    if line.period is None:
        return Answer(Refused([Refusal("no-such-time")]))
    try:
        case = one.case_of(line.space, line.period, line.details, by)
        verdict = judge.verdict(case)
        needs = one.needs_of(line.space, line.period, line.details)
        units = first_free(needs, others, own)
    except (Refused, SlotTaken) as no:
        return Answer(no)
    judge.add(case, keeps=not (verdict.asks and line.space.rules.competing))
    own.add(units, with_buffers(line.space, line.period))
    return Answer(None, verdict, units)


def first_free(needs: Sequence[Need], others: Taken, own: Taken) -> list[int]:
    """The units that one date would take, beside those of the others. Raises SlotTaken."""
    around, units = needs[0].around, {unit for need in needs for unit in need.units}
    theirs, mine = others.within(units, around), own.within(units, around)
    both = {unit: [*theirs.get(unit, ()), *mine.get(unit, ())] for unit in theirs.keys() | mine}
    try:
        return occupancy.pick(needs, both)
    except SlotTaken as no:
        occupancy.pick(needs, theirs)  # Raises by itself what others have taken.
        raise SlotTaken(**no.facts, own=True) from None


def blocks(lines: Iterable[Line], now: datetime) -> dict[int, list[Period]]:
    """What takes the units of all lines, from the first to the last."""
    there = [line for line in lines if line.period is not None]
    return busy(units_of(there), whole(there), now) if there else {}


def units_of(lines: Iterable[Line]) -> list[int]:
    """Every unit that one of them may take."""
    return sorted({u for line in lines for u in units_for(line.space, line.details.extras)})


def whole(lines: Iterable[Line]) -> Period:
    """From the first to the last instant of lines that have a time, buffers included."""
    periods = [with_buffers(line.space, line.period) for line in lines if line.period]
    return Period(min(p.start for p in periods), max(p.end for p in periods))


def make(plan: Plan, *, by: Member, now: datetime) -> tuple[Series, bool]:
    """Reserves every line, or asks for it, in one transaction; one mail tells of all. All lines are
    for one member. Returns the series, and whether it is new: the same form sent again makes
    nothing.

    Raises NotAllowed, NotFound, Refused where no date is left or the waitlist says no, and
    NotTogether with a reason for each line that cannot be had; then nothing is reserved.
    """
    lines = plan.lines
    whose = next((x.details.whose for x in (*lines, *plan.waits)), None)
    venue_ids = {plan.space.venue.id, *(line.space.venue.id for line in lines)}
    require_reserving(by, whose, venue_ids, now)
    member = whose or by
    if not lines:
        raise Refused([Refusal("no-dates")])
    units = units_of([*lines, *plan.waits])
    occupancy.lock(units)
    lock(Member, member.id)
    known = find.by_token(member, plan.token)
    if known is not None:
        return known, False
    there = [line for line in lines if line.period]
    act.lock_counted([one.case_of(x.space, x.period, x.details, by) for x in there if x.period])
    if there:
        occupancy.pass_on_run_out(units, whole(there), now)
    answers = look(lines, by=by, now=now)
    failed = {number: answer.no for number, answer in enumerate(answers) if answer.no}
    if failed:
        raise NotTogether(parts=failed)
    series = born(plan, member, now)
    rows = [
        row_of(line, answer, series, by, now) for line, answer in zip(lines, answers, strict=True)
    ]
    one.write_down(rows)
    settle(rows, lines, answers, by, now)
    for line in plan.waits:
        if line.period is not None:
            waitlist.join(Ask(line.space, line.period, line.details), by=by, now=now)
    places = {line.space.id: line.space for line in lines}
    more = messages.done_by(by, rows[0])
    messages.tell_of_series(series, "made", rows, list(places.values()), now, **more)
    return series, True


def born(plan: Plan, member: Member, now: datetime) -> Series:
    """The row of a new series, which is the member's."""
    series = Series(
        code=codes.reservation_code(),
        member_id=member.id,
        space_id=plan.space.id,
        rule=as_json(plan.repeat),
        first_on=plan.first,
        opens=plan.walls.opens,
        closes=plan.walls.closes,
        days=plan.walls.days,
        left_out=[[on.isoformat(), why] for on, why in plan.left_out],
        token=plan.token,
        created_at=now,
    )
    db.session.add(series)
    db.session.flush()
    return series


def row_of(line: Line, answer: Answer, series: Series, by: Member, now: datetime) -> Reservation:
    """The reservation or the request of one line."""
    assert line.period is not None
    case = one.case_of(line.space, line.period, line.details, by)
    row = one.born(case, line.details, answer.verdict, now)
    verb = "request" if answer.verdict.asks else "reserve"
    row.state = states.move(states.NEW, verb)
    row.expires_at = line.period.start if answer.verdict.asks else None
    row.series_id, row.series_on, row.moved = series.id, line.on, line.moved
    return row


def settle(
    rows: Sequence[Reservation],
    lines: Sequence[Line],
    answers: Sequence[Answer],
    by: Member,
    now: datetime,
) -> None:
    """What belongs to new rows: history, extras, and their units. Raises SlotTaken."""
    history, extras, taken = [], [], []
    for row, line, answer in zip(rows, lines, answers, strict=True):
        verb = "request" if row.state == states.REQUESTED else "reserve"
        why = one.reason_for(line.details, answer.verdict.broken)
        history.append(line_of(row, states.NEW, verb, by.id, now, why=why))
        known = beside(line.space)
        for slug, count in line.details.extras.items():
            number = known[slug].id
            extras.append({"reservation_id": row.id, "extra_id": number, "count": count})
        if not one.competes(line.space, row):
            around = with_buffers(line.space, Period(row.starts_at, row.ends_at))
            taken += occupancy.rows_for(row, answer.units, around)
    append(History, history)
    append(ReservationExtra, extras)
    occupancy.insert(taken)
    for row, line, answer in zip(rows, lines, answers, strict=True):
        if not one.competes(line.space, row):
            rivals.outbid(row, line.space, answer.units, None, now)


@dataclass(frozen=True)
class Way:
    """Another space or time in which one date can be had."""

    space: SpaceFacts
    period: Period


def peers_of(places: Atlas, line: Line) -> list[SpaceFacts]:
    """Where else such a date could be: spaces of the kind, large enough, nearest first."""
    assert line.period is not None
    wish = wish_of(line, line.space)
    others = ways_out.large_enough(places, line.space, wish)
    same = [other for other in others if other.space.kind == line.space.space.kind]
    return ways_out.nearest_first(line.space, same)[:PEERS]


def wish_of(line: Line, space: SpaceFacts) -> Wish:
    """The line as a wish in that space."""
    assert line.period is not None
    details = line.details
    wish = Wish(line.period, details.people, space.zone, details.layout or None)
    return replace(wish, extras=details.extras)


def ways(
    line: Line, peers: Sequence[SpaceFacts], taken: Taken, *, by: Member, now: datetime
) -> list[Way]:
    """What can be had in the place of a line: the nearest times of that day in its space, before
    and after, and another space at its time. `taken` knows the units of all of them."""
    if line.period is None:
        return []
    judge = Judge(now)
    found = [Way(line.space, period) for period in times(line, taken, now)]
    for other in peers:
        wish = wish_of(line, other)
        around = with_buffers(other, line.period)
        theirs = taken.within(units_for(other, wish.extras), around)
        if ways_out.offer_then(line.space, other, wish, theirs, now):
            found.append(Way(other, line.period))
    return [way for way in found if permitted(way, line, judge, by)][:MOST_WAYS]


def times(line: Line, taken: Taken, now: datetime) -> list[Period]:
    """The nearest times of the day on which a line begins, in its space."""
    space = line.space
    assert line.period is not None
    wish = wish_of(line, space)
    wanted = fitting(space.rules, line.period)
    earliest, latest = reach(space.rules, now)
    if latest <= earliest or not has_extras(space, wish.extras):
        return []
    on = today(line.period.start, space.zone)
    opening = opening_of(space, [on], Period(earliest, latest))
    around = with_buffers(space, day(on, space.zone)).widened(A_DAY, A_DAY)
    theirs = clear_of(space, taken.within(units_for(space, wish.extras), around))
    return nearest(place_for(space, wish), theirs, opening, wanted, 2)


def permitted(way: Way, line: Line, judge: Judge, by: Member) -> bool:
    """Whether no rule stands against it."""
    try:
        judge.verdict(one.case_of(way.space, way.period, line.details, by))
    except (Refused, NotFound):
        return False
    return True
