"""Who may do what. The first line of each action that needs a permission."""

from collections.abc import Collection
from datetime import datetime

from booking.errors import NotAllowed, NotFound
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.members import grants_of
from booking.rules.roles import may, reach


def require(by: Member, verb: str, venue_id: int | None, now: datetime) -> None:
    """Raises NotAllowed unless one of the member's roles allows `verb` at that venue."""
    if by.blocked_at is not None or not may(grants_of(by), verb, venue_id, now):
        raise NotAllowed(verb=verb)


def require_role(by: Member, venue_ids: Collection[int], now: datetime, *, what: str) -> None:
    """Raises NotFound unless a role of theirs holds at one of these venues: without one they do
    not see what there is."""
    if not reach(grants_of(by), venue_ids, now):
        raise NotFound(what=what)


def require_over(by: Member, verb: str, reservation: Reservation, now: datetime) -> None:
    """Like `require`, at the reservation's venue; NotFound where they may not even see it."""
    venue_id = reservation.space.venue_id
    grants = grants_of(by)
    if reservation.member_id != by.id and not may(grants, "see_reservation", venue_id, now):
        raise NotFound(what="reservation")
    require(by, verb, venue_id, now)


def require_confirmed(by: Member) -> None:
    """Raises NotAllowed unless the member's address is confirmed and they are not blocked."""
    if by.confirmed_at is None or by.blocked_at is not None:
        raise NotAllowed(verb="reserve")
