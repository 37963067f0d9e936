"""Who acts for whom: the one place that says so, for pages and actions alike."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager, selectinload

from booking.db import db
from booking.models.delegations import Delegation
from booking.models.members import Member


def acts_for(by: Member, member_id: int, now: datetime) -> bool:
    """Whether somebody acts for this member: it is themselves, or they are a delegate of theirs.
    Of oneself nothing is asked."""
    return by.id == member_id or by_which(by, member_id, now) is not None


def by_which(by: Member, member_id: int, now: datetime) -> Delegation | None:
    """The delegation by which they act for another member; None for themselves, too."""
    if by.id == member_id or not able(by):
        return None
    return db.session.scalars(holding(by, now).where(Member.id == member_id)).one_or_none()


def principals(by: Member, now: datetime) -> Sequence[Delegation]:
    """For whom they may act, each with its member, by name."""
    if not able(by):
        return []
    return db.session.scalars(holding(by, now).order_by(Member.name, Member.id)).all()


def able(by: Member) -> bool:
    """Whether they may act for anybody: not without a confirmed address, nor when shut out."""
    return by.confirmed_at is not None and by.blocked_at is None


def holding(by: Member, now: datetime) -> Select[Delegation]:
    """Those that hold now. For who is shut out nobody reserves either."""
    return (
        select(Delegation)
        .join(Delegation.member)
        .options(contains_eager(Delegation.member).options(selectinload(Member.roles)))
        .where(Delegation.delegate_id == by.id, *live(now))
        .where(Member.confirmed_at.is_not(None), Member.blocked_at.is_(None))
    )


def live(now: datetime) -> list[ColumnElement[bool]]:
    """That it has not ended."""
    return [(Delegation.ends_at.is_(None)) | (Delegation.ends_at > now)]


def named_by(member: Member, now: datetime) -> Sequence[Delegation]:
    """Whom the member lets act for them, by address."""
    query = select(Delegation).where(Delegation.member_id == member.id, *live(now))
    return db.session.scalars(query.order_by(Delegation.email)).all()
