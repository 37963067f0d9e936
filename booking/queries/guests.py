"""Guests as their host, they themselves and those at the door need them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, literal_column, select
from sqlalchemy.orm import contains_eager

from booking.db import among, db
from booking.errors import NotFound
from booking.models.guests import DoorPass, Guest
from booking.models.members import Member
from booking.models.reservations import History, Reservation
from booking.models.venues import Space
from booking.queries.presence import UNFINISHED
from booking.queries.venues import VenueFacts
from booking.rules import codes
from booking.rules.guests import EARLY
from booking.rules.periods import Period

SENDING = History.verb.in_([literal_column("'invite'"), literal_column("'send_again'")])
"""Written out, so that the index of just these lines is used."""


def of(reservation: Reservation) -> Sequence[Guest]:
    """Those who are invited to it, in the order in which they were."""
    return of_all([reservation.id])


def of_all(reservation_ids: Collection[int]) -> Sequence[Guest]:
    """The same for several reservations, as they are at this moment."""
    query = select(Guest).where(among(Guest.reservation_id, "rows"), Guest.removed_at.is_(None))
    query = query.order_by(Guest.id).execution_options(populate_existing=True)
    return db.session.scalars(query, {"rows": list(reservation_ids)}).all()


def known(reservation: Reservation, emails: Collection[str]) -> dict[str, Guest]:
    """Those of these addresses who are or were invited to it, by address."""
    query = select(Guest).where(Guest.reservation_id == reservation.id, Guest.email.in_(emails))
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return {guest.email: guest for guest in rows}


def by_id(reservation: Reservation, guest_id: int) -> Guest:
    """One who is invited to it, with the reservation. Raises NotFound."""
    query = with_reservation().where(Guest.id == guest_id, Guest.reservation_id == reservation.id)
    query = query.where(Guest.removed_at.is_(None)).execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(what="guest")
    return found


def with_reservation() -> Select[Guest]:
    """Guests with their reservation, its place and its member, in one query."""
    place = contains_eager(Guest.reservation)
    return (
        select(Guest)
        .join(Guest.reservation)
        .options(
            place.joinedload(Reservation.space).joinedload(Space.venue),
            place.joinedload(Reservation.member),
        )
    )


def by_token(token: str) -> Guest:
    """Whose pass the link opens, whatever has become of it. Raises NotFound."""
    query = with_reservation().join(DoorPass, DoorPass.guest_id == Guest.id)
    query = query.where(DoorPass.token_hash == codes.digest(token))
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(what="pass")
    return found


def awaited(venue: VenueFacts) -> Select[Guest]:
    """Guests of the venue who have their pass: in UNFINISHED states they were told (TOLD)."""
    return with_reservation().where(
        Guest.removed_at.is_(None),
        Guest.told.is_not(None),
        UNFINISHED,
        Reservation.space_id.in_([space.id for space in venue.spaces]),
    )


def at_the_door(venue: VenueFacts, code: str, now: datetime) -> Guest:
    """The guest of that code, if they are let in at that venue now. Raises NotFound."""
    query = awaited(venue).where(Guest.code == codes.tidy(code))
    query = query.where(Reservation.starts_at <= now + EARLY, Reservation.ends_at > now)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(what="guest")
    return found


def expected(venue: VenueFacts, day: Period) -> Sequence[Guest]:
    """All guests of a venue on that day, soonest first, at most 500."""
    query = (
        awaited(venue)
        .where(Reservation.starts_at < day.end, Reservation.ends_at > day.start)
        .order_by(Reservation.starts_at, Reservation.id, Guest.id)
        .limit(500)
    )
    return db.session.scalars(query).all()


def sent_since(member: Member, since: datetime) -> int:
    """How many invitations they have sent since then."""
    query = select(History.changed).where(
        History.member_id == member.id, SENDING, History.at > since
    )
    return sum((changed or {}).get("guests", 0) for changed in db.session.scalars(query))
