"""Who acts for which organisation, as the managers of its venues say."""

from datetime import datetime

from booking.actions.grants import granted
from booking.actions.guard import require_role
from booking.db import db
from booking.errors import NotAllowed, NotFound
from booking.models.members import Member
from booking.models.organisations import Membership
from booking.queries.members import by_email, grants_of
from booking.queries.venues import Atlas, OrganisationFacts
from booking.rules.roles import may


def join(
    email: str,
    organisation: OrganisationFacts,
    *,
    by: Member,
    now: datetime,
    ends_at: datetime | None = None,
) -> Membership:
    """A member acts for an organisation from now on. Said again, the end is the new one.

    For managers of a venue where the organisation is at home, and administrators. Raises
    NotAllowed, NotFound where no member has this address.
    """
    require_home(organisation, by, now)
    member = by_email(email)
    if member is None:
        raise NotFound(what="member")
    return granted(
        Membership, member, by_id=by.id, now=now, ends_at=ends_at, organisation_id=organisation.id
    )


def leave(membership_id: int, places: Atlas, *, by: Member, now: datetime) -> None:
    """A member acts for the organisation no more; what they reserved stays as it is.

    They may say so themselves. Raises NotAllowed, and NotFound where it has ended, also to
    those without a role at a venue where the organisation is at home.
    """
    row = db.session.get(Membership, membership_id)
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        raise NotFound(what="membership")
    if row.member_id != by.id:
        organisation = places.organisation(row.organisation_id)
        require_role(by, organisation.venue_ids, now, what="membership")
        require_home(organisation, by, now)
    row.ends_at = now
    db.session.flush()


def require_home(organisation: OrganisationFacts, by: Member, now: datetime) -> None:
    """Raises NotAllowed unless a role of theirs holds at a venue where it is at home."""
    grants = grants_of(by)
    homes = organisation.venue_ids or {None}
    if by.blocked_at is not None or not any(
        may(grants, "grant_membership", venue_id, now) for venue_id in homes
    ):
        raise NotAllowed(verb="grant_membership")
