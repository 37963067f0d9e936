"""Asking how it was, and taking the answer without knowing whose it is.

What an answer leaves is kept apart from whoever was asked: see models/feedback. Tokens leave this
module once, in clear, on their way to a mail.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, update

from booking.actions import messages
from booking.db import append, db
from booking.errors import WrongState
from booking.models.feedback import Answer, Link
from booking.models.members import QUIET, MailToken, Member
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries import feedback as find
from booking.rules import codes, texts
from booking.rules.feedback import ASKED_WITHIN, LASTS, LONGEST, REST, after, month_of

KNOWN_FOR = 3
"""So many months a link is still known that was used, so that it can say so."""


@dataclass(frozen=True)
class Said:
    """What somebody answers: marks from 1 to 5, and words."""

    place: int
    welcome: int
    comment: str = ""


def ask(reservation: Reservation, *, now: datetime) -> bool:
    """One mail to the member of a reservation that is just done, in the transaction that made it
    so: no state follows, so nobody is asked twice.

    False where nobody is asked: too long ago, who wants no such mail, of a series too soon after
    the last. The reservation's space, venue and member must be loaded.
    """
    member, ended = reservation.member, reservation.ends_at
    if not member.feedback or member.blocked_at is not None or now - ended > ASKED_WITHIN:
        return False
    if reservation.series_id is not None and not turn_of(reservation.series_id, now):
        return False
    on, token = now.astimezone(ZoneInfo(reservation.space.venue.timezone)).date(), codes.token()
    link = {
        "id": drawn(),
        "token_hash": codes.digest(token),
        "space_id": reservation.space_id,
        "last_on": on + LASTS,
    }
    append(Link, [link])
    secrets_ = {"token": token, "quiet_token": quiet_token(member, now)}
    until = (on + LASTS).isoformat()
    messages.tell_of(reservation, "ask", now, beside=[], last_on=until, **secrets_)
    return True


def turn_of(series_id: int, now: datetime) -> bool:
    """Whether its member may be asked about a series again; they are, then."""
    rested = or_(Series.asked_on.is_(None), Series.asked_on <= now.date() - REST)
    query = update(Series).where(Series.id == series_id, rested).values(asked_on=now.date())
    return db.session.scalar(query.returning(Series.id)) is not None


def drawn() -> int:
    """A number by lot: rows that are numbered one after the other could be paired."""
    return secrets.randbits(62) + 1


def quiet_token(member: Member, now: datetime) -> str:
    """The token of a new link that ends these mails."""
    token = codes.token()
    times = {"created_at": now, "expires_at": now + LASTS}
    row = {"member_id": member.id, "purpose": QUIET, "token_hash": codes.digest(token), **times}
    append(MailToken, [row])
    return token


def answer(token: str, said: Said, *, on: date) -> None:
    """Takes the one answer of a mailed link, `on` the day at the venue; of all this only the month
    is kept. Raises NotFound, and WrongState where the link has served."""
    space_id = use(token, on)
    remember(space_id, said, on)


def use(token: str, on: date) -> int:
    """The space that the link asks about. From now on the link knows it no more, nor its own day.

    Of two who send it at once one gets it, the other WrongState.
    """
    link = find.link(token, on)
    space_id, known = link.space_id, month_of(on)
    for _ in range(KNOWN_FOR):
        known = after(known)
    query = update(Link).where(Link.id == link.id, Link.used.is_(False))
    query = query.values(used=True, space_id=None, last_on=known).returning(Link.id)
    if space_id is None or db.session.scalar(query) is None:
        raise WrongState(state="used", verb="answer")
    return space_id


def remember(space_id: int, said: Said, on: date) -> None:
    """Writes an answer down, by its month."""
    row = {
        "id": drawn(),
        "space_id": space_id,
        "month": month_of(on),
        "place": said.place,
        "welcome": said.welcome,
        "comment": texts.clean(said.comment)[:LONGEST],
    }
    append(Answer, [row])


def want(wanted: bool, *, by: Member) -> None:
    """Whether mails may ask this member how it was."""
    db.session.get_one(Member, by.id).feedback = wanted
    db.session.flush()


def want_none(token: str, *, now: datetime) -> None:
    """By the link in such a mail: its member gets none any more, however often they say so.
    Raises NotFound."""
    link = find.quiet_link(token, now)
    link.used_at = link.used_at or now
    link.member.feedback = False
    db.session.flush()
