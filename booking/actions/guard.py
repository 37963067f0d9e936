"""Who may do what. The first line of each action that needs a permission.

Who acts for a member is said by queries/delegations.acts_for alone: themselves, or a delegate.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from booking.errors import NotAllowed, NotFound
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries.delegations import acts_for
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
    sees = may(grants, "see_reservation", venue_id, now) or acts_for(by, reservation.member_id, now)
    if not sees:
        raise NotFound(what="reservation")
    require(by, verb, venue_id, now)


def require_confirmed(by: Member) -> None:
    """Raises NotAllowed unless the member's address is confirmed and they are not blocked."""
    if by.confirmed_at is None or by.blocked_at is not None:
        raise NotAllowed(verb="reserve")


def require_reserving(
    by: Member, whose: Member | None, venue_ids: Collection[int], now: datetime
) -> None:
    """Raises NotAllowed unless `by` may reserve, and at these venues for `whose` it is to be (None
    is themselves): as a delegate of theirs, or as who decides there. Both must be confirmed."""
    require_confirmed(by)
    if whose is None or whose.id == by.id:
        return
    require_confirmed(whose)
    grants = grants_of(by)
    if all(may(grants, "reserve_for", venue_id, now) for venue_id in venue_ids):
        return
    if not acts_for(by, whose.id, now):
        raise NotAllowed(verb="reserve_for")


def require_own_or_managed(reservation: Reservation, by: Member, verb: str, now: datetime) -> None:
    """Their own, that of a member they act for, or at a venue where a role allows the verb. Raises
    NotFound, NotAllowed."""
    if reservation.member_id != by.id:
        allowed = may(grants_of(by), verb, reservation.space.venue_id, now)
        if allowed or not acts_for(by, reservation.member_id, now):
            require_over(by, verb, reservation, now)
    elif by.blocked_at is not None:
        raise NotAllowed(verb=verb)


def require_all_own_or_managed(
    reservations: Iterable[Reservation], by: Member, verb: str, now: datetime
) -> None:
    """The same for many, asked once for each member and space."""
    alike = {(one.member_id, one.space_id): one for one in reservations}
    for reservation in alike.values():
        require_own_or_managed(reservation, by, verb, now)
