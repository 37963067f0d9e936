"""The manager's desk: what waits, and the two decisions."""

import pytest
import time_machine

from booking.db import db
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.queries.venues import atlas
from tests import make
from tests.support.site import Site


def state_of(code: str) -> str:
    db.session.rollback()
    return db.session.query(Reservation).filter_by(code=code).one().state


def kept(code: str) -> int:
    """How many units the reservation has."""
    row = db.session.query(Reservation).filter_by(code=code).one()
    return db.session.query(Occupancy).filter_by(reservation_id=row.id).count()


def test_the_desk_shows_what_waits_at_the_managers_venue(site: Site) -> None:
    assert site.world.request in site.browser("manager").get("/desk").text


def test_the_desk_shows_nothing_of_another_operator(site: Site) -> None:
    page = site.browser("stranger").get("/desk").text

    assert site.world.request not in page
    assert "Mireille" not in page


def test_a_request_outside_the_hours_is_shown_with_its_reason_and_its_time(site: Site) -> None:
    hall, owner = atlas().space("baleine", "halle"), site.member("owner")
    made = make.reservation(hall, "fri 6-7", by=owner, exception="Direct avec le Japon")
    db.session.commit()

    page = site.browser("manager").get(f"/desk/{made.code}?lang=en").text

    assert page.count("Direct avec le Japon") == 2
    assert ">6:00</th>" in page


def test_a_request_is_shown_with_the_day_around_it(site: Site) -> None:
    page = site.browser("manager").get(f"/desk/{site.world.request}").text

    assert "Bal secret" in page
    assert "▸" in page


def test_approving_leads_back_to_the_desk(site: Site) -> None:
    answer = site.browser("manager").post(f"/desk/{site.world.request}/approve")

    assert answer.headers["Location"] == "/desk"
    assert state_of(site.world.request) == "confirmed"
    assert kept(site.world.request) == 2


def test_declining_gives_the_place_back_and_tells_the_reason(site: Site) -> None:
    form, path = {"why": "La halle est en travaux."}, f"/desk/{site.world.request}/decline"

    answer = site.browser("manager").post(path, data=form)

    assert answer.headers["Location"] == "/desk"
    assert state_of(site.world.request) == "declined"
    assert kept(site.world.request) == 0
    page = site.browser("owner").get(f"/reservations/{site.world.request}").text
    assert "La halle est en travaux." in page


@pytest.mark.parametrize("why", ["", "   ", "\u202e", "\x00"])
def test_a_no_without_a_reason_is_refused(site: Site, why: str) -> None:
    answer = site.browser("manager").post(f"/desk/{site.world.request}/decline", data={"why": why})

    assert answer.status_code == 422
    assert "summary" in answer.text
    assert state_of(site.world.request) == "requested"


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_what_is_decided_already_is_a_conflict(site: Site, verb: str) -> None:
    browser, form = site.browser("manager"), {"why": "Travaux"}
    browser.post(f"/desk/{site.world.request}/approve")

    answer = browser.post(f"/desk/{site.world.request}/{verb}", data=form)

    assert answer.status_code == 409
    assert state_of(site.world.request) == "confirmed"


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_a_request_whose_time_has_run_out_is_a_conflict(site: Site, verb: str) -> None:
    with time_machine.travel(make.moment("tue 14"), tick=False):
        answer = site.browser("manager").post(
            f"/desk/{site.world.request}/{verb}", data={"why": "Travaux"}
        )

    assert answer.status_code == 409


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_a_reservation_that_asked_nothing_cannot_be_decided(site: Site, verb: str) -> None:
    answer = site.browser("manager").post(
        f"/desk/{site.world.code}/{verb}", data={"why": "Travaux"}
    )

    assert answer.status_code == 409
    assert state_of(site.world.code) == "confirmed"
