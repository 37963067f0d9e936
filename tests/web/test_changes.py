"""Changing by the form: what is, what would be, and both sides of a no."""

import re
from html import unescape

import pytest
import time_machine

from booking.db import db
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.venues import Space, Venue
from booking.queries.venues import atlas
from tests import make
from tests.support.site import Site

FORM = {
    "space": "baleine/salle",
    "on": "2027-03-08",
    "from": "09:00",
    "to": "11:00",
    "people": "1",
    "version": "0",
}


def row_of(code: str) -> Reservation:
    return db.session.query(Reservation).filter_by(code=code).one()


def path_of(site: Site) -> str:
    return f"/reservations/{site.world.code}/change"


def value(page: str, name: str) -> str:
    """What a field of the form says."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


def chosen(page: str, name: str) -> str:
    found = re.search(rf'<select id="{name}".*?</select>', page, re.S)
    option = re.search(r'<option value="([^"]*)" selected', found[0]) if found else None
    return option[1] if option else ""


def test_the_form_shows_the_reservation_as_it_is(site: Site) -> None:
    page = site.browser("owner").get(path_of(site)).text

    form = page.partition('id="change"')[2]
    assert value(form, "on") == "2027-03-08"
    assert (chosen(page, "from"), chosen(page, "to")) == ("09:00", "11:00")
    assert value(form, "version") == "0"


def test_an_address_with_another_start_keeps_the_length(site: Site) -> None:
    page = site.browser("owner").get(f"{path_of(site)}?on=2027-03-09&from=14:00").text

    assert (chosen(page, "from"), chosen(page, "to")) == ("14:00", "16:00")
    assert "mar. 9 mars" in page


@pytest.mark.parametrize(
    "asked",
    [
        "on=2027-02-31",
        "from=25:99",
        "from=x&on=9999-01-01",
        "space=baleine/rien",
        "space=x",
        "people=10000",
        "on=2027-03-28&from=02:30",
        "version=x",
        "unit=99999999999999999999",
        "_method=x&endpoint=y",
    ],
)
def test_no_address_breaks_the_form(site: Site, asked: str) -> None:
    answer = site.browser("owner").get(f"{path_of(site)}?{asked}")

    assert answer.status_code in (200, 404)


def test_what_is_sent_is_changed(site: Site) -> None:
    browser = site.browser("owner")

    answer = browser.post(path_of(site), data=FORM | {"to": "12:00", "title": "Jury"})

    row = row_of(site.world.code)
    assert answer.headers["Location"] == f"/reservations/{site.world.code}"
    assert (row.ends_at, row.title) == (make.moment("mon 12"), "Jury")
    page = browser.get(answer.headers["Location"]).text
    assert "Fin\xa0:" in page
    assert "flash" in page


def test_what_is_wrong_is_told_and_nothing_is_lost(site: Site) -> None:
    answer = site.browser("owner").post(
        path_of(site), data=FORM | {"on": "2027-02-31", "title": "Jury"}
    )

    assert answer.status_code == 422
    assert 'value="Jury"' in answer.text


def test_a_no_comes_with_ways_out_that_lead_to_this_form(site: Site) -> None:
    site.browser("other").post(
        "/reservations/new",
        data={**FORM, "on": "2027-03-09", "from": "09:00", "to": "11:00"},
    )

    answer = site.browser("owner").post(path_of(site), data=FORM | {"on": "2027-03-09"})

    assert answer.status_code == 409
    assert f'href="{path_of(site)}?' in answer.text
    assert row_of(site.world.code).starts_at == make.moment("mon 9")


def test_the_second_of_two_reads_what_the_first_did_and_can_go_on(site: Site) -> None:
    browser = site.browser("owner")
    site.browser("manager").post(path_of(site), data=FORM | {"people": "2"})

    answer = browser.post(path_of(site), data=FORM | {"title": "Jury"})
    assert answer.status_code == 409
    assert "1 → 2" in answer.text
    assert row_of(site.world.code).title != "Jury"
    version = value(answer.text.partition('id="change"')[2], "version")
    browser.post(path_of(site), data=FORM | {"title": "Jury", "version": version})

    assert row_of(site.world.code).title == "Jury"


def test_a_change_that_needs_a_yes_shows_on_both_sides(site: Site) -> None:
    browser, manager, code = site.browser("owner"), site.browser("manager"), site.world.code
    data = FORM | {"space": "baleine/halle"}

    assert browser.get(f"{path_of(site)}?space=baleine/halle").status_code == 200
    answer = browser.post(path_of(site), data=data)
    page = browser.get(answer.headers["Location"]).text
    asked = db.session.query(Reservation).filter(Reservation.replaces_id.is_not(None)).one()

    assert asked.code in page
    assert code in browser.get(f"/reservations/{asked.code}").text
    assert code in browser.get("/reservations").text
    assert code in manager.get(f"/desk/{asked.code}").text
    assert code in manager.get("/desk").text
    moved = browser.get(f"/reservations/{asked.code}/change?code=x&_method=x&endpoint=y")
    assert moved.headers["Location"] == path_of(site)
    manager.post(f"/desk/{asked.code}/approve")
    assert row_of(code).space_id == asked.space_id
    assert "Espace\xa0:" in browser.get(f"/reservations/{code}").text


def test_where_one_is_always_asked_that_is_said_though_something_is_missing(site: Site) -> None:
    hall = db.session.query(Space).filter_by(slug="halle").one()
    db.session.query(Policy).filter_by(space_id=hall.id).one().activities = ["meeting"]
    make.changed()
    db.session.commit()

    page = site.browser("owner").get(f"{path_of(site)}?space=baleine/halle").text

    assert "sur demande" in page
    assert "immédiat" not in page


def test_what_runs_can_be_left(site: Site) -> None:
    browser, code = site.browser("owner"), site.world.code

    with time_machine.travel(make.moment("mon 10"), tick=False):
        assert f"/reservations/{code}/leave" in browser.get(f"/reservations/{code}").text
        browser.post(f"/reservations/{code}/leave")

    assert row_of(code).ends_at == make.moment("mon 10:01")


def test_what_is_over_has_no_form(site: Site) -> None:
    with time_machine.travel(make.moment("mon 12"), tick=False):
        answer = site.browser("owner").get(path_of(site))

    assert answer.headers["Location"] == f"/reservations/{site.world.code}"


def test_who_acts_for_nobody_any_more_changes_in_their_own_name(site: Site) -> None:
    firm = make.organisation("firm", db.session.get_one(Venue, site.world.venue_id))
    row_of(site.world.code).organisation_id = firm.id
    db.session.commit()

    assert site.browser("owner").get(path_of(site)).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_broken_rule_and_a_taken_place_are_told_together(site: Site, method: str) -> None:
    room = atlas().space("baleine", "salle")
    make.reservation(room, "mon 14-15", by=site.member("other"))
    db.session.commit()
    wanted = FORM | {"from": "14:00", "to": "15:00", "people": "9"}
    path, browser = path_of(site), site.browser("owner")

    answer = (
        browser.get(path, query_string=wanted | {"lang": "en"})
        if method == "get"
        else browser.post(f"{path}?lang=en", data=wanted)
    )

    assert "at most 8 people" in unescape(answer.text)
    assert "This place is taken for part of that time." in unescape(answer.text)


def links_out(page: str) -> list[str]:
    return [
        unescape(one) for one in re.findall(r'href="(/reservations/[^"]+/change\?[^"]+)"', page)
    ]


def test_a_way_out_of_a_change_keeps_what_was_typed(site: Site) -> None:
    venue = db.session.query(Venue).filter_by(slug="baleine").one()
    hall = make.space(venue, "grande", capacity=40, layouts={"u": 8, "theatre": 40})
    own = make.reservation(hall, "thu 10-12", by=site.member("owner"), people=8, layout="u")
    make.reservation(hall, "wed 10-12", people=6)
    db.session.commit()
    wanted = FORM | {"space": "baleine/grande", "on": "2027-03-10", "from": "10:00", "to": "12:00"}
    wanted |= {"people": "30", "layout": "theatre", "title": "Neuf", "note": ""}
    browser = site.browser("owner")

    page = browser.post(f"/reservations/{own.code}/change", data=wanted).text

    ways = links_out(page)
    assert ways
    there = browser.get(ways[0]).text
    assert '<option selected value="theatre">' in there
    assert value(there, "title") == "Neuf"
    assert 'class="why"' not in there  # Nothing stands against it.


def test_missing_extras_hide_no_way_out_of_a_change(site: Site) -> None:
    venue = db.session.query(Venue).filter_by(slug="baleine").one()
    make.extra(venue, "catering")
    other = db.session.query(Venue).filter_by(slug="autre").one()
    make.space(other, "vaste", capacity=60)
    db.session.query(Space).filter_by(venue_id=venue.id).update({"capacity": 8})
    make.changed()
    db.session.commit()
    wanted = FORM | {"people": "50", "extra-catering": "1"}

    page = site.browser("owner").post(path_of(site), data=wanted).text

    assert [one for one in links_out(page) if "space=autre/vaste" in one.replace("%2F", "/")]


def test_a_change_that_is_wrong_promises_nothing(site: Site) -> None:
    wrong = {"space": "baleine/salle", "on": "2027-02-31", "from": "9:00", "to": "10:00"}
    path = f"/reservations/{site.world.code}/change?lang=en"

    page = site.browser("owner").post(path, data=wrong | {"people": "2", "version": "0"}).text

    assert "Please check your answers" in page
    assert "The old place is free for others once you have the new one." not in page
    right = site.browser("owner").get(path).text
    assert "The old place is free for others once you have the new one." in right
