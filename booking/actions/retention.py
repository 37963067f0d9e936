"""Forgetting traces no longer needed: mails, sign-ins, links and wishes that have ended."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select

from booking.actions.messages import WISHED
from booking.actions.visitors import CONFIRM_FOR
from booking.db import Base, db
from booking.models.delegations import Delegation
from booking.models.feedback import Answer, Link
from booking.models.guests import Guest
from booking.models.members import MailToken, SignIn
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorLink, VisitorWish
from booking.models.waitlist import Waiting
from booking.rules.feedback import since
from booking.rules.states import DONE, KEEPING
from booking.rules.waitlist import OPEN

KEPT = timedelta(days=30)
A_DAY = timedelta(days=1)  # Somewhere it is still yesterday.


def forget(now: datetime) -> int:
    """Deletes mails sent or given up, ended sign-ins, links and delegations, who waits no more, and
    guests with their passes, 30 days after their end; links for feedback at their end, and answers
    that count no more; what visitors asked for and did not confirm, and its mail, as soon as the
    link has ended.

    Returns how many rows. May be run at any time, by several workers.
    """
    long_ago = now - KEPT
    return sum(
        gone(table, old)
        for table, old in [
            (OutboxMessage, OutboxMessage.sent_at < long_ago),
            (OutboxMessage, OutboxMessage.given_up_at < long_ago),
            (SignIn, SignIn.expires_at < long_ago),
            (MailToken, MailToken.expires_at < long_ago),
            (Delegation, Delegation.ends_at < long_ago),
            (Guest, past_guests(long_ago)),
            (VisitorWish, VisitorWish.expires_at <= now),
            (
                OutboxMessage,
                and_(OutboxMessage.kind == WISHED, OutboxMessage.created_at <= now - CONFIRM_FOR),
            ),
            (VisitorLink, VisitorLink.expires_at < now),
            (Waiting, and_(Waiting.state.not_in(OPEN), Waiting.changed_at < long_ago)),
            (Link, Link.last_on < now.date() - A_DAY),
            (Answer, Answer.month < since(now.date() - A_DAY)),
        ]
    )


def past_guests(long_ago: datetime) -> ColumnElement[bool]:
    """Who was removed, or whose reservation was over or came to nothing, before then."""
    ended = Reservation.state.not_in([*KEEPING, DONE])
    over = or_(Reservation.ends_at < long_ago, and_(ended, Reservation.updated_at < long_ago))
    rows = select(Reservation.id).where(Reservation.id == Guest.reservation_id, over)
    return or_(Guest.removed_at < long_ago, rows.exists())


def gone(table: type[Base], old: ColumnElement[bool]) -> int:
    """Deletes the rows that are old; returns how many."""
    rows = db.session.scalars(delete(table).where(old).returning(table.id))  # type: ignore[attr-defined]
    return len(rows.all())
