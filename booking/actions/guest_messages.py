"""What guests are told, in the transaction in which it becomes so.

`follow` compares what each guest was told with what the reservation is now: who was told nothing
gets an invitation once it is confirmed, the others what is new, and who has an invitation to what
ends its cancellation. So it does not matter which of the many ways led there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from booking.actions import outbox
from booking.actions.facts import place_of
from booking.db import append, db
from booking.models.guests import DoorPass, Guest
from booking.models.reservations import Reservation
from booking.models.venues import Operator, Space, Venue
from booking.queries import guests as find
from booking.rules import codes, states
from booking.rules.guests import TOLD

Places = Mapping[int, tuple[Space, Venue]]
"""Spaces with their venues, by the id of the space."""
INVITED, MOVED, CANCELLED, ARRIVED = (
    "guest-invited",
    "guest-moved",
    "guest-cancelled",
    "guest-arrived",
)
ENDED = frozenset(states.STATES) - states.KEEPING - {states.DONE}


def follow(
    rows: Sequence[Reservation],
    places: Places,
    now: datetime,
    *,
    not_before: datetime | None = None,
    back: str = "",
    called_off: bool = False,
) -> None:
    """Their guests are told what they do not know yet. `not_before` as in `outbox.post`; `back`:
    the code by which it is taken back, if not the reservation's; `called_off`: that it is done
    before it has begun. Members must be loaded."""
    known = {row.id: row for row in rows if row.replaces_id is None and row.state != states.HELD}
    if not known:
        return
    for guest in find.of_all(list(known)):
        row = known[guest.reservation_id]
        when = {"not_before": not_before, "back": back or row.code}
        if row.state in TOLD and guest.told is None:
            invite(guest, row, places, now, **when)
        elif row.state in TOLD and guest.told != place_and_time(row) and guest.arrived_at is None:
            tell_of_move(guest, row, places, now, **when)
        elif (called_off or row.state in ENDED) and guest.told is not None:
            send(CANCELLED, guest, row, places, now, **when)
            if not_before is None:  # Else it may be taken back, as if nobody had been told.
                guest.told = None
    db.session.flush()


def invite(guest: Guest, row: Reservation, places: Places, now: datetime, **more: Any) -> None:
    """The first mail, or the same once more, with a pass."""
    guest.told = place_and_time(row)
    send(INVITED, guest, row, places, now, token=new_pass(guest), **more)


def tell_of_move(
    guest: Guest, row: Reservation, places: Places, now: datetime, **more: Any
) -> None:
    """Where and when it is now. Who had said yes is asked again when it begins at another time."""
    if guest.told and guest.told["starts_at"] != row.starts_at.isoformat():
        guest.answer = None if guest.answer == "coming" else guest.answer
    guest.told = place_and_time(row)
    send(MOVED, guest, row, places, now, token=new_pass(guest), **more)


def tell_of_removal(guest: Guest, row: Reservation, places: Places, now: datetime) -> None:
    """They are expected no more: out of their calendar it goes, whatever becomes of the others."""
    guest.ahead += 1
    guest.told = None
    send(CANCELLED, guest, row, places, now, removed=True, back=row.code)


def tell_of_arrival(
    guest: Guest, row: Reservation, now: datetime, not_before: datetime | None
) -> None:
    """The host reads who has come. It can be taken back by the guest's own code until then."""
    space = row.space
    more = {"guest": guest.name or guest.email, "at": now.isoformat(), "back": guest.code}
    facts = facts_of(row, space, space.venue) | {"code": row.code, **more}
    outbox.post(ARRIVED, row.member, now, not_before=not_before, **facts)


def send(
    kind: str, guest: Guest, row: Reservation, places: Places, now: datetime, **more: Any
) -> None:
    """One mail to a guest."""
    space, venue = places[row.space_id]
    operator = db.session.get_one(Operator, venue.operator_id)
    facts = facts_of(row, space, venue) | {
        "sequence": row.sequence + guest.ahead,
        "updated_at": now.isoformat(),
        "code": guest.code,
        "host": row.member.name,
        "operator": operator.name,
        "access": venue.access or {},
        "step_free": venue.step_free if space.step_free is None else space.step_free,
        "answer": guest.answer,
    }
    outbox.post(kind, guest, now, **facts | more)


def facts_of(row: Reservation, space: Space, venue: Venue) -> dict[str, Any]:
    """What a stranger may know of the reservation, and a calendar needs of it."""
    return {
        "uid": row.uid,
        "sequence": row.sequence,
        "state": row.state,
        "status": states.ical_status(row.state),
        "title": row.title,
        **{
            name: getattr(row, name).isoformat()
            for name in ("starts_at", "ends_at", "created_at", "updated_at")
        },
        **place_of(space, venue),
    }


def place_and_time(row: Reservation) -> dict[str, Any]:
    """What guests have to know at once when it changes."""
    return {
        "space_id": row.space_id,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }


def new_pass(guest: Guest) -> str:
    """The token of one more link to their page."""
    db.session.flush()
    token = codes.token()
    append(DoorPass, [{"guest_id": guest.id, "token_hash": codes.digest(token)}])
    return token
