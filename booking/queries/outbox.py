"""Messages that wait to be sent, and the worker's sign of life."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.models.outbox import Heartbeat, OutboxMessage


def due(now: datetime, limit: int = 50) -> Sequence[int]:
    """Ids of messages to send now, oldest first."""
    query = (
        select(OutboxMessage.id)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.given_up_at.is_(None))
        .where(OutboxMessage.next_try_at <= now)
        .order_by(OutboxMessage.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def waiting(now: datetime) -> Sequence[OutboxMessage]:
    """Messages whose first time to be sent is yet to come."""
    query = select(OutboxMessage).where(
        OutboxMessage.sent_at.is_(None), OutboxMessage.next_try_at > now, OutboxMessage.tries == 0
    )
    return db.session.scalars(query).all()


def claimed(message_id: int, now: datetime) -> OutboxMessage | None:
    """The message, locked for this worker; None if another has it or it is sent already."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.sent_at.is_(None))
        .where(OutboxMessage.next_try_at <= now)
        .with_for_update(skip_locked=True)
    )
    return db.session.scalars(query).one_or_none()


def last_beat(name: str) -> datetime | None:
    """When the worker of that name was last alive."""
    beat = db.session.get(Heartbeat, name)
    return beat.beat_at if beat else None
