"""Guests as their host, they themselves and those at the door see them."""

import re
from html import unescape

import pytest
import time_machine

from booking.actions import guests, reservations
from booking.db import db
from booking.models.guests import Guest
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from tests import make
from tests.support.client import Client
from tests.support.site import Site

HOSTILE = '<b onclick="x()">Zoé</b>\u202e'


@pytest.fixture
def invited(site: Site) -> Site:
    """The site with Anne Roux as a guest of the owner's reservation, on Monday from 9 to 11."""
    return site.with_guest()


def read(text: str) -> str:
    """What a person reads of the page: no tags, one space for any."""
    main = text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def at(text: str) -> time_machine.travel:
    return time_machine.travel(make.moment(text), tick=False)


def row_of(code: str) -> Reservation:
    db.session.rollback()
    query = with_place().where(Reservation.code == code)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def everybody() -> list[tuple[str, str]]:
    db.session.rollback()
    return [(one.name, one.email) for one in db.session.query(Guest).order_by(Guest.id)]


def guest() -> Guest:
    db.session.rollback()
    return db.session.query(Guest).populate_existing().one()


def list_of(site: Site) -> str:
    return f"/reservations/{site.world.code}/guests"


def pass_of(site: Site, language: str = "en") -> str:
    return f"/passes/{site.world.door_pass}?lang={language}"


def with_people(site: Site, count: int) -> Client:
    """The owner's browser; the reservation is for so many people."""
    row_of(site.world.code).people = count
    db.session.commit()
    return site.browser("owner")


# --- Inviting ---


def test_the_page_of_a_reservation_leads_to_its_guests(site: Site) -> None:
    page = site.browser("owner").get(f"/reservations/{site.world.code}?lang=en").text

    assert "Invite guests…" in page
    assert f'href="{list_of(site)}?lang=en"' in page


def test_one_guest_and_a_list_go_together(site: Site) -> None:
    form = {"name": "Anne", "email": "Anne@Example.org", "lines": "Bob <bob@example.org>\n"}

    answer = with_people(site, 4).post(list_of(site), data=form)

    assert (answer.status_code, answer.location) == (302, list_of(site))
    assert everybody() == [("Anne", "anne@example.org"), ("Bob", "bob@example.org")]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(site: Site) -> None:
    lines = "Anne <anne>\nbob@example.org\neve@example.org\nzoe@example.org"

    answer = with_people(site, 3).post(list_of(site) + "?lang=en", data={"lines": lines})

    said = read(answer.text)
    assert answer.status_code == 422
    assert "Line 1: “Anne <anne>” is not an e-mail address." in said
    assert "for 3 people, the host included. You can invite 2 more, not 3" in said
    assert "Anne &lt;anne&gt;\nbob@example.org" in answer.text
    assert everybody() == []


def test_a_wrong_address_does_not_hide_what_is_wrong_with_the_list(site: Site) -> None:
    form = {"email": "anne@x", "lines": "Bob <bob>"}

    said = read(with_people(site, 4).post(list_of(site) + "?lang=en", data=form).text)

    assert "This does not look like an e-mail address." in said
    assert "Line 1: “Bob <bob>” is not an e-mail address." in said


def test_where_all_places_are_given_the_way_is_the_number_of_people(site: Site) -> None:
    page = with_people(site, 1).get(list_of(site) + "?lang=en").text

    assert "All places are given" in page
    assert f'href="/reservations/{site.world.code}/change?lang=en">Change the number' in page
    assert 'id="lines"' not in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "Anne"},
        {"email": "anne"},
        {"email": "x" * 300},
        {"name": "x" * 121, "email": "anne@example.org"},
        {"lines": "x" * 20_001},
        {"lines": "\x00\u202e", "email": "\u2028"},
    ],
)
def test_bad_input_is_answered_with_the_form(site: Site, form: dict[str, str]) -> None:
    answer = with_people(site, 4).post(list_of(site), data=form)

    assert answer.status_code == 422
    assert (everybody(), 'id="lines"' in answer.text) == ([], True)


def test_a_request_says_that_invitations_wait(site: Site) -> None:
    row_of(site.world.request).people = 3
    db.session.commit()
    path = f"/reservations/{site.world.request}/guests?lang=en"

    site.browser("owner").post(path, data={"email": "anne@example.org"})

    page = read(site.browser("owner").get(path).text)
    assert "Invitations wait, and go out when the venue has said yes." in page
    assert "not told yet" in page
    assert "Send again" not in page


def test_guests_of_what_is_cancelled_are_not_said_to_be_told_later(invited: Site) -> None:
    row_of(invited.world.code).state = "cancelled"
    db.session.commit()

    page = read(invited.browser("owner").get(f"/reservations/{invited.world.code}?lang=en").text)

    assert "Anne Roux" in page
    assert "not told yet" not in page


def test_what_has_ended_has_no_form_but_its_list(invited: Site) -> None:
    with at("mon 12"):
        page = invited.browser("owner").get(list_of(invited)).text
        answer = invited.browser("owner").post(list_of(invited), data={"email": "b@example.org"})

    assert ('id="lines"' in page, "Anne Roux" in page) == (False, True)
    assert answer.status_code == 409


def test_fewer_people_than_guests_is_said_with_the_number(invited: Site) -> None:
    browser = with_people(invited, 1)

    said = read(browser.get(list_of(invited) + "?lang=en").text)

    assert "for 1 person, the host included: 1 guest too many is invited" in said


def test_the_host_removes_and_sends_again(invited: Site) -> None:
    browser, one = invited.browser("owner"), invited.world.guest_id

    browser.post(f"{list_of(invited)}/{one}/send-again")
    browser.post(f"{list_of(invited)}/{one}/remove")

    db.session.rollback()
    kinds = [row.kind for row in db.session.query(OutboxMessage).order_by(OutboxMessage.id)]
    assert kinds == ["guest-invited", "guest-cancelled"]


@pytest.mark.parametrize("act", ["remove", "send-again", "arrive", "take-back"])
def test_a_guest_is_acted_on_at_their_own_reservation_only(invited: Site, act: str) -> None:
    path = f"/reservations/{invited.world.elsewhere}/guests/{invited.world.guest_id}/{act}"

    assert invited.browser("admin").post(path).status_code == 404
    assert (guest().removed_at, guest().times) == (None, 1)


def test_who_cancels_reads_before_that_guests_are_told(invited: Site) -> None:
    path = f"/reservations/{invited.world.code}/cancel?lang=en"

    assert "1 guest is told as well" in read(invited.browser("owner").get(path).text)


# --- The pass ---


def test_the_pass_opens_without_an_account_and_says_what_a_guest_needs(invited: Site) -> None:
    answer = invited.browser().get(pass_of(invited))

    said = read(answer.text)
    for text in ("Mireille invites you", "Monday 8 March 2027", "9:00 – 11:00", "1 quai du Port"):
        assert text in said.replace("\xa0", " ")
    assert invited.world.guest_code in said
    assert "You are let in from Mon 8 Mar, 7:00 on." in said


def test_the_pass_is_for_no_cache_no_search_engine_and_no_other_host(invited: Site) -> None:
    """`no-referrer` would take the header that forms are checked by over https."""
    headers = invited.browser().get(pass_of(invited)).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_qr_code_holds_the_address_of_the_pass(invited: Site) -> None:
    page = invited.browser().get(pass_of(invited)).text
    drawing = re.search(r'src="(data:image/svg\+xml;base64,[^"]+)"', page)
    other = invited.with_guest("bob@example.org").browser().get(pass_of(invited)).text

    assert drawing
    assert drawing[1] not in other


def test_the_pass_shows_neither_other_guests_nor_the_reservation(invited: Site) -> None:
    anne = pass_of(invited)
    invited.with_guest("bob@example.org", "Bob")
    row_of(invited.world.code).note = "Rien que pour le lieu"
    db.session.commit()

    page = invited.browser().get(anne).text

    for secret in ("bob@", "Bob", invited.world.code, "Rien que", invited.world.emails["owner"]):
        assert secret not in page


def test_looking_at_a_pass_changes_nothing(invited: Site) -> None:
    before = invited.content()

    for _ in range(3):
        invited.browser().get(pass_of(invited))
        invited.browser().head(pass_of(invited))

    assert invited.content() == before


@pytest.mark.parametrize(("said", "text"), [("coming", "You come"), ("declined", "You cannot")])
def test_a_guest_answers_and_the_host_reads_it(invited: Site, said: str, text: str) -> None:
    path = f"/passes/{invited.world.door_pass}/answer?lang=en"

    answer = invited.browser().post(path, data={"answer": said})

    assert guest().answer == said
    assert text in read(invited.browser().get(answer.location).text)
    seen = {"coming": "comes", "declined": "cannot come"}[said]
    assert seen in read(invited.browser("owner").get(list_of(invited) + "?lang=en").text)


@pytest.mark.parametrize("form", [{}, {"answer": ""}, {"answer": "x" * 5000}])
def test_no_answer_changes_nothing(invited: Site, form: dict[str, str]) -> None:
    answer = invited.browser().post(f"/passes/{invited.world.door_pass}/answer", data=form)

    assert (answer.status_code, guest().answer) == (302, None)


def test_who_finds_no_place_any_more_reads_it(invited: Site) -> None:
    path = f"/passes/{invited.world.door_pass}/answer?lang=en"
    invited.browser().post(path, data={"answer": "declined"})
    row_of(invited.world.code).people = 1
    db.session.commit()

    browser = invited.browser()
    browser.post(path, data={"answer": "coming"})

    assert "All places of this reservation are given" in read(browser.get(pass_of(invited)).text)
    assert guest().answer == "declined"


@pytest.mark.parametrize("path", ["/passes/unknown", "/passes/x/answer"])
def test_an_unknown_pass_is_not_found(site: Site, path: str) -> None:
    method = "POST" if path.endswith("answer") else "GET"

    assert site.browser().open(path, method=method, data={"answer": "x"}).status_code == 404


def ended(site: Site, how: str) -> None:
    row = row_of(site.world.code)
    if how == "cancelled":
        reservations.cancel(row, atlas(), by=row.member, now=make.NOW)
    if how == "removed":
        guests.remove(row, site.world.guest_id, by=row.member, now=make.NOW)
    db.session.commit()


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("cancelled", "This does not take place"),
        ("removed", "This invitation was taken back"),
        ("over", "This is over"),
    ],
)
def test_a_pass_that_is_void_says_so_and_takes_no_answer(
    invited: Site, how: str, text: str
) -> None:
    ended(invited, how)

    with at("mon 11" if how == "over" else "sun 12:01"):
        page = invited.browser().get(pass_of(invited)).text
        path = f"/passes/{invited.world.door_pass}/answer"
        answer = invited.browser().post(path, data={"answer": "coming"})

    assert text in read(page)
    assert ("data:image" in page, "I will come" in page) == (False, False)
    assert (answer.status_code, guest().answer) == (302, None)


def test_hostile_names_are_text(site: Site) -> None:
    row = row_of(site.world.code)
    row.title = row.member.name = HOSTILE
    db.session.commit()
    site.with_guest(name=HOSTILE)

    pages = [
        site.browser().get(pass_of(site)).text,
        site.browser("owner").get(list_of(site)).text,
        site.browser("owner").get(f"/reservations/{site.world.code}").text,
    ]
    with at("mon 8"):
        pages.append(site.browser("manager").get("/desk/presence/baleine").text)
        pages.append(site.browser("manager").get(pass_of(site)).text)

    for page in pages:
        assert '<b onclick="x()">' not in page
        assert "&lt;b onclick=" in page


# --- The door ---


def test_the_manager_sees_the_guests_of_the_day_and_marks_one(invited: Site) -> None:
    browser, path = invited.browser("manager"), "/desk/presence/baleine?lang=en"
    with at("mon 8:50"):
        before = browser.get(path).text
        arrive = f"{list_of(invited)}/{invited.world.guest_id}/arrive"
        answer = browser.post(arrive, data={"next": path})
        after = browser.get(path).text

    assert ("Anne Roux" in before, answer.location) == (True, path)
    assert "guest of Mireille" in read(before)
    assert "arrived at 8:50" in read(after)
    assert "Not here after all" in after


def test_a_wrong_mark_is_taken_back(invited: Site) -> None:
    browser, path = invited.browser("manager"), f"{list_of(invited)}/{invited.world.guest_id}"
    with at("mon 8:50"):
        browser.post(f"{path}/arrive")
        browser.post(f"{path}/take-back")

    assert guest().arrived_at is None
    assert db.session.query(OutboxMessage).count() == 0


def test_too_early_is_answered_in_words(invited: Site) -> None:
    browser = invited.browser("manager")
    arrive = f"{list_of(invited)}/{invited.world.guest_id}/arrive?lang=en"

    page = browser.get(browser.post(arrive).location).text

    assert "guests are let in from 7:00 on" in read(page)
    assert guest().arrived_at is None


@pytest.mark.parametrize(
    ("actor", "when", "shown"),
    [
        ("manager", "mon 8:50", True),
        ("admin", "mon 8:50", True),
        ("manager", "sun 12", False),
        ("stranger", "mon 8:50", False),
        ("owner", "mon 8:50", False),
        ("visitor", "mon 8:50", False),
    ],
)
def test_the_scanned_pass_lets_the_venues_managers_mark_the_arrival(
    invited: Site, actor: str, when: str, shown: bool
) -> None:
    with at(when):
        page = invited.browser(actor).get(pass_of(invited)).text

    assert ("At the door" in page) is shown
    assert ("Anne Roux" in page) is shown


def test_a_manager_who_scans_it_signs_in_and_comes_back(invited: Site) -> None:
    page = unescape(invited.browser().get(pass_of(invited)).text)

    assert f"/account/sign-in?next=%2Fpasses%2F{invited.world.door_pass}" in page.replace(
        "next=/passes/", "next=%2Fpasses%2F"
    )
    assert "You receive guests" not in invited.browser("manager").get(pass_of(invited)).text


def test_the_screen_takes_a_guests_code_and_names_nobody(invited: Site) -> None:
    browser = invited.browser()
    with at("mon 8:50"):
        form = {"code": invited.world.guest_code.lower()}
        answer = browser.post("/kiosk/baleine/salle/check-in?lang=en", data=form)
        page = browser.get(answer.location + "?lang=en").text

    assert "Welcome! Your host is told that you are here." in page
    assert not {"Anne", "Mireille", "Comité"} & set(re.findall(r"\w+", page))
    assert guest().arrived_at == make.moment("mon 8:50")
    assert db.session.query(OutboxMessage).one().kind == "guest-arrived"


def test_the_screen_answers_alike_whatever_is_wrong(invited: Site) -> None:
    def answer(code: str, when: str) -> str:
        with at(when):
            page = invited.browser().post("/kiosk/baleine/salle/check-in", data={"code": code}).text
        return re.sub(r'value="[^"]*"', "", page)

    assert answer(invited.world.guest_code, "mon 6:59") == answer("ZZZ-ZZZZ", "mon 6:59")
    assert answer(invited.world.guest_code, "mon 11") == answer("ZZZ-ZZZZ", "mon 11")


def test_history_says_how_many_and_not_who(invited: Site) -> None:
    page = invited.browser("owner").get(f"/reservations/{invited.world.code}?lang=en").text

    history = page.partition('<ol class="history">')[2].partition("</ol>")[0]
    assert "Guests invited" in history
    assert "1 guest" in history
    assert "Anne" not in history
