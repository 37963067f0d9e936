"""A day of several places: one part is taken meanwhile, another is chosen, all is reserved."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.person import Person
from tests.journeys.test_reserving import form
from tests.support.browser import violations


def adds(
    person: Person, space: str, on: str, hours: str, people: int = 2, activity: str = ""
) -> None:
    person.goes(form(space, on, hours, people))
    if activity:
        person.selects({"What it is for": activity})
    person.presses("Add to my day")
    person.sees("Added to your day. Nothing is reserved yet.")


@pytest.mark.parametrize(
    ("language", "size", "javascript"),
    [("en", "desktop", True), ("fr", "phone", True), ("en", "phone", False)],
)
def test_a_day_of_which_one_part_fails(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    person = comes(language, size, javascript=javascript)
    house.sign_in(person, house.member(language=language))
    adds(person, "ccilab/salle-pytheas", on, "10-12", people=6)
    adds(person, "ccilab/coworking", on, "14-16")
    adds(person, "la-coque/plateau-tv", on, "16-18", activity="filming")
    if javascript:
        assert violations(person.page) == []
    house.reserved("ccilab/salle-pytheas", on, "11-13")

    with person.page.expect_response(re.compile("/basket/reserve")) as answer:
        person.presses("Reserve everything")

    assert answer.value.status == 409
    person.sees("Nothing was reserved: part of your day cannot be had any more.")
    parts = person.main().locator(".wish")
    expect(parts.locator(".pill")).to_have_text(
        [person.said(text) for text in ("not possible", "free", "free, on request")]
    )
    expect(person.button("Reserve everything")).to_have_count(0)
    if javascript:
        assert violations(person.page) == []
        expect(person.main().locator(".summary")).to_be_focused()
    parts.first.locator(".alt").get_by_role("button").first.click()
    expect(parts.locator(".pill.full")).to_have_count(0)
    person.presses("Reserve everything")

    expect(person.main().get_by_role("status")).to_be_visible()
    expect(person.main().locator(".resa")).to_have_count(3)
    letter = person.mail("journée : 3" if language == "fr" else "Your day: 3 reservations")
    expect(letter).to_contain_text("Plateau TV" if language == "fr" else "TV studio")
    person.goes("/reservations")
    person.main().locator(".resa h2 a").first.click()
    person.sees("Reserved together")
    expect(person.main().locator(".together li")).to_have_count(2)


def test_the_menu_leads_to_the_day_and_a_part_is_taken_out(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person = comes("en", "phone")
    house.sign_in(person, house.member())
    adds(person, "ccilab/coworking", on, "9-10", people=1)
    adds(person, "ccilab/coworking", on, "14-16", people=1)
    person.goes("/")

    person.chooses_menu("My day (2)")
    person.main().get_by_role("button", name=re.compile("^Remove ")).first.click()

    person.sees("Removed from your day.")
    expect(person.main().locator(".wish")).to_have_count(1)
    expect(person.main()).to_contain_text("14:00")


def test_what_is_missing_is_asked_for_before_it_is_added(member: Person, on: str) -> None:
    member.goes(form("la-coque/plateau-tv", on, "10-12"))
    member.presses("Add to my day")

    member.main().get_by_role("alert").get_by_role("link").click()
    expect(member.field("What it is for")).to_be_focused()
    member.selects({"What it is for": "filming"})
    member.presses("Add to my day")

    member.sees("Added to your day. Nothing is reserved yet.")


@pytest.mark.parametrize(("language", "size"), [("en", "desktop"), ("fr", "phone")])
def test_an_exception_is_asked_for_from_the_day(
    house: House, comes: Callable[..., Person], on: str, language: str, size: str
) -> None:
    person = comes(language, size, javascript=False)
    house.sign_in(person, house.member(language=language))
    adds(person, "ccilab/salle-pytheas", on, "22-23", people=6)
    adds(person, "ccilab/coworking", on, "14-16")

    asking = re.compile("^" + person.said("Ask the venue for an exception…"))
    person.main().get_by_role("link", name=asking).click()
    person.opens("Ask the venue for an exception…")
    person.types({"Why an exception": "Visite du préfet"})
    person.presses("Change it in my day")

    parts = person.main().locator(".wish")
    expect(parts.locator(".pill")).to_have_text(
        [person.said(text) for text in ("free, on request", "free")]
    )
    expect(parts.first).to_contain_text(
        person.said("An exception is asked for: a manager decides.")
    )
