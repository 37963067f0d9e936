"""Every page in both languages, on a phone and on a desktop: for all eyes, hands and screens.

No violation of WCAG 2.2 A and AA, no page wider than its screen; `comes` adds that there is no
error, nothing against the content security policy and no request to another host.
"""

from collections.abc import Callable

import pytest
from flask import g
from playwright.sync_api import Route, expect

from booking import demo
from booking.web import errors
from tests import make
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.journeys.test_reserving import form
from tests.support.browser import violations

WIDTHS = {"phone": 390, "desktop": 1440}
LANGUAGES = ["fr", "en"]
WIDTH_NEEDED = "document.documentElement.scrollWidth"
Visit = Callable[..., Person]


class Looks:
    """Looks closely at the page a person is at, and keeps what is wrong with it."""

    def __init__(self, person: Person) -> None:
        self.person, self.found, self.pages = person, list[str](), list[str]()

    def at(self, path: str, status: int = 200) -> None:
        """Goes there, and looks."""
        answer = self.person.page.goto(path)
        assert answer
        assert answer.status == status, path
        self.here(path)

    def here(self, name: str) -> None:
        """Looks at this page at both widths."""
        page = self.person.page
        self.pages.append(name)
        expect(page.locator("html")).to_have_attribute("lang", self.person.language)
        for size, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            where = f"{name} on a {size}"
            if (needed := page.evaluate(WIDTH_NEEDED)) > width:
                self.found.append(f"{where}: {needed} pixels wide")
            self.found += [f"{where}: {broken}" for broken in violations(page)]

    def sends(self, button: str, name: str) -> None:
        """Sends a form, and looks at the answer."""
        with self.person.page.expect_navigation():
            self.person.presses(button)
        self.here(name)


def at_home(house: House, comes: Visit, language: str, email: str = "") -> Looks:
    """Somebody who speaks this language, signed in if there is an address."""
    person = comes(language)
    if email:
        house.sign_in(person, email)
    return Looks(person)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_everybody_may_see(house: House, comes: Visit, on: str, language: str) -> None:
    looks = at_home(house, comes, language)

    looks.at("/")
    looks.at("/venues")
    looks.at(f"/venues/ccilab?on={on}")
    looks.at(f"/venues/la-coque/plateau-tv?on={on}")
    looks.at("/venues/ccilab/coworking")
    looks.at("/search?kind=meeting_room&venue=ccilab&people=6")
    looks.at(f"/search?on={on}&from=10:00&to=12:00&people=300")
    looks.at("/search?kind=machine&people=2000")
    looks.at("/venues/la-coque/salle-b2b/here")
    looks.at("/kiosk/ccilab?still")
    looks.at("/kiosk/la-coque/salle-b2b")
    looks.at("/kiosk/ccilab/coworking?still")
    looks.at("/kiosk/la-coque/salle-b2b/check-in")
    looks.sends("I am here", "422, no code")
    looks.at(f"/venues/carrefour-innovation/decoupeuse-laser?on={on}")
    looks.at(f"/venues/ccilab/grand-hall/why?on={on}&from=06:00&to=07:00")
    looks.at("/venues/ccilab/grand-hall/why?on=2026-02-30&from=06:00&to=07:00", 422)
    for path in ("/cookies", "/mentions-legales", "/accessibilite"):
        looks.at(path)

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_from_its_beginning(house: House, comes: Visit, language: str) -> None:
    looks = at_home(house, comes, language)
    person, person.email = looks.person, house.email()

    looks.at("/account/register")
    looks.sends("Create the account", "nothing given")
    person.types({"Name": "Mireille", "E-mail": person.email, "Password": make.PASSWORD})
    looks.sends("Create the account", "account asked for")
    letter = person.mail(person.said("Confirm your address"))
    looks.here("mailbox")
    letter.get_by_role("link", name="/account/confirm/").click()
    expect(person.field("Your password")).to_be_visible()
    looks.here("confirm")
    looks.at("/account/sign-in?next=/account")
    looks.sends("Sign in", "not signed in")
    looks.at("/account/forgot")
    person.types({"E-mail": person.email})
    looks.sends("Send the link", "link sent")
    letter = person.mail(person.said("Set a new password"))
    letter.get_by_role("link", name="/account/reset/").click()
    expect(person.field("New password")).to_be_visible()
    looks.here("reset")

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_member_sees(house: House, comes: Visit, on: str, language: str) -> None:
    email = house.member(language=language)
    looks = at_home(house, comes, language, email)

    looks.at("/reservations")
    desk = house.reserved("ccilab/coworking", on, "10-12", by=email, people=2)
    request = house.reserved(
        "la-coque/plateau-tv", on, "10-12", by=email, title="T" * 120, note="N" * 400
    )
    looks.at("/reservations")
    looks.at(f"/reservations/{desk}")
    looks.at(f"/reservations/{desk}/change")
    looks.at(f"/reservations/{desk}/cancel")
    looks.sends("Yes, cancel it", "just cancelled")
    looks.person.presses("Take it back")
    looks.at(f"/reservations/{request}")
    looks.at(f"/venues/la-coque?on={on}")
    looks.at("/reservations/new?space=ccilab/coworking")
    looks.at("/basket")
    for space in ("ccilab/salle-pytheas", "la-coque/salle-b2b", "ccilab/salle-pytheas"):
        looks.person.goes(form(space, on, "14-16"))
        looks.sends("Add to my day", f"a day with {space}")
    looks.at("/account")
    looks.person.types({"Name": ""})
    looks.sends("Save", "no name")
    looks.at("/account/calendars")
    looks.sends("For my reservations", "new calendar address")
    looks.at("/account/delegates")
    looks.sends("Let them reserve for me", "422, nobody named")

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_delegate_sees(house: House, comes: Visit, on: str, language: str) -> None:
    email, other = house.member(language=language), house.member("M" * 60)
    looks = at_home(house, comes, language, email)
    number = house.lets_reserve(other, email)
    code = house.reserved("ccilab/coworking", on, "10-12", by=other, people=2)

    looks.at("/account/delegates")
    looks.at("/reservations")
    looks.at(f"/reservations?for={number}")
    looks.at(f"/reservations/{code}")
    looks.at(f"/reservations/{code}/change")
    looks.at(f"/reservations/{code}/cancel")
    looks.at(form("ccilab/salle-pytheas", on, "10-12") + f"&for={number}")
    looks.sends("Add to my day", "a day for somebody else")
    looks.at(form("ccilab/salle-pytheas", on, "10-12") + "&for=0")

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_it_was(house: House, comes: Visit, on: str, language: str) -> None:
    looks = at_home(house, comes, language)
    asked, quiet = house.asked(house.reserved("ccilab/coworking", on, "10-12"))

    looks.at(asked)
    looks.sends("Send the answer", "422, nothing answered")
    looks.person.opens("Who reads what")
    for question in ("place", "welcome"):
        looks.person.page.locator(f"[name={question}]").last.check()
    looks.sends("Send the answer", "thanks")
    looks.at(quiet)
    looks.sends("End these mails", "ended")
    looks.at("/feedback/a-guess", 404)

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_hosts_and_guests_see(house: House, comes: Visit, on: str, language: str) -> None:
    email, guest = house.member(language=language), house.email()
    looks = at_home(house, comes, language, email)
    code = house.reserved("ccilab/grand-hall", on, "10-12", by=email, people=80, title="T" * 120)
    person = looks.person

    looks.at(f"/reservations/{code}/guests")
    looks.sends("Invite", "422, nobody invited")
    person.types({"Several at once": f"{'N' * 120} <{guest}>\n{'x' * 60}@{'y' * 60}.example"})
    looks.sends("Invite", "guests who are invited or wait")
    looks.at(f"/reservations/{code}")
    code = house.reserved("ccilab/salle-pytheas", on, "10-12", by=email, people=3)
    looks.at(f"/reservations/{code}/guests")
    person.types({"Name": "Anne", "E-mail": guest})
    looks.sends("Invite", "one guest invited")
    person.email = guest
    letter = person.mail(person.said("Invitation: %(space)s, %(when)s").split("%")[0])
    letter.get_by_role("link", name="/passes/").first.click()
    looks.here("pass")
    looks.sends("I cannot come", "answered")

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_visitor_sees(house: House, comes: Visit, on: str, language: str) -> None:
    looks = at_home(house, comes, language)
    person, person.email = looks.person, house.email()

    looks.at(form("la-coque/agora", on, "10-12", people=80))
    looks.sends("Send the request", "422, nobody named")
    person.goes(form("la-coque/agora", on, "2-3", people=800))
    person.types({"Your name": "V" * 120, "Your e-mail": person.email, "What for (optional)": "T"})
    looks.sends("Send the request", "422, broken rules")
    person.goes(form("la-coque/agora", on, "10-12", people=80))
    person.types({"Your name": "V" * 120, "Your e-mail": person.email})
    person.types({"What for (optional)": "T" * 120})
    looks.sends("Send the request", "asked")
    letter = person.mail(person.said("Confirm your request: %(space)s, %(when)s").split("%")[0])
    letter.get_by_role("link", name="/requests/").click()
    expect(person.button("Confirm and send it")).to_be_visible()
    looks.here("confirm")
    looks.sends("Confirm and send it", "requested")
    person.follows("Withdraw the request…")
    looks.here("withdraw")
    looks.sends("Yes, withdraw it", "withdrawn")
    looks.at("/requests/unknown", 404)

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_form_can_hold(house: House, comes: Visit, on: str, language: str) -> None:
    email = house.member(language=language)
    house.acts_for(email, "mistral-prototypes")
    looks = at_home(house, comes, language, email)

    looks.at(form("carrefour-innovation/coworking", on, "10-12", people=2))
    looks.at(form("carrefour-innovation/decoupeuse-laser", on, "10-12", people=2))
    looks.sends("Send the request", "422, no training and no names")
    looks.at(form("ccilab/grand-hall", on, "10-12", people=80) + "&extra-projector=2")
    looks.at(form("la-coque/plateau-tv", on, "10-12"))
    looks.sends("Add to my day", "422, not said what for")
    looks.at(form("la-coque/salle-b2b", on, "6-7") + f"&until={on}")
    looks.person.opens("Ask the venue for an exception…")
    looks.here("exception box")

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_no(house: House, comes: Visit, on: str, language: str) -> None:
    house.reserved("ccilab/salle-pytheas", on, "10-12")
    looks = at_home(house, comes, language, house.member(language=language))

    looks.at(form("ccilab/salle-pytheas", on, "6-7", people=60))
    looks.sends("Reserve", "422, two rules broken")
    looks.at(form("ccilab/salle-pytheas", on, "10-12"))
    looks.sends("Reserve", "409, taken")
    looks.sends("Join the waitlist", "my reservations with the waitlist")
    looks.at(form("ccilab/salle-pytheas", on, "10-12"))
    looks.person.types({"Day": ""})
    looks.sends("Reserve", "422, no day")
    looks.at("/search?on=2026-02-30&from=12:00&to=10:00", 422)
    looks.at("/nowhere", 404)
    looks.at("/account/sign-out", 405)
    looks.at("/account")
    looks.person.page.evaluate(
        "document.querySelectorAll('[name=csrf_token]').forEach(token => token.remove())"
    )
    looks.sends("Save", "400, no token")

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_system_out_of_order(house: House, comes: Visit, language: str) -> None:
    looks = at_home(house, comes, language)

    def broken(route: Route) -> None:
        with house.app.test_request_context(headers={"Accept-Language": language}):
            g.language = language
            body, status, _headers = errors.show_database(None)  # type: ignore[arg-type, misc]
        route.fulfill(status=status, body=body, content_type="text/html")

    looks.person.page.route("**/venues", broken)
    looks.at("/venues", 503)

    assert looks.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_those_who_decide_see(house: House, comes: Visit, on: str, language: str) -> None:
    code = house.reserved("la-coque/plateau-tv", on, "10-12", title="T" * 120, note="N" * 400)
    looks = at_home(house, comes, language, demo.MANAGER)

    def path(of: str) -> str:
        return f"{of}?lang={language}"

    looks.at(path("/desk"))
    looks.person.opens("Reserve for a member…")
    looks.here("desk, for a member")
    looks.sends("Go to the form", "a form for a member")
    looks.at(path(f"/desk/{code}"))
    looks.person.main().locator("summary").click()
    looks.sends("Decline the request", "422, no reason")
    looks.at(path(f"/reservations/{code}"))
    looks.at(path("/account/calendars"))
    looks.at(path("/desk/presence/la-coque"))
    looks.at(path("/desk/codes/la-coque"))
    looks.at(path("/desk/feedback/la-coque"))
    looks.at(path("/desk/hours/la-coque"))
    looks.sends("Close", "422, no day and no reason")
    looks.at(form("la-coque/salle-b2b", on, "6-7") + f"&lang={language}")
    looks.person.opens("Make an exception, with a reason…")
    looks.here("exception made")
    house.sign_in(looks.person, demo.ADMINISTRATOR)
    looks.at(path("/desk"))
    looks.at(path("/desk/people/carrefour-innovation"))
    looks.sends("Note the training", "422, nobody named")
    looks.at(path("/desk/people/chateau-des-baumes"))
    looks.at(path("/members"))
    looks.sends("Give the role", "422, no member")

    assert looks.found == []
