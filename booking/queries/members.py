"""Members, their roles, their sign-ins and the links mailed to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from booking.db import db
from booking.errors import NotFound
from booking.models.members import MailToken, Member, Role, SignIn
from booking.rules import codes, roles, texts


def by_email(email: str) -> Member | None:
    """The member with this address, however it was typed."""
    query = (
        select(Member)
        .options(selectinload(Member.roles))
        .where(Member.email == texts.address(email))
    )
    return db.session.scalars(query).one_or_none()


def grants_of(member: Member) -> list[roles.Grant]:
    """The member's roles as plain values."""
    return [roles.Grant(role.name, role.venue_id, role.ends_at) for role in member.roles]


# Asked for every page of a signed-in reader: put together once.
SIGN_IN = (
    select(SignIn)
    .join(SignIn.member)
    .options(contains_eager(SignIn.member).joinedload(Member.roles))
    .where(SignIn.token_hash == bindparam("digest"), SignIn.expires_at > bindparam("now"))
    .where(Member.blocked_at.is_(None))
)


def sign_in(token: str, now: datetime) -> SignIn | None:
    """The live sign-in this cookie's token opens, with its member and roles; None if it is over."""
    found = db.session.scalars(SIGN_IN, {"digest": codes.digest(token), "now": now})
    return found.unique().one_or_none()


def sign_ins(member: Member, now: datetime) -> Sequence[SignIn]:
    """Where the member is signed in, latest first."""
    query = (
        select(SignIn)
        .where(SignIn.member_id == member.id, SignIn.expires_at > now)
        .order_by(SignIn.created_at.desc(), SignIn.id.desc())
    )
    return db.session.scalars(query).all()


def mail_token(token: str, purpose: str, now: datetime) -> MailToken:
    """The unused, unexpired link. Raises NotFound: used, expired and unknown look the same."""
    query = (
        select(MailToken)
        .options(joinedload(MailToken.member).selectinload(Member.roles))
        .where(MailToken.token_hash == codes.digest(token), MailToken.purpose == purpose)
        .where(MailToken.used_at.is_(None), MailToken.expires_at > now)
    )
    found = db.session.scalars(query).one_or_none()
    if found is None or found.member.blocked_at is not None:
        raise NotFound(what="link")
    return found


def managers_of(venue_id: int, now: datetime) -> Sequence[Member]:
    """Members who decide on this venue's requests by a role at the venue itself."""
    query = (
        select(Member)
        .join(Role, Role.member_id == Member.id)
        .where(Role.name == roles.MANAGER, Role.venue_id == venue_id)
        .where((Role.ends_at.is_(None)) | (Role.ends_at > now), Member.blocked_at.is_(None))
        .order_by(Member.id)
        .distinct()
    )
    return db.session.scalars(query).all()


def everybody(limit: int = 500) -> Sequence[Member]:
    """All members with their roles, by name."""
    query = (
        select(Member)
        .options(selectinload(Member.roles).joinedload(Role.venue))
        .order_by(Member.name, Member.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()
