"""Reserving several places together: all of them, or none."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from booking.actions import messages, occupancy, policies
from booking.actions import reservations as one
from booking.actions.guard import require_confirmed, require_reserving
from booking.actions.judging import Judge
from booking.actions.policies import Case, Verdict
from booking.actions.reservations import Details
from booking.db import db
from booking.errors import BookingError, NotTogether, Refused, SlotTaken
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.availability import Busy, busy, merged
from booking.queries.extras import units_for
from booking.queries.venues import SpaceFacts
from booking.rules.periods import Period


@dataclass(frozen=True)
class Line:
    """One wish of a day."""

    space: SpaceFacts
    period: Period
    details: Details


def reserve_all(
    lines: Sequence[Line], *, by: Member, now: datetime, sent_as: str | None = None
) -> list[Reservation]:
    """Reserves every line, or asks for it, in their order; one mail tells of all.

    The units of all lines are locked together before anything is looked at: two baskets never
    wait for each other. Lines count for those after them, in quotas too, and may be for several
    members. `sent_as` names the form they came with. Raises NotAllowed, SentTwice where that has
    reserved already, and NotTogether with a reason for each line that cannot be had; then nothing
    is reserved.
    """
    require_confirmed(by)
    for line in lines:
        require_reserving(by, line.details.whose, [line.space.venue.id], now)
    occupancy.lock(sorted({unit for line in lines for unit in units_of(line)}))
    policies.lock_counted(
        [one.case_of(line.space, line.period, line.details, by) for line in lines]
    )
    answers = look(lines, by=by, now=now).answers
    failed = {n: no for n, no in enumerate(answers) if no is not None}
    if failed:
        raise NotTogether(parts=failed)
    made: list[Reservation] = []
    for number, line in enumerate(lines):
        try:
            name = None if made else sent_as
            placed = one.placed(line.space, line.period, line.details, by=by, now=now, sent_as=name)
        except (Refused, SlotTaken) as no:
            raise NotTogether(parts={number: no}) from no
        made.append(placed)
    together(made)
    with ExitStack() as places:
        for line in lines:
            places.enter_context(one.place_at_hand(line.space))
        beside = zip(lines, made, strict=True)
        more = {
            row.id: one.circumstances(line.space, line.details, row) | messages.done_by(by, row)
            for line, row in beside
        }
        for theirs in by_member(made):
            messages.tell_of_all(theirs, [more[row.id] for row in theirs], now)
    return made


def by_member(made: Sequence[Reservation]) -> list[list[Reservation]]:
    """What is whose, in the order in which it was made."""
    found: dict[int, list[Reservation]] = {}
    for row in made:
        found.setdefault(row.member_id, []).append(row)
    return list(found.values())


def together(made: Sequence[Reservation]) -> None:
    """Several of one member share the code of the first."""
    for theirs in by_member(made):
        for row in theirs if len(theirs) > 1 else ():
            row.basket = theirs[0].code
    db.session.flush()


def units_of(line: Line) -> list[int]:
    """Every unit that the line may take."""
    return units_for(line.space, line.details.extras)


@dataclass(frozen=True)
class Look:
    """What each line would be answered now (None: a yes), the units each would take, and why a
    manager would be asked. For `judge` the lines that can be had count already."""

    judge: Judge
    answers: list[BookingError | None] = field(default_factory=list)
    takes: list[Busy] = field(default_factory=list)
    asks: list[list[str]] = field(default_factory=list)

    def others(self, number: int) -> Busy:
        """What the other lines would take."""
        found: Busy = {}
        for other, taken in enumerate(self.takes):
            found = found if other == number else merged(found, taken)
        return found


def look(lines: Sequence[Line], *, by: Member, now: datetime) -> Look:
    """Looks at all lines together, each after those before it, and takes nothing.

    A SlotTaken with the fact `own` is the doing of another line alone. Where rules are broken and
    the place is taken too, the refusal knows of both (`taken`).
    """
    found, mine = Look(Judge(now)), Busy()
    for line in lines:
        case = one.case_of(line.space, line.period, line.details, by)
        verdict, broken = judged(case, found.judge)
        no: BookingError | None = broken
        taken: Busy = {}
        try:
            taken = first_free(line, mine, now)
        except SlotTaken as error:
            no = Refused(broken.refusals, taken=error) if broken else error
        found.answers.append(no)
        found.takes.append({} if no else taken)
        found.asks.append(verdict.asks)
        if no is None:
            found.judge.add(case, keeps=not (verdict.asks and line.space.rules.competing))
            mine = merged(mine, taken)
    return found


def judged(case: Case, judge: Judge) -> tuple[Verdict, Refused | None]:
    """What the rules say of a line."""
    try:
        return judge.verdict(case), None
    except Refused as no:
        return Verdict(), no


def first_free(line: Line, mine: Busy, now: datetime) -> Busy:
    """The units the line would take, beside those of the lines before it. Raises SlotTaken."""
    needs = one.needs_of(line.space, line.period, line.details)
    around = needs[0].around
    blocks = busy({unit for need in needs for unit in need.units}, around, now)
    try:
        return {unit: [around] for unit in occupancy.pick(needs, merged(blocks, mine))}
    except SlotTaken as no:
        occupancy.pick(needs, blocks)  # Raises by itself what is taken by others.
        raise SlotTaken(**no.facts, own=True) from None
