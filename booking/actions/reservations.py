"""Reserving a place, moving and giving it back. Every function flushes and none commits."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from booking.actions import messages, occupancy, outbox, policies, rivals
from booking.actions.guard import require_own_or_managed, require_reserving
from booking.actions.history import change_state, record
from booking.actions.occupancy import Need
from booking.actions.policies import Case, Verdict
from booking.db import Unlucky, db, keep
from booking.errors import NotFound, Refusal, Refused, SentTwice, WrongState
from booking.models.extras import ReservationExtra
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.waitlist import Waiting
from booking.queries import waitlist as find
from booking.queries.availability import busy, count_for, with_buffers
from booking.queries.delegations import acts_for
from booking.queries.extras import beside, counts_of, units_for
from booking.queries.members import grants_of
from booking.queries.reservations import last_of, locked_change_of
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import codes, states, texts
from booking.rules.extras import Counts
from booking.rules.periods import Period
from booking.rules.policies import Wish, cancellable_until
from booking.rules.presence import check_in_by
from booking.rules.roles import may
from booking.rules.waitlist import WAITING

COUNTED = frozenset({"quota-used", "over-ceiling"})
"""Rules that others may have used up meanwhile."""
UNDO = timedelta(seconds=10)
"""So long one may take back that one cancelled."""
SAME_FORM = ("uq_reservation_sent_as", "reservation.sent_as")
SAME_CODE = ("uq_reservation_code", "reservation.code")
"""As PostgreSQL and SQLite say that the form has been here, and that the code is somebody's."""


@dataclass(frozen=True)
class Details:
    """What a member says of a reservation, beside when and where.

    `unit_id`: a chosen unit. `extras`: how many pieces of what beside the space, by slug; none is
    zero. `named`: who will be there, where the policy wants names. `organisation`: the slug of the
    one they act for. `exception`: why rules should not hold this once; empty where no exception
    is wanted. `whose`: the member it is for, where that is not the one who says it.
    """

    people: int = 1
    title: str = ""
    note: str = ""
    unit_id: int | None = None
    extras: Mapping[str, int] = field(default_factory=dict)
    layout: str | None = None
    activity: str | None = None
    named: tuple[str, ...] = ()
    organisation: str = ""
    exception: str = ""
    whose: Member | None = None


def reserve(
    space: SpaceFacts,
    period: Period,
    details: Details,
    *,
    by: Member,
    now: datetime,
    sent_as: str | None = None,
) -> Reservation:
    """Reserves at once, or asks where a manager's yes is wanted (`asks` says why).

    The units are taken either way, but for a request that competes with others. The member it is
    for is told, whoever reserves. `sent_as` names the form it came with. Raises NotAllowed, Refused
    with all reasons, SlotTaken, SentTwice where that form has reserved already, and NotFound for a
    unit or an organisation that is none of theirs.
    """
    reservation = placed(space, period, details, by=by, now=now, sent_as=sent_as)
    verb = "request" if reservation.state == states.REQUESTED else "reserve"
    more, nothing = circumstances(space, details, reservation), None if details.extras else ()
    more |= messages.done_by(by, reservation)
    with place_at_hand(space):
        messages.tell_of(reservation, verb, now, beside=nothing, **more)
    return reservation


def placed(
    space: SpaceFacts,
    period: Period,
    details: Details,
    *,
    by: Member,
    now: datetime,
    sent_as: str | None = None,
) -> Reservation:
    """The reservation with its units, of which nobody has been told yet. Raises as `reserve`."""
    require_reserving(by, details.whose, [space.venue.id], now)
    case = case_of(space, period, details, by)
    policies.check(case, now)
    needs = needs_of(space, period, details)
    units = occupancy.choose(needs, now)
    verdict = policies.settled(case, now)
    verb = "request" if verdict.asks else "reserve"
    reservation = born(case, details, verdict, now)
    reservation.state = states.move(states.NEW, verb)
    reservation.expires_at = period.start if verdict.asks else None
    reservation.sent_as = sent_as
    write_down([reservation])
    remember_extras(reservation, space, details.extras)
    why = reason_for(details, verdict.broken)
    record(reservation, states.NEW, verb, by.id, now, why=why)
    if not competes(space, reservation):
        occupancy.take(reservation, units, needs[0].around)
        rivals.outbid(reservation, space, units, None, now)
    return reservation


def write_down(reservations: Sequence[Reservation]) -> None:
    """The rows get their numbers. Raises SentTwice where their form has made some already, and
    Unlucky if a code is another's: with a million of them
    that happens to one reservation in thirty thousand, and to look first would cost them all."""
    try:
        keep(reservations)
    except IntegrityError as error:
        if any(name in str(error.orig) for name in SAME_FORM):
            raise SentTwice from error
        if not any(name in str(error.orig) for name in SAME_CODE):
            raise
        raise Unlucky from error


def reason_for(details: Details, broken: Sequence[str]) -> str:
    """Why an exception is made or asked for; empty where none is."""
    return texts.clean(details.exception)[:500] if broken else ""


def case_of(space: SpaceFacts, period: Period, details: Details, by: Member) -> Case:
    """The wish as it comes before the rules, which are those of the member it is for. Raises
    NotFound for an unknown organisation."""
    names = (texts.one_line(name)[:120] for name in details.named)
    wish = Wish(
        period,
        details.people,
        space.zone,
        details.layout or None,
        details.activity or None,
        tuple(name for name in names if name),
        details.extras,
    )
    organisation = policies.organisation_of(details.organisation, space)
    case = Case(space, wish, by, organisation, texts.clean(details.exception))
    if details.whose is None or details.whose.id == by.id:
        return case
    return replace(case, by=details.whose, actor=by)


def born(case: Case, details: Details, verdict: Verdict, now: datetime) -> Reservation:
    """The row of a new reservation, without its state."""
    wish = case.wish
    return Reservation(
        code=codes.reservation_code(),
        space_id=case.space.id,
        member=case.by,
        member_id=case.by.id,
        organisation_id=case.acts_for.id if case.acts_for else None,
        uid=str(uuid4()),
        starts_at=wish.period.start,
        ends_at=wish.period.end,
        check_in_by=check_in_by(case.space.rules, wish.period, now),
        people=wish.people,
        layout=wish.layout,
        activity=wish.activity,
        named=list(wish.named[:20]),
        asks=verdict.asks,
        broken=verdict.broken,
        moved=False,
        title=texts.one_line(details.title)[:120],
        note=texts.clean(details.note)[:2000],
        sequence=0,
        created_at=now,
        updated_at=now,
    )


def competes(space: SpaceFacts, reservation: Reservation) -> bool:
    """Whether it is a request that does not hold its place."""
    return reservation.state == states.REQUESTED and space.rules.competing


def circumstances(space: SpaceFacts, details: Details, reservation: Reservation) -> dict[str, Any]:
    """What mails say of a new reservation beside what its row says."""
    why, rivals = reason_for(details, reservation.broken), competes(space, reservation)
    return {"why": why, "competing": rivals}


@contextmanager
def place_at_hand(space: SpaceFacts) -> Iterator[None]:
    """Inside, the rows of the space and its venue are in the session, without asking for them."""
    rows = [db.session.merge(row, load=False) for row in (space.space, space.venue.venue)]
    yield
    rows.clear()


def remember_extras(reservation: Reservation, space: SpaceFacts, extras: Counts) -> None:
    """What it takes beside the space; the pieces themselves are units like any other."""
    known = beside(space)
    for slug, count in extras.items():
        row = ReservationExtra(reservation_id=reservation.id, extra_id=known[slug].id, count=count)
        db.session.add(row)


def forget_extras(reservation: Reservation) -> None:
    """Nothing is taken beside the space any more."""
    own = ReservationExtra.reservation_id == reservation.id
    db.session.execute(delete(ReservationExtra).where(own))


def needs_of(space: SpaceFacts, period: Period, details: Details) -> list[Need]:
    """What it takes of the space and beside it, buffers included, the space first.

    An extra that never runs out needs nothing. Raises NotFound for a chosen unit that is none.
    """
    units, unit_id = space.units, details.unit_id
    if unit_id is not None:
        if unit_id not in units or not space.pool:
            raise NotFound(what="unit")
        units = [unit_id, *(unit for unit in units if unit != unit_id)]
    around = with_buffers(space, period)
    return [Need(units, count_for(space, details.people), around, unit_id)] + [
        Need(one.units, details.extras[slug], around, extra=slug, name=one.extra.name)
        for slug, one in beside(space).items()
        if one.units and slug in details.extras
    ]


def check_free(space: SpaceFacts, period: Period, details: Details, now: datetime) -> None:
    """Raises SlotTaken if it could not be had now: a look without a lock, that ends nothing."""
    needs = needs_of(space, period, details)
    units = {unit for need in needs for unit in need.units}
    occupancy.pick(needs, busy(units, needs[0].around, now))


def cancel(
    reservation: Reservation, places: Atlas, *, by: Member, now: datetime, why: str = ""
) -> None:
    """The member gives the place back, or withdraws a request; a manager may cancel too.

    What would have changed it ends with it. They have `UNDO` to take it back (`restore`): nobody
    is told before. Raises NotFound, WrongState, and Refused once the member's deadline is over.
    """
    require_own_or_managed(reservation, by, "cancel", now)
    space = places.by_id(reservation.space_id)
    occupancy.look_again(reservation, space.units, "cancel", now)
    check_not_over(reservation, "cancel", now)
    waits = states.knows(reservation.state, "withdraw")
    verb = "withdraw" if waits and acts_for(by, reservation.member_id, now) else "cancel"
    states.move(reservation.state, verb)
    check_deadline(space, reservation, by, now)
    reason, offered = texts.clean(why)[:500], reservation.state == states.HELD
    units = occupancy.release(reservation)
    change_state(reservation, verb, by.id, now, why=reason, changed={"units": sorted(units)})
    drop_change(reservation, by, now)
    db.session.flush()
    if offered:  # Nobody has been told that it is theirs.
        return
    more = messages.done_by(by, reservation)
    messages.tell_of(reservation, verb, now, why=reason, not_before=now + UNDO, **more)


def restore(reservation: Reservation, places: Atlas, *, by: Member, now: datetime) -> None:
    """Takes back what the same person cancelled or withdrew a moment ago: as if nothing had been,
    but for two lines of history. Nobody has been told and nobody is.

    Raises NotFound, WrongState where something else happened last, Refused when `UNDO` is over, and
    SlotTaken where somebody was quicker.
    """
    require_own_or_managed(reservation, by, "cancel", now)
    last = last_of(reservation)
    before = states.move(reservation.state, "restore")
    other = last.member_id != by.id or last.before != before or "series" in (last.changed or {})
    if reservation.replaces_id is not None or other:
        raise WrongState(state=reservation.state, verb="restore")
    if now >= last.at + UNDO:
        raise Refused([Refusal("undo-too-late", {"seconds": UNDO.seconds})])
    space, had = places.by_id(reservation.space_id), (last.changed or {}).get("units", [])
    extras = counts_of(reservation.id)
    occupancy.look_again(reservation, units_for(space, extras), "restore", now)
    period = Period(reservation.starts_at, reservation.ends_at)
    reclaim(had, with_buffers(space, period), last.at, now)
    check_counted(reservation, space, now)
    change_state(reservation, "restore", by.id, now)
    period = Period(reservation.starts_at, reservation.ends_at)
    reservation.check_in_by = check_in_by(space.rules, period, now)
    if had:
        needs = needs_of(space, period, Details(reservation.people, extras=extras))
        needs = [prefer(need, had) for need in needs]
        occupancy.take(reservation, occupancy.choose(needs, now), needs[0].around)
    outbox.take_back(reservation.code, now)


def reclaim(units: Collection[int], around: Period, since: datetime, now: datetime) -> None:
    """Offers of the waitlist that were made of these units since then give way: who waits has the
    same place in line as before, and was told nothing yet. The units must be locked."""
    for offered in find.offers_over(units, around):
        if offered.created_at >= since:
            change_state(offered, "give_way", None, now)
            occupancy.release(offered)
            outbox.take_back(offered.code, now)
            back = {"state": WAITING, "reservation_id": None, "token_hash": None}
            entry = update(Waiting).where(Waiting.reservation_id == offered.id)
            db.session.execute(entry.values(**back, offered_until=None, changed_at=now))


def check_counted(reservation: Reservation, space: SpaceFacts, now: datetime) -> None:
    """Raises Refused where a quota or the venue has been filled meanwhile. What was excepted
    before, or waits for a manager anyway, stays so."""
    known = space.venue.organisations.values()
    organisation = next((one for one in known if one.id == reservation.organisation_id), None)
    wish = Wish(Period(reservation.starts_at, reservation.ends_at), reservation.people, space.zone)
    case = Case(space, wish, reservation.member, organisation, but=reservation.id)
    broken: list[Refusal] = []
    try:
        policies.settled(case, now)
    except Refused as no:
        broken = no.refusals
    crowd = policies.over_ceiling(case, now)
    kept = {*reservation.broken, *(["over-ceiling"] if "ceiling" in reservation.asks else [])}
    counted = [*broken, *([crowd] if crowd else [])]
    left = [one for one in counted if one.code in COUNTED and one.code not in kept]
    if left:
        raise Refused(left)


def prefer(need: Need, units: Collection[int]) -> Need:
    """The same need, these units first."""
    return replace(need, units=sorted(need.units, key=lambda unit: unit not in units))


def drop_change(reservation: Reservation, by: Member | None, now: datetime) -> None:
    """A request that would change it is void: what it was about is another thing now. No `by` means
    the system itself."""
    asked = locked_change_of(reservation)
    if asked is not None:
        change_state(asked, "withdraw", by.id if by else None, now)
        occupancy.release(asked)


def check_not_over(reservation: Reservation, verb: str, now: datetime) -> None:
    """Raises WrongState for what is already over: the past is not rewritten."""
    if reservation.ends_at <= now:
        raise WrongState(state=states.DONE, verb=verb)


def check_deadline(space: SpaceFacts, reservation: Reservation, by: Member, now: datetime) -> None:
    """Raises Refused when it is too late for a member to cancel alone; managers may, always."""
    until = cancellable_until(space.rules, reservation.starts_at)
    decides = may(grants_of(by), "cancel", space.venue.id, now)
    if reservation.state == states.CONFIRMED and now > until and not decides:
        facts = {"until": until, "cancel_notice": space.rules.cancel_notice}
        raise Refused([Refusal("cancel-too-late", facts, "manager")])
