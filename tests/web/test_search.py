"""The search page: what an address asks for, and what one sentence is made of."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.site import Site

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
        "kind=castle",
        "has=dragon",
        "layout=moat",
        "venue=atlantis",
        "on=2027-02-31",
        "on=9999-12-31",
        "people=10000",
        "people=-1",
        f"{ON}&last=2027-03-01",
        f"{ON}&last=2027-06-01",
        f"{ON}&length=600",
        f"{ON}&length=1",
        f"{ON}&day=9",
        "from=12:00&to=10:00",
        "from=25:00",
    ],
)
def test_nonsense_gets_a_clear_answer(site: Site, query: str) -> None:
    found = site.browser().get(f"/search?{query}")

    assert found.status_code == 422
    assert 'role="alert"' in found.get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ["space=baleine/nulle-part", "space=x", "q=%00%F0%9F%90%B3", "q=&said=x", "said=x&q=a"]
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
