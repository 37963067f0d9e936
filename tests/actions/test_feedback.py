"""Who is asked how it was, once, and that an answer leads back to nobody."""

from datetime import date, timedelta

import pytest
from sqlalchemy import String, inspect, select, text

from booking.actions import feedback, presence, retention
from booking.actions.feedback import Said
from booking.actions.reservations import cancel
from booking.db import UtcDateTime, db
from booking.errors import NotFound, WrongState
from booking.models.feedback import Answer, Link
from booking.models.members import MailToken
from booking.models.outbox import OutboxMessage
from booking.queries import feedback as find
from booking.queries.venues import atlas
from booking.rules import codes
from booking.rules.feedback import ASKED_WITHIN, LASTS
from booking.rules.series import Repeat
from tests import cast, make
from tests.make import NOW, moment

pytestmark = pytest.mark.usefixtures("app")
MONDAY = date(2027, 3, 8)
A_SECOND = timedelta(seconds=1)


def mails():
    query = select(OutboxMessage).where(OutboxMessage.kind == "feedback-asked")
    return db.session.scalars(query.order_by(OutboxMessage.id)).all()


def finish(row, at=None):
    return presence.finish(row, now=at or row.ends_at)


def asked(row=None):
    """The token of the link that its member is mailed."""
    assert finish(row or make.reservation(make.space()))
    return mails()[-1].facts["token"]


def answers():
    return db.session.scalars(select(Answer)).all()


# --- Asking ---


def test_what_is_over_is_asked_about_once():
    row = make.reservation(make.space())

    assert finish(row)
    assert not finish(row)

    (mail,) = mails()
    assert (mail.to, mail.facts["code"]) == (row.member.email, row.code)


def test_who_checks_out_is_asked():
    row = make.reservation(make.space(check_in=15))
    presence.check_in(row, by=row.member, now=moment("mon 9"))

    presence.check_out(row, atlas(), by=row.member, now=moment("mon 10"))

    assert (row.state, len(mails())) == ("done", 1)


def test_who_had_none_of_it_is_not_asked():
    row = make.reservation(make.space(check_in=15))
    presence.check_in(row, by=row.member, now=moment("mon 8:50"))

    presence.check_out(row, atlas(), by=row.member, now=moment("mon 8:55"))

    assert (row.state, mails()) == ("done", [])


def test_nobody_is_asked_about_what_they_missed_excused_or_not():
    room = make.space(check_in=15)
    row = make.reservation(room)
    assert presence.miss(row, atlas(), now=moment("mon 9:15"))

    presence.excuse(row, by=make.manager(room.venue.venue), now=moment("mon 12"), why="Train")

    assert (row.state, mails()) == ("done", [])


def test_nobody_is_asked_about_what_they_cancelled():
    row = make.reservation(make.space())
    cancel(row, atlas(), by=row.member, now=NOW)

    assert not finish(row)
    assert mails() == []


@pytest.mark.parametrize(("late", "count"), [(ASKED_WITHIN, 1), (ASKED_WITHIN + A_SECOND, 0)])
def test_nobody_is_asked_about_what_was_over_long_ago(late, count):
    row = make.reservation(make.space())

    assert finish(row, row.ends_at + late)

    assert len(mails()) == count


def test_who_wants_no_such_mail_gets_none():
    row = make.reservation(make.space())
    feedback.want(False, by=row.member)

    assert finish(row)

    assert mails() == []


def test_who_is_blocked_gets_none():
    row = make.reservation(make.space())
    row.member.blocked_at = NOW

    assert finish(row)

    assert mails() == []


def test_of_a_series_one_mail_a_month():
    made = make.series(make.space(), repeat=Repeat("weekly", count=10))

    for row in make.dates(made):
        assert finish(row)

    told = [mail.facts["starts_at"][:10] for mail in mails()]
    assert told == ["2027-03-08", "2027-04-12"]


def test_another_series_of_the_same_member_is_asked_about_too():
    by, room = cast.member(), make.space()
    for at in ("mon 9-11", "mon 14-15"):
        finish(make.dates(make.series(room, at, by=by))[0])

    assert len(mails()) == 2


# --- Answering ---


def test_an_answer_is_kept_with_its_space_and_month():
    row = make.reservation(make.space())

    feedback.answer(asked(row), Said(5, 3, " Une patère\x00 "), on=date(2027, 4, 2))

    (kept,) = answers()
    told = (kept.space_id, kept.month, kept.place, kept.welcome, kept.comment)
    assert told == (row.space_id, date(2027, 4, 1), 5, 3, "Une patère")


def test_a_link_takes_one_answer():
    token = asked()
    feedback.answer(token, Said(5, 5), on=MONDAY)

    with pytest.raises(WrongState):
        feedback.answer(token, Said(1, 1), on=MONDAY)

    assert [row.place for row in answers()] == [5]


@pytest.mark.parametrize(("days", "open_"), [(30, True), (31, False)])
def test_a_link_ends_after_thirty_days(days, open_):
    token, on = asked(), MONDAY + timedelta(days=days)

    if open_:
        feedback.answer(token, Said(5, 5), on=on)
    else:
        with pytest.raises(NotFound):
            feedback.answer(token, Said(5, 5), on=on)

    assert len(answers()) == open_


def test_an_unknown_token_answers_nothing():
    with pytest.raises(NotFound):
        feedback.answer(codes.token(), Said(5, 5), on=MONDAY)


# --- Nobody's ---


def test_no_column_of_an_answer_or_its_link_leads_to_who_gave_it():
    kept = {table: set(inspect(table).columns.keys()) for table in (Answer, Link)}

    assert kept[Answer] == {"id", "space_id", "month", "place", "welcome", "comment"}
    assert kept[Link] == {"id", "token_hash", "space_id", "last_on", "used"}
    for table in kept:
        kinds = [column.type for column in inspect(table).columns]
        assert not any(isinstance(kind, UtcDateTime) for kind in kinds)


def test_a_link_that_has_served_knows_neither_its_space_nor_its_day():
    feedback.answer(asked(), Said(5, 5), on=MONDAY)

    (link,) = db.session.scalars(select(Link)).all()
    assert (link.space_id, link.used, link.last_on) == (None, True, date(2027, 6, 1))


def test_numbers_of_links_and_answers_are_drawn_and_not_counted():
    """Of ten in a row any order is as likely: one run in three million has them in this one."""
    for _ in range(10):
        feedback.answer(asked(), Said(5, 5), on=MONDAY)

    drawn = [feedback.drawn() for _ in range(10)]
    assert drawn != sorted(drawn)
    for table in (Answer, Link):
        assert max(db.session.scalars(select(table.id))) > 2**50


@pytest.mark.one_database
def test_sqlite_s_own_number_of_a_row_is_the_drawn_one():
    """It would count them otherwise, in the order in which they came."""
    feedback.answer(asked(), Said(5, 5), on=MONDAY)

    for name in ("feedback_link", "feedback_answer"):
        assert db.session.execute(text(f"SELECT rowid = id FROM {name}")).scalar() == 1


def test_tokens_are_kept_as_digests():
    token = asked()

    kept = {
        str(value)
        for row in db.session.execute(text("SELECT * FROM feedback_link"))
        for value in row
    }
    assert token not in kept
    assert codes.digest(token) in kept
    assert isinstance(inspect(Link).columns.token_hash.type, String)


# --- Not wanted ---


def test_the_link_in_a_mail_ends_these_mails_however_often():
    row = make.reservation(make.space())
    asked(row)
    token = mails()[0].facts["quiet_token"]

    for _ in range(2):
        feedback.want_none(token, now=moment("tue 9"))

    assert row.member.feedback is False


def test_that_link_ends_too():
    asked()
    token = mails()[0].facts["quiet_token"]

    with pytest.raises(NotFound):
        feedback.want_none(token, now=moment("mon 11") + LASTS)


def test_another_link_ends_no_mails():
    asked()
    with pytest.raises(NotFound):
        feedback.want_none(mails()[0].facts["token"], now=moment("tue 9"))


# --- Reading and forgetting ---


def test_a_space_s_answers_of_the_last_twelve_months_count():
    room, other = make.space(), make.space()
    for on in (date(2026, 3, 31), date(2026, 4, 1), MONDAY):
        feedback.remember(room.id, Said(4, 2), on)
    feedback.remember(other.id, Said(1, 1), MONDAY)

    result = find.of_space(room.id, MONDAY)

    assert (result.answers, result.average) == (2, 3)


def test_answers_are_counted_by_space_and_month():
    room, silent = make.space(), make.space()
    for on in (MONDAY, MONDAY, date(2027, 2, 1)):
        feedback.remember(room.id, Said(5, 4, "Bien"), on)

    found = find.of_spaces([room.id, silent.id], MONDAY)

    assert found[room.id][1] == {date(2027, 3, 1): 2, date(2027, 2, 1): 1}
    assert (found[room.id][0].answers, found[silent.id][0].answers) == (3, 0)
    assert [month.month for _, month, _ in find.comments([room.id], MONDAY)] == [3, 3, 2]


def test_links_are_forgotten_when_they_end_and_answers_when_they_count_no_more():
    asked()
    feedback.remember(make.space().id, Said(5, 5), MONDAY)
    ends = moment("mon 11") + LASTS

    retention.forget(ends + timedelta(days=1))
    assert len(db.session.scalars(select(Link)).all()) == 1
    retention.forget(ends + timedelta(days=2))
    assert db.session.scalars(select(Link)).all() == []
    assert len(answers()) == 1
    retention.forget(NOW.replace(year=2028, month=3, day=1, hour=0))
    assert len(answers()) == 1
    retention.forget(NOW.replace(year=2028, month=3, day=2))
    assert answers() == []
    assert db.session.scalars(select(MailToken)).all() == []
