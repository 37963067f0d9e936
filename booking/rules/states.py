"""The life of a reservation as one table: (state, verb) -> state. Nothing else changes a state."""

from booking.errors import WrongState

NEW = "new"
HELD, REQUESTED, CONFIRMED = "held", "requested", "confirmed"
CHECKED_IN, DONE = "checked_in", "done"
DECLINED, WITHDRAWN, EXPIRED = "declined", "withdrawn", "expired"
CANCELLED, NO_SHOW = "cancelled", "no_show"
GRANTED = "granted"
"""The end of a request for a change: the reservation it was about has it now."""

TABLE = {
    (NEW, "hold"): HELD,
    (NEW, "request"): REQUESTED,
    (NEW, "reserve"): CONFIRMED,
    (HELD, "request"): REQUESTED,
    (HELD, "reserve"): CONFIRMED,
    (HELD, "withdraw"): WITHDRAWN,
    (HELD, "decline"): DECLINED,
    (HELD, "give_way"): WITHDRAWN,
    (HELD, "expire"): EXPIRED,
    (REQUESTED, "approve"): CONFIRMED,
    (REQUESTED, "decline"): DECLINED,
    (REQUESTED, "outbid"): DECLINED,
    (REQUESTED, "withdraw"): WITHDRAWN,
    (REQUESTED, "expire"): EXPIRED,
    (REQUESTED, "grant"): GRANTED,
    (REQUESTED, "move"): REQUESTED,
    (CONFIRMED, "move"): CONFIRMED,
    (CHECKED_IN, "move"): CHECKED_IN,
    (CONFIRMED, "leave"): CONFIRMED,
    (CHECKED_IN, "leave"): CHECKED_IN,
    (CONFIRMED, "cancel"): CANCELLED,
    (CANCELLED, "restore"): CONFIRMED,
    (WITHDRAWN, "restore"): REQUESTED,
    (CONFIRMED, "check_in"): CHECKED_IN,
    (CONFIRMED, "miss"): NO_SHOW,
    (CONFIRMED, "finish"): DONE,
    (CHECKED_IN, "finish"): DONE,
    (NO_SHOW, "excuse"): DONE,
}

STATES = (
    HELD,
    REQUESTED,
    CONFIRMED,
    CHECKED_IN,
    DONE,
    DECLINED,
    WITHDRAWN,
    EXPIRED,
    CANCELLED,
    NO_SHOW,
    GRANTED,
)
KEEPING = frozenset({HELD, REQUESTED, CONFIRMED, CHECKED_IN})
"""States that keep their units: a reservation owns occupancy rows exactly in these; but for what is
done, which leaves them as they were: they lie in the past, or keep the time to tidy."""
EXPIRING = frozenset({HELD, REQUESTED})
"""States that end by themselves when their time has run out."""

ICAL_STATUS = {
    HELD: "TENTATIVE",
    REQUESTED: "TENTATIVE",
    CONFIRMED: "CONFIRMED",
    CHECKED_IN: "CONFIRMED",
    DONE: "CONFIRMED",
}
"""iCalendar STATUS; every other state is CANCELLED (RFC 5545 3.8.1.11)."""


def move(state: str, verb: str) -> str:
    """The state after `verb`. Raises WrongState when this state does not know it."""
    try:
        return TABLE[state, verb]
    except KeyError:
        raise WrongState(state=state, verb=verb) from None


def knows(state: str, verb: str) -> bool:
    """Whether `verb` may follow in this state."""
    return (state, verb) in TABLE


def ical_status(state: str) -> str:
    """The iCalendar STATUS a calendar shows for this state."""
    return ICAL_STATUS.get(state, "CANCELLED")
