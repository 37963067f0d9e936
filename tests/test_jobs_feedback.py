"""The worker asks how it was, once, and the mail has what it takes to answer."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from booking import jobs
from booking.db import db, transaction
from booking.models.feedback import Answer
from booking.models.outbox import OutboxMessage
from tests import make
from tests.support.site import Site
from tests.support.smtp import Postbox, postbox, text_of


@pytest.fixture
def box(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """The mail server the site sends to."""
    with postbox() as found:
        monkeypatch.setitem(site.app.config, "MAIL_URL", found.url)
        yield found


def at(text: str) -> time_machine.travel:
    return time_machine.travel(make.moment(text), tick=False)


def two_rounds() -> None:
    """What is written in one is sent in the next."""
    jobs.once()
    jobs.once()


def test_however_often_the_worker_comes_by_one_mail_asks(site: Site, box: Postbox) -> None:
    for time in ("mon 10:59", "mon 11", "mon 11:01", "tue 9"):
        with at(time):
            two_rounds()
            assert len(box.mails) == (time != "mon 10:59")


def test_the_mail_leads_to_an_answer_without_an_account(site: Site, box: Postbox) -> None:
    site.member("owner").language = "en"
    db.session.commit()
    with at("mon 11"):
        two_rounds()
        (mail,) = box.mails
        answering, stopping = re.findall(r"http://localhost(/\S+)", text_of(mail))
        site.browser().post(answering, data={"place": "5", "welcome": "4"})
        site.browser().post(stopping)

    assert "until Wednesday 7 April 2027" in text_of(mail)
    db.session.rollback()
    assert db.session.query(Answer).count() == 1
    assert not site.member("owner").feedback


def test_what_is_secret_in_the_mail_is_forgotten_once_it_is_sent(site: Site, box: Postbox) -> None:
    with at("mon 11"):
        two_rounds()

    db.session.rollback()
    row = db.session.query(OutboxMessage).filter_by(kind="feedback-asked").one()
    assert row.sent_at
    assert {"token", "quiet_token"} & row.facts.keys() == set()


def test_on_either_database_the_worker_asks_once(app: Flask) -> None:
    with transaction():
        row = make.reservation(make.space())
    with time_machine.travel(row.ends_at, tick=False):
        assert (jobs.finish_over(), jobs.finish_over()) == (1, 0)

    assert db.session.query(OutboxMessage).filter_by(kind="feedback-asked").count() == 1
