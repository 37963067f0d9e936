"""Asking without an account as a visitor sees it: the form, the mailed link, what it shows."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from booking import jobs
from booking.app import create_app
from booking.db import db
from booking.models.members import Member
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorWish
from booking.queries.members import by_email
from booking.queries.venues import atlas
from booking.web.security import limiter
from tests import make
from tests.support.client import Client
from tests.support.site import Site
from tests.web.test_waitlist import text_of

WISH = {
    "space": "baleine/salle",
    "on": "2027-03-11",
    "from": "10:00",
    "to": "11:00",
    "people": "2",
    "title": "Essai de la salle",
    "note": "Nous venons en train.",
}
WHO = {"name": "Une visiteuse", "email": "Visite@Example.net", "phone": "04 91 00 00 00"}
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


@pytest.fixture
def open_site(site: Site) -> Site:
    """The site, with a room for which anybody may ask."""
    allow(True)
    return site


def allow(yes: bool) -> None:
    room = atlas().space("baleine", "salle")
    db.session.query(Policy).filter_by(space_id=room.id).update({"visitors": yes})
    make.changed()
    db.session.commit()


def ask(site: Site, **more: str) -> str:
    """A wish is sent; the address of its link."""
    answer = site.browser().post("/requests/new", data=WISH | WHO | more)
    assert answer.status_code == 200, text_of(answer.text)
    return f"/requests/{letters()[-1].facts['token']}"


def letters(kind: str = "visitor-wished") -> list[OutboxMessage]:
    db.session.rollback()
    return db.session.query(OutboxMessage).filter_by(kind=kind).order_by(OutboxMessage.id).all()


def made() -> list[Reservation]:
    db.session.rollback()
    query = db.session.query(Reservation).filter_by(title=WISH["title"])
    return query.order_by(Reservation.id).all()


def confirmed(site: Site) -> str:
    link = ask(site)
    assert site.browser().post(link).location == link
    return link


# The form


def test_the_form_opens_without_an_account_where_the_policy_allows_it(open_site: Site) -> None:
    page = open_site.browser().get("/reservations/new", query_string=WISH)

    assert page.status_code == 200
    assert 'action="/requests/new"' in page.text
    assert "Rien ne vous est gardé avant votre confirmation :" in text_of(page.text)
    assert 'formaction="/basket"' not in page.text


def test_elsewhere_one_signs_in_and_the_wish_is_kept(site: Site) -> None:
    answer = site.browser().get("/reservations/new", query_string=WISH)

    assert answer.location.startswith("/account/sign-in?next=")
    assert "10:00" in answer.location


def test_who_has_an_account_signs_in_and_finds_the_wish_again(open_site: Site) -> None:
    page = open_site.browser().post("/requests/new", data=WISH | WHO | {"people": "40"}).text
    link = re.search(r'href="(/account/sign-in\?next=[^"]+)"', page)
    assert link
    assert "Visite" not in link[1]
    browser = open_site.browser()

    form = browser.get(link[1].replace("&amp;", "&"))
    target = re.search(r'name="next" value="([^"]+)"', form.text)
    assert target
    data = {"email": open_site.member("other").email, "password": make.PASSWORD}
    back = browser.post("/account/sign-in", data=data | {"next": target[1].replace("&amp;", "&")})

    shown = browser.get(back.location).text
    assert (WISH["title"] in shown, 'value="10:00" selected' in shown) == (True, True)
    assert WISH["note"] in shown


def test_the_page_of_a_space_says_that_anybody_may_ask(open_site: Site) -> None:
    page = open_site.browser().get("/venues/baleine/salle").text

    assert "Tout le monde peut en faire la demande, sans compte" in page


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_lost(open_site: Site) -> None:
    answer = open_site.browser().post(
        "/requests/new", data=WISH | WHO | {"from": "06:00", "to": "07:00", "people": "40"}
    )

    text = text_of(answer.text)
    assert answer.status_code == 422
    assert "Le lieu est fermé" in text
    assert "8 personnes" in text
    for typed in ("Visite@Example.net", "Une visiteuse", WISH["note"]):
        assert typed in answer.text


@pytest.mark.parametrize("missing", ["name", "email"])
def test_who_asks_has_to_say_who_they_are(open_site: Site, missing: str) -> None:
    answer = open_site.browser().post("/requests/new", data=WISH | WHO | {missing: ""})

    assert (answer.status_code, letters()) == (422, [])


def test_a_way_out_is_one_click_with_who_asks(open_site: Site) -> None:
    make.reservation(atlas().space("baleine", "salle"), "thu 10-11")
    db.session.commit()

    answer = open_site.browser().post("/requests/new", data=WISH | WHO)

    assert answer.status_code == 409
    way = re.search(
        r'<form class="one" method="post" action="/requests/new">.*?</form>', answer.text, re.S
    )
    assert way
    assert 'name="email" value="Visite@Example.net"' in way[0]


def test_an_address_is_answered_alike_whether_it_is_known_or_not(open_site: Site) -> None:
    known = open_site.member("other").email
    pages = [
        open_site.browser().post("/requests/new", data=WISH | WHO | {"email": email})
        for email in ("unknown@example.net", known)
    ]

    first, second = (page.text.replace("unknown@example.net", known) for page in pages)
    assert [page.status_code for page in pages] == [200, 200]
    assert re.sub(r"csrf[^>]+", "", first) == re.sub(r"csrf[^>]+", "", second)


def test_the_mail_carries_nothing_that_a_stranger_typed(open_site: Site) -> None:
    ask(open_site)

    jobs.once()

    (letter,) = letters()
    assert letter.sent_at is not None
    assert "token" not in letter.facts
    assert not any(
        typed in str(vars(letter)) for typed in (WISH["title"], WISH["note"], WHO["name"])
    )


def test_who_signed_in_meanwhile_asks_as_a_member(open_site: Site) -> None:
    answer = open_site.browser("other").post("/requests/new", data=WISH | WHO)

    assert (answer.status_code, answer.location) == (307, "/reservations/new")


@pytest.fixture
def limited(open_site: Site) -> Iterator[Client]:
    """A browser at the same site with its limits on."""
    uri = open_site.app.config["SQLALCHEMY_DATABASE_URI"]
    app = create_app(SQLALCHEMY_DATABASE_URI=uri, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    limiter.reset()
    yield app.test_client()
    limiter.reset()
    limiter.enabled = False


def test_nobody_is_mailed_wish_after_wish_and_what_is_mended_does_not_count(
    limited: Client,
) -> None:
    wrong = [limited.post("/requests/new", data=WISH | WHO | {"people": "40"}) for _ in range(7)]

    answers = [limited.post("/requests/new", data=WISH | WHO).status_code for _ in range(6)]

    assert [answer.status_code for answer in wrong] == [422] * 7
    assert answers == [200] * 5 + [429]


# The link


def test_looking_at_the_link_changes_nothing(open_site: Site) -> None:
    link = ask(open_site)
    before = open_site.content()

    answers = [open_site.browser().get(link) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert open_site.content() == before
    assert "Rien ne vous est encore gardé." in text_of(answers[0].text)


def test_the_pages_of_a_link_are_for_nobody_else(open_site: Site) -> None:
    link = confirmed(open_site)
    for path in (link, f"{link}/cancel", "/requests/unknown"):
        headers = open_site.browser().get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["Referrer-Policy"] == "strict-origin"


def test_the_form_of_a_link_is_taken_over_https_with_the_referrer_its_policy_leaves(
    open_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser says the origin alone; without any, as "no-referrer" has it, no form is taken."""
    monkeypatch.setitem(open_site.app.config, "WTF_CSRF_ENABLED", True)
    allow(True)
    link, browser, base = ask_with_token(open_site), open_site.browser(), "https://localhost"
    token = TOKEN.search(browser.get(link, base_url=base).text)
    assert token
    data = {"csrf_token": token[1]}

    without = browser.post(link, base_url=base, data=data)
    answer = browser.post(link, base_url=base, data=data, headers={"Referer": f"{base}/"})

    assert (without.status_code, answer.status_code) == (400, 302)


def ask_with_token(site: Site) -> str:
    browser = site.browser()
    token = TOKEN.search(browser.get("/reservations/new", query_string=WISH).text)
    assert token
    assert (
        browser.post("/requests/new", data=WISH | WHO | {"csrf_token": token[1]}).status_code == 200
    )
    return f"/requests/{letters()[-1].facts['token']}"


def test_confirmed_it_is_a_request_of_somebody_without_an_account(open_site: Site) -> None:
    link = confirmed(open_site)

    (row,) = made()
    member = by_email("visite@example.net")
    assert member
    assert (row.state, row.asks, row.member_id) == ("requested", ["visitor"], member.id)
    assert (member.visitor, member.name, member.phone) == (True, WHO["name"], WHO["phone"])
    assert row.code in open_site.browser().get(link).text


def test_confirmed_twice_it_is_one_and_both_see_it(open_site: Site) -> None:
    link = confirmed(open_site)

    again = open_site.browser().post(link)

    assert (again.location, len(made())) == (link, 1)


def test_after_a_day_the_link_has_ended(open_site: Site) -> None:
    link = ask(open_site)
    with time_machine.travel(make.NOW + timedelta(days=1), tick=False):
        browser = open_site.browser()
        answers = [browser.get(link).status_code, browser.post(link).status_code]

    assert (answers, made()) == ([404, 302], [])


def test_where_the_place_is_gone_meanwhile_another_is_one_click(open_site: Site) -> None:
    link = ask(open_site)
    make.reservation(atlas().space("baleine", "salle"), "thu 10-11")
    db.session.commit()
    browser = open_site.browser()

    answer = browser.post(link)

    assert answer.status_code == 409
    way = re.search(
        rf'<form class="one" method="post" action="{link}">.*?</form>', answer.text, re.S
    )
    assert way
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', way[0]))
    assert (fields["title"], fields["space"]) == (WISH["title"], "baleine/salle")
    assert browser.post(link, data=fields).location == link
    (row,) = made()
    assert row.starts_at != make.moment("thu 10")
    assert row.note == WISH["note"]


def test_nonsense_in_place_of_a_choice_changes_nothing(open_site: Site) -> None:
    link = ask(open_site)

    answer = open_site.browser().post(link, data={"space": "baleine/salle", "on": "never"})

    assert (answer.location, made()) == (link, [])


def test_where_the_policy_is_another_meanwhile_the_page_says_so(open_site: Site) -> None:
    link = ask(open_site)
    allow(False)

    answer = open_site.browser().post(link)

    assert answer.status_code == 422
    assert "réservé aux personnes qui ont un compte" in text_of(answer.text)
    assert made() == []


# What it shows


def test_the_link_shows_it_and_gives_it_back(open_site: Site) -> None:
    link, browser = confirmed(open_site), open_site.browser()
    assert "Retirer la demande" in text_of(browser.get(link).text)
    assert browser.get(f"{link}/cancel").status_code == 200
    assert made()[0].state == "requested"

    answer = browser.post(f"{link}/cancel")

    assert (answer.location, made()[0].state) == (link, "withdrawn")
    assert browser.get(f"{link}/cancel").location == link
    assert browser.post(f"{link}/cancel").status_code == 302


def test_too_late_the_venue_is_to_be_asked(open_site: Site) -> None:
    link, browser = confirmed(open_site), open_site.browser()
    (row,) = made()
    row.state = "confirmed"
    db.session.query(Policy).filter_by(space_id=row.space_id).update({"cancel_notice": 14400})
    make.changed()
    db.session.commit()

    browser.post(f"{link}/cancel")

    page = text_of(browser.get(link).text)
    assert made()[0].state == "confirmed"
    assert "Pour une exception, adressez-vous au lieu." in page
    assert f'href="{link}/cancel"' not in page


def test_the_link_opens_nothing_else(open_site: Site) -> None:
    link, browser = confirmed(open_site), open_site.browser()
    (row,) = made()

    browser.get(link)

    assert "/account/sign-in" in browser.get(f"/reservations/{row.code}").location
    assert "/account/sign-in" in browser.get("/account").location


def test_of_somebody_who_is_shut_out_the_link_shows_nothing(open_site: Site) -> None:
    link = confirmed(open_site)
    member = by_email("visite@example.net")
    assert member
    member.blocked_at = make.NOW
    db.session.commit()

    assert open_site.browser().get(link).status_code == 404
    assert open_site.browser().post(f"{link}/cancel").status_code == 302
    assert made()[0].state == "requested"


def test_the_manager_sees_that_it_is_from_a_visitor(open_site: Site) -> None:
    confirmed(open_site)
    (row,) = made()
    browser = open_site.browser("manager")

    for path in ("/desk", f"/desk/{row.code}", f"/reservations/{row.code}"):
        assert "visiteur sans compte" in text_of(browser.get(path).text), path
    assert "La demande est faite sans compte" in text_of(browser.get("/desk").text)
    page = browser.get(f"/desk/{row.code}").text
    assert (WHO["phone"] in page, "visite@example.net" in page) == (True, True)


def test_the_administrator_reads_who_has_no_account(open_site: Site) -> None:
    confirmed(open_site)

    assert "visiteur sans compte" in open_site.browser("admin").get("/members").text


def test_at_the_space_a_visitor_is_told_how_to_check_in(open_site: Site) -> None:
    page = open_site.browser().get("/venues/baleine/salle/here").text

    assert 'href="/kiosk/baleine/salle/check-in"' in page


def test_what_is_not_confirmed_is_erased_with_its_mail(open_site: Site) -> None:
    ask(open_site)
    with time_machine.travel(make.NOW + timedelta(days=1, minutes=1), tick=False):
        jobs.once()

    db.session.rollback()
    assert (db.session.query(VisitorWish).count(), letters()) == (0, [])
    assert by_email("visite@example.net") is None


# Becoming a member


def register(browser: Client, password: str = make.PASSWORD) -> str:
    data = {"name": "Une autre", "email": WHO["email"], "password": password}
    assert browser.post("/account/register", data=data).status_code == 200
    found = letters("confirm-address")
    return f"/account/confirm/{found[-1].facts['token']}"


def test_a_visitor_registers_and_finds_what_they_asked_for(open_site: Site) -> None:
    confirmed(open_site)
    browser = open_site.browser()
    link = register(browser)

    assert browser.post(link, data={"password": make.PASSWORD}).status_code == 302

    assert WISH["title"] in browser.get("/reservations").text


def test_before_the_link_has_acted_the_chosen_password_opens_nothing(open_site: Site) -> None:
    """Or anybody could take over what a visitor has, by registering their address."""
    confirmed(open_site)
    browser = open_site.browser()
    register(browser)

    data = {"email": WHO["email"], "password": make.PASSWORD}
    assert browser.post("/account/sign-in", data=data).status_code == 422
    member = by_email("visite@example.net")
    assert isinstance(member, Member)
    assert member.visitor


def test_the_page_of_the_link_leads_members_to_sign_in(open_site: Site) -> None:
    link, browser = confirmed(open_site), open_site.browser()
    assert 'href="/account/register"' in browser.get(link).text

    browser.post(register(browser), data={"password": make.PASSWORD})

    assert f'href="/reservations/{made()[0].code}"' in browser.get(link).text
    assert "/account/sign-in?next=" in open_site.browser().get(link).text
