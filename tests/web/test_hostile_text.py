"""Names, titles and reasons are hostile: everywhere they arrive, they stay text."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from booking.db import db
from booking.models.reservations import Reservation
from booking.queries.reservations import with_place
from tests.support.site import Site

TEXTS = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "double": '" onmouseover="alert(1)" x="',
    "single": "' onmouseover='alert(1)' x='",
    "template": "{{7*7}}${7*7}{% raw %}",
    "format": "%(code)s %s {0.__class__}",
    "entity": "&lt;script&gt;&amp;",
    "comment": "--><svg/onload=alert(1)>",
    "close": "</title></textarea></pre><iframe src=//evil.example>",
    "lines": "one\r\nSet-Cookie: a=b\r\n\r\nthree",
    "separator": "one\u2028two\u2029three\u0085four",
    "override": "safe\u202egpj.exe\u2066\u2069",
    "nothing": "\x00\x01\x0b\x7f",
}
STRANGE = ("iframe", "object", "embed", "base", "style", "math")
LONG = "é" * 10_000
NEW = {"space": "baleine/halle", "on": "2027-03-11", "from": "10:00", "to": "11:00", "people": "2"}


class Tags(HTMLParser):
    """What a browser would make of a page that could act: elements and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in STRANGE or (tag == "script" and not dict(attributes).get("src")):
            self.acting.append(tag)
        for name, value in attributes:
            points_away = name in ("href", "src", "action") and not (value or "").startswith(
                ("/", "#", "?", "webcal:", "https://calendar.google.", "https://outlook.")
            )
            if name.startswith("on") or name == "style" or points_away:
                self.acting.append(f"{tag} {name}={value}")


@pytest.mark.parametrize("kind", ["script", "image", "comment", "close"])
def test_a_text_that_acts_would_be_seen(kind: str) -> None:
    assert Tags(f"<p>{TEXTS[kind]}</p>").acting != []


def planted(site: Site, text: str) -> str:
    """A request full of the text, declined with it; its code."""
    owner = site.browser("owner")
    profile = {"name": text or "x", "organisation": text, "phone": text, "language": "fr"}
    owner.post("/account", data=profile | {"phone": text[:40], "organisation": text[:120]})
    made = owner.post("/reservations/new", data=NEW | {"title": text, "note": text})
    assert made.status_code == 302
    return str(made.headers["Location"]).rpartition("/")[2]


def pages(site: Site, code: str) -> dict[str, str]:
    """Every page on which the texts of the request are shown."""
    manager, owner, admin = (site.browser(actor) for actor in ("manager", "owner", "admin"))
    shown = {
        "desk": manager.get("/desk"),
        "request": manager.get(f"/desk/{code}"),
        "managed": manager.get(f"/reservations/{code}"),
        "venue": manager.get("/venues/baleine?on=2027-03-11"),
        "space": manager.get("/venues/baleine/halle?on=2027-03-11"),
        "own": owner.get(f"/reservations/{code}"),
        "list": owner.get("/reservations"),
        "board": owner.get("/venues/baleine?on=2027-03-11"),
        "account": owner.get("/account"),
        "members": admin.get("/members"),
        "taken": owner.post("/reservations/new", data=NEW | {"title": "again"}),
    }
    assert {name: page.status_code for name, page in shown.items() if name != "taken"} == (
        dict.fromkeys(set(shown) - {"taken"}, 200)
    )
    return {name: page.text for name, page in shown.items()}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_text_adds_nothing_to_any_page(site: Site, kind: str) -> None:
    shown = pages(site, planted(site, TEXTS[kind]))

    assert {name: acting for name, page in shown.items() if (acting := Tags(page).acting)} == {}


@pytest.mark.parametrize("kind", ["script", "image", "double", "single", "template", "entity"])
def test_a_hostile_text_is_read_as_it_was_typed(site: Site, kind: str) -> None:
    page = pages(site, planted(site, TEXTS[kind]))["request"]

    assert TEXTS[kind] not in page or kind == "template"
    assert TEXTS[kind] in unescape(page)


@pytest.mark.parametrize("kind", ["lines", "separator", "override", "nothing"])
def test_characters_nobody_sees_are_not_kept(site: Site, kind: str) -> None:
    code = planted(site, TEXTS[kind])

    row = db.session.scalars(with_place().where(Reservation.code == code)).one()
    for text in (row.title, row.member.name, row.member.organisation or ""):
        assert re.findall("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text) == []


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_reason_adds_nothing_to_the_page(site: Site, kind: str) -> None:
    manager, path = site.browser("manager"), f"/desk/{site.world.request}"
    manager.post(f"{path}/decline", data={"why": TEXTS[kind] + " x"})

    for page in (
        manager.get(path).text,
        site.browser("owner").get(f"/reservations/{site.world.request}").text,
    ):
        assert Tags(page).acting == []


@pytest.mark.parametrize("kind", TEXTS)
def test_what_was_typed_in_a_form_that_failed_stays_text(site: Site, kind: str) -> None:
    form = NEW | {"people": "none", "title": TEXTS[kind], "note": TEXTS[kind]}

    page = site.browser("owner").post("/reservations/new", data=form)

    assert page.status_code == 422
    assert Tags(page.text).acting == []


@pytest.mark.parametrize("kind", TEXTS)
def test_what_was_asked_in_an_address_stays_text(site: Site, kind: str) -> None:
    names = ("on", "from", "to", "people", "kind", "venue", "lang", "next", "page", "to")
    query = dict.fromkeys(names, TEXTS[kind])
    browser = site.browser("owner")

    for path in ("/search", "/account/sign-in", "/reservations", "/nowhere", "/"):
        assert Tags(browser.get(path, query_string=query).text).acting == []


@pytest.mark.parametrize("kind", TEXTS)
def test_a_path_stays_text(site: Site, kind: str) -> None:
    path = f"/{TEXTS[kind]}".encode().decode("latin-1")

    page = site.browser().get("/venues/x", environ_overrides={"PATH_INFO": path})

    assert page.status_code == 404
    assert Tags(page.text).acting == []


def test_a_name_that_is_too_long_is_refused(site: Site) -> None:
    form = {"name": LONG, "organisation": "", "phone": "", "language": "fr"}

    assert site.browser("owner").post("/account", data=form).status_code == 422


def test_a_reason_that_is_too_long_is_refused(site: Site) -> None:
    path = f"/desk/{site.world.request}/decline"

    assert site.browser("manager").post(path, data={"why": LONG}).status_code == 422
