"""Changing several dates of a series at once: all that are chosen, or none.

Nothing is ever made from the rule again: only reservations that are there are changed. What was
dropped stays dropped, and what was moved by itself keeps its own time and place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from booking.actions import changes, messages, occupancy, policies, rivals
from booking.actions import reservations as one
from booking.actions.changes import Wanted
from booking.actions.guard import require_all_own_or_managed
from booking.actions.history import change_state, next_state
from booking.actions.judging import Judge
from booking.actions.occupancy import Need
from booking.actions.reservations import Details
from booking.actions.series import Answer, Line, first_free
from booking.actions.series_cancels import coming, give_back, period_of, spaces_of
from booking.db import append, db
from booking.errors import BookingError, Changed, NotTogether, Refusal, Refused, SlotTaken
from booking.models.members import Member
from booking.models.reservations import History, Reservation
from booking.models.series import Series
from booking.queries import series as find
from booking.queries.availability import Busy, busy, with_buffers
from booking.queries.extras import held, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import states
from booking.rules.extras import Counts
from booking.rules.periods import Period
from booking.rules.presence import check_in_by
from booking.rules.series import Taken, Walls, period_on, usual_walls, walls_of

CHANGE, CANCEL, LEAVE = "change", "cancel", "leave"


@dataclass(frozen=True)
class Shift:
    """What is to be another: the space, so many `days` later (or earlier), the wall times, and
    `words`: people, title and note. What is not said stays as each date has it."""

    space: SpaceFacts | None = None
    days: int = 0
    walls: Walls | None = None
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        """Whether time or place would be another."""
        return bool(self.space or self.days or self.walls)


@dataclass(frozen=True)
class Step:
    """One date of a series, what it would be, and whether to change, cancel or leave it."""

    row: Reservation
    line: Line
    action: str = CHANGE


def steps_for(
    series: Series, rows: Sequence[Reservation], shift: Shift, places: Atlas
) -> list[Step]:
    """What would become of these dates."""
    extras = held([row.id for row in rows])
    whole = [(period_of(one), places.by_id(one.space_id).zone) for one in rows if not one.moved]
    first = Walls(series.opens, series.closes, series.days)
    asked = (usual_walls(whole) or first, first)
    return [
        step_for(row, shift, places, asked, {one.slug: one.count for one in extras[row.id]})
        for row in rows
    ]


def step_for(
    row: Reservation, shift: Shift, places: Atlas, asked: Sequence[Walls], extras: Counts
) -> Step:
    """One of them, which has these extras. What was moved by itself takes the new words alone; of a
    date on which clocks change one of the times that were `asked` for may be meant."""
    here, period = places.by_id(row.space_id), period_of(row)
    details = replace(changes.details_of(row, places, extras), **shift.words)
    space = here
    wanted: Period | None = period
    if shift.moves and not row.moved:
        space = shift.space or here
        on, walls = walls_of(period, here.zone)
        meant = (one for one in asked if period_on(on, one, here.zone) == period)
        walls = next(meant, walls)
        moved = on + timedelta(days=shift.days)
        wanted = period_on(moved, shift.walls or walls, space.zone)
    details = fitting(details, space)
    assert row.series_on is not None
    return Step(row, Line(row.series_on, space, wanted, details, row.moved), CHANGE)


def fitting(details: Details, space: SpaceFacts) -> Details:
    """The same for a space of a venue that may not know the organisation."""
    known = details.organisation in space.venue.organisations
    return details if known else replace(details, organisation="")


def version_of(rows: Sequence[Reservation]) -> str:
    """A short text that is another once one of them has been changed."""
    said = ",".join(f"{row.code}:{row.sequence}" for row in rows)
    return sha256(said.encode()).hexdigest()[:16]


def is_same(step: Step) -> bool:
    """Whether nothing of it would be another."""
    if step.line.period is None:
        return False
    new = changes.row_of(wanted_of(step))
    return all(getattr(step.row, name) == value for name, value in new.items())


def wanted_of(step: Step) -> Wanted:
    """The step as a change of the one reservation."""
    line = step.line
    assert line.period is not None
    return Wanted(line.space, line.period, line.details, granted=line.details.extras)


def look(steps: Sequence[Step], places: Atlas, *, by: Member, now: datetime) -> list[Answer]:
    """What each step would be answered now, after those before it; nothing is taken.

    What is changed at once, or given back, makes room for the others.
    """
    judge = Judge(now, [step.row.id for step in steps if step.action != LEAVE])
    said = [judged(step, places, judge, by, now) for step in steps]
    leaving = [
        step.row
        for step, answer in zip(steps, said, strict=True)
        if step.action == CANCEL or (step.action == CHANGE and not answer.again)
    ]
    asked = find.changes_of([s.row for s in steps if s.action == CHANGE and not is_same(s)])
    room = occupancy.had_by(*leaving, *asked)  # What they ask for now takes the place of that.
    others = Taken(occupancy.but(blocks(steps, places, now), room))
    own, had = Taken(), occupancy.had_by_each([step.row for step in steps])
    return [
        placed(step, answer, others, own, had[step.row.id])
        for step, answer in zip(steps, said, strict=True)
    ]


def judged(step: Step, places: Atlas, judge: Judge, by: Member, now: datetime) -> Answer:
    """What the rules say of it."""
    row, line = step.row, step.line
    try:
        if step.action == CANCEL:
            one.check_deadline(places.by_id(row.space_id), row, by, now)
        if step.action != CHANGE or is_same(step):
            return Answer()
        if line.period is None:
            return Answer(Refused([Refusal("no-such-time")]))
        wanted = wanted_of(step)
        if changes.gives_back(row, wanted):
            one.check_deadline(places.by_id(row.space_id), row, by, now)
        case = changes.case_for(row, wanted, by)
        verdict = judge.verdict(case)
    except Refused as no:
        return Answer(no)
    judge.add(case)
    return Answer(None, verdict, again=changes.asked_again(row, wanted, verdict))


def placed(step: Step, answer: Answer, others: Taken, own: Taken, had: Busy) -> Answer:
    """The same with the units it would take, which it then has; `had` first."""
    line = step.line
    if answer.no is not None or step.action != CHANGE or line.period is None or is_same(step):
        return answer
    needs = one.needs_of(line.space, line.period, line.details)
    needs = [changes.prefer_kept(need, had) for need in needs]
    try:
        if answer.again:
            units = beside_its_own(needs, others, own, had)
        else:
            units = first_free(needs, others, own)
    except SlotTaken as no:
        return Answer(no)
    own.add(units, needs[0].around)
    return replace(answer, units=units)


def beside_its_own(needs: Sequence[Need], others: Taken, own: Taken, had: Busy) -> list[int]:
    """The units a request for it would take, of which it may have some already."""
    around, units = needs[0].around, {unit for need in needs for unit in need.units}
    return first_free(needs, Taken(occupancy.but(others.within(units, around), had)), own)


def blocks(steps: Sequence[Step], places: Atlas, now: datetime) -> Busy:
    """What takes the units of all steps, from the first to the last."""
    lines = [s.line for s in steps if s.action == CHANGE and s.line.period is not None]
    periods = [with_buffers(line.space, line.period) for line in lines if line.period]
    if not periods:
        return {}
    whole = Period(min(p.start for p in periods), max(p.end for p in periods))
    return busy(units_of(steps, places), whole, now)


def units_of(steps: Sequence[Step], places: Atlas) -> list[int]:
    """Every unit that one of them has or may have."""
    found: set[int] = set()
    for step in steps:
        extras = step.line.details.extras
        found |= {*units_for(step.line.space, extras)}
        found |= {*units_for(places.by_id(step.row.space_id), extras)}
    return sorted(found)


def change(
    series: Series,
    steps: Sequence[Step],
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    version: str | None = None,
) -> list[Reservation]:
    """Does every step, in one transaction; one mail tells of all. Where a manager has to say yes
    again, a date stays as it is until then. Returns the dates that were changed or given back.

    `version`: of the dates as they were seen (`version_of`). Raises NotFound, NotAllowed, Changed
    where one of them is another by now, and NotTogether with a reason for each step that cannot
    be; then nothing is changed.
    """
    rows = [step.row for step in steps]
    require_all_own_or_managed(rows, by, "move", now)
    units = units_of(steps, places)
    occupancy.look_again_at_all(rows, units)
    if (version is not None and version != version_of(rows)) or len(coming(rows, now)) < len(rows):
        raise Changed(since=0)
    ready = [s for s in steps if s.action == CHANGE and s.line.period]
    policies.lock_counted([changes.case_for(s.row, wanted_of(s), by) for s in ready])
    if ready:
        ends = [with_buffers(s.line.space, s.line.period) for s in ready if s.line.period]
        whole = Period(min(p.start for p in ends), max(p.end for p in ends))
        occupancy.pass_on_run_out(units, whole, now)
    answers = look(steps, places, by=by, now=now)
    failed: dict[int, BookingError] = {n: a.no for n, a in enumerate(answers) if a.no}
    if failed:
        raise NotTogether(parts=failed)
    both = list(zip(steps, answers, strict=True))
    done = [(s, a) for s, a in both if s.action == CHANGE and not is_same(s)]
    dropped = [step.row for step in steps if step.action == CANCEL]
    apply(series, done, dropped, by, now)
    changed = [*dropped, *(step.row for step, _ in done)]
    if changed:
        tell(series, changed, places, by, now)
    return changed


def apply(
    series: Series,
    done: Sequence[tuple[Step, Answer]],
    dropped: Sequence[Reservation],
    by: Member,
    now: datetime,
) -> None:
    """Gives all old places back before any new one is taken. Raises SlotTaken."""
    for asked in find.changes_of([step.row for step, _ in done]):
        change_state(asked, "withdraw", by.id, now)
        occupancy.release(asked)
    if dropped:
        give_back(series, dropped, by, now, "", final=True)
    apply_at_once([(step, answer) for step, answer in done if not answer.again], by, now)
    for step, answer in done:
        if answer.again:
            changes.ask(step.row, wanted_of(step), answer.verdict, by, now, tell=False)
    db.session.flush()


def apply_at_once(done: Sequence[tuple[Step, Answer]], by: Member, now: datetime) -> None:
    """These dates become what is wanted."""
    differs = [changes.differences(step.row, wanted_of(step)) for step, _ in done]
    occupancy.release_all([step.row for step, _ in done])
    lines, taken = [], []
    for (step, answer), changed in zip(done, differs, strict=True):
        row, line = step.row, step.line
        lines.append(next_state(row, "move", by.id, now, changed=changed))
        rewrite(step, answer, now)
        if not one.competes(line.space, row):
            around = with_buffers(line.space, period_of(row))
            taken += occupancy.rows_for(row, answer.units, around)
    db.session.flush()
    append(History, lines)
    occupancy.insert(taken)
    for step, answer in done:
        if not one.competes(step.line.space, step.row):
            rivals.outbid(step.row, step.line.space, answer.units, by.id, now)


def rewrite(step: Step, answer: Answer, now: datetime) -> None:
    """The reservation says what is wanted."""
    row, line = step.row, step.line
    if line.space.id != row.space_id:
        one.forget_extras(row)
        one.remember_extras(row, line.space, line.details.extras)
    for name, value in changes.row_of(wanted_of(step)).items():
        setattr(row, name, value)
    row.check_in_by = check_in_by(line.space.rules, period_of(row), now)
    row.asks, row.broken, row.moved = answer.verdict.asks, answer.verdict.broken, line.moved
    if row.state == states.REQUESTED:
        row.expires_at = row.starts_at
    db.session.expire(row, ["space"])


def tell(
    series: Series, rows: Sequence[Reservation], places: Atlas, by: Member, now: datetime
) -> None:
    """One mail for all that was changed, asked for and given back."""
    asked = find.changes_of(rows)
    told = [*(row for row in rows if row.id not in {a.replaces_id for a in asked}), *asked]
    told.sort(key=lambda row: (row.starts_at, row.id))
    more = messages.done_by(by, told[0])
    messages.tell_of_series(series, "changed", told, spaces_of(told, places), now, **more)
