"""Whom members act for and what they have learnt, without asking: for the demonstration."""

from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.models.members import Member
from booking.models.organisations import Membership, Trained


def joined(member: Member, organisation_id: int, *, by_id: int | None, now: datetime) -> Membership:
    """The member acts for the organisation, for good; who does already stays as they are."""
    key = {"member_id": member.id, "organisation_id": organisation_id}
    found = db.session.scalars(select(Membership).filter_by(**key)).first()
    if found is None:
        found = Membership(**key, granted_by_id=by_id, granted_at=now)
        db.session.add(found)
        db.session.flush()
    return found


def taught(member: Member, training_id: int, *, by_id: int | None, now: datetime) -> Trained:
    """The member has learnt it, for good; who has already stays as they are."""
    key = {"member_id": member.id, "training_id": training_id}
    found = db.session.scalars(select(Trained).filter_by(**key)).first()
    if found is None:
        found = Trained(**key, granted_by_id=by_id, granted_at=now)
        db.session.add(found)
        db.session.flush()
    return found
