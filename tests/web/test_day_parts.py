"""Named periods on the pages: on cards, on the form and in the finder."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.actions.hours import places_changed
from booking.db import db
from booking.models.venues import Venue
from tests import make
from tests.support.site import Site
from tests.web.test_hours import close, text_of

PARTS = [
    {"slug": "matin", "name": {"fr": "Matin", "en": "Morning"}, "opens": 480, "closes": 720},
    {"slug": "journee", "name": {"fr": "Journée", "en": "Day"}, "opens": 480, "closes": 1080},
]
CHIP = re.compile(r'<a class="chip[^"]*" href="([^"]+)"[^>]*>(\w+) <small>([^<]+)</small>')
FREE = ["8:00 – 12:00", "8:00 – 18:00"]


@pytest.fixture(autouse=True)
def parts(site: Site) -> None:
    about(site, day_parts=PARTS)


def about(site: Site, **columns: object) -> None:
    row = db.session.get_one(Venue, site.world.venue_id)
    for name, value in columns.items():
        setattr(row, name, value)
    places_changed()
    db.session.commit()


def chips(page: str) -> list[tuple[str, str, str]]:
    """(address, name, hours or why not) of each."""
    found = [(unescape(url), name, text) for url, name, text in CHIP.findall(page)]
    return [(url, name, text.replace("\u00a0", " ")) for url, name, text in found]


def test_the_page_of_a_space_offers_them_for_the_day_shown(site: Site) -> None:
    page = site.browser().get("/venues/baleine/salle?on=2027-03-09&lang=en").text

    assert [text for _, _, text in chips(page)] == FREE
    assert "on=2027-03-09&from=08:00&to=12:00" in chips(page)[0][0].replace("%3A", ":")


def test_what_is_taken_leads_to_why(site: Site) -> None:
    page = site.browser().get("/venues/baleine/salle?on=2027-03-08&lang=en").text

    assert [text for _, _, text in chips(page)] == ["taken", "taken"]
    assert all("/why?" in url for url, _, _ in chips(page))


def test_each_card_of_a_venue_has_them_where_one_is_free(site: Site) -> None:
    page = site.browser().get("/venues/baleine?on=2027-03-08&lang=en").text

    assert [text for _, _, text in chips(page)] == [*FREE, *FREE]


def test_the_form_marks_the_one_it_has_and_keeps_the_rest(site: Site) -> None:
    query = "space=baleine/salle&on=2027-03-09&from=08:00&to=12:00&people=3&title=Bal&lang=en"

    page = site.browser("owner").get(f"/reservations/new?{query}").text

    assert page.count('aria-current="true"') == 1
    assert all("people=3" in url and "title=Bal" in url for url, _, _ in chips(page))


def test_the_finder_searches_them_by_name(site: Site) -> None:
    page = site.browser().get("/search?on=2027-03-09&part=matin&from=15:00&to=16:00&lang=en")

    assert '<option value="08:00" selected>' in page.text
    assert "8:00 – 12:00" in text_of(page)
    assert 'name="part" value="journee"' in page.text


@pytest.mark.parametrize("part", ["nowhere", "%00", ""])
def test_a_name_that_nobody_gave_changes_nothing(site: Site, part: str) -> None:
    answer = site.browser().get(f"/search?on=2027-03-09&part={part}&from=15:00&to=16:00")

    assert '<option value="15:00" selected>' in answer.text


def other_hours(site: Site) -> None:
    """The other venue has a morning of its own; a third one shares the usual one."""
    other = db.session.query(Venue).filter_by(slug="autre").one()
    other.day_parts = [PARTS[0] | {"opens": 510, "closes": 750}]
    make.space(make.venue("tiers", day_parts=PARTS))
    places_changed()
    db.session.commit()


OFFERED = re.compile(r'name="part" value="(\w+)">\w+ <small>([^<]+)</small>')


def offered(page: str) -> list[tuple[str, str]]:
    """The named periods of the finder: slug and hours."""
    return [(slug, unescape(hours).replace("\u00a0", " ")) for slug, hours in OFFERED.findall(page)]


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ("", [("matin", "8:00 – 12:00"), ("journee", "8:00 – 18:00")]),
        ("venue=baleine", [("matin", "8:00 – 12:00"), ("journee", "8:00 – 18:00")]),
        ("venue=autre", [("matin", "8:30 – 12:30")]),
        ("space=autre/salon", [("matin", "8:30 – 12:30")]),
        ("venue=atlantis", [("matin", "8:00 – 12:00"), ("journee", "8:00 – 18:00")]),
    ],
)
def test_the_finder_offers_the_hours_of_the_venue_that_is_searched(
    site: Site, query: str, hours: list[tuple[str, str]]
) -> None:
    other_hours(site)

    assert offered(site.browser().get(f"/search?{query}&lang=en").text) == hours


def test_one_morning_is_searched_everywhere_by_the_hours_that_are_shown(site: Site) -> None:
    other_hours(site)

    page = site.browser().get("/search?on=2027-03-09&part=matin&venue=autre&lang=en")

    assert "Tuesday 9 March 2027, 8:30 – 12:30" in text_of(page)
    urls = [unescape(url) for url in re.findall(r'href="(/reservations/new[^"]+)"', page.text)]
    assert len({url.partition("space=")[2].partition("/")[0] for url in urls}) == 3
    assert all("from=08:30&to=12:30" in url for url in urls)


@pytest.mark.parametrize(
    ("sentence", "hours"),
    [("mardi matin", ("08:00", "12:00")), ("mardi matin au lieu Autre", ("08:30", "12:30"))],
)
def test_a_sentence_means_the_morning_of_its_venue(
    site: Site, sentence: str, hours: tuple[str, str]
) -> None:
    other_hours(site)
    about(site, day_parts=[part | {"slug": "morning"} for part in PARTS[:1]])
    for venue in db.session.query(Venue).filter(Venue.slug != "baleine"):
        venue.day_parts = [part | {"slug": "morning"} for part in venue.day_parts[:1]]
    places_changed()
    db.session.commit()

    found = site.browser().get("/search", query_string={"q": sentence})

    args = parse_qs(urlsplit(found.headers["Location"]).query)
    assert (args["from"][0], args["to"][0]) == hours


# What is not as usual


def test_school_holidays_are_shown_and_close_nothing(site: Site) -> None:
    about(site, school_zone="B")

    page = site.browser().get("/venues/baleine?on=2027-02-22&lang=en")

    assert "School holidays (zone B)" in text_of(page)
    assert "Closed:" not in text_of(page)
    assert "School" not in text_of(site.browser().get("/venues/baleine?on=2027-03-09&lang=en"))


def test_a_venue_says_what_will_not_be_as_usual(site: Site) -> None:
    about(site, holidays="FR")
    close(site, space="halle", on="2027-03-20")

    page = text_of(site.browser().get("/venues/baleine?lang=en"))

    assert "Sat 20 Mar Halle – Closed: Travaux" in page
    assert "Monday 29 March 2027 Closed: Easter Monday" in page


def test_a_venue_that_is_closed_now_says_so_on_the_first_page(site: Site) -> None:
    close(site, on="2027-03-07", why="Tempête")

    assert "Closed: Tempête" in text_of(site.browser().get("/?lang=en"))


def test_the_form_says_who_closed_and_why(site: Site) -> None:
    close(site, space="halle", on="2027-03-20")
    query = "space=baleine/halle&on=2027-03-20&from=10:00&to=12:00&lang=en"

    page = text_of(site.browser("owner").get(f"/reservations/new?{query}"))

    assert "Closed (Sat 20 Mar): Travaux. Closed by Régis" in page


def test_closed_time_is_busy_in_the_public_calendar(site: Site) -> None:
    close(site, space="salle", on="2027-03-20")

    calendar = site.browser().get("/venues/baleine/salle/calendar.ics").text

    assert "DTSTART;TZID=Europe/Paris:20270320T000000" in calendar
    assert "Travaux" not in calendar
