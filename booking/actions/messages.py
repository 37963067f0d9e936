"""What people are told about a reservation, as facts; the worker finds the words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from booking.actions import guest_messages, outbox
from booking.actions.facts import as_text, place_of
from booking.db import db
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries.extras import Held, held
from booking.queries.members import managers_of
from booking.queries.venues import SpaceFacts
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
    "miss": "reservation-released",
    "ask": "feedback-asked",
}
FOR_MANAGERS = "request-received"
TOGETHER = "basket-reserved"
WISHED = "visitor-wished"
SERIES = {
    "made": "series-reserved",
    "changed": "series-changed",
    "cancelled": "series-cancelled",
    "approved": "series-approved",
    "declined": "series-declined",
}
SERIES_FOR_MANAGERS = "series-request-received"
NEW = frozenset({"reserve", "request", "hold", "pass"})
"""What is told of reservations that have no guests yet, or never had."""


def tell_of(
    reservation: Reservation,
    verb: str,
    now: datetime,
    why: str = "",
    beside: Sequence[Held] | None = None,
    **more: Any,
) -> None:
    """Tells the member, its guests, and on a request also the venue's managers. `more` are further
    facts; `not_before` is one of the message itself.

    The reservation's space, venue and member must be loaded. `beside`: its extras, if known.
    """
    facts = facts_of(reservation, why, beside) | more
    outbox.post(KINDS[verb], reservation.member, now, **facts)
    if verb == "request":
        tell_managers(reservation, facts, now)
    if verb not in NEW:
        place = {reservation.space_id: (reservation.space, reservation.space.venue)}
        waits = more.get("not_before")
        guest_messages.follow([reservation], place, now, not_before=waits)


def done_by(by: Member, reservation: Reservation) -> dict[str, Any]:
    """A further fact: who acted, where that was not the member themselves."""
    return {"by": by.name} if by.id != reservation.member_id else {}


def tell_of_all(made: Sequence[Reservation], more: Sequence[dict[str, Any]], now: datetime) -> None:
    """One mail to the member for all of theirs that was reserved or requested together; managers as
    ever. `more` are further facts of each."""
    if len(made) == 1:
        verb = "request" if made[0].state == states.REQUESTED else "reserve"
        tell_of(made[0], verb, now, **more[0])
        return
    facts = [facts_of(row, "") | own for row, own in zip(made, more, strict=True)]
    outbox.post(TOGETHER, made[0].member, now, reservations=facts)
    for reservation, own in zip(made, facts, strict=True):
        if reservation.state == states.REQUESTED:
            tell_managers(reservation, own, now)


def tell_of_series(
    series: Series,
    what: str,
    rows: Sequence[Reservation],
    places: Sequence[SpaceFacts],
    now: datetime,
    **more: Any,
) -> None:
    """One mail to the member for all that became of a series at once, whose spaces are `places`;
    one to each guest of a date, and to each manager of the venues where something is asked for.

    `more` as in `tell_of`.
    """
    spaces = {space.id: space for space in places}
    facts = facts_of_series(series, rows, places)
    member = rows[0].member
    outbox.post(SERIES[what], member, now, **facts | more)
    if what != "made":
        at = {space.id: (space.space, space.venue.venue) for space in places}
        waits = more.get("not_before")
        guest_messages.follow(rows, at, now, not_before=waits, back=series.code)
    if what in ("made", "changed"):
        asked = [row for row in rows if row.state == states.REQUESTED]
        for venue_id in dict.fromkeys(spaces[row.space_id].venue.id for row in asked):
            theirs = [r for r in asked if spaces[r.space_id].venue.id == venue_id]
            own = facts | {"dates": [date_of(row) for row in theirs]}
            for manager in managers_of(venue_id, now):
                outbox.post(SERIES_FOR_MANAGERS, manager, now, **own)


def facts_of_series(
    series: Series, rows: Sequence[Reservation], places: Sequence[SpaceFacts]
) -> dict[str, Any]:
    """Some dates of a series as they are at this moment, as JSON values."""
    competing = {space.id for space in places if space.rules.competing}
    return {
        "code": series.code,
        "why": "",
        "title": rows[0].title,
        "people": rows[0].people,
        "member": rows[0].member.name,
        "asked": sum(row.state == states.REQUESTED for row in rows),
        "competing": any(row.space_id in competing for row in rows),
        "places": {str(space.id): place_of(space.space, space.venue.venue) for space in places},
        "dates": [date_of(row) for row in rows],
    }


def date_of(row: Reservation) -> dict[str, Any]:
    """One date of a series as JSON values: what its calendar entry needs beside its place."""
    return {
        "code": row.code,
        "uid": row.uid,
        "sequence": row.sequence,
        "state": row.state,
        "status": states.ical_status(row.state),
        "title": row.title,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "check_in_by": as_text(row.check_in_by),
        "place": str(row.space_id),
        "replaces": row.replaces_id is not None,
    }


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
        **place_of(space, venue),
        "check_in_by": as_text(reservation.check_in_by),
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
