"""The search page: what an address asks for, and what one sentence is made of."""

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.actions.hours import places_changed
from booking.db import db
from booking.models.hours import SpecialHours
from booking.models.venues import Venue
from booking.queries.venues import atlas
from tests import make
from tests.support.site import Site
from tests.web.test_nights import night_club

ON = "on=2027-03-09&from=10:00&to=12:00"


def answer(site: Site, query: str, actor: str = "visitor") -> str:
    browser = site.browser(actor)
    found = browser.get(f"/search?{query}")
    if found.status_code == 302:
        found = browser.get(found.headers["Location"])
    assert found.status_code == 200, found.status_code
    return found.get_data(as_text=True)


def sent_on(site: Site, sentence: str) -> dict[str, list[str]]:
    found = site.browser().get("/search", query_string={"q": sentence})
    assert found.status_code == 302
    return parse_qs(urlsplit(found.headers["Location"]).query)


def test_a_sentence_becomes_an_address_that_can_be_shared(site: Site) -> None:
    args = sent_on(site, "salle pour 6 mardi de 14h à 16h")

    assert {key: args[key] for key in ("kind", "people", "on", "from", "to")} == {
        "kind": ["meeting_room"],
        "people": ["6"],
        "on": ["2027-03-09"],
        "from": ["14:00"],
        "to": ["16:00"],
    }
    assert args["said"] == ["2027-03-07"]


def test_what_was_understood_is_shown(site: Site) -> None:
    page = answer(site, "q=salle+pour+6+mardi+de+14h+à+16h+avec+vue&lang=fr")

    assert "Ce qui a été compris" in page
    assert "Non compris" in page
    assert "vue" in page


def test_a_shared_sentence_means_later_what_it_meant(site: Site) -> None:
    page = answer(site, "q=mardi&said=2027-02-01&on=2027-02-02&lang=en")

    assert "2 February 2027" in page


def test_what_was_not_said_is_said_to_be_assumed(site: Site) -> None:
    page = answer(site, "q=salle&lang=en")

    assert "Not said, so assumed" in page


def test_a_doubt_offers_the_other_reading(site: Site) -> None:
    page = answer(site, "q=room+on+3/4/2027&lang=en")

    assert "can be two dates" in page
    assert "on=2027-03-04" in page or "on=2027-04-03" in page


def test_any_time_of_a_length(site: Site) -> None:
    page = answer(site, f"{ON[:-8]}to=18:00&length=120&last=2027-03-11&lang=en")

    assert "any time between" in page
    assert "Also free:" in page


@pytest.mark.parametrize(
    "query",
    [
        "on=2027-02-31",
        "on=9999-12-31",
        "people=10000",
        "people=-1",
        f"{ON}&last=2027-03-01",
        f"{ON}&last=2027-06-01",
        f"{ON}&length=600",
        f"{ON}&length=1",
        f"{ON}&day=9",
        f"{ON}&length=60&day=0",
        f"{ON}&until=2027-03-08",
        f"{ON}&until=2027-04-10",
        f"{ON}&until=9999-12-31",
        f"{ON}&until=2027-02-31",
        f"{ON}&until=2027-03-10&length=60",
        "on=2027-03-28&from=02:30&to=05:00",
        "on=2027-03-28&from=01:00&to=02:30",
        "on=2027-03-27&from=22:00&to=02:30&until=2027-03-28",
        "on=2027-03-28&from=02:00&to=03:00&length=30",
        "from=12:00&to=12:00",
        "from=12:00&to=10:00",
        "from=25:00",
    ],
)
def test_nonsense_gets_a_clear_answer(site: Site, query: str) -> None:
    found = site.browser().get(f"/search?{query}")

    assert found.status_code == 422
    assert 'role="alert"' in found.get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ["q=%00%F0%9F%90%B3", "q=&said=x", "said=x&q=a", "on=&from=&to=&until=&last=&length="]
)
def test_what_can_be_left_out_is_left_out(site: Site, query: str) -> None:
    answer(site, query)


def test_a_hostile_sentence_is_text(site: Site) -> None:
    page = answer(site, "q=%3Cscript%3Ealert(1)%3C/script%3E")

    assert "<script>alert" not in page


def test_criteria_stay_chosen(site: Site) -> None:
    page = answer(site, f"{ON}&has=screen&step_free=1")

    assert '<details class="more" open>' in page
    assert 'value="screen" checked' in page


def test_more_than_a_page_goes_on_with_the_same_search(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was asked for stays in the address, also what was chosen several times."""
    monkeypatch.setattr("booking.web.search.SHOWN", 1)
    asked = "/search?on=2027-03-11&from=10:00&to=12:00&people=1&day=3&day=4&lang=en"

    first = site.browser().get(asked).text

    assert "<h1>More than 1 free space</h1>" in first
    after = re.search(r'href="([^"]+)" rel="next"', first)
    assert after
    address = unescape(after[1])
    assert parse_qs(urlsplit(address).query) == {
        **parse_qs(urlsplit(asked).query),
        "page": ["2"],
    }
    second = site.browser().get(address).text
    assert 'rel="prev"' in second
    assert "Page 2" in second
    names = re.compile(r"<h2><a href=[^>]*>([^<]+)</a></h2>")
    assert names.findall(first) != names.findall(second)


@pytest.mark.parametrize("page", ["0", "-3", "99999999", "two", ""])
def test_a_page_that_is_none_is_the_nearest_there_is(site: Site, page: str) -> None:
    answer = site.browser().get(f"/search?page={page}&lang=en")

    assert answer.status_code == 200
    assert ("Nothing more." in answer.text) is (page == "99999999")


def test_everything_on_one_page_needs_no_others(site: Site) -> None:
    page = site.browser().get("/search?on=2027-03-11&from=10:00&to=12:00&lang=en").text

    assert 'class="pager"' not in page


@pytest.mark.parametrize("name", ["endpoint", "_method", "_anchor", "_scheme", "_external", "self"])
def test_a_field_with_any_name_is_carried_on_and_means_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("booking.web.search.SHOWN", 1)

    page = answer(site, f"{ON}&{name}=javascript:x&page=2&lang=en")
    doubt = answer(site, f"q=salle+lundi+ou+mardi+pour+8+vers+14h&said=2027-03-07&{name}=x&page=2")

    before = re.search(r'href="([^"]+)" rel="prev"', page)
    assert before
    assert before[1].startswith("/search?")
    assert not re.search(r'href="(?!/|#|\?)[^"]*javascript', page + doubt)


def test_another_reading_begins_at_its_first_page(site: Site) -> None:
    page = answer(site, "q=room+on+3/4/2027&said=2027-03-07&on=2027-04-03&page=2&lang=en")
    panel = page[page.index('aria-labelledby="understood"') :].partition("</section>")[0]
    links = re.findall(r'href="([^"]+)"', panel)

    assert links
    assert not any("page=" in link for link in links)


def notes(page: str) -> list[str]:
    """What the page says of the search itself."""
    found = re.search(r'<ul class="card ticks no notes".*?</ul>', page, re.DOTALL)
    items = re.findall(r"<span>(.*?)</span>", found[0], re.DOTALL) if found else []
    return [unescape(one) for one in items]


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("kind=castle", "“castle” is no kind of space here: every kind is searched."),
        ("venue=atlantis", "“atlantis” is no venue here: the whole network is searched."),
        ("space=baleine/x", "“baleine/x” is no space here: all spaces are searched."),
        ("space=x", "“x” is no space here: all spaces are searched."),
        ("layout=moat", "“moat” is no set-up here: any set-up is searched."),
        ("has=dragon", "“dragon” is no equipment that can be searched: it is left out."),
        ("part=brunch", "“brunch” is no named period here: the hours below are searched."),
        ("only=1", "No venue is chosen: the whole network is searched."),
        (
            "last=2027-03-11",
            "Without a length only the first day is searched, at exactly these hours.",
        ),
        ("day=1", "Days of the week count only with a length: they are left out."),
        ("space=baleine/salle", "Only “Salle” is searched."),
    ],
)
def test_what_is_searched_otherwise_than_asked_is_said(site: Site, query: str, note: str) -> None:
    assert notes(answer(site, f"{ON}&{query}&lang=en")) == [note]


def test_what_is_known_needs_no_note_and_stays_beside_what_is_not(site: Site) -> None:
    everything = f"{ON}&kind=meeting_room&venue=baleine&only=1&has=&part=&space="
    page = answer(site, f"{ON}&venue=baleine&has=screen&has=dragon&lang=en")

    assert notes(answer(site, everything)) == []
    assert len(notes(page)) == 1
    assert 'value="screen" checked' in page


def test_a_name_nobody_knows_is_text_and_not_endless(site: Site) -> None:
    (note,) = notes(answer(site, f"{ON}&venue=%3Cb%3E{'x' * 500}%00&lang=en"))

    assert note.startswith("“<b>xxx")
    assert len(note) < 120


# Nights and several days

NIGHT = "on=2027-03-11&from=22:00&to=02:00"


def test_a_night_leads_to_the_form_with_its_last_day(site: Site) -> None:
    night_club(site)

    page = answer(site, f"{NIGHT}&until=2027-03-12&lang=en")

    assert "from Thursday 11 March 2027, 22:00, to Friday 12 March 2027, 2:00" in plain(page)
    (url,) = re.findall(r'href="(/reservations/new[^"]+space=baleine/cave[^"]+)"', page)
    asked = parse_qs(urlsplit(unescape(url)).query)
    assert (asked["on"], asked["until"]) == (["2027-03-11"], ["2027-03-12"])
    assert (asked["from"], asked["to"]) == (["22:00"], ["02:00"])


def test_a_night_where_none_is_allowed_shows_the_rule(site: Site) -> None:
    page = plain(answer(site, "on=2027-03-11&from=18:00&to=10:00&until=2027-03-12&lang=en"))

    assert "Closed overnight: nobody stays from one day to the next." in page
    assert "0 free spaces" in page


@pytest.mark.parametrize(
    ("language", "closed"),
    [
        ("en", "Closed on Saturday 13 March and on Sunday 14 March (Travaux)."),
        ("fr", "Fermé le samedi 13 mars et le dimanche 14 mars (Travaux)."),
    ],
)
def test_closed_days_are_named(site: Site, language: str, closed: str) -> None:
    special(site, 13, "")
    special(site, 14, "Travaux.")

    page = plain(answer(site, f"{NIGHT[:13]}&from=10:00&to=12:00&until=2027-03-15&lang={language}"))

    assert closed in page


def test_many_closed_days_are_counted(site: Site) -> None:
    for day in (12, 13, 14, 15):
        special(site, day, "Travaux")

    page = plain(answer(site, f"{NIGHT[:13]}&from=10:00&to=12:00&until=2027-03-16&lang=fr"))

    assert "Fermé 4 jours, du vendredi 12 mars au lundi 15 mars (Travaux)." in page


def test_any_time_names_the_closed_days_too(site: Site) -> None:
    special(site, 13, ""), special(site, 14, "")

    page = plain(answer(site, "on=2027-03-13&last=2027-03-14&from=9:00&to=18:00&length=60&lang=en"))

    assert "Closed on Saturday 13 March and on Sunday 14 March." in page


def test_a_night_without_its_last_day_says_what_is_missing(site: Site) -> None:
    found = site.browser().get(f"/search?{NIGHT}&lang=en")

    assert found.status_code == 422
    assert "for a night, say the last day too" in found.text
    assert '<details class="more" open>' in found.text


def test_a_sentence_of_a_night_has_its_last_day(site: Site) -> None:
    args = sent_on(site, "salle jeudi de 22h à 2h")
    page = plain(answer(site, "q=salle+jeudi+de+22h+à+2h&lang=en"))

    assert (args["on"], args["until"]) == (["2027-03-11"], ["2027-03-12"])
    assert (args["from"], args["to"]) == (["22:00"], ["02:00"])
    assert "until 2:00, the day after" in page


def test_a_night_of_no_day_begins_on_the_day_that_is_assumed(site: Site) -> None:
    args = sent_on(site, "de 22h à 2h")
    page = plain(answer(site, "q=de+22h+à+2h&lang=en"))

    assert (args["on"], args["until"]) == (["2027-03-07"], ["2027-03-08"])
    assert "Not said, so assumed: Day, People." in page


@pytest.mark.parametrize(
    ("sentence", "next_day"),
    [
        ("n’importe quand jeudi de 22h à 2h", ["until 2:00, the day after"]),
        ("ce soir de 20h à 1h", ["until 1:00, the day after"]),
        ("entre 22h et 2h", ["22:00 – 2:00, the day after"]),
    ],
)
def test_only_the_end_of_a_night_is_on_the_day_after(
    site: Site, sentence: str, next_day: list[str]
) -> None:
    evening = {"slug": "evening", "name": make.words("Soir"), "opens": 1140, "closes": 1320}
    db.session.get_one(Venue, site.world.venue_id).day_parts = [evening]
    places_changed()
    db.session.commit()

    page = answer(site, f"q={sentence}&lang=en").replace("\u00a0", " ")

    assert "until" in sent_on(site, sentence)
    assert re.findall(r"<b>([^<]*the day after)</b>", page) == next_day


def test_a_sentence_of_several_days_is_one_reservation_or_a_time_on_one(site: Site) -> None:
    args = sent_on(site, "du 9 au 11 mars")
    page = answer(site, "q=du+9+au+11+mars&lang=en")

    assert (args["on"], args["until"]) == (["2027-03-09"], ["2027-03-11"])
    assert (args["from"], args["to"]) == (["09:00"], ["18:00"])
    assert "last" not in args
    assert "in one go" in page
    assert "Not said, so assumed: From, To, People." in page
    (other,) = re.findall(r'href="([^"]+)">a time on one day', page)
    asked = parse_qs(urlsplit(unescape(other)).query)
    assert (asked["last"], asked["length"]) == (["2027-03-11"], ["120"])
    assert "until" not in asked
    assert "any time between" in answer(site, urlsplit(unescape(other)).query)


def test_hours_beside_several_days_are_those_of_one_of_them(site: Site) -> None:
    page = answer(site, "q=du+9+au+11+mars+de+14h+à+16h&lang=en")

    assert "any time between 14:00 – 16:00, from Tue 9 Mar to Thu 11 Mar" in plain(page)
    (other,) = re.findall(r'href="([^"]+)">[^<]*in one go', page)
    assert "from Tuesday 9 March 2027, 14:00, to Thursday 11 March 2027, 16:00" in plain(
        answer(site, urlsplit(unescape(other)).query)
    )


def test_a_name_that_no_space_bears_is_said_to_be_left_out(site: Site) -> None:
    page = plain(answer(site, "q=salle+Mistral&lang=en"))

    assert "No space is called “salle Mistral”: its name is left out." in page
    assert "Not understood: Mistral" in page


# Times that clocks skip


def test_where_clocks_skip_a_time_venues_are_left_out_and_it_is_said(site: Site) -> None:
    """At 2:30 on 28 March 2027 there is no such time in Paris, and there is one in London."""
    make.space(make.venue("tamise", timezone="Europe/London"), "dock")
    places_changed()
    db.session.commit()
    half_past_two = "on=2027-03-28&from=02:30&to=04:00"

    page = answer(site, f"{half_past_two}&lang=en")

    assert notes(page) == [
        "Not searched: Baleine and Autre. Clocks go forward there that day, and this time does not"
        " exist."
    ]
    assert "Dock" in page
    assert "/venues/baleine/" not in page
    there = site.browser().get(f"/search?{half_past_two}&venue=baleine&lang=en")
    assert there.status_code == 422
    assert "From: Clocks go forward that day: this time does not exist." in plain(there.text)
    assert notes(answer(site, f"{half_past_two}&venue=tamise&only=1&lang=en")) == []


# The most people a venue may hold


def test_beyond_the_ceiling_a_card_says_on_request(site: Site) -> None:
    db.session.get_one(Venue, site.world.venue_id).ceiling = 4
    places_changed()
    db.session.commit()
    asked = f"{ON}&venue=baleine&only=1&kind=meeting_room&lang=en"

    assert "instant" in cards(answer(site, f"{asked}&people=4"))
    page = cards(answer(site, f"{asked}&people=5"))
    assert "on request" in page
    assert "instant" not in page
    assert "Salle" not in cards(answer(site, f"{asked}&people=5&instant=1"))


def test_a_venue_that_may_hold_no_more_is_on_request_on_the_first_page(site: Site) -> None:
    """One is expected within the hour, and more there may not be."""
    salle = atlas().space("baleine", "salle")
    make.reservation(salle, "sun 12-14")
    db.session.commit()
    before = plain(site.browser().get("/?lang=en").text)

    db.session.get_one(Venue, site.world.venue_id).ceiling = 1
    places_changed()
    db.session.commit()

    after = plain(site.browser().get("/?lang=en").text)
    assert (before.count("Free now"), after.count("Free now")) == (2, 1)
    assert "On request" in after


# Rules about persons


def special_spaces(site: Site) -> None:
    """A machine, a room for residents, one with a quota that the owner has used up that day, and
    a place for everybody."""
    here = db.session.query(Venue).filter_by(slug="baleine").one()
    electronics = make.training(here, "électronique")
    quota = {"most": 1, "of": "reservations", "per": "day", "by": "member"}
    make.space(here, "fer", kind="machine", training_id=electronics.id)
    make.space(here, "club", kind="machine", who=["residents"])
    limited = make.space(here, "tour", kind="machine", quotas=[quota])
    make.space(here, "perceuse", kind="machine")
    make.reservation(limited, "tue 14-15", by=site.member("owner"))
    make.changed()
    db.session.commit()


MACHINES = f"{ON}&venue=baleine&only=1&kind=machine&lang=en"


def split(page: str) -> tuple[str, str]:
    """What is free, and what is not."""
    free, _, rest = cards(page).partition("Not free then")
    return plain(free), plain(rest)


def test_what_the_reader_may_not_have_comes_last_with_its_reason(site: Site) -> None:
    special_spaces(site)

    free, rest = split(answer(site, MACHINES, "owner"))

    assert "Perceuse" in free
    assert "Fer" not in free
    assert "You need the training “Électronique” first." in rest
    assert "1 reservation a day for each member in this space; 1 reservation so far." in rest


def test_who_is_no_resident_is_told_so(site: Site) -> None:
    special_spaces(site)

    free, rest = split(answer(site, MACHINES, "stranger"))

    assert "Tour" in free
    assert "Club" not in free
    assert "This space is for members of the venue’s own organisations." in rest


@pytest.mark.parametrize("actor", ["owner", "other", "stranger"])
@pytest.mark.parametrize("more", ["", "&instant=1", "&length=60&last=2027-03-11"])
def test_no_form_refuses_what_a_search_says_is_free(site: Site, actor: str, more: str) -> None:
    special_spaces(site)
    browser = site.browser(actor)

    page = answer(site, MACHINES + more, actor)

    links = re.findall(r'href="(/reservations/new[^"]*)"', page)
    assert links
    for link in links:
        assert 'class="why"' not in browser.get(unescape(link)).text, link


def test_what_is_not_for_the_reader_is_not_confirmed_at_once(site: Site) -> None:
    special_spaces(site)

    page = plain(answer(site, f"{MACHINES}&instant=1", "stranger"))

    assert "Perceuse" in page
    assert "Fer" not in page
    assert "Club" not in page


def test_a_visitor_reads_what_is_needed(site: Site) -> None:
    special_spaces(site)

    free, _ = split(answer(site, MACHINES))
    member, _ = split(answer(site, MACHINES, "stranger"))

    assert "training “Électronique” needed" in free
    assert "for members of the venue’s own organisations" in free
    assert "needed" not in member


def cards(page: str) -> str:
    """The answers."""
    return page.partition('<ul class="results"')[2].partition("</main>")[0]


def plain(page: str) -> str:
    """The text of a page, as one reads it."""
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    return " ".join(text.replace("\u00a0", " ").split())


def special(site: Site, day: int, why: str) -> None:
    """A date of March on which the venue and the other one are closed."""
    for venue in db.session.query(Venue):
        row = {"venue_id": venue.id, "on": date(2027, 3, day), "spans": [], "why": why}
        db.session.add(
            SpecialHours(**row, member_id=site.member("manager").id, created_at=make.NOW)
        )
    places_changed()
    db.session.commit()
