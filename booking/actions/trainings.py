"""Who has learnt to use which machine, as the venue's managers say."""

from datetime import datetime

from booking.actions.grants import granted
from booking.actions.guard import require, require_role
from booking.db import db
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.organisations import Trained
from booking.models.venues import Training
from booking.queries.members import by_email


def train(
    email: str,
    training: Training,
    *,
    by: Member,
    now: datetime,
    ends_at: datetime | None = None,
) -> Trained:
    """A member has learnt it; until `ends_at`, or for good. Said again, it holds anew.

    Raises NotAllowed, NotFound where no member has this address.
    """
    require(by, "grant_training", training.venue_id, now)
    member = by_email(email)
    if member is None:
        raise NotFound(what="member")
    return granted(Trained, member, by_id=by.id, now=now, ends_at=ends_at, training_id=training.id)


def end(trained_id: int, *, by: Member, now: datetime) -> None:
    """It holds no more; what they reserved stays as it is. Raises NotAllowed, and NotFound where
    it has ended, also to those without a role at its venue."""
    row = db.session.get(Trained, trained_id)
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        raise NotFound(what="trained")
    training = db.session.get_one(Training, row.training_id)
    require_role(by, {training.venue_id}, now, what="trained")
    require(by, "grant_training", training.venue_id, now)
    row.ends_at = now
    db.session.flush()
