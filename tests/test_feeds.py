"""Calendars as programs fetch them: what is in them, for whom, and for how long."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from icalendar import Calendar, Component
from sqlalchemy import delete, event
from werkzeug.test import TestResponse

from booking.db import db
from booking.feeds import CANCELLED_SHOWN
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.models.venues import Network
from booking.queries.venues import atlas
from tests import make
from tests.support.client import Client
from tests.support.site import Site

VENUE = "/venues/baleine/calendar.ics"
ROOM = "/venues/baleine/salle/calendar.ics"
DESKS = "/venues/baleine/bureaux/calendar.ics"
HALL = "/venues/baleine/halle/calendar.ics"
KINDS = ["venue", "space", "mine", "requests"]
SOON = make.NOW + timedelta(minutes=1)
SECRETS = ["Comité secret", "Bal secret", "Mireille", "Régis", "member-"]


def address(site: Site, kind: str) -> str:
    world = site.world
    tokens = {"mine": world.feed, "requests": world.requests_feed}
    return {"venue": VENUE, "space": ROOM}.get(kind) or f"/feeds/{tokens[kind]}.ics"


def fetched(site: Site, path: str) -> TestResponse:
    answer = site.browser().get(path)
    assert answer.status_code == 200
    return answer


def events(site: Site, path: str) -> list[Component]:
    """The calendar's entries as another program reads them."""
    return list(Calendar.from_ical(fetched(site, path).data).walk("VEVENT"))


def mine(site: Site) -> dict[str, Component]:
    """The owner's entries by the name of their space."""
    found = events(site, address(site, "mine"))
    return {str(one["LOCATION"]).partition(",")[0].lower(): one for one in found}


# --- As a program fetches them ---


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_is_a_calendar(site: Site, kind: str) -> None:
    answer = fetched(site, address(site, kind))

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert re.fullmatch(r'inline; filename="[\w-]+\.ics"', answer.headers["Content-Disposition"])
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_not_changed_is_not_sent_again(site: Site, kind: str) -> None:
    etag = fetched(site, address(site, kind)).headers["ETag"]

    with time_machine.travel(SOON, tick=False):
        again = site.browser().get(address(site, kind), headers={"If-None-Match": etag})

    assert not etag.startswith("W/")
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_changed_is_sent(site: Site, kind: str) -> None:
    etag = fetched(site, address(site, kind)).headers["ETag"]
    for code in (site.world.code, site.world.request):
        site.browser("owner").post(f"/reservations/{code}/cancel")

    again = site.browser().get(address(site, kind), headers={"If-None-Match": etag})

    assert again.status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_two_calls_a_minute_apart_are_the_same_to_the_byte(site: Site, kind: str) -> None:
    first = fetched(site, address(site, kind)).data

    with time_machine.travel(SOON, tick=False):
        assert fetched(site, address(site, kind)).data == first


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_may_ask_for_the_head_alone(site: Site, kind: str) -> None:
    path = address(site, kind)
    whole, head = fetched(site, path), site.browser().head(path)

    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_needs_no_cookie_and_sets_none(site: Site, kind: str) -> None:
    assert fetched(site, address(site, kind)).headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_search_engine_lists_a_feed_and_no_page_learns_its_address(
    site: Site, kind: str
) -> None:
    answer = fetched(site, address(site, kind))

    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_everybody_may_see_may_be_shared_by_caches(site: Site, kind: str) -> None:
    who = "public" if kind in ("venue", "space") else "private"

    assert fetched(site, address(site, kind)).headers["Cache-Control"] == f"{who}, max-age=300"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_kept_past_the_midnight_of_the_venue(site: Site, kind: str) -> None:
    with time_machine.travel(make.moment("sun 23:59") + timedelta(seconds=30), tick=False):
        cached = fetched(site, address(site, kind)).headers["Cache-Control"]

    assert cached.endswith("max-age=30")


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_fits_where_google_wants_it(site: Site, kind: str) -> None:
    assert len("https://reserver.example.org" + address(site, kind)) < 256


# --- Keys ---


def test_a_revoked_address_looks_like_one_that_never_was(site: Site) -> None:
    path = address(site, "mine")
    site.browser("owner").post(f"/account/calendars/{site.world.feed_id}/revoke")
    browser = site.browser()

    revoked, unknown = browser.get(path), browser.get("/feeds/never-was-one.ics")

    assert revoked.status_code == unknown.status_code == 404
    assert revoked.text.replace(path, "") == unknown.text.replace("/feeds/never-was-one.ics", "")


@pytest.mark.parametrize("kind", ["mine", "requests"])
def test_a_blocked_members_address_looks_like_one_that_never_was(site: Site, kind: str) -> None:
    for actor in ("owner", "manager"):
        site.member(actor).blocked_at = make.NOW
    db.session.commit()

    assert site.browser().get(address(site, kind)).status_code == 404


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda t: t[:-1], lambda t: t + "A"])
def test_a_key_has_to_fit_exactly(site: Site, change) -> None:
    assert site.browser().get(f"/feeds/{change(site.world.feed)}.ics").status_code == 404


def test_the_database_does_not_hold_the_key(site: Site) -> None:
    assert site.world.feed not in site.content()


@pytest.mark.parametrize("kind", ["mine", "requests"])
def test_the_key_stands_in_no_log(
    site: Site, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        fetched(site, address(site, kind))
        site.browser("owner").post("/account/calendars", data={"kind": "mine"})

    written = caplog.text + "".join(capfd.readouterr())
    assert site.world.feed not in written
    assert site.world.requests_feed not in written


def test_the_calendar_does_not_tell_its_own_address(site: Site) -> None:
    assert site.world.feed.encode() not in fetched(site, address(site, "mine")).data


def test_a_new_address_works_at_once(site: Site) -> None:
    page = site.browser("owner").post("/account/calendars", data={"kind": "mine"}).text

    found = re.search(r"http://localhost(/feeds/[\w-]+\.ics)", page)
    assert found
    assert len(events(site, found[1])) == 3


# --- Public: when a place is taken, and nothing else ---


@pytest.mark.parametrize("path", [VENUE, ROOM, HALL, DESKS])
def test_a_public_feed_tells_nothing_of_who_or_what_for(site: Site, path: str) -> None:
    room = atlas().space("baleine", "bureaux")
    owner = site.member("owner")
    made = make.reservation(room, "mon 9-11", by=owner, people=3, title="Bureau secret")
    uids = [row.uid for row in db.session.query(Reservation)]
    assert made.uid in uids
    db.session.commit()

    body = fetched(site, path).data.decode().replace("\r\n ", "")

    for secret in (*SECRETS, "Bureau secret", site.world.code, site.world.request, *uids):
        assert secret not in body


def test_a_room_is_taken_while_it_is_reserved(site: Site) -> None:
    (event,) = events(site, ROOM)

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        make.moment("mon 9"),
        make.moment("mon 11"),
    )
    assert str(event["TRANSP"]) == "OPAQUE"


def test_a_request_takes_its_place_too(site: Site) -> None:
    assert len(events(site, HALL)) == 1


def test_neighbours_are_one_stretch_so_that_nobody_can_count_them(site: Site) -> None:
    room = atlas().space("baleine", "salle")
    make.reservation(room, "mon 11-12")
    db.session.commit()

    (event,) = events(site, ROOM)
    assert event["DTEND"].dt == make.moment("mon 12")


def test_a_pool_is_taken_only_while_no_unit_is_left(site: Site) -> None:
    desks = atlas().space("baleine", "bureaux")
    for at in ("mon 9-12", "mon 10-13", "mon 11-14"):
        make.reservation(desks, at)
    db.session.commit()

    (event,) = events(site, DESKS)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        make.moment("mon 11"),
        make.moment("mon 12"),
    )


def test_a_venue_says_which_of_its_spaces_is_taken(site: Site) -> None:
    assert [str(event["SUMMARY"]) for event in events(site, VENUE)] == [
        "Halle – Occupé",
        "Salle – Occupé",
    ]


def test_a_cancelled_reservation_leaves_the_public_feed_at_once(site: Site) -> None:
    site.browser("owner").post(f"/reservations/{site.world.code}/cancel")

    assert events(site, ROOM) == []


def test_the_names_of_two_feeds_cannot_be_joined(site: Site) -> None:
    names = {kind: {str(e["UID"]) for e in events(site, address(site, kind))} for kind in KINDS}

    assert names["venue"].isdisjoint(names["mine"])
    assert names["space"].isdisjoint(names["mine"])


@pytest.mark.parametrize(("asked", "word"), [("?lang=en", "Taken"), ("?lang=fr", "Occupé")])
def test_a_public_feed_speaks_the_language_its_address_asks_for(
    site: Site, asked: str, word: str
) -> None:
    assert str(events(site, ROOM + asked)[0]["SUMMARY"]) == word


@pytest.mark.parametrize("path", ["/venues/nowhere/calendar.ics", "/venues/baleine/x/calendar.ics"])
def test_there_is_no_calendar_of_a_place_that_is_none(site: Site, path: str) -> None:
    assert site.browser().get(path).status_code == 404


@contextmanager
def cancelled_by_another(just_before: str) -> Iterator[None]:
    """Another connection gives all places back, once, just before that statement is sent."""

    waiting = [delete(Occupancy)]

    def act(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if waiting and statement.startswith(just_before):
            with db.engine.execution_options(writes=True).begin() as other:
                other.execute(waiting.pop())

    event.listen(db.engine, "before_cursor_execute", act)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", act)


def test_no_two_calendars_have_one_etag_whatever_comes_between(client: Client) -> None:
    db.session.add(Network(id=1, name=make.words("Réseau"), version="1"))
    room = make.space()
    make.reservation(room, "mon 9-11")
    db.session.commit()
    path = f"/venues/{room.venue.slug}/{room.slug}/calendar.ics"

    with time_machine.travel(make.NOW, tick=False):
        before = client.get(path)
        with cancelled_by_another("SELECT occupancy.unit_id"):
            between = client.get(path)

    # SQLite shows a request nothing of what comes after its first look.
    unlike = db.engine.dialect.name == "postgresql"
    assert (before.data != between.data) is unlike
    assert (before.headers["ETag"] != between.headers["ETag"]) is unlike


# --- A member's own ---


def test_a_member_sees_what_is_waiting_and_what_is_certain(site: Site) -> None:
    assert str(mine(site)["salle"]["STATUS"]) == "CONFIRMED"
    assert str(mine(site)["halle"]["STATUS"]) == "TENTATIVE"


def test_an_entry_keeps_its_name_and_grows_in_sequence_when_it_changes(site: Site) -> None:
    before = mine(site)["halle"]
    site.browser("manager").post(f"/desk/{site.world.request}/approve")

    after = mine(site)["halle"]
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert str(after["STATUS"]) == "CONFIRMED"


def test_a_cancelled_entry_says_so_and_frees_the_time(site: Site) -> None:
    before = mine(site)["salle"]
    site.browser("owner").post(f"/reservations/{site.world.code}/cancel")

    after = mine(site)["salle"]
    assert (str(after["STATUS"]), str(after["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert str(after["SUMMARY"]).startswith("[annulée]")


def test_a_cancelled_entry_is_gone_after_its_end(site: Site) -> None:
    site.browser("owner").post(f"/reservations/{site.world.code}/cancel")

    with time_machine.travel(make.moment("mon 11"), tick=False):
        assert "salle" not in mine(site)


@pytest.mark.parametrize(("minutes", "shown"), [(-1, True), (1, False)])
def test_a_cancelled_entry_far_away_is_gone_after_two_weeks(
    site: Site, minutes: int, shown: bool
) -> None:
    room = atlas().space("baleine", "salle")
    week = make.SUNDAY + timedelta(days=56)
    far = make.reservation(room, make.period("mon 9-11", week=week), by=site.member("owner"))
    code = far.code
    db.session.commit()
    site.browser("owner").post(f"/reservations/{code}/cancel")

    with time_machine.travel(make.NOW + CANCELLED_SHOWN + timedelta(minutes=minutes), tick=False):
        body = fetched(site, address(site, "mine")).data.decode()

    assert (code in body) is shown


def test_a_member_sees_nothing_of_others(site: Site) -> None:
    make.reservation(atlas().space("baleine", "salle"), "fri 9-11", title="Autrui")
    db.session.commit()

    assert b"Autrui" not in fetched(site, address(site, "mine")).data


def test_no_member_is_named_in_a_feed(site: Site) -> None:
    for kind in KINDS:
        body = fetched(site, address(site, kind)).data.decode()
        assert "ATTENDEE" not in body
        assert "Mireille" not in body


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_member_is_spoken_to_in_their_language(site: Site, language: str) -> None:
    site.member("owner").language = language
    db.session.commit()

    prefix = {"fr": "[en attente]", "en": "[waiting]"}[language]
    assert str(mine(site)["halle"]["SUMMARY"]).lower().startswith(prefix)


HOSTILE = ["a\r\nSUMMARY:PIRATE", "a\u2028SUMMARY:PIRATE", "a\x0bb\x00c", "a;b,c\\n\\;", "é" * 120]


@pytest.mark.parametrize("title", HOSTILE, ids=lambda t: ascii(t)[:15])
def test_a_hostile_title_stays_a_title(site: Site, title: str) -> None:
    form = {"space": "baleine/salle", "on": "2027-03-11", "from": "10:00", "to": "11:00"}
    made = site.browser("owner").post(
        "/reservations/new", data=form | {"people": "1", "title": title}
    )
    assert made.status_code == 302

    found = events(site, address(site, "mine"))
    assert len(found) == 4
    assert not any(str(event["SUMMARY"]).startswith("PIRATE") for event in found)


# --- A manager's requests ---


def test_a_manager_sees_the_requests_of_their_venue(site: Site) -> None:
    (event,) = events(site, address(site, "requests"))

    assert str(event["STATUS"]) == "TENTATIVE"
    assert str(event["URL"]) == f"http://localhost/desk/{site.world.request}"


def test_what_is_decided_leaves_the_managers_feed(site: Site) -> None:
    site.browser("admin").post(f"/desk/{site.world.request}/approve")

    assert events(site, address(site, "requests")) == []


def test_what_has_run_out_leaves_the_managers_feed(site: Site) -> None:
    with time_machine.travel(make.moment("tue 14"), tick=False):
        assert events(site, address(site, "requests")) == []


def test_a_managers_feed_is_empty_once_the_role_has_ended(site: Site) -> None:
    for role in site.member("manager").roles:
        role.ends_at = make.NOW
    db.session.commit()

    assert events(site, address(site, "requests")) == []


def test_a_managers_feed_follows_the_role_to_another_venue(site: Site) -> None:
    elsewhere = atlas().venue("autre").venue
    for role in site.member("manager").roles:
        role.venue_id = elsewhere.id
    db.session.commit()

    assert events(site, address(site, "requests")) == []
