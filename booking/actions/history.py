"""Changing a reservation's state, with the line of history that says who, when and why."""

from datetime import datetime
from typing import Any

from booking.db import append
from booking.models.reservations import History, Reservation
from booking.rules import states

ANOTHER = frozenset({"move", "leave"})
"""Verbs after which a reservation is not what its form has asked for."""


def change_state(
    reservation: Reservation, verb: str, by_id: int | None, now: datetime, **said: Any
) -> None:
    """The next state by the table. No `by_id` means the system itself; `said` as in `record`.
    Raises WrongState."""
    append(History, [next_state(reservation, verb, by_id, now, **said)])


def next_state(
    reservation: Reservation, verb: str, by_id: int | None, now: datetime, **said: Any
) -> dict[str, Any]:
    """The same, but that the line is only returned: who changes many appends all at once."""
    before = reservation.state
    reservation.state = states.move(before, verb)
    reservation.updated_at = now
    reservation.sequence += 1
    if verb in ANOTHER or reservation.state not in states.KEEPING:  # What the form says is free.
        reservation.sent_as = None
    return line_of(reservation, before, verb, by_id, now, **said)


def record(
    reservation: Reservation,
    before: str,
    verb: str,
    by_id: int | None,
    now: datetime,
    **said: Any,
) -> None:
    """Appends one line; nothing is ever changed or deleted here. `said`: `why`, and what was
    `changed` (see History)."""
    append(History, [line_of(reservation, before, verb, by_id, now, **said)])


def line_of(
    reservation: Reservation,
    before: str,
    verb: str,
    by_id: int | None,
    now: datetime,
    **said: Any,
) -> dict[str, Any]:
    """What `record` would append."""
    return {
        "reservation_id": reservation.id,
        "at": now,
        "member_id": by_id,
        "verb": verb,
        "before": before,
        "after": reservation.state,
        "why": said.get("why", ""),
        "changed": said.get("changed"),
    }
