"""Reserving a place, moving and giving it back. Every function flushes and none commits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from booking.actions import messages, occupancy
from booking.actions.guard import require_confirmed, require_over
from booking.actions.history import change_state, record
from booking.actions.occupancy import Need
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refusal, Refused, WrongState
from booking.models.extras import ReservationExtra
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.availability import NOTHING, busy, count_for
from booking.queries.extras import beside, counts_of, offered, units_for
from booking.queries.members import grants_of
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import codes, states, texts
from booking.rules import extras as extras_rule
from booking.rules.extras import Counts
from booking.rules.hours import open_around
from booking.rules.periods import Period
from booking.rules.policies import Wish, cancellable_until, minutes, refusals
from booking.rules.roles import may


@dataclass(frozen=True)
class Details:
    """What a member says of a reservation, beside when and where. `unit_id`: a chosen unit.

    `extras`: how many pieces of what beside the space, by slug; none is zero.
    """

    people: int = 1
    title: str = ""
    note: str = ""
    unit_id: int | None = None
    extras: Mapping[str, int] = field(default_factory=dict)


def reserve(
    space: SpaceFacts, period: Period, details: Details, *, by: Member, now: datetime
) -> Reservation:
    """Reserves at once, or asks where the policy wants a manager's yes.

    The units are taken either way. Raises NotAllowed, Refused with all reasons, SlotTaken.
    """
    reservation = placed(space, period, details, by=by, now=now)
    verb = "request" if reservation.state == states.REQUESTED else "reserve"
    with place_at_hand(space):
        messages.tell_of(reservation, verb, now)
    return reservation


def placed(
    space: SpaceFacts, period: Period, details: Details, *, by: Member, now: datetime
) -> Reservation:
    """The reservation with its units, of which nobody has been told yet. Raises as `reserve`."""
    require_confirmed(by)
    check_rules(space, period, details.people, now, details.extras)
    needs = needs_of(space, period, details)
    units = occupancy.choose(needs, now)
    asks = asks_of(space, details)
    verb = "request" if asks else "reserve"
    reservation = Reservation(
        code=new_code(),
        space_id=space.id,
        member=by,
        uid=str(uuid4()),
        state=states.move(states.NEW, verb),
        starts_at=period.start,
        ends_at=period.end,
        people=details.people,
        title=texts.one_line(details.title)[:120],
        note=texts.clean(details.note)[:2000],
        sequence=0,
        created_at=now,
        updated_at=now,
        expires_at=period.start if asks else None,
        asks=asks,
    )
    db.session.add(reservation)
    db.session.flush()
    remember_extras(reservation, space, details.extras)
    record(reservation, states.NEW, verb, by.id, now)
    occupancy.take(reservation, units, needs[0].around)
    return reservation


@contextmanager
def place_at_hand(space: SpaceFacts) -> Iterator[None]:
    """Inside, the rows of the space and its venue are in the session, without asking for them."""
    rows = [db.session.merge(row, load=False) for row in (space.space, space.venue.venue)]
    yield
    rows.clear()


def asks_of(space: SpaceFacts, details: Details) -> list[str]:
    """Why a manager is asked first; empty where it is a reservation at once."""
    asks = ["always"] if space.on_request else []
    return asks + extras_rule.asks(details.extras, offered(space))


def remember_extras(reservation: Reservation, space: SpaceFacts, extras: Counts) -> None:
    """What it takes beside the space; the pieces themselves are units like any other."""
    known = beside(space)
    for slug, count in extras.items():
        row = ReservationExtra(reservation_id=reservation.id, extra_id=known[slug].id, count=count)
        db.session.add(row)


def check_rules(
    space: SpaceFacts, period: Period, people: int, now: datetime, extras: Counts = NOTHING
) -> None:
    """Raises Refused with every rule of the space this would break."""
    opening = open_around(space.hours, period, space.zone)
    broken = refusals(space.rules, Wish(period, people, space.zone), opening, now)
    if count_for(space, people) > len(space.units):
        broken.append(Refusal("too-many-units", {"units": len(space.units)}))
    broken += extras_rule.refusals(extras, offered(space))
    if broken:
        raise Refused(broken)


def needs_of(space: SpaceFacts, period: Period, details: Details) -> list[Need]:
    """What it takes of the space and beside it, buffers included, the space first.

    An extra that never runs out needs nothing. Raises NotFound for a chosen unit that is none.
    """
    units, unit_id = space.units, details.unit_id
    if unit_id is not None:
        if unit_id not in units or not space.pool:
            raise NotFound(what="unit")
        units = [unit_id, *(unit for unit in units if unit != unit_id)]
    before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
    around = period.widened(before, after)
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


def new_code() -> str:
    """A code nobody has yet."""
    while True:
        code = codes.reservation_code()
        if db.session.scalar(select(Reservation.id).where(Reservation.code == code)) is None:
            return code


def move(
    reservation: Reservation, places: Atlas, period: Period, *, by: Member, now: datetime
) -> None:
    """Another time in the same space, by the same rules and the same gate, with its extras.

    The old time is given back only if the new one is had; its units are kept where they are
    free then too. Raises NotFound, Refused (also when it is too late to cancel), SlotTaken,
    WrongState.
    """
    require_own_or_managed(reservation, by, "move", now)
    space = places.by_id(reservation.space_id)
    details = Details(reservation.people, extras=counts_of(reservation.id))
    check_rules(space, period, details.people, now, details.extras)
    occupancy.look_again(reservation, units_for(space, details.extras), "move", now)
    check_not_over(reservation, "move", now)
    check_deadline(space, reservation, by, now)
    change_state(reservation, "move", by.id, now)
    before = occupancy.release(reservation)
    reservation.starts_at, reservation.ends_at = period.start, period.end
    if reservation.state == states.REQUESTED:
        reservation.expires_at = period.start
    needs = [
        replace(need, units=sorted(need.units, key=lambda unit: unit not in before))
        for need in needs_of(space, period, details)
    ]
    occupancy.take(reservation, occupancy.choose(needs, now), needs[0].around)
    messages.tell_of(reservation, "move", now)


def cancel(
    reservation: Reservation, places: Atlas, *, by: Member, now: datetime, why: str = ""
) -> None:
    """The member gives the place back, or withdraws a request; a manager may cancel too.

    Raises NotFound, WrongState, and Refused once the member's deadline is over.
    """
    require_own_or_managed(reservation, by, "cancel", now)
    space = places.by_id(reservation.space_id)
    occupancy.look_again(reservation, space.units, "cancel", now)
    check_not_over(reservation, "cancel", now)
    own = reservation.member_id == by.id
    verb = "withdraw" if own and states.knows(reservation.state, "withdraw") else "cancel"
    states.move(reservation.state, verb)
    check_deadline(space, reservation, by, now)
    reason = texts.clean(why)[:500]
    change_state(reservation, verb, by.id, now, reason)
    occupancy.release(reservation)
    db.session.flush()
    messages.tell_of(reservation, verb, now, why=reason)


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


def require_own_or_managed(reservation: Reservation, by: Member, verb: str, now: datetime) -> None:
    """Their own, or at a venue where a role allows the verb. Raises NotFound, NotAllowed."""
    if reservation.member_id != by.id:
        require_over(by, verb, reservation, now)
    elif by.blocked_at is not None:
        raise NotAllowed(verb=verb)
