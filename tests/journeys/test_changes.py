"""Changing a reservation: by keyboard, without a script, with a yes, in two windows."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from booking import demo
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.support.browser import violations


def opens_change(person: Person, code: str) -> None:
    person.goes(f"/reservations/{code}")
    person.follows("Change…")
    expect(person.main().get_by_role("heading", level=1)).to_have_text(
        person.said("Change the reservation")
    )


@pytest.mark.parametrize(
    ("language", "size", "javascript"), [("en", "desktop", True), ("fr", "phone", False)]
)
def test_a_taken_time_has_ways_out_and_one_of_them_is_taken(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    person = comes(language, size, javascript=javascript)
    email = house.member(language=language)
    house.sign_in(person, email)
    code = house.reserved("ccilab/salle-pytheas", on, "10-12", by=email, people=2)
    house.reserved("ccilab/salle-pytheas", on, "14-16")
    opens_change(person, code)

    person.selects({"From": "14:00", "Until": "16:00"})
    person.presses("Change it")

    why = person.main().get_by_role("alert")
    expect(why).to_contain_text(person.said("This place is taken for part of that time."))
    if javascript:
        assert violations(person.page) == []
    why.get_by_role("link").first.click()
    person.sees("What would change")
    person.presses("Change it")
    person.sees("Changed: a mail carries the new calendar entry.")
    expect(person.main().locator(".history")).to_contain_text("→")


def test_the_form_is_filled_in_and_sent_by_keyboard(member: Person, house: House, on: str) -> None:
    code = house.reserved("ccilab/salle-pytheas", on, "10-12", by=member.email, people=2)
    opens_change(member, code)

    member.field("People").focus()
    member.page.keyboard.press("ControlOrMeta+A")
    member.page.keyboard.type("3")
    member.page.keyboard.press("Enter")

    member.sees("Changed: a mail carries the new calendar entry.")
    expect(member.main().locator(".history")).to_contain_text("2 → 3")


def test_where_a_manager_decides_the_change_waits_and_then_holds(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person, email = comes("fr"), house.member(language="fr")
    house.sign_in(person, email)
    code = house.approved(house.reserved("la-coque/plateau-tv", on, "10-12", by=email))
    opens_change(person, code)
    person.selects({"Until": "13:00"})
    person.presses("Change it")
    person.sees(
        "Your change is with the venue. Until the answer, which comes by mail, everything stays."
    )
    asked = person.main().locator("#waiting ~ .acts .vh").inner_text().strip()
    person.follows("See the request", asked)
    assert violations(person.page) == []

    manager = comes("fr")
    manager.goes("/")
    manager.signs_in(demo.MANAGER, demo.PASSWORD)
    manager.goes(f"/desk/{asked}")
    expect(manager.main()).to_contain_text(code)
    assert violations(manager.page) == []
    manager.presses("Approve")

    person.goes(f"/reservations/{code}")
    expect(person.main().locator(".facts")).to_contain_text("13 h")


def test_the_second_of_two_windows_reads_what_the_first_did(
    member: Person, house: House, on: str
) -> None:
    code = house.reserved("ccilab/salle-pytheas", on, "10-12", by=member.email, people=2)
    opens_change(member, code)
    other = Person(member.page.context.new_page(), member.language)
    other.goes(f"{house.address}/reservations/{code}/change")
    other.types({"People": "3"})
    other.presses("Change it")

    member.types({"What for (optional)": "Jury"})
    member.presses("Change it")

    member.sees("It was changed meanwhile. Nothing of yours has been saved.")
    expect(member.main().get_by_role("alert")).to_contain_text("2 → 3")
    expect(member.field("What for (optional)")).to_have_value("Jury")
    assert violations(member.page) == []


def test_a_reservation_is_dragged_on_the_board_to_a_free_place(
    member: Person, house: House, on: str
) -> None:
    """It keeps its length, and nothing is changed before the form is sent."""
    code = house.reserved("ccilab/salle-pytheas", on, "10-12", by=member.email, people=2)
    member.goes(f"/venues/ccilab?on={on}")
    own = member.page.locator(f"td.mine a[href*='{code}']")
    free = member.page.locator(
        "td a[href*='/reservations/new?space=ccilab/salle-pytheas'][href*='from=14:00']"
    )

    own.drag_to(free)

    member.page.wait_for_url(re.compile(f"/reservations/{code}/change"))
    expect(member.main().get_by_role("combobox", name=member.said("Until"))).to_have_value("16:00")
    member.sees("What would change")
    member.presses("Change it")
    member.sees("Changed: a mail carries the new calendar entry.")
