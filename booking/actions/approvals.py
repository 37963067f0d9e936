"""Deciding on requests."""

from datetime import datetime

from booking.actions import messages, occupancy, policies, rivals
from booking.actions.guard import require_over
from booking.actions.history import change_state
from booking.actions.reservations import Details, case_of_moved, needs_of
from booking.errors import Refusal, Refused
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.extras import counts_of, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import texts
from booking.rules.periods import Period


def approve(
    reservation: Reservation, places: Atlas, *, by: Member, now: datetime, why: str = ""
) -> list[Reservation]:
    """The request becomes a reservation; returns the requests it wins against, now declined.

    `why` is wanted, and kept, where the venue would hold more people than it may. Raises
    NotFound, NotAllowed, WrongState, Refused without that reason, and SlotTaken where a
    competing request comes too late.
    """
    require_over(by, "approve", reservation, now)
    space = places.by_id(reservation.space_id)
    wanted = counts_of(reservation.id)
    occupancy.look_again(reservation, units_for(space, wanted), "approve", now)
    reason = texts.clean(why)[:500]
    check_crowd(reservation, space, now, reason)
    change_state(reservation, "approve", by.id, now, why=reason)
    units = occupancy.keep(reservation)
    if not units:
        details = Details(reservation.people, extras=wanted)
        needs = needs_of(space, period_of(reservation), details)
        units = occupancy.choose(needs, now)
        occupancy.take(reservation, units, needs[0].around)
    declined = rivals.outbid(reservation, space, units, by.id, now)
    messages.tell_of(reservation, "approve", now)
    return declined


def period_of(reservation: Reservation) -> Period:
    """When it is."""
    return Period(reservation.starts_at, reservation.ends_at)


def check_crowd(reservation: Reservation, space: SpaceFacts, now: datetime, reason: str) -> None:
    """Raises Refused where the venue would be too full and nobody says why it may be."""
    if space.venue.venue.ceiling is not None:
        policies.lock_venue(space.venue.id)
    case = case_of_moved(reservation, space, period_of(reservation), {})
    crowd = policies.over_ceiling(case, now)
    if crowd is not None and not reason:
        raise Refused([crowd])


def decline(
    reservation: Reservation, places: Atlas, *, by: Member, now: datetime, why: str
) -> None:
    """No, with a reason the member reads; the units are free again.

    Raises NotFound, NotAllowed, WrongState, and Refused without a reason.
    """
    require_over(by, "decline", reservation, now)
    reason = texts.clean(why)[:500]
    if not reason:
        raise Refused([Refusal("reason-missing")])
    occupancy.look_again(reservation, places.by_id(reservation.space_id).units, "decline", now)
    change_state(reservation, "decline", by.id, now, why=reason)
    occupancy.release(reservation)
    messages.tell_of(reservation, "decline", now, why=reason)
