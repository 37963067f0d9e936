"""What managers grant a member: a training, a membership of an organisation."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from booking.actions.locks import lock
from booking.db import db
from booking.models.members import Member
from booking.models.organisations import Membership, Trained

Kind = TypeVar("Kind", Trained, Membership)


def granted(
    kind: type[Kind],
    member: Member,
    *,
    by_id: int | None,
    now: datetime,
    ends_at: datetime | None = None,
    **of: int,
) -> Kind:
    """The member's row of it (`training_id=7`), new or said again, without asking who may: also
    for the demonstration. Whoever says the same at this moment waits, and finds it.
    """
    lock(Member, member.id)
    key = {"member_id": member.id} | of
    found = db.session.scalars(select(kind).filter_by(**key)).one_or_none()
    if found is None:
        found = kind(**key)
        db.session.add(found)
    found.granted_by_id, found.granted_at, found.ends_at = by_id, now, ends_at
    db.session.flush()
    return found
