"""Series and their dates."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.reservations import History, Reservation
from booking.models.series import Series
from booking.queries.reservations import visible, with_place
from booking.rules import codes
from booking.rules.states import KEEPING, REQUESTED


def by_code(code: str) -> Series:
    """The series of that code, for whoever may see one of its dates (`dates`). Raises NotFound."""
    query = select(Series).options(joinedload(Series.member)).where(Series.code == codes.tidy(code))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(what="series")
    return found


def by_token(member: Member, token: str) -> Series | None:
    """What the member has made with the form of that token."""
    query = select(Series).where(Series.member_id == member.id, Series.token == token)
    return db.session.scalars(query).one_or_none()


def dates(series: Series, *, by: Member, now: datetime) -> list[Reservation]:
    """Its reservations in any state, by the date each stands for: those that `by` may see. Raises
    NotFound where there is none."""
    query = (
        with_place()
        .where(Reservation.series_id == series.id, Reservation.series_on.is_not(None))
        .order_by(Reservation.series_on)
        .execution_options(populate_existing=True)
    )
    found = visible(db.session.scalars(query).all(), by, now)
    if not found:
        raise NotFound(what="series")
    return found


def asked(series: Sequence[Series], *, by: Member, now: datetime) -> list[Reservation]:
    """What of these waits for a decision, changes too, soonest first: what `by` may see."""
    query = (
        with_place()
        .where(
            Reservation.series_id.in_([one.id for one in series]), Reservation.state == REQUESTED
        )
        .where((Reservation.expires_at.is_(None)) | (Reservation.expires_at > now))
        .order_by(Reservation.starts_at, Reservation.id)
        .execution_options(populate_existing=True)
    )
    return visible(db.session.scalars(query).all(), by, now)


def changes_of(rows: Collection[Reservation]) -> Sequence[Reservation]:
    """The requests that wait to change one of these."""
    query = with_place().where(
        Reservation.replaces_id.in_([row.id for row in rows]), Reservation.state == REQUESTED
    )
    return db.session.scalars(query.order_by(Reservation.id)).all()


def of_rows(rows: Collection[Reservation]) -> dict[int, Series]:
    """The series that some of these belong to, by its id."""
    ids = {row.series_id for row in rows if row.series_id is not None}
    if not ids:
        return {}
    return {one.id: one for one in db.session.scalars(select(Series).where(Series.id.in_(ids)))}


def to_come(rows: Collection[Reservation], now: datetime) -> dict[int, int]:
    """How many dates each series of these still has, by its id."""
    ids = {row.series_id for row in rows if row.series_id is not None}
    if not ids:
        return {}
    query = (
        select(Reservation.series_id, func.count())
        .where(Reservation.series_id.in_(ids), Reservation.series_on.is_not(None))
        .where(Reservation.ends_at > now, Reservation.state.in_(KEEPING))
        .group_by(Reservation.series_id)
    )
    return {number: count for number, count in db.session.execute(query) if number is not None}


def last_of(rows: Collection[Reservation]) -> dict[int, History]:
    """What happened last to each of these, by its id."""
    ids = [row.id for row in rows]
    last = select(func.max(History.id)).where(History.reservation_id.in_(ids))
    query = select(History).where(History.id.in_(last.group_by(History.reservation_id)))
    return {line.reservation_id: line for line in db.session.scalars(query)}
