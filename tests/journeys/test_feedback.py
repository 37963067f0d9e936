"""Somebody was there, is asked how it was, and answers without an account. The clock is moved."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from booking import demo
from tests.journeys.house import House
from tests.journeys.moved import Clock, moved, on_a_working_day
from tests.journeys.person import Person
from tests.support.browser import violations

ROOM = "ccilab/salle-pytheas"
SPACE, DESK = f"/venues/{ROOM}", "/desk/feedback/ccilab"


@pytest.fixture(scope="module")
def server_clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return on_a_working_day(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def house(
    migrated_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    server_clock: Clock,
) -> Iterator[House]:
    with moved(migrated_database("sqlite"), tmp_path_factory.mktemp("moved"), server_clock) as made:
        yield made


def asked(house: House, person: Person, server_clock: Clock, hours: str) -> str:
    """Their reservation of the day is over; the path of the link in the mail."""
    house.reserved(ROOM, server_clock.day, hours, by=person.email, people=2)
    server_clock.shows(int(hours.split("-")[1]), 1)
    letter = person.mail(person.said("How was it?"))
    link = letter.get_by_role("link", name="/feedback/").first
    return str(link.get_attribute("href")).removeprefix(house.address)


@pytest.mark.parametrize(
    ("language", "size", "javascript", "hours"),
    [("fr", "phone", False, "10-11"), ("en", "desktop", True, "14-15")],
)
def test_who_was_there_answers_from_the_mail_and_everybody_reads_the_average(
    house: House,
    comes: Callable[..., Person],
    server_clock: Clock,
    language: str,
    size: str,
    javascript: bool,
    hours: str,
) -> None:
    person = comes(language, size, javascript=javascript)
    person.email = house.member(language=language)
    link = asked(house, person, server_clock, hours)

    person.goes(link)
    person.presses("Send the answer")
    person.sees("Please check your answers")
    for question in ("place", "welcome"):
        person.page.locator(f"[name={question}][value='4']").focus()
        person.page.keyboard.press("Space")
    person.types({"What should we mend first? (optional)": "Une patère"})
    if javascript:
        assert violations(person.page) == []
    person.presses("Send the answer")

    person.sees("Your answer has arrived, and nobody can tell whose it is.")
    person.goes(link)
    person.sees(
        "The link of the mail has served: it takes one answer, and nothing that is sent a second"
        " time is added or changed."
    )
    person.goes(SPACE)
    person.sees("What people say")
    if javascript:
        assert violations(person.page) == []


def test_a_manager_reads_what_was_said_and_not_by_whom(
    house: House, comes: Callable[..., Person], server_clock: Clock
) -> None:
    boss = comes("en")
    server_clock.shows(9)
    house.sign_in(boss, demo.ADMINISTRATOR)

    boss.goes(DESK + "?lang=en")

    expect(boss.main().locator("[aria-labelledby=space-coworking]")).to_contain_text("12 answers")
    boss.sees("Un crochet pour les manteaux")
    expect(boss.main()).not_to_contain_text("Membre de démonstration")
    assert violations(boss.page) == []


def test_who_wants_no_more_of_these_mails_says_so_once(
    house: House, comes: Callable[..., Person], server_clock: Clock
) -> None:
    person = comes("en")
    person.email = house.member()
    asked(house, person, server_clock, "16-17")

    letter = person.mail("How was it?")
    letter.get_by_role("link", name="/stop").click()
    person.presses("End these mails")

    person.sees("You get no such mails any more.")
    house.sign_in(person, person.email)
    person.goes("/account")
    person.presses("Have these mails again")
    person.sees("Saved.")
