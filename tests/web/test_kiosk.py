"""The screen of a hall: all spaces of a venue, by its clock, and never who."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from segno import make_qr

from booking.actions import hours
from booking.actions.hours import Closing, DayHours
from booking.db import db
from booking.queries.venues import atlas
from booking.web import kiosk
from tests import make
from tests.support.site import Site

HALL = "/kiosk/baleine"


def at(text: str, zone: object = make.PARIS) -> time_machine.travel:
    return time_machine.travel(make.moment(text, zone), tick=False)  # type: ignore[arg-type]


def rooms(page: str) -> list[str]:
    """What is read of each space."""
    found = re.findall(r'<li class="room.*?</li>', page, re.S)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", one))).strip() for one in found]


def shown(site: Site, time: str, path: str = HALL) -> list[str]:
    with at(time):
        return rooms(site.browser().get(path + "?lang=en").text)


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("mon 7", "Salle Closed now Opens: 8:00"),
        ("mon 8:30", "Salle Free now until 9:00 Next: taken 9:00 – 11:00"),
        ("mon 9", "Salle Taken now until 11:00 Next: nothing today"),
        ("mon 11", "Salle Free now until 20:00"),
        ("mon 20", "Salle Closed now Opens: Tue 9 Mar, 8:00"),
    ],
)
def test_each_space_says_free_or_taken_until_when_and_what_is_next(
    site: Site, time: str, said: str
) -> None:
    assert said in shown(site, time)


def test_of_a_pool_it_says_how_many_places_are_free(site: Site) -> None:
    make.reservation(atlas().space("baleine", "bureaux"), "mon 9-11", people=1)
    db.session.commit()

    assert "Bureaux Free now until 20:00 2 of 3 places free" in shown(site, "mon 9")


def test_nobody_reads_who_or_what_for(site: Site) -> None:
    with at("mon 9"):
        for actor in ("visitor", "owner", "manager"):
            page = site.browser(actor).get(HALL + "?lang=en").text
            for secret in ("Comité secret", "Mireille", site.world.code):
                assert secret not in page


def test_a_space_that_is_closed_says_so_with_the_reason(site: Site) -> None:
    places = atlas()
    room = places.space("baleine", "salle")
    works = Closing((room.venue, room), make.period("tue 9-11"), "Peinture")
    hours.close(works, places, by=site.member("manager"), now=make.NOW)
    db.session.commit()

    assert "Salle Closed now Peinture" in shown(site, "tue 10")
    assert "Salle Free now until 20:00" in shown(site, "tue 11")


def test_the_hours_of_the_day_are_told_with_why_they_are_its_own(site: Site) -> None:
    venue = atlas().venue("baleine")
    late = DayHours(date(2027, 3, 9), [(720, 1080)], "Inventaire")
    hours.set_hours((venue, None), late, by=site.member("manager"), now=make.NOW)
    db.session.commit()
    with at("mon 9"):
        usual = site.browser().get(HALL + "?lang=en").text
    with at("tue 9"):
        own = site.browser().get(HALL + "?lang=en").text

    assert "Today: 8:00\xa0– 20:00" in usual
    assert "Today: 12:00\xa0– 18:00 (Inventaire)" in own


def test_a_venue_in_another_zone_has_its_own_clock_and_day(site: Site) -> None:
    there = make.venue("ponant", timezone="America/Martinique")
    room = make.space(there, "case")
    make.reservation(room, make.period("mon 9-11", room.zone))
    db.session.commit()
    with at("tue 0:30"):  # In Paris; there it is Monday, half past seven in the evening.
        page = site.browser().get("/kiosk/ponant?lang=en").text

    assert "Monday 8 March 2027" in page
    assert "<b>19:30</b>" in page
    assert rooms(page) == ["Case Free now until 20:00"]


def test_its_clock_is_right_as_soon_as_the_minute_is_over(site: Site) -> None:
    with time_machine.travel(make.moment("mon 9") + timedelta(seconds=42), tick=False):
        moving = site.browser().get(HALL)
        still = site.browser().get(HALL + "?still")

    assert moving.headers["Refresh"] == "18"
    assert "Refresh" not in still.headers


def test_more_spaces_than_fit_are_on_pages_that_turn(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk, "ON_A_PAGE", 2)
    pages = [site.browser().get(f"{HALL}?page={n}") for n in (1, 2)]

    assert [len(rooms(page.text)) for page in pages] == [2, 1]
    assert [page.headers["Refresh"] for page in pages] == [
        f"20; url={HALL}?page=2",
        f"20; url={HALL}?page=1",
    ]


def test_the_next_page_speaks_the_same_language(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk, "ON_A_PAGE", 2)

    page = site.browser().get(HALL + "?lang=en")

    assert page.headers["Refresh"] == f"20; url={HALL}?page=2&lang=en"


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "²", "9" * 40, ""])
def test_a_page_that_is_none_is_the_first(site: Site, page: str) -> None:
    answer = site.browser().get(HALL, query_string={"page": page})

    assert answer.status_code == 200
    assert len(rooms(answer.text)) == 3


def test_each_space_leads_to_its_own_screen(site: Site) -> None:
    assert 'href="/kiosk/baleine/salle' in site.browser().get(HALL).text


def test_the_code_is_a_drawing_of_the_venue_s_address(site: Site) -> None:
    answer = site.browser().get("/venues/baleine/qr.svg?lang=en")
    size = make_qr("http://localhost/venues/baleine", error="q", boost_error=False).symbol_size()[0]

    assert answer.mimetype == "image/svg+xml"
    assert f'viewBox="0 0 {size} {size}"' in answer.text


@pytest.mark.parametrize("path", ["/kiosk/nulle-part", "/venues/nulle-part/qr.svg"])
def test_there_is_no_screen_of_a_venue_that_is_not(site: Site, path: str) -> None:
    assert site.browser().get(path).status_code == 404


def test_managers_find_it_where_they_print_the_codes(site: Site) -> None:
    assert 'href="/kiosk/baleine' in site.browser("manager").get("/desk/codes/baleine").text
