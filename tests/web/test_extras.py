"""Extras on the form and on the pages: counted, kept, offered, told."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.db import db
from booking.models.reservations import Reservation
from booking.queries.extras import counts_of
from booking.queries.venues import atlas
from tests import make
from tests.support.site import Site

FORM = {
    "space": "baleine/salle",
    "on": "2027-03-11",
    "from": "10:00",
    "to": "11:00",
    "people": "2",
    "title": "Réunion",
}


@pytest.fixture(autouse=True)
def stock(site: Site) -> None:
    """Three projectors, a technician who is asked for, meals without end."""
    here = atlas().venue(site.world.venue).venue
    make.extra(here, "projector", stock=3, price=2500)
    make.extra(here, "technician", stock=1, on_request=True)
    make.extra(here, "catering", price=1900)
    make.extra(here, "organ", stock=1, spaces=["halle"])
    db.session.commit()


def room(site: Site) -> str:
    """The form's page, filled in, in English."""
    return site.browser("owner").get("/reservations/new", query_string=FORM | {"lang": "en"}).text


def send(site: Site, actor: str = "owner", **more: str):
    return site.browser(actor).post("/reservations/new?lang=en", data=FORM | more)


def made(answer) -> Reservation:
    return (
        db.session.query(Reservation)
        .filter_by(code=urlsplit(answer.headers["Location"]).path[-8:])
        .one()
    )


def take(count: int, at: str = "thu 10-11") -> None:
    """Somebody takes so many projectors with another space of the venue."""
    make.reservation(atlas().space("baleine", "bureaux"), at, extras={"projector": count})
    db.session.commit()


def value(page: str, name: str) -> str:
    field = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)[-1]
    return re.search(r'value="([^"]*)"', field)[1]


def test_the_form_asks_for_what_goes_with_the_space(site: Site) -> None:
    assert re.findall(r'name="extra-([a-z]+)"', room(site)) == [
        "projector",
        "technician",
        "catering",
    ]


def test_the_form_says_how_many_are_left_at_that_time(site: Site) -> None:
    take(2)

    assert "1 of 3 free then" in room(site)


def test_what_is_sent_is_reserved_with_the_space(site: Site) -> None:
    answer = send(site, **{"extra-projector": "2", "extra-technician": "0", "extra-catering": ""})

    assert answer.status_code == 302
    assert counts_of(made(answer).id) == {"projector": 2}


def test_what_is_on_request_makes_it_a_request(site: Site) -> None:
    assert made(send(site, **{"extra-technician": "1"})).state == "requested"


def test_a_link_fills_the_counts_in_and_the_summary_adds_them(site: Site) -> None:
    query = FORM | {"lang": "en", "extra-projector": "2", "extra-catering": "4"}
    page = site.browser("owner").get("/reservations/new", query_string=query).text

    assert value(page, "extra-projector") == "2"
    assert "2 × Projector" in page
    assert "€50" in page
    assert "€76" in page


def test_a_link_to_what_is_on_request_leads_to_a_request(site: Site) -> None:
    query = FORM | {"lang": "en", "extra-technician": "1"}

    assert (
        "Send the request"
        in site.browser("owner").get("/reservations/new", query_string=query).text
    )


def test_too_few_are_left_and_the_form_says_how_many(site: Site) -> None:
    take(2)

    answer = send(site, **{"extra-projector": "2", "extra-catering": "7"})

    page = unescape(answer.text)
    assert answer.status_code == 409
    assert "“Projector”: only 1 is free at that time." in page
    assert value(page, "extra-projector") == "2"
    assert value(page, "extra-catering") == "7"


def ways(page: str) -> list[dict[str, list[str]]]:
    """The ways out, as the fields that one click sends."""
    alerts = re.findall(r'<li class="alt">(.*?)</li>', page, re.S)
    fields = [re.findall(r'name="([\w-]+)" value="([^"]*)"', one) for one in alerts]
    return [{name: unescape(text) for name, text in one} for one in fields]


def test_the_ways_out_are_with_the_extras_or_say_that_they_are_without(site: Site) -> None:
    take(2)

    page = send(site, **{"extra-projector": "2"}).text

    assert "without Projector" in page
    first, second, *_ = ways(page)
    assert "extra-projector" not in first
    assert (first["from"], second["from"], second["extra-projector"]) == ("10:00", "09:00", "2")


def test_every_way_out_can_be_had_with_one_click(site: Site) -> None:
    take(3)
    offers = ways(send(site, **{"extra-projector": "1"}).text)

    assert offers
    for offer in offers:
        assert site.browser("other").post("/reservations/new", data=offer).status_code == 302


def test_links_out_of_a_no_keep_the_extras(site: Site) -> None:
    query = FORM | {"on": "2027-03-08", "from": "09:00", "to": "11:00", "extra-projector": "1"}
    page = site.browser("other").get("/reservations/new", query_string=query).text

    links = re.findall(r'href="(/reservations/new\?[^"]+)"', page)
    assert parse_qs(urlsplit(unescape(links[0])).query)["extra-projector"] == ["1"]


def test_more_than_there_are_is_told_with_all_the_rest(site: Site) -> None:
    answer = send(site, **{"extra-projector": "4", "people": "9"})

    page = unescape(answer.text).replace("\u00a0", " ")
    assert answer.status_code == 422
    assert "There are only 3 × Projector, and you want 4." in page
    assert "at most 8 people, and you are 9" in page
    assert "are free at that time" not in page
    assert value(page, "extra-projector") == "4"
    assert ways(page)


def test_without_what_there_is_not_so_many_of_it_can_be_had(site: Site) -> None:
    offers = ways(send(site, **{"extra-projector": "999999"}).text)

    assert (offers[0]["from"], "extra-projector" in offers[0]) == ("10:00", False)
    assert site.browser("owner").post("/reservations/new", data=offers[0]).status_code == 302


@pytest.mark.parametrize("count", ["-1", "1000", "x", "1e3", "9" * 40, "²"])
def test_a_count_that_is_none_is_told_at_the_field(site: Site, count: str) -> None:
    answer = send(site, **{"extra-catering": count})

    assert answer.status_code == 422
    assert 'id="extra-catering-err"' in answer.text


@pytest.mark.parametrize("count", ["-1", "x", "9" * 40])
def test_so_is_one_of_what_runs_out(site: Site, count: str) -> None:
    answer = send(site, **{"extra-projector": count})

    assert answer.status_code == 422
    assert 'id="extra-projector-err"' in answer.text


def test_what_the_venue_does_not_have_is_refused(site: Site) -> None:
    answer = send(site, **{"extra-piano": "1", "extra-organ": "1"})

    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "“organ” cannot be had with this space." in page
    assert "“piano” cannot be had with this space." in page


@pytest.mark.parametrize(
    "name", ["extra-", "extra-<b>", "extra-data", "extra-__class__", "extra-ü"]
)
def test_a_strange_name_of_an_extra_breaks_nothing(site: Site, name: str) -> None:
    assert send(site, **{name: "0"}).status_code == 302
    assert send(site, "other", on="2027-03-12", **{name: "<i>"}).status_code in (302, 422)


def test_the_page_of_a_reservation_shows_its_extras_and_so_does_its_history(site: Site) -> None:
    answer = send(site, **{"extra-projector": "2", "extra-catering": "7"})

    page = site.browser("owner").get(answer.headers["Location"]).text.replace("\u00a0", " ")

    assert "<dd>2 × Projector, 7 × Catering</dd>" in page
    assert "Reserved, with 2 × Projector, 7 × Catering" in page


def test_a_manager_weighs_a_request_with_its_extras(site: Site) -> None:
    code = made(send(site, **{"extra-technician": "1"})).code

    for path in ("/desk", f"/desk/{code}", f"/reservations/{code}"):
        assert "1\u00a0×\u00a0Technician" in site.browser("manager").get(path).text, path


def test_desks_say_which_they_are_and_not_which_projector(site: Site) -> None:
    answer = send(site, space="baleine/bureaux", people="1", **{"extra-projector": "1"})

    page = site.browser("owner").get(answer.headers["Location"]).text
    assert "b1" in page
    assert "projector-1" not in page
