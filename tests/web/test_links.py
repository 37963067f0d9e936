"""No answer of ours leads to another host, whatever the request says."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask, request, url_for

from booking import jobs
from booking.app import create_app, kept_link
from booking.db import db
from tests import make
from tests.support.site import Site

ELSEWHERE = [
    "https://evil.example",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,hi",
    "evil.example",
    "@evil.example",
    "/\r\nLocation: https://evil.example",
    "",
]
OWN = ["/desk", "/reservations/new?space=a/b&on=2027-03-08", "/search?kind=open_space"]
HOSTILE_HOSTS = ["evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.2", "x y"]
FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=https",
    "X-Original-URL": "/desk",
    "X-HTTP-Method-Override": "DELETE",
}


def form_of(site: Site, **more: str) -> dict[str, str]:
    return {"email": site.world.emails["owner"], "password": make.PASSWORD} | more


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_to_no_other_host(site: Site, target: str) -> None:
    answer = site.browser().post("/account/sign-in", data=form_of(site, next=target))

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_who_is_signed_in_is_led_to_no_other_host(site: Site, target: str) -> None:
    answer = site.browser("owner").get("/account/sign-in", query_string={"next": target})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE[:-1])
def test_the_form_does_not_keep_another_host(site: Site, target: str) -> None:
    page = site.browser().get("/account/sign-in", query_string={"next": target}).text

    assert re.findall(r'(?:value|action)="[^"]*(?:evil|alert|text/html)', page) == []


@pytest.mark.parametrize("target", OWN)
def test_signing_in_leads_back_to_where_one_wanted_to_go(site: Site, target: str) -> None:
    answer = site.browser().post("/account/sign-in", data=form_of(site, next=target))

    assert answer.headers["Location"] == target


def test_who_must_sign_in_first_comes_back(site: Site) -> None:
    answer = site.browser().get("/reservations/new?space=baleine/salle&on=2027-03-08")

    followed = site.browser().get(answer.headers["Location"]).text
    assert 'value="/reservations/new?space=baleine/salle&amp;on=2027-03-08"' in followed


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/venues", "/\\evil.example"])
def test_no_page_links_to_the_host_in_its_own_path(site: Site, path: str) -> None:
    page = site.browser().get("/", environ_overrides={"PATH_INFO": path}).text

    assert re.findall(r'(?:href|action|src)="[\\/]{2}', page) == []


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
@pytest.mark.parametrize("path", ["/", "/account/forgot", "/healthz", "/nowhere"])
def test_a_host_that_is_not_ours_is_not_answered(site: Site, path: str, host: str) -> None:
    answer = site.browser().get(path, headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_a_host_that_is_not_ours_gets_nothing_done(site: Site) -> None:
    form, before = {"email": site.world.emails["owner"]}, site.content()

    answer = site.browser().post("/account/forgot", data=form, headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert site.content() == before


def test_mailed_links_start_with_the_configured_address(site: Site, tmp_path: Path) -> None:
    site.app.config["MAIL_URL"], old = f"file:{tmp_path}", site.app.config["MAIL_URL"]
    form = {"email": site.world.emails["owner"]}
    site.browser().post("/account/forgot", data=form, headers=FORWARDED)
    db.session.rollback()

    jobs.once()

    site.app.config["MAIL_URL"] = old
    (mail,) = tmp_path.iterdir()
    links = re.findall(r"https?://[^/\s]+", mail.read_text())
    assert links
    assert set(links) == {"http://localhost"}


@pytest.mark.parametrize("path", ["/", "/venues/baleine/calendar.ics"])
def test_forwarded_headers_mean_nothing_without_a_proxy(site: Site, path: str) -> None:
    plain = site.browser().get(path)
    forwarded = site.browser().get(path, headers=FORWARDED)

    assert forwarded.data == plain.data
    assert forwarded.headers.getlist("Set-Cookie") == []


@pytest.fixture
def proxied(site: Site) -> Flask:
    """The same site behind one proxy."""
    uri = site.app.config["SQLALCHEMY_DATABASE_URI"]
    return create_app(SQLALCHEMY_DATABASE_URI=uri, PROXY_HOPS=1)


@pytest.mark.parametrize(("said", "seen"), [("203.0.113.9", "203.0.113.9"), ("a, b", "b")])
def test_behind_a_proxy_its_word_is_taken_and_no_other(
    proxied: Flask, said: str, seen: str
) -> None:
    places: list[str | None] = []
    proxied.before_request(lambda: places.append(request.remote_addr))

    proxied.test_client().get("/healthz", headers={"X-Forwarded-For": said})

    assert places == [seen]


def test_behind_a_proxy_too_the_host_has_to_be_ours(proxied: Flask) -> None:
    answer = proxied.test_client().get("/", headers={"X-Forwarded-Host": "evil.example"})

    assert answer.status_code == 400


@pytest.mark.parametrize(("title", "kept"), [("Comité", 1), ("x" * 1_000, 0)])
def test_links_with_what_somebody_typed_at_length_are_not_kept(
    site: Site, title: str, kept: int
) -> None:
    kept_link.cache_clear()

    with site.app.test_request_context("/"):
        link = url_for("reservations.new", title=title)

    assert link == f"/reservations/new?title={quote(title)}"
    assert kept_link.cache_info().currsize == kept
