"""Signed in, and for how long: a cookie opens nothing once its sign-in is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from booking.actions.members import SIGNED_IN_FOR
from booking.app import create_app
from booking.db import db
from booking.queries import members as find
from tests import make
from tests.support.client import Client
from tests.support.site import Site

NEW_PASSWORD = "Calanque-1944-mistral!"
PUBLIC = ["/", "/search", "/search?people=8", "/venues", "/venues/baleine", "/venues/baleine/salle"]
PUBLIC += ["/cookies", "/mentions-legales", "/accessibilite", "/nowhere", "/healthz", "/readyz"]
PUBLIC += ["/venues/baleine/calendar.ics", "/static/css/theme.css"]
FORMS = ["/account/sign-in", "/account/register", "/account/forgot"]


def signed_in(site: Site, actor: str = "owner") -> Client:
    """A browser that has signed in by the form."""
    browser = site.browser()
    form = {"email": site.world.emails[actor], "password": make.PASSWORD}
    answer = browser.post("/account/sign-in", data=form)
    assert answer.status_code == 302
    return browser


def opens(browser: Client) -> bool:
    """Whether this browser is still signed in."""
    return browser.get("/account").status_code == 200


def copy_of(browser: Client) -> Client:
    """Another browser with the same cookie, as a thief would have."""
    cookie = browser.get_cookie("session")
    assert cookie
    thief = browser.application.test_client()
    thief.set_cookie("session", cookie.value)
    return thief


def cookie_of(answer: TestResponse) -> str:
    (line,) = answer.headers.getlist("Set-Cookie")
    return str(line)


@pytest.fixture
def secure(site: Site, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The same site as it runs behind TLS."""
    monkeypatch.setenv("BASE_URL", "https://reserver.example.org")
    uri = site.app.config["SQLALCHEMY_DATABASE_URI"]
    return create_app(SQLALCHEMY_DATABASE_URI=uri, WTF_CSRF_ENABLED=False)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(site: Site) -> None:
    form = {"email": site.world.emails["owner"], "password": make.PASSWORD}

    parts = cookie_of(site.browser().post("/account/sign-in", data=form)).split("; ")

    assert parts[0].startswith("session=")
    assert set(parts[1:]) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_behind_tls_the_cookie_is_bound_to_the_host_and_to_tls(site: Site, secure: Flask) -> None:
    form = {"email": site.world.emails["owner"], "password": make.PASSWORD}
    browser = secure.test_client()

    answer = browser.post("/account/sign-in", data=form, base_url="https://reserver.example.org")

    parts = cookie_of(answer).split("; ")
    assert parts[0].startswith("__Host-session=")
    assert set(parts[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_cookie_ends_with_the_browser(site: Site) -> None:
    form = {"email": site.world.emails["owner"], "password": make.PASSWORD}

    line = cookie_of(site.browser().post("/account/sign-in", data=form))

    assert "Expires" not in line
    assert "Max-Age" not in line


def test_signing_in_keeps_nothing_of_the_session_before(site: Site) -> None:
    browser = site.browser()
    with browser.session_transaction() as session:
        session["planted"], session["csrf_token"] = "by a thief", "known to a thief"
    form = {"email": site.world.emails["owner"], "password": make.PASSWORD}

    browser.post("/account/sign-in", data=form)

    with browser.session_transaction() as session:
        assert "planted" not in session
        assert "csrf_token" not in session


def test_every_sign_in_has_a_name_of_its_own(site: Site) -> None:
    first, second = signed_in(site), signed_in(site)

    with first.session_transaction() as one, second.session_transaction() as other:
        assert one["_user_id"] != other["_user_id"]


def test_the_database_does_not_hold_what_the_cookie_holds(site: Site) -> None:
    browser = signed_in(site)

    with browser.session_transaction() as session:
        assert session["_user_id"] not in site.content()


def sign_out(browser: Client, _site: Site) -> None:
    browser.post("/account/sign-out")


def change_password(_browser: Client, site: Site) -> None:
    form = {"old": make.PASSWORD, "password": NEW_PASSWORD}
    assert signed_in(site).post("/account/password", data=form).status_code == 302


def reset_password(_browser: Client, site: Site) -> None:
    form = {"password": NEW_PASSWORD}
    path = f"/account/reset/{site.world.reset}"
    assert site.browser().post(path, data=form).status_code == 302


def end_from_elsewhere(_browser: Client, site: Site) -> None:
    latest = find.sign_ins(site.member("owner"), make.NOW)[0].id
    path = f"/account/sign-ins/{latest}/end"
    assert site.browser("owner").post(path).status_code == 302


def block(_browser: Client, site: Site) -> None:
    site.member("owner").blocked_at = make.NOW
    db.session.commit()


ENDS = [sign_out, change_password, reset_password, end_from_elsewhere, block]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_copied_cookie_is_dead_after(site: Site, end: Callable[[Client, Site], None]) -> None:
    browser = signed_in(site)
    thief = copy_of(browser)
    assert opens(thief)

    end(browser, site)

    assert not opens(thief)


def test_who_changes_the_password_stays_signed_in_there(site: Site) -> None:
    browser = signed_in(site)

    browser.post("/account/password", data={"old": make.PASSWORD, "password": NEW_PASSWORD})

    assert opens(browser)


def test_a_wrong_old_password_ends_no_sign_in(site: Site) -> None:
    browser, elsewhere = signed_in(site), signed_in(site)

    answer = browser.post("/account/password", data={"old": "wrong", "password": NEW_PASSWORD})

    assert answer.status_code == 422
    assert opens(elsewhere)


@pytest.mark.parametrize(("later", "alive"), [(-1, True), (1, False)])
def test_a_sign_in_ends_after_its_days_however_much_it_is_used(
    site: Site, later: int, alive: bool
) -> None:
    browser = signed_in(site)

    with time_machine.travel(make.NOW + SIGNED_IN_FOR + timedelta(minutes=later), tick=False):
        assert opens(browser) is alive


def test_a_cookie_signed_by_another_key_opens_nothing(site: Site) -> None:
    thief = create_app(SECRET_KEY="of a thief").test_client()
    with thief.session_transaction() as session:
        session["_user_id"] = site.world.cookies["admin"]
    cookie = thief.get_cookie("session")
    assert cookie
    browser = site.browser()
    browser.set_cookie("session", cookie.value)

    assert not opens(browser)


@pytest.mark.parametrize("number", ["1", "", None])
def test_a_session_that_names_a_member_by_number_opens_nothing(site: Site, number: object) -> None:
    browser = site.browser()
    with browser.session_transaction() as session:
        session["_user_id"] = number

    assert not opens(browser)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_visitor_gets_no_cookie(site: Site, path: str) -> None:
    with site.browser().get(path) as answer:
        assert answer.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize("path", FORMS)
def test_a_form_sets_the_session_cookie_alone(
    site: Site, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.app.config, "WTF_CSRF_ENABLED", True)

    assert cookie_of(site.browser().get(path)).startswith("session=")


@pytest.mark.parametrize("path", ["/account", "/account/calendars", "/reservations", "/desk", "/"])
def test_what_a_member_reads_is_kept_nowhere(site: Site, path: str) -> None:
    assert site.browser("manager").get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PUBLIC[:6])
def test_public_pages_are_asked_for_again_each_time(site: Site, path: str) -> None:
    assert site.browser().get(path).headers["Cache-Control"] == "private, no-cache"
