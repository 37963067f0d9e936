"""Changing a reservation: its time, space, people and all else, by the same rules and gate.

Where a manager has to say yes again, a request for the change takes what it needs beside what the
reservation has, which stays as it is until then. There is one such request at a time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from booking.actions import messages, occupancy, policies, rivals
from booking.actions.guard import require_own_or_managed
from booking.actions.history import change_state, record
from booking.actions.occupancy import Need
from booking.actions.policies import Case, Verdict
from booking.actions.reservations import (
    Details,
    born,
    case_of,
    check_deadline,
    check_not_over,
    competes,
    drop_change,
    forget_extras,
    needs_of,
    place_at_hand,
    prefer,
    reason_for,
    remember_extras,
    write_down,
)
from booking.db import db
from booking.errors import Changed, Refusal, Refused, SlotTaken, WrongState
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries import reservations as find
from booking.queries.availability import busy
from booking.queries.extras import counts_of, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import states, texts
from booking.rules.extras import Counts
from booking.rules.periods import Period
from booking.rules.presence import check_in_by

MINUTE = timedelta(minutes=1)
KEPT_START = frozenset({"past", "too-late"})
"""Rules about a start that stays where it is."""
OF_PLACE = frozenset({"space_id", "starts_at", "ends_at"})
LIGHTER = KEPT_START | {
    *("too-early", "closed", "not-for-you", "training-missing", "training-ends", "quota-used"),
    *("activity-not-allowed", "over-ceiling"),
}
"""Rules that nobody breaks who wants less than they have."""


@dataclass(frozen=True)
class Wanted:
    """What a reservation is to become. `version`: its `sequence` as the person saw it, or None for
    whatever it is now. `granted`: the extras it has, if that is known already."""

    space: SpaceFacts
    period: Period
    details: Details
    version: int | None = None
    granted: Counts | None = None


def change(
    reservation: Reservation, places: Atlas, wanted: Wanted, *, by: Member, now: datetime
) -> Reservation:
    """The reservation as it is wanted, or a request for it where a manager is asked first.

    The old place is given back only when the new one is had; units are kept where they are free
    then too. Returns the reservation itself, changed or not, or the request. Raises NotFound,
    NotAllowed, Changed where somebody else was quicker, Refused (also when it is too late to give
    back, or it runs already), SlotTaken, WrongState.
    """
    require_own_or_managed(reservation, by, "move", now)
    if reservation.replaces_id is not None:  # The reservation itself is changed, and anew.
        raise WrongState(state=reservation.state, verb="move")
    case = case_for(reservation, wanted, by)
    policies.check(case, now)
    units = {*units_of(reservation, places), *units_for(wanted.space, wanted.details.extras)}
    occupancy.look_again(reservation, sorted(units), "move", now)
    check_version(reservation, wanted.version)
    check_not_over(reservation, "move", now)
    states.move(reservation.state, "move")
    changed = differences(reservation, wanted)
    if not changed:
        return reservation
    check_running(reservation, wanted, now)
    if gives_back(reservation, wanted):
        check_deadline(places.by_id(reservation.space_id), reservation, by, now)
    drop_change(reservation, by, now)
    verdict = policies.settled(case_for(reservation, wanted, by), now)
    if asked_again(reservation, wanted, verdict):
        return ask(reservation, wanted, verdict, by, now)
    goes_its_own_way(reservation, changed)
    apply(reservation, wanted, verdict, by, now)
    tell_of_change(reservation, wanted, verdict, now, **messages.done_by(by, reservation))
    return reservation


def look(
    reservation: Reservation, places: Atlas, wanted: Wanted, *, by: Member, now: datetime
) -> Verdict:
    """What would come of it now, without a lock. Raises Refused and SlotTaken as `change` does;
    where it is both, Refused with the other as `taken`."""
    if gives_back(reservation, wanted):
        check_deadline(places.by_id(reservation.space_id), reservation, by, now)
    try:
        verdict = policies.judged(case_for(reservation, wanted, by), now)
    except Refused as no:
        try:
            check_free(reservation, wanted, now)
        except SlotTaken as taken:
            raise Refused(no.refusals, taken=taken) from None
        raise
    check_running(reservation, wanted, now)
    check_free(reservation, wanted, now)
    asked = asked_again(reservation, wanted, verdict)
    return verdict if asked else Verdict([], verdict.broken)


def check_free(reservation: Reservation, wanted: Wanted, now: datetime) -> None:
    """Raises SlotTaken if others have what it needs: a look without a lock."""
    needs = needs_of(wanted.space, wanted.period, wanted.details)
    units = {unit for need in needs for unit in need.units}
    blocks = occupancy.but(busy(units, needs[0].around, now), occupancy.had_by(reservation))
    waiting = find.change_of(reservation)
    if waiting is not None:  # It would give way.
        blocks = occupancy.but(blocks, occupancy.had_by(waiting))
    occupancy.pick(needs, blocks)


def case_for(reservation: Reservation, wanted: Wanted, by: Member) -> Case:
    """The wish of the reservation's member, who may have somebody speak for them."""
    details = replace(wanted.details, whose=None)  # A change changes nothing of whose it is.
    case = case_of(wanted.space, wanted.period, details, reservation.member)
    spared: frozenset[str] = frozenset()
    if is_lighter(reservation, wanted):
        spared = LIGHTER
    elif wanted.period.start == reservation.starts_at and same_place(reservation, wanted):
        spared = KEPT_START
    actor = by if by.id != reservation.member_id else None
    return replace(case, but=reservation.id, actor=actor, spared=spared)


def same_place(reservation: Reservation, wanted: Wanted) -> bool:
    """Whether it stays in its space."""
    return wanted.space.id == reservation.space_id


def is_lighter(reservation: Reservation, wanted: Wanted) -> bool:
    """Whether it asks for nothing that has not been granted: no time, people or extras more, no
    other space or use."""
    details, had = wanted.details, Period(reservation.starts_at, reservation.ends_at)
    granted = counts_of(reservation.id) if wanted.granted is None else wanted.granted
    return (
        same_place(reservation, wanted)
        and had.holds(wanted.period)
        and details.people <= reservation.people
        and (details.layout or None) == reservation.layout
        and (details.activity or None) == reservation.activity
        and all(count <= granted.get(slug, 0) for slug, count in details.extras.items())
    )


def gives_back(reservation: Reservation, wanted: Wanted) -> bool:
    """Whether some of the time, or the place itself, would be free for others."""
    had = Period(reservation.starts_at, reservation.ends_at)
    return not (same_place(reservation, wanted) and wanted.period.holds(had))


def asked_again(reservation: Reservation, wanted: Wanted, verdict: Verdict) -> bool:
    """Whether a manager has to say yes to it: what only waits for one anyway is changed at once."""
    granted = reservation.state != states.REQUESTED
    return granted and bool(verdict.asks) and not is_lighter(reservation, wanted)


def check_version(reservation: Reservation, version: int | None) -> None:
    """Raises Changed where somebody has changed it since it was seen."""
    if version is not None and version != reservation.sequence:
        raise Changed(since=version)


def check_running(reservation: Reservation, wanted: Wanted, now: datetime) -> None:
    """Raises Refused where it has begun, or somebody is there, and more than its end would be
    another."""
    if reservation.starts_at > now and reservation.state != states.CHECKED_IN:
        return
    moved = wanted.period.start != reservation.starts_at or not same_place(reservation, wanted)
    if moved or wanted.period.end <= now:
        raise Refused([Refusal("running")])


def differences(reservation: Reservation, wanted: Wanted) -> dict[str, list[Any]]:
    """What is and what would be, by column, as JSON values; a chosen unit counts as one."""
    new, details = row_of(wanted), wanted.details
    old = {name: getattr(reservation, name) for name in new}
    new["extras"] = {slug: count for slug, count in sorted(details.extras.items()) if count}
    granted = counts_of(reservation.id) if wanted.granted is None else wanted.granted
    old["extras"] = dict(sorted(granted.items()))
    found = {
        name: [as_json(old[name]), as_json(new[name])] for name in new if old[name] != new[name]
    }
    chosen = details.unit_id
    had = [unit.id for unit in find.units_of(reservation)] if chosen is not None else []
    if chosen is not None and chosen not in had and same_place(reservation, wanted):
        found["unit_id"] = [had[0] if had else None, chosen]
    return found


def as_json(value: Any) -> Any:
    """Instants as ISO 8601 in UTC; all else is JSON already."""
    return value.isoformat() if isinstance(value, datetime) else value


def row_of(wanted: Wanted) -> dict[str, Any]:
    """The columns of the row as it is wanted, cleaned."""
    details = wanted.details
    acts_for = policies.organisation_of(details.organisation, wanted.space)
    names = (texts.one_line(name)[:120] for name in details.named)
    return {
        "space_id": wanted.space.id,
        "starts_at": wanted.period.start,
        "ends_at": wanted.period.end,
        "people": details.people,
        "organisation_id": acts_for.id if acts_for else None,
        "layout": details.layout or None,
        "activity": details.activity or None,
        "named": [name for name in names if name][:20],
        "title": texts.one_line(details.title)[:120],
        "note": texts.clean(details.note)[:2000],
    }


def apply(
    reservation: Reservation,
    wanted: Wanted,
    verdict: Verdict,
    by: Member,
    now: datetime,
    units: Sequence[int] = (),
) -> None:
    """It becomes what is wanted; `units` come first where one may choose. The units of both must
    be locked. Nobody is told. Raises SlotTaken, WrongState."""
    space, details = wanted.space, wanted.details
    changed, why = differences(reservation, wanted), reason_for(details, verdict.broken)
    had = [*units, *occupancy.release(reservation)]
    change_state(reservation, "move", by.id, now, why=why, changed=changed)
    for name, value in row_of(wanted).items():
        setattr(reservation, name, value)
    reservation.asks, reservation.broken = verdict.asks, verdict.broken
    reservation.check_in_by = check_in_by(space.rules, wanted.period, now)
    if reservation.state == states.REQUESTED:
        reservation.expires_at = wanted.period.start
    forget_extras(reservation)
    remember_extras(reservation, space, details.extras)
    needs = [prefer_kept(need, had) for need in needs_of(space, wanted.period, details)]
    chosen = occupancy.choose(needs, now)
    if not competes(space, reservation):
        occupancy.take(reservation, chosen, needs[0].around)
        rivals.outbid(reservation, space, chosen, by.id, now)
    db.session.flush()
    db.session.expire(reservation, ["space"])


def tell_of_change(
    reservation: Reservation, wanted: Wanted, verdict: Verdict, now: datetime, **more: Any
) -> None:
    """Its member reads what it is now; `more` as in messages."""
    with place_at_hand(wanted.space):
        why = reason_for(wanted.details, verdict.broken)
        messages.tell_of(reservation, "move", now, why=why, **more)


def goes_its_own_way(reservation: Reservation, changed: Collection[str]) -> None:
    """What is moved by itself keeps its time and place when its series gets another."""
    if reservation.series_id is not None and OF_PLACE & set(changed):
        reservation.moved = True


def prefer_kept(need: Need, units: Collection[int]) -> Need:
    """The same need, with what it has first; a chosen one goes before."""
    return need if need.must is not None else prefer(need, units)


def ask(
    reservation: Reservation,
    wanted: Wanted,
    verdict: Verdict,
    by: Member,
    now: datetime,
    *,
    tell: bool = True,
) -> Reservation:
    """A request for the change, which ends when either time begins. It takes what is wanted but
    for what the reservation has; nothing where requests compete. Raises SlotTaken.

    Without `tell` somebody else tells of it: it is one of several.
    """
    space, details = wanted.space, wanted.details
    asked = born(case_for(reservation, wanted, by), details, verdict, now)
    asked.state, asked.replaces_id = states.move(states.NEW, "request"), reservation.id
    asked.series_id = reservation.series_id
    begins = [at for at in (reservation.starts_at, wanted.period.start) if at > now]
    asked.expires_at = min(begins, default=reservation.ends_at)
    write_down([asked])
    remember_extras(asked, space, details.extras)
    changed, why = differences(reservation, wanted), reason_for(details, verdict.broken)
    record(asked, states.NEW, "request", by.id, now, why=why, changed=changed)
    needs, own = needs_of(space, wanted.period, details), occupancy.had_by(reservation)
    chosen = occupancy.choose([prefer_kept(need, own) for need in needs], now, own)
    if not competes(space, asked):
        occupancy.take_beside(asked, chosen, needs[0].around, own)
    if tell:
        goes_its_own_way(asked, changed)
        with place_at_hand(space):
            more = messages.done_by(by, asked) | {"competing": space.rules.competing}
            messages.tell_of(asked, "request", now, why, **more)
    return asked


def grant(
    asked: Reservation,
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str = "",
    tell: bool = True,
) -> None:
    """The change that was asked for is made: the reservation has it now.

    `why` is wanted, and kept, where the venue would hold more people than it may. Raises
    WrongState, Refused without that reason, SlotTaken.
    """
    reservation, wanted = find.changed_by(asked), wanted_of(asked, places)
    units = {*units_of(reservation, places), *units_for(wanted.space, wanted.details.extras)}
    occupancy.look_again(asked, sorted(units), "grant", now)
    occupancy.look_again(reservation, (), "move", now)
    check_not_over(reservation, "move", now)
    if reservation.state == states.CHECKED_IN:
        check_running(reservation, wanted, now)
    change_state(asked, "grant", by.id, now, why=why)
    had = occupancy.release(asked)  # Before people are counted: they are those of the change.
    policies.check_crowd(case_for(reservation, wanted, by), now, why)
    details = replace(wanted.details, exception=why)
    verdict = Verdict(asked.asks, asked.broken)
    wanted = replace(wanted, details=details)
    reservation.moved = reservation.moved or asked.moved
    apply(reservation, wanted, verdict, by, now, had)
    if tell:
        tell_of_change(reservation, wanted, verdict, now)


def wanted_of(asked: Reservation, places: Atlas) -> Wanted:
    """What a request for a change asks for."""
    period = Period(asked.starts_at, asked.ends_at)
    return Wanted(places.by_id(asked.space_id), period, details_of(asked, places))


def details_of(reservation: Reservation, places: Atlas, granted: Counts | None = None) -> Details:
    """What its member says of it. `granted`: the extras it has, if that is known already."""
    number = reservation.organisation_id
    return Details(
        reservation.people,
        reservation.title,
        reservation.note,
        extras=counts_of(reservation.id) if granted is None else granted,
        layout=reservation.layout,
        activity=reservation.activity,
        named=tuple(reservation.named),
        organisation=places.organisation(number).slug if number is not None else "",
    )


def units_of(reservation: Reservation, places: Atlas) -> list[int]:
    """Every unit it may have now."""
    return units_for(places.by_id(reservation.space_id), counts_of(reservation.id))
