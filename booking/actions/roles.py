"""Giving members roles, and taking them back."""

from datetime import datetime

from sqlalchemy import select

from booking.actions.guard import require
from booking.actions.locks import lock
from booking.db import db
from booking.errors import NotFound, Refusal, Refused
from booking.models.members import Member, Role
from booking.models.venues import Venue
from booking.queries.members import by_email
from booking.rules import roles


def grant(email: str, role: str, venue: Venue | None, *, by: Member, now: datetime) -> Role:
    """Gives a member a role at a venue (None: everywhere). Raises NotAllowed, NotFound also for who
    has no account, Refused.

    A role they have already is returned as it is.
    """
    require(by, "grant_role", None, now)
    member = by_email(email)
    if member is None or member.visitor:
        raise NotFound(what="member")
    if role == roles.MANAGER and venue is None:
        raise Refused([Refusal("role-needs-venue")])
    if role == roles.ADMINISTRATOR and venue is not None:
        raise Refused([Refusal("role-is-everywhere")])
    return granted(member, role, venue, by_id=by.id, now=now)


def granted(
    member: Member, role: str, venue: Venue | None, *, by_id: int | None, now: datetime
) -> Role:
    """The role itself, without asking: for the first-run command and the demonstration.

    Whoever gives the same at this moment waits, and finds it.
    """
    lock(Member, member.id)
    venue_id = venue.id if venue else None
    query = select(Role).where(Role.member_id == member.id, Role.name == role)
    query = query.where(Role.venue_id.is_(None) if venue is None else Role.venue_id == venue_id)
    found = db.session.scalars(query).first()
    if found is not None and (found.ends_at is None or found.ends_at > now):
        return found
    if found is None:
        found = Role(member_id=member.id, venue_id=venue_id, name=role)
        db.session.add(found)
    found.granted_by_id, found.granted_at, found.ends_at = by_id, now, None
    db.session.flush()
    return found


def revoke(role_id: int, *, by: Member, now: datetime) -> None:
    """Ends a role at once. Raises NotAllowed, NotFound where it has ended already, Refused for
    one's own role of administrator: so the last one cannot leave by mistake."""
    require(by, "grant_role", None, now)
    role = db.session.get(Role, role_id)
    if role is None or (role.ends_at is not None and role.ends_at <= now):
        raise NotFound(what="role")
    if role.name == roles.ADMINISTRATOR and role.member_id == by.id:
        raise Refused([Refusal("role-own-administrator")])
    role.ends_at = now
    db.session.flush()
