"""Deciding on requests."""

from datetime import datetime

from booking.actions import changes, messages, occupancy, policies, rivals
from booking.actions.guard import require_over
from booking.actions.history import change_state
from booking.actions.policies import Case
from booking.actions.reservations import Details, needs_of
from booking.errors import Refusal, Refused, WrongState
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.extras import counts_of, units_for
from booking.queries.venues import Atlas
from booking.rules import states, texts
from booking.rules.periods import Period
from booking.rules.policies import Wish


def approve(
    reservation: Reservation,
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str = "",
    tell: bool = True,
) -> list[Reservation]:
    """The request becomes a reservation, or changes the one it is about; returns the requests it
    wins against, now declined.

    `why` is wanted, and kept, where the venue would hold more people than it may. Raises
    NotFound, NotAllowed, WrongState, Refused without that reason, and SlotTaken where a
    competing request comes too late. Without `tell` somebody else tells the member.
    """
    require_over(by, "approve", reservation, now)
    reason = texts.clean(why)[:500]
    if reservation.replaces_id is not None:
        changes.grant(reservation, places, by=by, now=now, why=reason, tell=tell)
        return []
    space, wanted = places.by_id(reservation.space_id), counts_of(reservation.id)
    occupancy.look_again(reservation, units_for(space, wanted), "approve", now)
    period = Period(reservation.starts_at, reservation.ends_at)
    wish = Wish(period, reservation.people, space.zone)
    policies.check_crowd(Case(space, wish, reservation.member, but=reservation.id), now, reason)
    change_state(reservation, "approve", by.id, now, why=reason)
    units = occupancy.keep(reservation)
    if not units:
        needs = needs_of(space, period, Details(reservation.people, extras=wanted))
        units = occupancy.choose(needs, now)
        occupancy.take(reservation, units, needs[0].around)
    declined = rivals.outbid(reservation, space, units, by.id, now)
    if tell:
        messages.tell_of(reservation, "approve", now)
    return declined


def decline(
    reservation: Reservation,
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str,
    tell: bool = True,
) -> None:
    """No to a request, with a reason the member reads; the units are free again.

    Raises NotFound, NotAllowed, WrongState, and Refused without a reason. `tell` as in `approve`.
    """
    require_over(by, "decline", reservation, now)
    if reservation.state == states.HELD:  # Who waited would have it offered once more.
        raise WrongState(state=reservation.state, verb="decline")
    turn_away(reservation, places, by=by, now=now, why=why, tell=tell)


def turn_away(
    reservation: Reservation,
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str,
    tell: bool = True,
) -> None:
    """The same, also of what is offered to somebody who waits: for a closure, which then has the
    place."""
    require_over(by, "decline", reservation, now)
    reason = texts.clean(why)[:500]
    if not reason:
        raise Refused([Refusal("reason-missing")])
    occupancy.look_again(reservation, places.by_id(reservation.space_id).units, "decline", now)
    told = "pass" if reservation.state == states.HELD else "decline"
    change_state(reservation, "decline", by.id, now, why=reason)
    occupancy.release(reservation)
    if tell:
        messages.tell_of(reservation, told, now, why=reason)
