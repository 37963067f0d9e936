"""What people are told about a reservation, as facts; the worker finds the words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from booking.actions import outbox
from booking.db import db
from booking.models.reservations import Reservation
from booking.queries.extras import Held, held
from booking.queries.members import managers_of
from booking.rules import states

KINDS = {
    "reserve": "reservation-confirmed",
    "request": "reservation-requested",
    "approve": "reservation-approved",
    "decline": "reservation-declined",
    "outbid": "reservation-outbid",
    "cancel": "reservation-cancelled",
    "withdraw": "reservation-withdrawn",
    "move": "reservation-moved",
    "expire": "reservation-expired",
    "hold": "waitlist-offered",
    "pass": "waitlist-passed",
}
FOR_MANAGERS = "request-received"
TOGETHER = "basket-reserved"


def tell_of(
    reservation: Reservation,
    verb: str,
    now: datetime,
    why: str = "",
    beside: Sequence[Held] | None = None,
    **more: Any,
) -> None:
    """Tells the member, and on a request also the venue's managers. `more` are further facts;
    `not_before` is one of the message itself.

    The reservation's space, venue and member must be loaded. `beside`: its extras, if known.
    """
    facts = facts_of(reservation, why, beside) | more
    outbox.post(KINDS[verb], reservation.member, now, **facts)
    if verb == "request":
        tell_managers(reservation, facts, now)


def tell_of_all(made: Sequence[Reservation], more: Sequence[dict[str, Any]], now: datetime) -> None:
    """One mail to the member for what was reserved or requested together; managers as ever.
    `more` are further facts of each."""
    if len(made) == 1:
        verb = "request" if made[0].state == states.REQUESTED else "reserve"
        tell_of(made[0], verb, now, **more[0])
        return
    facts = [facts_of(row, "") | own for row, own in zip(made, more, strict=True)]
    outbox.post(TOGETHER, made[0].member, now, reservations=facts)
    for reservation, own in zip(made, facts, strict=True):
        if reservation.state == states.REQUESTED:
            tell_managers(reservation, own, now)


def tell_managers(reservation: Reservation, facts: dict[str, Any], now: datetime) -> None:
    """A request waits for the venue's managers."""
    for manager in managers_of(reservation.space.venue_id, now):
        outbox.post(FOR_MANAGERS, manager, now, **facts)


def code_of(reservation_id: int | None) -> str | None:
    """The code of the reservation that a request would change; None for any other."""
    row = db.session.get(Reservation, reservation_id) if reservation_id is not None else None
    return row.code if row else None


def facts_of(
    reservation: Reservation, why: str, beside: Sequence[Held] | None = None
) -> dict[str, Any]:
    """The reservation as it is at this moment, as JSON values; instants in ISO 8601, UTC."""
    extras = held([reservation.id])[reservation.id] if beside is None else beside
    space, venue = reservation.space, reservation.space.venue
    return {
        "code": reservation.code,
        "uid": reservation.uid,
        "sequence": reservation.sequence,
        "state": reservation.state,
        "status": states.ical_status(reservation.state),
        "starts_at": reservation.starts_at.isoformat(),
        "ends_at": reservation.ends_at.isoformat(),
        "created_at": reservation.created_at.isoformat(),
        "updated_at": reservation.updated_at.isoformat(),
        "zone": venue.timezone,
        "space": space.name,
        "venue": venue.name,
        "address": f"{venue.address}, {venue.postcode} {venue.city}",
        "geo": [venue.lat, venue.lon] if "coordinates" not in venue.demo_fields else [None, None],
        "people": reservation.people,
        "layout": reservation.layout,
        "activity": reservation.activity,
        "named": reservation.named,
        "asks": reservation.asks,
        "broken": reservation.broken,
        "extras": [{"name": one.name, "count": one.count} for one in extras],
        "title": reservation.title,
        "note": reservation.note,
        "member": reservation.member.name,
        "why": why,
        "replaces": code_of(reservation.replaces_id),
    }
