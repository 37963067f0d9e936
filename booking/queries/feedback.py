"""What was answered about spaces, and what a mailed link asks about."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.errors import NotFound
from booking.models.feedback import Answer, Link
from booking.models.members import QUIET, MailToken
from booking.rules import codes
from booking.rules.feedback import Result, result_of, since

MOST_COMMENTS = 500
COUNTED = (Answer.place, Answer.welcome, func.count(Answer.id))


def link(token: str, on: date) -> Link:
    """The link of that token, used or not. Raises NotFound for an unknown one and one that has
    ended."""
    query = select(Link).where(Link.token_hash == codes.digest(token), Link.last_on >= on)
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(what="link")
    return found


def quiet_link(token: str, now: datetime) -> MailToken:
    """The link that ends these mails, with its member. Raises NotFound."""
    query = (
        select(MailToken)
        .options(joinedload(MailToken.member))
        .where(MailToken.token_hash == codes.digest(token), MailToken.purpose == QUIET)
        .where(MailToken.expires_at > now)
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(what="link")
    return found


def of_space(space_id: int, on: date) -> Result:
    """What was answered about the space in the months that count."""
    query = select(*COUNTED).where(Answer.space_id == space_id, Answer.month >= since(on))
    rows = db.session.execute(query.group_by(Answer.place, Answer.welcome)).all()
    return result_of((place, welcome, count) for place, welcome, count in rows)


Months = dict[date, int]


def of_spaces(space_ids: Collection[int], on: date) -> dict[int, tuple[Result, Months]]:
    """The same for each of these spaces, with how many answered in which month."""
    query = (
        select(Answer.space_id, Answer.month, *COUNTED)
        .where(Answer.space_id.in_(space_ids), Answer.month >= since(on))
        .group_by(Answer.space_id, Answer.month, Answer.place, Answer.welcome)
    )
    marks: dict[int, list[tuple[int, int, int]]] = {number: [] for number in space_ids}
    months: dict[int, Months] = {number: {} for number in space_ids}
    for number, month, place, welcome, count in db.session.execute(query):
        marks[number].append((place, welcome, count))
        months[number][month] = months[number].get(month, 0) + count
    return {number: (result_of(marks[number]), months[number]) for number in space_ids}


def comments(space_ids: Collection[int], on: date) -> Sequence[tuple[int, date, str]]:
    """(space, month, words) in the months that count, latest month first, and within a month in
    an order that says nothing."""
    query = (
        select(Answer.space_id, Answer.month, Answer.comment)
        .where(Answer.space_id.in_(space_ids), Answer.month >= since(on), Answer.comment != "")
        .order_by(Answer.month.desc(), Answer.id)
        .limit(MOST_COMMENTS)
    )
    return [(number, month, comment) for number, month, comment in db.session.execute(query)]
