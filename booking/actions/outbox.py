"""Messages to the outside: rows beside the change they tell of, sent later by the worker."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from booking.db import append, db
from booking.models.outbox import Heartbeat, OutboxMessage
from booking.queries import outbox as find

LEASE = timedelta(minutes=2)
"""How long one worker has for sending; after a crash another takes over then."""
SECRETS = ("token", "quiet_token")
MOST_TRIES = 12


class Reader(Protocol):
    """Whom a message is for: a member, or somebody without an account."""

    email: Any
    name: Any
    language: Any


def post(
    kind: str, to: Reader, now: datetime, *, not_before: datetime | None = None, **facts: Any
) -> None:
    """A message to somebody, sent after this transaction commits, and not before a time if there
    is one. Facts are JSON values."""
    message = {
        "kind": kind,
        "to": to.email,
        "name": to.name,
        "language": to.language,
        "facts": facts,
        "message_id": str(uuid4()),
        "created_at": now,
        "next_try_at": not_before or now,
    }
    append(OutboxMessage, [message])


def take_back(code: str, now: datetime) -> None:
    """What was to be told of this reservation and has not been is not told: it waited for that.

    A message that is known by another code than that which it names says so as `back`."""
    for message in find.waiting(now):
        if message.facts.get("back", message.facts.get("code")) == code:
            db.session.delete(message)
    db.session.flush()


def claim(message_id: int, now: datetime) -> OutboxMessage | None:
    """Takes the message for this worker for the length of the lease; None if it is taken."""
    message = find.claimed(message_id, now)
    if message is not None:
        message.tries += 1
        message.next_try_at = now + LEASE
        db.session.flush()
    return message


def mark_sent(message_id: int, now: datetime) -> None:
    """Sent: never again, and what was secret in it is forgotten."""
    message = db.session.get_one(OutboxMessage, message_id)
    message.sent_at = now
    message.problem = None
    wipe(message)
    db.session.flush()


def wipe(message: OutboxMessage) -> None:
    """Forgets what was secret in it."""
    message.facts = {key: value for key, value in message.facts.items() if key not in SECRETS}


def mark_failed(message_id: int, problem: str, now: datetime) -> None:
    """Not sent: tried again after 1, 2, 4 … minutes, at most 6 hours; given up after 12 tries."""
    message = db.session.get_one(OutboxMessage, message_id)
    message.problem = problem[:500]
    wait = min(timedelta(minutes=2 ** (message.tries - 1)), timedelta(hours=6))
    message.next_try_at = now + wait
    if message.tries >= MOST_TRIES:
        message.given_up_at = now
        wipe(message)
    db.session.flush()


def beat(name: str, now: datetime) -> None:
    """The worker of that name is alive. Several may say so for the first time at once."""
    query = update(Heartbeat).where(Heartbeat.name == name).values(beat_at=now)
    if db.session.scalar(query.returning(Heartbeat.name)) is not None:
        return
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(Heartbeat(name=name, beat_at=now))
