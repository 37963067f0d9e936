"""Deciding on requests."""

from datetime import datetime

from booking.actions import messages, occupancy
from booking.actions.guard import require_over
from booking.actions.history import change_state
from booking.db import db
from booking.errors import Refusal, Refused, WrongState
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.venues import Atlas
from booking.rules import states, texts

CHANGING = ["state", "starts_at", "ends_at", "expires_at", "sequence"]


def approve(reservation: Reservation, places: Atlas, *, by: Member, now: datetime) -> None:
    """The request becomes a reservation. Raises NotFound, NotAllowed, WrongState."""
    require_over(by, "approve", reservation, now)
    look_again(reservation, places, "approve", now)
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
    look_again(reservation, places, "decline", now)
    change_state(reservation, "decline", by.id, now, reason)
    occupancy.release(reservation)
    messages.tell_of(reservation, "decline", now, why=reason)


def look_again(reservation: Reservation, places: Atlas, verb: str, now: datetime) -> None:
    """Locks the units and reads the request afresh: another may have changed it meanwhile.

    Raises WrongState when its time has run out, whether or not the worker has said so yet.
    """
    occupancy.lock(places.by_id(reservation.space_id).units)
    db.session.refresh(reservation, CHANGING)
    if reservation.expires_at is not None and reservation.expires_at <= now:
        raise WrongState(state=states.EXPIRED, verb=verb)
