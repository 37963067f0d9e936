"""Finding a place: at any time, by equipment, in a sentence; both screens, without a script."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person


@pytest.mark.parametrize(("language", "size"), [("fr", "phone"), ("en", "desktop")])
def test_two_hours_any_time(
    comes: Callable[..., Person], on: str, language: str, size: str
) -> None:
    person = comes(language, size, javascript=False)
    person.goes("/")
    person.types({"Day": on})
    person.selects({"What": "meeting_room", "From": "09:00", "To": "18:00"})
    person.main().locator("details.more summary").click()
    person.selects({"For": "120"})
    person.main().locator("input[name=has][value=video_conferencing]").check()
    person.presses("Find")

    first = person.main().locator(".result").first
    person.sees("Also free:")
    expect(first).to_contain_text(person.said("video conferencing"))
    first.locator("a.btn.line").first.click()
    expect(person.page).to_have_url(re.compile("/account/sign-in"))  # A visitor says who they are.


@pytest.mark.parametrize(("language", "size"), [("en", "phone"), ("fr", "desktop")])
def test_a_night(comes: Callable[..., Person], on: str, language: str, size: str) -> None:
    """What is left out is told at the field; the form that a free space leads to has both days."""
    until = (date.fromisoformat(on) + timedelta(days=1)).isoformat()
    person = comes(language, size, javascript=False)
    person.goes("/")
    person.types({"Day": on})
    person.selects({"What": "event_hall", "From": "20:00", "To": "01:00"})
    person.presses("Find")
    person.sees("The end must lie after the start; for a night, say the last day too.")
    person.types({"Last day": until})
    person.presses("Find")

    expect(person.field("Last day")).to_have_value(until)
    expect(person.field("From")).to_have_value("20:00")
    expect(person.main().locator(".result").first).to_be_visible()
    person.main().locator(f".result a[href*='until={until}']").first.click()
    expect(person.page).to_have_url(re.compile("/(account/sign-in|reservations/new).*until"))


def test_a_sentence_says_what_it_understood(comes: Callable[..., Person]) -> None:
    person = comes("fr")
    person.goes("/")
    person.field("In one sentence").fill("salle pour 8 jeudi de 14h à 16h à Aix")
    person.presses("Understand")

    person.sees("What was understood")
    understood = person.main().locator(".understood")
    for text in ("Salle de réunion", "8 personnes", "jeudi", "Carrefour de l’innovation"):
        expect(understood).to_contain_text(text)
    expect(person.field("People")).to_have_value("8")
    expect(person.main().locator("#find-venue")).to_have_value("carrefour-innovation")
    assert "kind=meeting_room" in person.page.url


def test_by_keyboard_alone(comes: Callable[..., Person]) -> None:
    person = comes("en")
    person.goes("/")
    person.field("In one sentence").focus()
    person.page.keyboard.type("desk tomorrow morning")
    person.page.keyboard.press("Enter")

    person.sees("What was understood")
    expect(person.main().locator(".understood")).to_contain_text("Desk")
