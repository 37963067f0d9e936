"""What the database holds now, in few words."""

from sqlalchemy import func, select

from booking.db import db
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation


def taken(reservation):
    """Its rows: (unit, from, to, expires)."""
    query = select(Occupancy).where(Occupancy.reservation_id == reservation.id)
    rows = db.session.scalars(query.order_by(Occupancy.unit_id))
    return [(r.unit_id, r.starts_at, r.ends_at, r.expires_at) for r in rows]


def everybody_is_counted():
    """Whether the people of all that has a place are counted there: once, or of a request for a
    change with each row; and of closures nobody."""
    least, total = func.min(Occupancy.people), func.sum(Occupancy.people)
    query = (
        select(Reservation.people, Reservation.replaces_id, least, total)
        .join(Occupancy, Occupancy.reservation_id == Reservation.id)
        .group_by(Reservation.id)
    )
    closed = select(Occupancy.people).where(Occupancy.closure_id.is_not(None))
    return all(
        (least if replaces else total) == people
        for people, replaces, least, total in db.session.execute(query)
    ) and not any(people != 0 for people in db.session.scalars(closed))


def told(kind=None):
    """What was posted, as (kind, to), in order."""
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind, row.to) for row in rows if kind in (None, row.kind)]


def story(reservation):
    """Its history as (verb, before, after, by, why)."""
    query = select(History).where(History.reservation_id == reservation.id).order_by(History.id)
    return [(h.verb, h.before, h.after, h.member_id, h.why) for h in db.session.scalars(query)]


def codes(no):
    return [refusal.code for refusal in no.value.refusals]
