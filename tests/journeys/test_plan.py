"""Choosing a desk on the plan of the room, or from the list that is the same field."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.house import House
from tests.journeys.person import Person
from tests.journeys.test_reserving import form, tab_to
from tests.support.browser import violations

TALLER, WIDE_ENOUGH = 24, 390
"""Pixels: the smallest target of WCAG 2.2 (2.5.8); the width of a phone."""


def seat(person: Person, name: str) -> Locator:
    """The radio button of a desk; `name` is all that is said of it."""
    return person.main().get_by_role("radio", name=name, exact=True)


def test_a_desk_is_picked_on_the_plan_by_keyboard(house: House, member: Person, on: str) -> None:
    house.reserved("ccilab/coworking", on, "9-12")
    keys = member.page.keyboard
    member.goes(form("ccilab/coworking", on, "10-12", people=1))

    tab_to(member.page, seat(member, "Any that is free"))
    keys.press("ArrowDown")
    expect(seat(member, "Desk 2")).to_be_focused()
    for _ in range(3):
        keys.press("ArrowRight")
    expect(seat(member, "Desk 5")).to_be_checked()
    tab_to(member.page, member.button("Reserve"))
    keys.press("Enter")

    member.sees("It is yours")
    expect(member.main().locator("dl")).to_contain_text("Desk 5")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_desk_is_picked_from_the_list_on_a_phone_without_javascript(
    house: House, comes: Callable[..., Person], on: str, language: str
) -> None:
    person = comes(language, "phone", javascript=False)
    house.sign_in(person, house.member(language=language))
    person.goes(form("ccilab/coworking", on, "10-12", people=1))

    person.main().get_by_text(person.said("As a list"), exact=True).click()
    name = "Poste 7" if language == "fr" else "Desk 7"
    whole = person.main().get_by_text(name, exact=True).bounding_box()
    seat(person, name).check()
    person.presses("Reserve")

    assert whole
    assert whole["width"] > TALLER
    expect(person.main().locator("dl")).to_contain_text(name)


def test_a_desk_that_is_taken_is_said_to_be_and_cannot_be_picked(
    house: House, member: Person, on: str
) -> None:
    house.reserved("ccilab/coworking", on, "9-11", people=2)
    member.goes(form("ccilab/coworking", on, "10-12", people=1))

    taken = seat(member, "Desk 2 taken")

    expect(taken).to_be_disabled()
    expect(member.main().locator(".seat.taken small")).to_have_text(["taken", "taken"])
    taken.click(force=True)
    expect(taken).not_to_be_checked()
    expect(seat(member, "Any that is free")).to_be_checked()


def test_a_desk_taken_meanwhile_is_told_and_others_are_offered(
    house: House, member: Person, on: str
) -> None:
    member.goes(form("ccilab/coworking", on, "10-12", people=1))
    seat(member, "Desk 1").check()
    house.reserved("ccilab/coworking", on, "10-12")

    member.presses("Reserve")

    member.sees("The one you chose is taken for part of that time; others are free.")
    expect(seat(member, "Desk 1 taken")).to_be_disabled()
    expect(seat(member, "Any that is free")).to_be_checked()


def test_the_choice_stays_where_something_else_was_wrong(member: Person, on: str) -> None:
    member.goes(form("ccilab/coworking", on, "10-12", people=1))
    seat(member, "Desk 7").check()
    member.types({"People": ""})

    member.presses("Reserve")

    expect(seat(member, "Desk 7")).to_be_checked()


def test_a_named_period_keeps_the_choice_of_any_desk(member: Person, on: str) -> None:
    member.goes(form("ccilab/coworking", on, "10-12", people=1))

    member.main().locator("form").get_by_role("link", name=re.compile("^Morning")).click()

    expect(member.field("Until")).to_have_value("13:00")
    expect(seat(member, "Any that is free")).to_be_checked()


def test_the_page_of_the_space_draws_the_room_of_that_day(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    house.reserved("chateau-des-baumes/coworking-du-parc", on, "9-10", people=3)
    person = comes("en")

    person.goes(f"/venues/chateau-des-baumes/coworking-du-parc?on={on}")

    person.sees("9 of 12 free")
    seats = person.main().locator(".plan").get_by_role("listitem")
    expect(seats.nth(0)).to_contain_text("taken")
    expect(seats.nth(3)).not_to_contain_text("taken")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("space", ["ccilab/coworking", "carrefour-innovation/coworking"])
def test_plan_and_list_are_for_all_hands_and_eyes(
    house: House, comes: Callable[..., Person], on: str, language: str, space: str
) -> None:
    person = comes(language, "phone")
    house.sign_in(person, house.member(language=language))
    house.reserved(space, on, "9-11", people=2)
    found = []
    for path in (form(space, on, "10-12", people=1), f"/venues/{space}?on={on}"):
        person.goes(path)
        for box in person.main().locator(".seat").all():
            sizes = box.bounding_box()
            assert sizes
            assert min(sizes["width"], sizes["height"]) >= TALLER
            assert sizes["x"] + sizes["width"] <= WIDE_ENOUGH
        found += violations(person.page)
    person.goes(form(space, on, "10-12", people=1))
    person.main().get_by_text(person.said("As a list"), exact=True).click()
    found += violations(person.page)
    assert person.page.evaluate("document.documentElement.scrollWidth") <= WIDE_ENOUGH

    assert found == []
