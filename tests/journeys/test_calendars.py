"""Subscribing: the address in every form that people's programs take."""

from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.person import Person

PLACES = ["/venues/la-coque", "/venues/la-coque/plateau-tv"]


@pytest.mark.parametrize("place", PLACES)
def test_every_button_leads_to_the_same_calendar(house: House, member: Person, place: str) -> None:
    member.goes(place)

    https = f"{house.address}{place}/calendar.ics"
    webcal = https.replace("http://", "webcal://")
    assert member.field("Address of the calendar").input_value() == https
    assert member.link("Calendar of my device").get_attribute("href") == webcal
    google = urlsplit(str(member.link("Google Calendar").get_attribute("href")))
    assert google[:3] == ("https", "calendar.google.com", "/calendar/r")
    assert parse_qs(google.query) == {"cid": [webcal]}
    outlook = urlsplit(str(member.link("Outlook").get_attribute("href")))
    assert outlook[:3] == ("https", "outlook.live.com", "/calendar/0/addfromweb")
    assert parse_qs(outlook.query)["url"] == [https]


def test_the_address_is_copied(house: House, member: Person) -> None:
    member.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    member.goes(PLACES[0])

    member.presses("Copy")

    expect(member.button("Copied")).to_be_visible()
    copied = member.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{house.address}{PLACES[0]}/calendar.ics"


def test_a_public_calendar_says_when_and_not_who(house: House, member: Person, on: str) -> None:
    house.reserved("la-coque/salle-b2b", on, "10-12", title="Affaire secrète")
    member.goes("/venues/la-coque/salle-b2b")

    address = member.field("Address of the calendar").input_value()
    body = member.page.context.request.get(address).text()

    starts = [event.start.isoformat() for event in Calendar.from_ical(body).walk("VEVENT")]
    assert any(start.startswith(f"{on}T10:00") for start in starts)
    assert "secrète" not in body
    assert "Mireille" not in body


def test_a_private_address_ends_when_its_owner_says_so(member: Person) -> None:
    member.goes("/account/calendars")
    member.presses("For my reservations")
    address = member.field("Address of the calendar").input_value()
    calendar = member.page.context.request
    assert calendar.get(address).status == 200

    member.main().get_by_role("button", name="End this address").click()
    member.sees("This calendar address no longer works.")

    assert calendar.get(address).status == 404
