"""What people without an account ask for, and what their links show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from booking.db import db
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorLink, VisitorWish
from booking.queries.reservations import with_place
from booking.rules import codes, texts


@dataclass(frozen=True)
class Known:
    """What decides how somebody with an address is written to."""

    account: bool
    blocked: bool
    language: str


def known(email: str) -> Known | None:
    """Who has this address, however it was typed; None for nobody. One statement either way: how
    long it takes tells nothing."""
    columns = (Member.password_hash, Member.confirmed_at, Member.blocked_at, Member.language)
    row = db.session.execute(select(*columns).where(Member.email == texts.address(email))).first()
    if row is None:
        return None
    return Known(None not in (row[0], row[1]), row[2] is not None, row[3])


def wish(token: str, now: datetime) -> VisitorWish:
    """The wish that this link confirms. Raises NotFound: confirmed already, ended, unknown and that
    of somebody who is shut out look the same."""
    shut_out = exists().where(Member.email == VisitorWish.email, Member.blocked_at.is_not(None))
    query = (
        select(VisitorWish)
        .where(VisitorWish.token_hash == codes.digest(token), VisitorWish.expires_at > now)
        .where(~shut_out)
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(what="link")
    return found


def reservation(token: str, now: datetime) -> Reservation | None:
    """The reservation that this link shows, with its place and its member; None where there is
    none, or its member is shut out."""
    query = (
        with_place()
        .join(VisitorLink, VisitorLink.reservation_id == Reservation.id)
        .join(Member, Member.id == Reservation.member_id)
        .where(VisitorLink.token_hash == codes.digest(token), VisitorLink.expires_at > now)
        .where(Member.blocked_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).one_or_none()


def shown(token: str, now: datetime) -> Reservation:
    """The same. Raises NotFound."""
    found = reservation(token, now)
    if found is None:
        raise NotFound(what="link")
    return found


def of_visitor(reservation_codes: Collection[str], email: str) -> list[tuple[int, str, datetime]]:
    """(id, code, end) of those of these reservations that are of the person with that address, if
    they have no account."""
    query = (
        select(Reservation.id, Reservation.code, Reservation.ends_at)
        .join(Member, Member.id == Reservation.member_id)
        .where(Reservation.code.in_(reservation_codes))
        .where(Member.email == email, Member.password_hash.is_(None))
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]
