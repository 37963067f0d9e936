"""Deciding on requests."""

from datetime import datetime

from booking.actions import messages, occupancy
from booking.actions.guard import require_over
from booking.actions.history import change_state
from booking.errors import Refusal, Refused
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.venues import Atlas
from booking.rules import texts


def approve(reservation: Reservation, places: Atlas, *, by: Member, now: datetime) -> None:
    """The request becomes a reservation. Raises NotFound, NotAllowed, WrongState."""
    require_over(by, "approve", reservation, now)
    occupancy.look_again(reservation, places.by_id(reservation.space_id).units, "approve", now)
    change_state(reservation, "approve", by.id, now)
    occupancy.keep(reservation)
    messages.tell_of(reservation, "approve", now)


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
    change_state(reservation, "decline", by.id, now, reason)
    occupancy.release(reservation)
    messages.tell_of(reservation, "decline", now, why=reason)
