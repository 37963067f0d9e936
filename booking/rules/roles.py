"""What a role may do, and where. A role without a venue holds everywhere."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

MANAGER, ADMINISTRATOR = "manager", "administrator"
ROLES = (MANAGER, ADMINISTRATOR)

DECIDES = frozenset(
    {
        "see_requests",
        "see_reservation",
        "approve",
        "decline",
        "move",
        "cancel",
        "override",
        "reserve_for",
        "check_in",
        "excuse",
        "see_feedback",
        "invite",
        "grant_training",
        "grant_membership",
        "close",
        "set_hours",
    }
)
VERBS = {
    MANAGER: DECIDES,
    ADMINISTRATOR: DECIDES | {"grant_role", "load_network"},
}


@dataclass(frozen=True)
class Grant:
    """One role of one member: where (None is everywhere) and until when (None is for good)."""

    role: str
    venue_id: int | None
    ends_at: datetime | None


def live(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    """The grants that have not ended."""
    return [grant for grant in grants if grant.ends_at is None or grant.ends_at > now]


def may(grants: Iterable[Grant], verb: str, venue_id: int | None, now: datetime) -> bool:
    """Whether one of the grants allows `verb` at that venue."""
    return any(
        verb in VERBS[grant.role] and grant.venue_id in (None, venue_id)
        for grant in live(grants, now)
    )


def reach(grants: Iterable[Grant], venue_ids: Collection[int], now: datetime) -> bool:
    """Whether one of the grants holds at one of these venues, whatever it allows there."""
    return any(grant.venue_id is None or grant.venue_id in venue_ids for grant in live(grants, now))


def venues_for(grants: Iterable[Grant], verb: str, now: datetime) -> set[int] | None:
    """The venues where `verb` is allowed; None means all of them."""
    allowed = [grant for grant in live(grants, now) if verb in VERBS[grant.role]]
    if any(grant.venue_id is None for grant in allowed):
        return None
    return {grant.venue_id for grant in allowed if grant.venue_id is not None}
