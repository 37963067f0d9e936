"""The worker releases places nobody came to, and says what is over; once, whatever happens."""

import pytest
import time_machine

from booking import jobs
from booking.actions import presence
from booking.db import db
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.queries.reservations import with_place
from tests import make
from tests.support.site import Site
from tests.support.smtp import calendar_of, postbox, text_of


@pytest.fixture(autouse=True)
def awaited(site: Site) -> None:
    """The owner's reservation of Monday, from 9 to 11, waits until a quarter past."""
    row_of(site.world.code).check_in_by = make.moment("mon 9:15")
    db.session.commit()


def row_of(code: str) -> Reservation:
    db.session.rollback()
    return db.session.scalars(with_place().where(Reservation.code == code)).one()


def at(text: str) -> time_machine.travel:
    return time_machine.travel(make.moment(text), tick=False)


def test_the_worker_releases_once_what_nobody_came_to(site: Site) -> None:
    for time in ("mon 9:14", "mon 9:15", "mon 9:16", "mon 12"):
        with at(time):
            jobs.release_missed()
            jobs.finish_over()

    line = db.session.query(History).filter_by(verb="miss").one()
    assert (line.at, line.member_id) == (make.moment("mon 9:15"), None)
    assert row_of(site.world.code).state == "no_show"
    assert db.session.query(OutboxMessage).filter_by(kind="reservation-released").count() == 1


def test_who_came_is_done_at_the_end(site: Site) -> None:
    row = row_of(site.world.code)
    presence.check_in(row, by=row.member, now=make.moment("mon 9"))
    db.session.commit()

    for time in ("mon 9:15", "mon 10:59", "mon 11", "mon 12"):
        with at(time):
            assert jobs.release_missed() == 0
            assert jobs.finish_over() == (time == "mon 11")

    assert row_of(site.world.code).state == "done"


def test_what_changed_since_it_was_found_stays(site: Site) -> None:
    """The list was made before somebody came, and before the end was another."""
    row = row_of(site.world.code)
    presence.check_in(row, by=row.member, now=make.moment("mon 9"))
    number = row.id
    db.session.commit()

    with at("mon 9:20"):
        assert (jobs.miss_one(number), jobs.finish_one(number)) == (False, False)

    assert row_of(site.world.code).state == "checked_in"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "Personne n’avait signalé son arrivée à 9 h 15"),
        ("en", "Nobody had checked in by 9:15"),
    ],
)
def test_the_mail_says_what_happened_and_where_to_look(
    site: Site, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    site.member("owner").language = language
    db.session.commit()
    with postbox() as box, at("mon 9:15"):
        monkeypatch.setitem(site.app.config, "MAIL_URL", box.url)
        jobs.release_missed()
        jobs.send_outbox()
        (mail,) = box.mails

    text = text_of(mail).replace("\xa0", " ")
    assert told in text
    assert "http://localhost/venues/baleine/salle/here" in text
    assert calendar_of(mail).get_content_type() == "text/calendar"


def test_the_mail_of_a_reservation_says_until_when_to_come(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.member("other").language = "en"
    room = make.space(make.venue(), check_in=15)
    make.reservation(room, "mon 9-11", by=site.member("other"))
    db.session.commit()
    with postbox() as box:
        monkeypatch.setitem(site.app.config, "MAIL_URL", box.url)
        jobs.send_outbox()
        (mail,) = box.mails

    text = " ".join(text_of(mail).split())
    assert "check in by the QR code at the space or on the page below, from 8:45 on" in text
    assert "If nobody has by 9:15, the place is released" in text
