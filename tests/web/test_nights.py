"""Reservations past midnight and of several days: the form, the refusals, the pages."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.actions.hours import places_changed
from booking.db import db
from booking.models.hours import OpeningHours
from booking.models.reservations import Reservation
from booking.models.venues import Venue
from booking.queries.venues import SpaceFacts
from tests import make
from tests.support.site import Site
from tests.web.test_hours import text_of

NEW = "/reservations/new?lang=en"
NIGHT = {"on": "2027-03-11", "from": "22:00", "to": "02:00", "until": "2027-03-12", "people": "1"}


def night_club(site: Site, **policy: object) -> SpaceFacts:
    """A space with hours of its own, from 20 to 2 o'clock every night."""
    here = db.session.get_one(Venue, site.world.venue_id)
    made = make.space(here, "cave", longest=7 * 1440, **policy)
    for weekday in range(7):
        for opens, closes in ((0, 120), (1200, 1440)):
            hours = {"weekday": weekday, "opens": opens, "closes": closes}
            make.added(OpeningHours(venue_id=here.id, space_id=made.id, **hours))
    places_changed()
    db.session.commit()
    return made


def reserve(site: Site, space: str, **form: str):
    data = NIGHT | {"space": f"baleine/{space}"} | form
    return site.browser("owner").post(NEW, data=data)


def latest() -> Reservation:
    db.session.rollback()
    found = db.session.query(Reservation).order_by(Reservation.id.desc()).first()
    assert found
    return found


def test_a_night_is_reserved_over_midnight(site: Site) -> None:
    night_club(site)

    answer = reserve(site, "cave")

    assert answer.status_code == 302
    row = latest()
    assert (row.starts_at, row.ends_at) == (make.moment("thu 22"), make.moment("fri 2"))
    page = text_of(site.browser("owner").get(answer.headers["Location"]))
    assert "22:00 – Fri 12 Mar 2:00" in page


def test_closed_hours_between_are_refused_unless_nights_are_allowed(site: Site) -> None:
    night_club(site)
    make.space(db.session.get_one(Venue, site.world.venue_id), "gite", longest=4320, nights=True)
    db.session.commit()
    form = {"from": "18:00", "to": "10:00", "until": "2027-03-13"}

    refused = reserve(site, "salle", **form)
    kept = reserve(site, "gite", **form)

    assert "Closed overnight: nobody stays from one day to the next." in text_of(refused)
    assert refused.status_code == 422
    assert kept.status_code == 302
    assert latest().ends_at == make.moment("sat 10")


def test_each_day_of_several_shows_it_in_the_board(site: Site) -> None:
    make.space(db.session.get_one(Venue, site.world.venue_id), "gite", longest=4320, nights=True)
    db.session.commit()
    reserve(site, "gite", **{"from": "18:00", "to": "10:00", "until": "2027-03-13"})

    for on in ("2027-03-11", "2027-03-12", "2027-03-13"):
        page = text_of(site.browser("owner").get(f"/venues/baleine?on={on}&lang=en"))
        assert "yours" in page
    assert "Thu 11 Mar 18:00 – Sat 13 Mar 10:00" in page


def test_a_refused_night_is_kept_in_the_form_and_the_ways_out_are_nights(site: Site) -> None:
    night_club(site)
    reserve(site, "cave")

    answer = reserve(site, "cave")

    assert answer.status_code == 409
    assert 'value="2027-03-12"' in answer.text
    assert "<details" in answer.text
    links = [
        parse_qs(urlsplit(unescape(link)).query)
        for link in re.findall(r'href="(/reservations/new\?[^"]+)"', answer.text)
    ]
    assert any(link["space"] == ["baleine/cave"] and "until" in link for link in links)


def test_a_link_fills_the_last_day_in(site: Site) -> None:
    night_club(site)
    query = "&space=baleine/cave&on=2027-03-11&from=22:00&to=02:00&until=2027-03-12"

    page = site.browser("owner").get(NEW + query)

    assert 'value="2027-03-12"' in page.text
    assert "Thu 11 Mar, 22:00 – Fri 12 Mar 2:00" in text_of(page)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"until": "2027-03-10"}, "The last day lies before the first."),
        ({"until": "2030-03-10"}, "That is more than a year."),
        ({"until": "2027-02-31"}, "valid date"),
        ({"until": "9999-12-31"}, "This year is too far away."),
        ({"until": "2027-03-11", "to": "02:00"}, "The end must lie after the start."),
        ({"on": "2027-03-27", "until": "2027-03-28", "to": "02:30"}, "Until: Clocks go forward"),
        ({"on": "2027-03-28", "until": "2027-03-29", "from": "02:30"}, "From: Clocks go forward"),
    ],
)
def test_a_last_day_that_cannot_be_is_told_at_its_field(
    site: Site, form: dict[str, str], told: str
) -> None:
    before = latest().id

    answer = reserve(site, "salle", **form)

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert latest().id == before


@pytest.mark.parametrize(
    ("on", "until", "hours"), [("2027-03-27", "2027-03-28", 3), ("2027-10-30", "2027-10-31", 5)]
)
def test_the_nights_on_which_clocks_change(site: Site, on: str, until: str, hours: int) -> None:
    night_club(site, horizon=365, grid=60)
    here = {"on": on, "until": until, "from": "23:00", "to": "03:00"}
    row = db.session.query(OpeningHours).filter_by(closes=120)
    row.update({"closes": 180})
    places_changed()
    db.session.commit()

    assert reserve(site, "cave", **here).status_code == 302
    assert (latest().ends_at - latest().starts_at).total_seconds() == hours * 3600
