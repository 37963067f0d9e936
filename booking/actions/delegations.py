"""Letting somebody reserve for oneself, and ending that, from either side (docs/decisions/017)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from booking.actions import outbox
from booking.actions.guard import require_confirmed
from booking.actions.locks import lock
from booking.db import db
from booking.errors import NotFound, Refusal, Refused
from booking.models.delegations import Delegation
from booking.models.members import Member
from booking.queries import delegations as find
from booking.queries.members import by_email
from booking.rules import texts

MOST = 10
"""So many delegates at a time."""


def name(email: str, *, by: Member, now: datetime, ends_at: datetime | None = None) -> None:
    """Whoever has this address may reserve for the member from now on, and is told by mail. Said
    again, the end is the new one.

    Says nothing, and looks the same, where nobody has it. Raises NotAllowed, and Refused for
    oneself, for an end that is past and for too many.
    """
    require_confirmed(by)
    lock(Member, by.id)
    address = texts.address(email)
    query = select(Delegation).where(Delegation.member_id == by.id, Delegation.email == address)
    row = db.session.scalars(query).one_or_none()
    held = row is not None and (row.ends_at is None or row.ends_at > now)
    check(address, held, by, now, ends_at)
    delegate, before = able(by_email(address)), row.delegate_id if row is not None else None
    if row is None:
        row = Delegation(member_id=by.id, email=address)
        db.session.add(row)
    if not held:
        row.created_at = now
    row.delegate_id, row.ends_at = delegate.id if delegate else None, ends_at
    db.session.flush()
    if delegate is not None and not (held and before == delegate.id):
        until: dict[str, Any] = {"until": ends_at.isoformat()} if ends_at else {}
        outbox.post("delegation-made", delegate, now, member=by.name, **until)


def check(address: str, held: bool, by: Member, now: datetime, ends_at: datetime | None) -> None:
    """Raises Refused with all that stands against it. Nothing here depends on whose address it
    is, but for one's own."""
    full = not held and len(find.named_by(by, now)) >= MOST
    broken = [
        (address == by.email, Refusal("delegate-self")),
        (ends_at is not None and ends_at <= now, Refusal("delegate-over")),
        (full, Refusal("delegates-full", {"most": MOST})),
    ]
    if noes := [refusal for is_so, refusal in broken if is_so]:
        raise Refused(noes)


def able(member: Member | None) -> Member | None:
    """The member, if they could act for anybody: an account nobody has confirmed is nobody's, and
    a visitor has none."""
    return member if member is not None and find.able(member) and not member.visitor else None


def end(delegation_id: int, *, by: Member, now: datetime) -> None:
    """It holds no more; what was reserved stays. The member may say so and the delegate too; the
    other one is told by mail. Raises NotFound for anybody else's, and where it has ended."""
    row = db.session.get(Delegation, delegation_id, with_for_update={"key_share": True})
    if row is None or by.id not in (row.member_id, row.delegate_id):
        raise NotFound(what="delegation")
    if row.ends_at is not None and row.ends_at <= now:
        raise NotFound(what="delegation")
    row.ends_at = now
    db.session.flush()
    given_up = by.id == row.delegate_id
    other = db.session.get(Member, row.member_id if given_up else row.delegate_id or 0)
    if other is not None and other.blocked_at is None:
        outbox.post("delegation-ended", other, now, by=by.name, given_up=given_up)
