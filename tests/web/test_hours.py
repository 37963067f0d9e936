"""The manager's page of hours, and what everybody reads of it."""

import re
from html import unescape

import pytest

from booking.actions.hours import places_changed
from booking.db import db
from booking.models.hours import Closure, SpecialHours
from booking.models.reservations import Reservation
from booking.models.venues import Venue
from booking.queries.hours import closures
from tests import make
from tests.support.site import Site

PAGE = "/desk/hours/baleine"
MONDAY = {"on": "2027-03-08", "why": "Travaux"}


def text_of(answer) -> str:
    """The page without tags, one space for any."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def close(site: Site, actor: str = "manager", **form: object):
    return site.browser(actor).post(f"{PAGE}/closures", data=MONDAY | form)


def set_day(site: Site, **form: str):
    return site.browser("manager").post(f"{PAGE}/days", data={"on": "2027-03-09"} | form)


def made(model: type, **about: object) -> int:
    db.session.rollback()
    return db.session.query(model).filter_by(**about).count()


def in_france(site: Site) -> None:
    """The venue keeps the public holidays of France from now on."""
    row = db.session.get_one(Venue, site.world.venue_id)
    row.holidays = "FR"
    places_changed()
    db.session.commit()


def test_whole_days_are_closed_where_no_hour_is_given(site: Site) -> None:
    answer = close(site, space="halle", on="2027-03-10", until="2027-03-11")

    assert answer.headers["Location"] == PAGE
    row = closures(site.world.venue_id, make.NOW)[0]
    assert (row.starts_at, row.ends_at) == (make.moment("wed 0"), make.moment("thu 24"))


def test_everybody_reads_in_the_table_why_it_is_closed(site: Site) -> None:
    close(site, space="halle", on="2027-03-10")

    page = text_of(site.browser().get("/venues/baleine?on=2027-03-10&lang=en"))

    assert "Closed: Travaux" in page
    assert "Taken" not in page.partition("Skip the table")[2].partition("Choose a free")[0]


def test_what_stands_in_the_way_is_listed_and_nothing_is_closed(site: Site) -> None:
    before = made(Closure)

    answer = close(site)

    assert answer.status_code == 409
    assert site.world.code in answer.text
    assert "Mireille" in answer.text
    assert 'value="2027-03-08"' in answer.text  # The form keeps what was typed.
    assert made(Closure) == before


def test_all_of_it_is_cancelled_with_one_more_click(site: Site) -> None:
    answer = close(site, cancelling=[site.world.code])

    assert answer.status_code == 302
    row = db.session.query(Reservation).filter_by(code=site.world.code).one()
    assert row.state == "cancelled"
    page = site.browser("owner").get(f"/reservations/{site.world.code}").text
    assert "Travaux" in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"why": ""}, "Please say why."),
        ({"on": "2027-02-31"}, "Day"),
        ({"until": "2027-03-07"}, "The last day lies before the first."),
        ({"until": "2030-03-08"}, "That is more than a year."),
        ({"from": "12:00", "to": "10:00"}, "The end must lie after the start."),
        ({"on": "2027-03-28", "from": "02:30"}, "this time does not exist"),
        ({"on": "2027-03-27", "until": "2027-03-28", "to": "02:30"}, "this time does not exist"),
        ({"on": "2027-03-01"}, "already passed"),
        ({"why": "  "}, "say why"),
        ({"space": "nowhere"}, "choice"),
    ],
)
def test_a_closure_that_cannot_be_is_told_at_its_field(
    site: Site, form: dict[str, str], told: str
) -> None:
    before = made(Closure)

    answer = site.browser("manager").post(f"{PAGE}/closures?lang=en", data=MONDAY | form)

    assert answer.status_code == 422
    assert told.lower() in text_of(answer).lower()
    assert made(Closure) == before


def test_a_closure_of_another_venue_is_not_found(site: Site) -> None:
    path = f"/desk/hours/autre/closures/{site.world.closure_id}/end"

    assert site.browser("stranger").post(path).status_code == 404
    assert made(Closure, ended_at=None) == 1


def test_a_day_gets_hours_of_its_own(site: Site) -> None:
    hours = {"from1": "10:00", "to1": "12:00", "from2": "14:00", "to2": "00:00"}

    assert set_day(site, why="Nocturne", **hours).headers["Location"] == PAGE

    page = text_of(site.browser("manager").get(f"{PAGE}?lang=en"))
    assert "10:00 – 12:00, 14:00 – 24:00 · Nocturne" in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Give the hours"),
        ({"from1": "10:00"}, "This end is missing."),
        ({"from1": "12:00", "to1": "10:00"}, "The end must lie after the start."),
        ({"from1": "8:00", "to1": "12:00", "from2": "11:00", "to2": "13:00"}, "must not overlap"),
        ({"on": "2027-03-01", "shut": "y"}, "already passed"),
    ],
)
def test_hours_that_cannot_be_are_told_at_their_field(
    site: Site, form: dict[str, str], told: str
) -> None:
    before = made(SpecialHours)

    path, data = f"{PAGE}/days?lang=en", {"on": "2027-03-09"} | form
    answer = site.browser("manager").post(path, data=data)

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert made(SpecialHours) == before


def test_reservations_outside_the_new_hours_stay_and_are_listed(site: Site) -> None:
    answer = set_day(site, on="2027-03-08", **{"from1": "12:00", "to1": "20:00"})

    page = site.browser("manager").get(answer.headers["Location"]).text
    assert site.world.code in page
    row = db.session.query(Reservation).filter_by(code=site.world.code).one()
    assert row.state == "confirmed"


def test_a_holiday_says_its_name_and_is_reopened(site: Site) -> None:
    in_france(site)
    visit = "/venues/baleine?on=2027-05-06&lang=en"
    assert "Closed: Ascension Day" in text_of(site.browser().get(visit))

    set_day(site, on="2027-05-06", **{"from1": "08:00", "to1": "20:00"})

    assert "Closed: Ascension Day" not in text_of(site.browser().get(visit))


def test_the_first_of_may_asks_once_more(site: Site) -> None:
    in_france(site)
    form = {"on": "2027-05-01", "from1": "08:00", "to1": "20:00"}

    answer = set_day(site, **form)

    assert answer.status_code == 422
    assert 'name="confirmed"' in answer.text
    assert "L3133-4" in answer.text
    assert set_day(site, confirmed="y", **form).status_code == 302


def test_the_form_of_a_day_is_filled_with_its_hours(site: Site) -> None:
    page = site.browser("manager").get(f"{PAGE}?on=2027-03-10").text

    assert 'value="2027-03-10"' in page
    assert '<option value="08:00" selected>' in page


@pytest.mark.parametrize("query", ["on=2027-02-31", "on=x&space=nowhere", "space=%00"])
def test_an_address_that_names_no_day_shows_the_empty_form(site: Site, query: str) -> None:
    assert site.browser("manager").get(f"{PAGE}?{query}").status_code == 200
