"""Reservations as their owner, a manager or the worker needs them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.reservations import History, Reservation
from booking.models.venues import Space, SpaceUnit, Unit, Venue
from booking.queries.delegations import principals
from booking.queries.members import grants_of
from booking.rules import codes
from booking.rules.periods import Period
from booking.rules.presence import COUNTED
from booking.rules.roles import may
from booking.rules.states import (
    CHECKED_IN,
    CONFIRMED,
    DONE,
    EXPIRING,
    KEEPING,
    NO_SHOW,
    REQUESTED,
)

PAGE = 20


def with_place() -> Select[Reservation]:
    """Reservations with their space, venue and member, in one query."""
    return select(Reservation).options(
        joinedload(Reservation.space).joinedload(Space.venue), joinedload(Reservation.member)
    )


def by_code(code: str, *, by: Member, now: datetime) -> Reservation:
    """The reservation, if `by` acts for its member or manages its venue. Raises NotFound, also
    where it is not for their eyes."""
    query = with_place().where(Reservation.code == codes.tidy(code))
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or not may_see(found, by, now):
        raise NotFound(what="reservation")
    return found


def sent_as(name: str | None) -> Reservation | None:
    """What the form of that name has reserved, as long as it is alive."""
    if name is None:
        return None
    return db.session.scalars(with_place().where(Reservation.sent_as == name)).one_or_none()


def may_see(reservation: Reservation, by: Member, now: datetime) -> bool:
    """Whether they act for its member, or manage its venue."""
    return bool(visible([reservation], by, now))


def visible(rows: Sequence[Reservation], by: Member, now: datetime) -> list[Reservation]:
    """Those of them that `by` may see; for whom they act is asked once, and only if it matters."""
    grants = grants_of(by)
    near = [
        row.member_id == by.id or may(grants, "see_reservation", row.space.venue_id, now)
        for row in rows
    ]
    if all(near):
        return list(rows)
    acts_for = {one.member_id for one in principals(by, now)}
    both = zip(rows, near, strict=True)
    return [row for row, is_near in both if is_near or row.member_id in acts_for]


def made_with(reservation: Reservation, *, by: Member, now: datetime) -> list[Reservation]:
    """The others that were reserved together with it, soonest first, as far as `by` may see."""
    if reservation.basket is None:
        return []
    query = (
        with_place()
        .where(Reservation.basket == reservation.basket, Reservation.id != reservation.id)
        .order_by(Reservation.starts_at, Reservation.id)
    )
    return visible(db.session.scalars(query).all(), by, now)


def coming(member: Member, now: datetime) -> Sequence[Reservation]:
    """What the member still has ahead of them or is in, soonest first; of a series the next."""
    ahead = (
        Reservation.member_id == member.id,
        Reservation.ends_at > now,
        Reservation.state.in_(KEEPING),
    )
    order = (Reservation.starts_at, Reservation.id)
    number = func.row_number().over(partition_by=Reservation.series_id, order_by=order)
    in_series = select(Reservation.id, number.label("number")).where(
        *ahead, Reservation.series_on.is_not(None)
    )
    numbered = in_series.subquery()
    next_one = select(numbered.c.id).where(numbered.c.number == 1)
    query = (
        with_place()
        .where(*ahead, Reservation.series_on.is_(None) | Reservation.id.in_(next_one))
        .order_by(Reservation.starts_at, Reservation.id)
        .limit(200)
    )
    return db.session.scalars(query).all()


def gone(member: Member, now: datetime, page: int = 1) -> tuple[Sequence[Reservation], bool]:
    """What is past or ended otherwise, latest first, and whether there is a next page."""
    over = (Reservation.ends_at <= now) | Reservation.state.not_in(KEEPING)
    query = (
        with_place()
        .where(Reservation.member_id == member.id, over)
        .order_by(Reservation.starts_at.desc(), Reservation.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = db.session.scalars(query).all()
    return rows[:PAGE], len(rows) > PAGE


def history(reservation: Reservation) -> Sequence[History]:
    """Everything that happened to it, in order, with who did it."""
    query = (
        select(History)
        .options(joinedload(History.member))
        .where(History.reservation_id == reservation.id)
        .order_by(History.id)
    )
    return db.session.scalars(query).all()


def change_of(reservation: Reservation) -> Reservation | None:
    """The request that waits to change it, if there is one."""
    return db.session.scalars(changing(reservation)).one_or_none()


def locked_change_of(reservation: Reservation) -> Reservation | None:
    """The same, for who would end it."""
    query = changing(reservation).with_for_update(key_share=True, of=Reservation)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def changing(reservation: Reservation) -> Select[Reservation]:
    """What waits to change it: at most one, by a unique index."""
    return with_place().where(
        Reservation.replaces_id == reservation.id, Reservation.state == REQUESTED
    )


def originals(requests: Collection[Reservation]) -> dict[int, Reservation]:
    """What each of these requests would change, by the id of the request; others are left out."""
    ids = {row.replaces_id for row in requests if row.replaces_id is not None}
    if not ids:
        return {}
    query = with_place().where(Reservation.id.in_(ids))
    found = {row.id: row for row in db.session.scalars(query)}
    return {row.id: found[row.replaces_id] for row in requests if row.replaces_id in found}


def changed_by(asked: Reservation) -> Reservation:
    """The reservation that a request would change. Raises NotFound for any other request."""
    query = with_place().where(Reservation.id == asked.replaces_id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(what="reservation")
    return found


def last_of(reservation: Reservation) -> History:
    """What happened to it last."""
    query = select(History).where(History.reservation_id == reservation.id)
    return db.session.scalars(query.order_by(History.id.desc()).limit(1)).one()


def units_of(reservation: Reservation) -> Sequence[Unit]:
    """The units of its space that it holds, in the operator's order."""
    query = (
        select(Unit)
        .join(Occupancy, Occupancy.unit_id == Unit.id)
        .join(SpaceUnit, SpaceUnit.unit_id == Unit.id)
        .where(Occupancy.reservation_id == reservation.id)
        .where(SpaceUnit.space_id == reservation.space_id)
        .order_by(Unit.position, Unit.id)
    )
    return db.session.scalars(query).all()


def pending(
    venue_ids: Collection[int] | None, now: datetime, *, grouped: bool = False
) -> Sequence[Reservation]:
    """Requests that wait for a decision at these venues (None: all), oldest first; `grouped`: of a
    series one alone."""
    query = (
        with_place()
        .where(*waiting(venue_ids, now), *([first_of_series(venue_ids, now)] if grouped else []))
        .order_by(Reservation.created_at, Reservation.id)
        .limit(200)
    )
    return db.session.scalars(query).all()


def pending_count(venue_ids: Collection[int] | None, now: datetime) -> int:
    """How many requests wait at these venues (None: all); a series counts once."""
    one = first_of_series(venue_ids, now)
    query = select(func.count()).select_from(Reservation).where(*waiting(venue_ids, now), one)
    return db.session.scalar(query) or 0


def first_of_series(venue_ids: Collection[int] | None, now: datetime) -> ColumnElement[bool]:
    """That it is of no series, or the first that waits of its own."""
    own = waiting(venue_ids, now)
    first = select(func.min(Reservation.id)).where(*own, Reservation.series_id.is_not(None))
    return Reservation.series_id.is_(None) | Reservation.id.in_(
        first.group_by(Reservation.series_id)
    )


def waiting(venue_ids: Collection[int] | None, now: datetime) -> list:  # type: ignore[type-arg]
    """The conditions of a request that can still be decided."""
    conditions = [
        Reservation.state == REQUESTED,
        (Reservation.expires_at.is_(None)) | (Reservation.expires_at > now),
    ]
    if venue_ids is not None:
        at_venues = select(Space.id).where(Space.venue_id.in_(venue_ids))
        conditions.append(Reservation.space_id.in_(at_venues))
    return conditions


def records(member_ids: Collection[int], now: datetime) -> dict[tuple[int, int], tuple[int, int]]:
    """For each (member, operator): how many reservations they had or will have, how many no-shows
    as long as these count.

    Operators are apart: what a member did at one of them is no business of another.
    """
    query = (
        select(Reservation.member_id, Venue.operator_id, Reservation.state, func.count())
        .join(Space, Space.id == Reservation.space_id)
        .join(Venue, Venue.id == Space.venue_id)
        .where(Reservation.member_id.in_(set(member_ids)))
        .where((Reservation.state != NO_SHOW) | (Reservation.starts_at > now - COUNTED))
        .group_by(Reservation.member_id, Venue.operator_id, Reservation.state)
    )
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for member_id, operator_id, state, count in db.session.execute(query):
        kept, missed = found.get((member_id, operator_id), (0, 0))
        if state in (CONFIRMED, CHECKED_IN, DONE):
            kept += count
        found[member_id, operator_id] = (kept, missed + (count if state == NO_SHOW else 0))
    return found


def expired(now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of requests and holds whose time has run out, longest first."""
    query = (
        select(Reservation.id)
        .where(Reservation.state.in_(EXPIRING), Reservation.expires_at <= now)
        .order_by(Reservation.expires_at)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def for_member_feed(member_id: int, window: Period) -> Sequence[Reservation]:
    """A member's reservations that overlap the window, in any state but unborn, soonest first."""
    query = (
        with_place()
        .where(Reservation.member_id == member_id)
        .where(Reservation.starts_at < window.end, Reservation.ends_at > window.start)
        .order_by(Reservation.starts_at, Reservation.id)
    )
    return db.session.scalars(query).all()
