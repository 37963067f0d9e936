"""From a stranger to a reservation in a calendar: what the system is for, in one go."""

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from booking import demo
from tests import make
from tests.journeys.house import House
from tests.journeys.person import Person


def registers(person: Person, house: House) -> None:
    """Creates an account and confirms it by the link in the mail."""
    person.goes("/")
    person.chooses_menu("Sign in")
    person.follows("Create an account")
    person.email = house.email()
    person.types({"Name": "Mireille", "E-mail": person.email, "Password": make.PASSWORD})
    person.presses("Create the account")
    expect(person.link("Open the demonstration mailbox")).to_be_visible()
    letter = person.mail(person.said("Confirm your address"))
    letter.get_by_role("link", name="/account/confirm/").click()
    person.types({"Your password": make.PASSWORD})
    person.presses("Confirm and sign in")
    person.sees("Welcome! Your address is confirmed: you can reserve.")


def finds_a_room(person: Person, on: str) -> str:
    """By the finder of the first page; returns the code of the reservation."""
    person.goes("/")
    person.types({"Day": on, "People": "6"})
    person.selects({"What": "meeting_room", "From": "10:00", "To": "12:00", "Where": "ccilab"})
    person.presses("Find")
    room = {"fr": "Salle Pythéas", "en": "Pythéas room"}[person.language]
    person.follows("Reserve", room)
    person.types({"What for (optional)": "Comité des fêtes"})
    person.presses("Reserve")
    person.sees("It is yours: the place is reserved and a mail confirms it.")
    person.sees("Confirmed")
    return person.code()


def asks_for_the_studio(person: Person, on: str) -> str:
    """By the venue's pages; returns the code of the request."""
    person.chooses_menu("Venues")
    person.main().get_by_role("link", name="La Coque", exact=True).click()
    studio = {"fr": "Plateau TV", "en": "TV studio"}[person.language]
    person.main().get_by_role("heading", level=2).get_by_role("link", name=studio).click()
    person.follows("Request")
    person.types({"Day": on, "People": "4"})
    person.selects({"From": "14:00", "Until": "16:00", "What it is for": "filming"})
    person.presses("Send the request")
    person.sees("Your request is with the venue; the place is kept for you meanwhile.")
    return person.code()


def subscribes(person: Person) -> str:
    """Makes a private calendar address; returns it."""
    person.chooses_menu("My account")
    person.follows("My calendar addresses")
    person.presses("For my reservations")
    person.sees("It is shown this once. Subscribe now, or copy it.")
    return person.field("Address of the calendar").input_value()


def entries(person: Person, address: str) -> dict[str, dict[str, Any]]:
    """What the calendar at this address says, by the code at the end of each entry's link."""
    body = person.page.context.request.get(address).body()
    events = Calendar.from_ical(body).walk("VEVENT")
    return {str(event["URL"])[-8:]: dict(event) for event in events}


def approves(manager: Person, code: str) -> None:
    """The manager signs in, opens the request from the desk and says yes."""
    manager.goes("/")
    manager.signs_in(demo.MANAGER, demo.PASSWORD)
    manager.chooses_menu("Requests")
    requests = manager.main().locator(".request")
    request = requests.filter(has=manager.page.get_by_role("button", name=code))
    request.get_by_role("button", name=manager.said("Approve")).click()
    manager.sees("Approved: the member gets a mail with the calendar entry.")
    expect(request).to_have_count(0)


def cancels(person: Person, code: str) -> None:
    """From the list of one's reservations."""
    person.chooses_menu("My reservations")
    person.main().get_by_role("listitem").filter(has_text=code).get_by_role("link").click()
    person.follows("Cancel the reservation…")
    person.sees("What happens then")
    person.presses("Yes, cancel it")
    person.sees("Done: the place is free again. Nobody has been told yet.")


@pytest.mark.parametrize(("language", "size"), [("fr", "desktop"), ("en", "phone")])
def test_from_a_stranger_to_reservations_in_a_calendar(
    house: House, comes: Callable[..., Person], on: str, language: str, size: str
) -> None:
    person = comes(language, size)
    registers(person, house)
    room, studio = finds_a_room(person, on), asks_for_the_studio(person, on)
    address = subscribes(person)
    before = entries(person, address)
    approves(comes("fr"), studio)
    letter = person.mail(person.said("Accepted: %(space)s, %(when)s").partition("%")[0].strip())
    letter.locator("summary").click()
    approved = letter.locator("details").inner_text()
    between = entries(person, address)
    cancels(person, room)
    after = entries(person, address)

    assert person.page.locator("html").get_attribute("lang") == language
    assert statuses(before) == {room: "CONFIRMED", studio: "TENTATIVE"}
    assert statuses(between) == {room: "CONFIRMED", studio: "CONFIRMED"}
    assert statuses(after) == {room: "CANCELLED", studio: "CONFIRMED"}
    for code, older, newer in ((studio, before, between), (room, between, after)):
        assert newer[code]["UID"] == older[code]["UID"]
        assert newer[code]["SEQUENCE"] > older[code]["SEQUENCE"]
    for line in ("METHOD:REQUEST", "STATUS:CONFIRMED", f"UID:{between[studio]['UID']}"):
        assert line in approved


def statuses(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {code: str(entry["STATUS"]) for code, entry in found.items()}


def test_the_main_job_without_javascript(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person, manager = comes("en", javascript=False), comes("fr", javascript=False)
    person.goes("/")
    person.signs_in(house.member())
    room, studio = finds_a_room(person, on), asks_for_the_studio(person, on)
    approves(manager, studio)

    person.chooses_menu("My reservations")

    for code in (room, studio):
        line = person.main().get_by_role("listitem").filter(has_text=code)
        expect(line.get_by_text("Confirmed")).to_be_visible()
    subscribes(person)
    expect(person.button("Copy")).to_be_hidden()
