"""What the database holds now, in few words."""

from sqlalchemy import select

from booking.db import db
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History


def taken(reservation):
    """Its rows: (unit, from, to, expires)."""
    query = select(Occupancy).where(Occupancy.reservation_id == reservation.id)
    rows = db.session.scalars(query.order_by(Occupancy.unit_id))
    return [(r.unit_id, r.starts_at, r.ends_at, r.expires_at) for r in rows]


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
