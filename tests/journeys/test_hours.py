"""Hours as people meet them: a half-day in two clicks, why is this grey, a manager closes a day."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import expect

from booking.actions.hours import places_changed
from booking.db import db, transaction
from booking.models.venues import Venue
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.support.browser import violations

PARTS = [
    {"slug": "matin", "name": {"fr": "Matin", "en": "Morning"}, "opens": 540, "closes": 720},
    {"slug": "journee", "name": {"fr": "Journée", "en": "Day"}, "opens": 540, "closes": 1080},
]
ROOM = "la-coque/salle-b2b"


@pytest.fixture(autouse=True)
def parts(house: House) -> Iterator[None]:
    """La Coque's mornings and days, for as long as the test lasts."""
    before = set_parts(house, PARTS)
    yield
    set_parts(house, before)


def set_parts(house: House, parts: list[dict[str, object]]) -> list[dict[str, object]]:
    """Returns those it had before."""
    with house.app.app_context(), transaction():
        row = db.session.query(Venue).filter_by(slug="la-coque").one()
        before, row.day_parts = row.day_parts, parts
        places_changed()
        return before


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("path", ["/venues/la-coque", f"/venues/{ROOM}"])
def test_a_half_day_in_two_clicks(
    house: House, comes: Callable[..., Person], on: str, size: str, path: str
) -> None:
    person = comes("en", size)
    house.sign_in(person, house.member())
    person.goes(f"{path}?on={on}")
    name = re.compile(r"^Morning 9:00\s–\s12:00( B2B room)?$")

    person.main().get_by_role("link", name=name).first.click()
    person.presses("Reserve")

    person.sees("Confirmed")
    expect(person.main()).to_contain_text(re.compile(r"9:00\s–\s12:00"))


def test_another_half_day_keeps_what_was_typed(member: Person, on: str) -> None:
    member.goes(f"/reservations/new?space={ROOM}&on={on}&from=09:00&to=12:00")
    member.types({"What for (optional)": "Comité", "People": "4"})

    member.main().get_by_role("link", name=re.compile("^Day")).click()

    expect(member.field("What for (optional)")).to_have_value("Comité")
    expect(member.field("People")).to_have_value("4")
    expect(member.field("Until")).to_have_value("18:00")


def test_what_is_taken_leads_to_why_and_from_there_to_a_way_out(
    house: House, member: Person, on: str
) -> None:
    house.reserved(ROOM, on, "10-11")
    member.goes(f"/venues/{ROOM}?on={on}")

    member.main().get_by_role("link", name=re.compile("^Morning taken")).click()

    member.sees("Why it cannot be reserved then")
    expect(member.main()).to_contain_text(re.compile("Taken by another reservation until"))
    member.main().get_by_role("link", name=re.compile("^Choose")).first.click()
    member.presses("Reserve")
    member.sees("Confirmed")


def test_why_is_this_grey_by_keyboard(house: House, comes: Callable[..., Person], on: str) -> None:
    house.reserved(ROOM, on, "10-12", title="Affaire du voisin")
    person = comes("en")
    person.goes(f"/venues/la-coque?on={on}")
    row = person.main().get_by_role("row", name="B2B room")
    row.get_by_role("rowheader").get_by_role("link").focus()

    for _ in range(12):
        person.page.keyboard.press("Tab")
        if "taken" in person.page.evaluate("document.activeElement.textContent").lower():
            break
    person.page.keyboard.press("Enter")

    person.sees("Why it cannot be reserved then")
    expect(person.main()).to_contain_text("Taken by another reservation")
    expect(person.main()).not_to_contain_text("voisin")


def test_a_manager_closes_a_day_and_a_member_sees_why(
    house: House, manager: Person, member: Person, on: str
) -> None:
    code = house.reserved(ROOM, on, "10-12", by=member.email)
    manager.goes("/desk")
    manager.follows("Hours and closures")
    manager.types({"First day": on, "Why": "Travaux de peinture"})
    manager.presses("Close")
    expect(manager.main()).to_contain_text(code)
    assert violations(manager.page) == []
    manager.main().get_by_role("button", name=re.compile("et fermer$")).click()
    manager.sees("Closed. Everybody reads why in the table of the day.")

    letter = member.mail("Cancelled", code)
    expect(letter).to_contain_text("Travaux de peinture")
    member.goes(f"/venues/la-coque?on={on}")
    closed = member.main().get_by_role("row", name="B2B room").get_by_role("link")
    closed.filter(has_text="Closed: Travaux de peinture").click()
    expect(member.main()).to_contain_text("Closed by Responsable de La Coque")
    assert violations(member.page) == []

    reopen = manager.main().get_by_role("button", name=re.compile("^Rouvrir Travaux de peinture"))
    reopen.click()
    manager.sees("Open again: the places can be reserved.")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_fit_and_are_for_all(
    comes: Callable[..., Person], house: House, on: str, language: str
) -> None:
    person = comes(language)
    house.sign_in(person, "admin@demo.example")
    pages = [
        f"/desk/hours/la-coque?on={on}&lang={language}",
        f"/venues/{ROOM}/why?on={date.fromisoformat(on)}&from=06:00&to=07:00&lang={language}",
        f"/reservations/new?space={ROOM}&on={on}&from=20:00&to=10:00&until={on}&lang={language}",
    ]
    for path in pages:
        for width in (390, 1440):
            person.page.set_viewport_size({"width": width, "height": 900})
            person.goes(path)
            needed = person.page.evaluate("document.documentElement.scrollWidth")
            assert (path, needed) == (path, min(needed, width))
            assert violations(person.page) == []
