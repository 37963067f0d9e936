"""Somebody comes and checks in; somebody does not, and the place is released. The clock is moved.

The server and its worker are this module's own: their clock stands where a test wants it.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from booking import demo
from tests import make
from tests.journeys.house import House
from tests.journeys.moved import Clock, moved, on_a_working_day
from tests.journeys.person import Person
from tests.support.browser import violations

ROOM, OTHER_ROOM = "la-coque/salle-b2b", "la-coque/ilots-demonstration"
HERE, KIOSK = f"/venues/{ROOM}/here", f"/kiosk/{ROOM}"


@pytest.fixture(scope="module")
def server_clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return on_a_working_day(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def house(
    migrated_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    server_clock: Clock,
) -> Iterator[House]:
    """Like the one of all journeys, by another clock."""
    with moved(migrated_database("sqlite"), tmp_path_factory.mktemp("moved"), server_clock) as made:
        yield made


@pytest.fixture
def reserved(house: House, server_clock: Clock) -> Callable[[str, str], str]:
    """A reservation of the room at these hours of the day, made that morning; gives its code."""

    def made(email: str, hours: str) -> str:
        server_clock.shows(8, 0)
        return house.reserved(ROOM, server_clock.day, hours, by=email, people=2)

    return made


Reserved = Callable[[str, str], str]


@pytest.mark.parametrize(
    ("language", "size", "javascript", "hour"),
    [("en", "phone", True, 10), ("fr", "phone", False, 12)],
)
def test_who_scans_the_code_signs_in_and_checks_in(
    house: House,
    comes: Callable[..., Person],
    server_clock: Clock,
    reserved: Reserved,
    language: str,
    size: str,
    javascript: bool,
    hour: int,
) -> None:
    person = comes(language, size, javascript=javascript)
    email = house.member(language=language)
    code = reserved(email, f"{hour}-{hour + 1}")
    server_clock.shows(hour - 1, 50)

    person.goes(HERE)
    person.follows("Sign in")
    person.types({"E-mail": email, "Password": make.PASSWORD})
    person.presses("Sign in")
    person.presses("I am here", code)

    person.sees("You are checked in.")
    expect(person.page).to_have_url(house.address + HERE)
    if javascript:
        assert violations(person.page) == []
    server_clock.shows(hour, 20)
    person.goes(f"/reservations/{code}")
    person.sees("Checked in")
    person.presses("Check out", code)
    person.sees("Done")


def test_a_place_nobody_comes_to_is_released_told_and_counted(
    house: House, comes: Callable[..., Person], server_clock: Clock, reserved: Reserved
) -> None:
    away, screen, boss = comes("en"), comes("en"), comes("en")
    away.email = house.member("Gaspard Absent")
    house.sign_in(away, away.email)
    house.sign_in(boss, demo.MANAGER)
    code = reserved(away.email, "14-15")
    server_clock.shows(14, 10)
    screen.goes(KIOSK)
    screen.sees("Taken now")
    boss.goes("/desk/presence/la-coque?lang=en")
    expect(boss.main().locator("[aria-labelledby=missing]")).to_contain_text("Gaspard Absent")

    server_clock.shows(14, 16)

    letter = away.mail("Released", code)
    expect(letter).to_contain_text("Nobody had checked in by 14:15")
    screen.goes(KIOSK)
    screen.sees("Free now")
    assert violations(screen.page) == []
    away.goes(f"/reservations/{code}")
    away.sees("it counts as an absence")
    other = house.reserved(ROOM, server_clock.day, "14-15")
    boss.goes(f"/reservations/{code}?lang=en")
    boss.opens("Excuse the absence…")
    boss.types({"Reason": "Train en retard"})
    boss.presses("Excuse it")
    boss.sees("Absence excused")
    assert violations(boss.page) == []
    assert other != code


def test_at_the_screen_beside_the_door_one_types_a_code(
    house: House, comes: Callable[..., Person], server_clock: Clock, reserved: Reserved
) -> None:
    screen = comes("fr")
    code = reserved(house.member(), "17-18")
    server_clock.shows(16, 50)

    screen.goes(KIOSK)
    screen.follows("Check in with your code")
    screen.types({"Your code": "AAA-AAAA"})
    screen.presses("I am here")
    screen.sees("Please check your answers")
    screen.types({"Your code": code.lower()})
    screen.page.keyboard.press("Enter")

    expect(screen.page).to_have_url(house.address + KIOSK)
    expect(screen.main()).to_contain_text("Bienvenue")
    expect(screen.main()).not_to_contain_text(code)


def test_a_guest_shows_the_pass_at_the_door_and_the_host_is_told(
    house: House, comes: Callable[..., Person], server_clock: Clock
) -> None:
    email, guest = house.member(), house.email()
    server_clock.shows(8, 0)
    code = house.approved(house.reserved(OTHER_ROOM, server_clock.day, "11-12", by=email, people=2))
    host, visitor, boss, screen = comes(), comes(), comes(), comes()
    house.sign_in(host, email)
    house.sign_in(boss, demo.MANAGER)
    host.goes(f"/reservations/{code}/guests")
    host.types({"Name": "Anne Roux", "E-mail": guest})
    host.presses("Invite")
    visitor.email = guest
    visitor.mail("Invitation:").get_by_role("link", name="/passes/").click()
    visitor.sees("Code for the door")
    typed = visitor.main().locator(".pass .code").inner_text()

    server_clock.shows(10, 40)
    boss.goes(visitor.page.url + "?lang=en")  # As the camera reads it.
    boss.presses("Has arrived", "Anne Roux")
    boss.goes("/desk/presence/la-coque?lang=en")
    boss.sees("arrived at 10:40")
    assert violations(boss.page) == []
    boss.presses("Not here after all", "Anne Roux")
    boss.sees("Taken back: this guest is expected.")
    screen.goes(KIOSK + "/check-in")
    screen.types({"Your code": typed})
    screen.presses("I am here")

    screen.sees("Welcome! Your host is told that you are here.")
    expect(screen.main()).not_to_contain_text("Anne")
    host.email = email
    expect(host.mail("Has arrived: Anne Roux")).to_contain_text("since 10:40")
