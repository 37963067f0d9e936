"""Which language a page speaks, and that links keep it."""

import re
from html import unescape

import pytest

from booking.db import db
from tests.support.client import Client
from tests.support.site import Site

PAGES = ["/", "/search", "/venues", "/venues/baleine", "/venues/baleine/salle", "/account/sign-in"]
OTHERS = (".ics", "/static/")


def spoken(browser: Client, path: str, accepted: str = "") -> str:
    """The language the page says it is in."""
    headers = {"Accept-Language": accepted} if accepted else {}
    found = re.search(r'<html lang="(\w+)"', browser.get(path, headers=headers).text)
    assert found
    return found[1]


def inside(page: str) -> list[str]:
    """Where the page's links lead, but for feeds and files."""
    links = map(unescape, re.findall(r'href="(/[^"]*)"', page))
    return [link for link in links if not any(other in link for other in OTHERS)]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "fr"), ("fr-CA", "fr"), ("en-GB,en;q=0.8", "en"), ("de", "fr"), ("de,en;q=0.5", "en")],
)
def test_a_visitor_is_spoken_to_as_the_browser_wishes(
    site: Site, accepted: str, language: str
) -> None:
    assert spoken(site.browser(), "/", accepted) == language


@pytest.mark.parametrize("path", PAGES)
def test_the_address_chooses_before_the_browser(site: Site, path: str) -> None:
    assert spoken(site.browser(), f"{path}?lang=en", "fr") == "en"


def test_a_member_is_spoken_to_in_their_language(site: Site) -> None:
    site.member("owner").language = "en"
    db.session.commit()

    assert spoken(site.browser("owner"), "/", "fr") == "en"


def test_the_address_chooses_before_the_member(site: Site) -> None:
    assert spoken(site.browser("owner"), "/?lang=en") == "en"


@pytest.mark.parametrize("asked", ["de", "EN", "fr_FR", "../x", ""])
def test_a_language_we_do_not_speak_is_not_chosen(site: Site, asked: str) -> None:
    assert spoken(site.browser(), f"/?lang={asked}") == "fr"


@pytest.mark.parametrize("path", PAGES)
def test_every_link_keeps_the_chosen_language(site: Site, path: str) -> None:
    page = site.browser().get(f"{path}?lang=en").text

    assert [link for link in inside(page) if "lang=" not in link] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_form_keeps_the_chosen_language(site: Site, path: str) -> None:
    """Those that post, in their address; the others in a field, since theirs is overwritten."""
    page = site.browser().get(f"{path}?lang=en").text

    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    field = '<input type="hidden" name="lang" value="en">'
    kept = [field in one or re.search(r'action="[^"]*lang=en', one) for one in forms]
    assert forms == [] or all(kept)


@pytest.mark.parametrize("path", PAGES)
def test_no_link_chooses_a_language_nobody_asked_for(site: Site, path: str) -> None:
    page = site.browser().get(path).text

    chosen = [link for link in inside(page) if "lang=" in link]
    assert {link.partition("lang=")[2] for link in chosen} == {"en"}
    assert len(set(chosen)) == 1


def test_the_other_language_keeps_what_was_asked(site: Site) -> None:
    page = site.browser().get("/search?people=8&kind=meeting_room&from=10:00").text

    other = next(link for link in inside(page) if "lang=en" in link)
    assert other.startswith("/search?people=8&kind=meeting_room&from=10%3A00")


def test_a_redirect_keeps_the_chosen_language(site: Site) -> None:
    assert "lang=en" in site.browser().get("/account?lang=en").headers["Location"]


def test_caches_are_told_that_the_language_changes_the_page(site: Site) -> None:
    assert "Accept-Language" in site.browser().get("/").headers["Vary"]
