"""Headers on every answer, a token on every form, and GETs that change nothing."""

import re

import pytest
from flask import Flask

from booking.app import create_app
from booking.web import home
from booking.web.security import HEADERS, POLICY
from tests import make
from tests.support.client import Client
from tests.support.site import ACTORS, Site
from tests.test_access import DOORS, Door, filled, prepare

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
POSTS = [door for door in DOORS if door.method == "POST"]
GETS = [door for door in DOORS if door.method == "GET"]
ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/search?on=never", 422),
    ("GET", "/venues/baleine/calendar.ics", 200),
    ("GET", "/feeds/{feed}.ics", 200),
    ("GET", "/feeds/unknown.ics", 404),
    ("GET", "/static/css/theme.css", 200),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/healthz", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/account", 302),
    ("GET", "/account/sign-out", 405),
    ("POST", "/", 405),
    ("POST", "/account/sign-in", 422),
    ("OPTIONS", "/", 200),
    ("HEAD", "/", 200),
]


@pytest.fixture
def guarded(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site with tokens on its forms, as it runs outside of tests."""
    monkeypatch.setitem(site.app.config, "WTF_CSRF_ENABLED", True)
    return site


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(site: Site, method: str, path: str, status: int) -> None:
    with site.browser().open(filled(path, site.world, "visitor"), method=method) as answer:
        assert answer.status_code == status
        named = {name: answer.headers.get(name) for name in HEADERS}

    private = {"Referrer-Policy": "no-referrer"} if ".ics" in path and status == 200 else {}
    assert named == HEADERS | private


def broken() -> None:
    raise RuntimeError("secret of the house")


@pytest.fixture
def bug(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The first page has a fault, and is answered as in production."""
    monkeypatch.setattr(home, "busy_today", lambda *_: broken())
    monkeypatch.setitem(site.app.config, "PROPAGATE_EXCEPTIONS", False)
    return site


def test_a_fault_of_ours_carries_the_headers_too(bug: Site) -> None:
    answer = bug.browser().get("/")

    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_fault_of_ours_tells_nothing_of_itself(bug: Site) -> None:
    page = bug.browser().get("/").text

    assert "secret of the house" not in page
    assert "Traceback" not in page


@pytest.mark.parametrize(("accepted", "language"), [("fr", "fr"), ("en", "en"), ("de", "fr")])
def test_a_fault_of_ours_is_told_in_the_language_of_the_browser(
    bug: Site, accepted: str, language: str
) -> None:
    page = bug.browser().get("/", headers={"Accept-Language": accepted}).text

    assert f'<html lang="{language}">' in page


def test_a_fault_is_written_down_without_the_address(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A calendar's address is its key, and so is that of a mailed link."""
    monkeypatch.setattr("booking.feeds.still_shown", lambda *_: broken())
    monkeypatch.setitem(site.app.config, "PROPAGATE_EXCEPTIONS", False)

    site.browser().get(f"/feeds/{site.world.feed}.ics")

    assert "secret of the house" in caplog.text
    assert site.world.feed not in caplog.text


def test_scripts_and_styles_come_from_us_and_stand_in_no_page() -> None:
    sources = dict(part.split(" ", 1) for part in POLICY.split("; "))

    assert sources["default-src"] == "'self'"
    assert sources["object-src"] == sources["base-uri"] == sources["frame-ancestors"] == "'none'"
    assert "unsafe" not in POLICY


@pytest.fixture
def secure(site: Site, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The same site as it runs behind TLS."""
    monkeypatch.setenv("BASE_URL", "https://reserver.example.org")
    return create_app(SQLALCHEMY_DATABASE_URI=site.app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.mark.parametrize("path", ["/", "/nowhere", "/venues/baleine/calendar.ics", "/healthz"])
def test_browsers_are_told_to_stay_with_tls_for_a_year(secure: Flask, path: str) -> None:
    answer = secure.test_client().get(path, base_url="https://reserver.example.org")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_without_tls_nobody_is_told_to_use_it(site: Site) -> None:
    assert "Strict-Transport-Security" not in site.browser().get("/").headers


# --- Tokens ---


@pytest.mark.parametrize("actor", ["visitor", "owner", "manager", "admin"])
@pytest.mark.parametrize("door", POSTS, ids=str)
def test_a_post_without_its_token_is_not_read(guarded: Site, door: Door, actor: str) -> None:
    prepare(guarded, door)
    path = filled(door.path or door.rule, guarded.world, actor)
    form = {name: filled(value, guarded.world, actor) for name, value in door.form.items()}
    before = guarded.content()

    answer = guarded.browser(actor).post(path, data=form)

    assert answer.status_code == 400
    assert guarded.content() == before


def tokened(browser: Client, path: str, **form: str) -> dict[str, str]:
    """The form with the token that this page gives."""
    found = TOKEN.search(browser.get(path).text)
    assert found
    return form | {"csrf_token": found[1]}


def test_a_post_with_its_token_is_read(guarded: Site) -> None:
    browser = guarded.browser("owner")
    form = tokened(browser, "/account", name="Mireille Deux", language="fr")

    assert browser.post("/account", data=form).status_code == 302


def test_the_token_of_another_browser_is_no_token(guarded: Site) -> None:
    form = tokened(guarded.browser("other"), "/account", name="Eve", language="fr")

    assert guarded.browser("owner").post("/account", data=form).status_code == 400


def test_the_token_of_the_time_before_signing_in_is_no_token(guarded: Site) -> None:
    browser = guarded.browser()
    secrets = {"email": guarded.world.emails["owner"], "password": make.PASSWORD}
    before = tokened(browser, "/account/sign-in", **secrets)
    assert browser.post("/account/sign-in", data=before).status_code == 302

    assert browser.post("/account/sign-out", data=before).status_code == 400


PAGES = ["/account", "/account/calendars", "/reservations", "/reservations/{code}", "/desk"]
PAGES += ["/reservations/new?space={room}", "/desk/{request}", "/members", "/account/sign-in"]


@pytest.mark.parametrize("path", PAGES)
def test_every_form_that_posts_has_its_token(guarded: Site, path: str) -> None:
    page = guarded.browser("admin" if path != "/account/sign-in" else "visitor").get(
        filled(path, guarded.world, "admin")
    )

    forms = re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.DOTALL)
    assert page.status_code == 200
    assert [form for form in forms if "csrf_token" not in form] == []


@pytest.mark.parametrize("actor", ACTORS)
def test_a_get_changes_nothing(guarded: Site, actor: str) -> None:
    prepare(guarded, *GETS)
    browser, before = guarded.browser(actor), guarded.content()

    for door in GETS:
        browser.get(filled(door.path or door.rule, guarded.world, actor)).close()

    assert guarded.content() == before


@pytest.mark.parametrize("door", POSTS, ids=str)
def test_a_get_at_the_address_of_a_post_changes_nothing(guarded: Site, door: Door) -> None:
    prepare(guarded, door)
    path = filled(door.path or door.rule, guarded.world, "admin")
    form = {name: filled(value, guarded.world, "admin") for name, value in door.form.items()}
    before = guarded.content()

    guarded.browser("admin").get(path, query_string=form).close()

    assert guarded.content() == before
