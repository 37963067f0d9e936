"""The night of 25 hours, and a series over the turn of the year. The clock is moved."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from booking.actions.hours import places_changed
from booking.db import transaction
from booking.queries.venues import atlas
from tests import make
from tests.journeys.house import House
from tests.journeys.moved import Clock, clock_of, moved
from tests.journeys.person import Person
from tests.support.browser import violations

EVE, NIGHT = "2027-10-30", "2027-10-31"  # At three o'clock it is two once more.
ALWAYS = [(weekday, 0, 1440) for weekday in range(7)]
ROOM = "veilleuse/fournil"


@pytest.fixture(scope="module")
def server_clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return clock_of(tmp_path_factory.mktemp("clock"), date.fromisoformat(EVE))


@pytest.fixture(scope="module")
def house(
    migrated_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    server_clock: Clock,
) -> Iterator[House]:
    """With a venue that never closes."""
    with moved(migrated_database("sqlite"), tmp_path_factory.mktemp("moved"), server_clock) as made:
        with made.app.app_context(), transaction():
            here = make.venue("veilleuse", hours=ALWAYS)
            make.space(here, "fournil", horizon=730, grid=30, check_in=60)
            places_changed()
        yield made


@pytest.fixture
def baker(
    house: House, comes: Callable[..., Person], server_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Person:
    """Somebody whose sign-in lasts until that night."""
    monkeypatch.setattr("booking.actions.members.SIGNED_IN_FOR", timedelta(days=730))
    person = comes("en")
    server_clock.shows(12)
    house.sign_in(person, house.member("Baker"))
    return person


def test_the_half_past_two_that_comes_twice(
    house: House, comes: Callable[..., Person], server_clock: Clock, baker: Person
) -> None:
    baker.goes(f"/reservations/new?space={ROOM}&on={NIGHT}&from=02:30&to=04:00&people=1&lang=en")
    baker.presses("Reserve")
    baker.sees("Confirmed")
    code = baker.code()
    baker.sees("2:30 – 4:00")
    with house.app.app_context():
        zone = atlas().space(*ROOM.split("/")).zone
    passer_by = comes("en")

    server_clock.shows(2, 15, NIGHT, zone)
    passer_by.goes("/kiosk/veilleuse?lang=en")
    passer_by.sees("Free now")
    expect(passer_by.main()).to_contain_text("until 2:30")
    assert violations(passer_by.page) == []

    server_clock.shows(2, 45, NIGHT, zone)
    baker.goes(f"/reservations/{code}?lang=en")
    baker.presses("I am here", code)
    baker.sees("You are checked in.")
    for hour, minute in ((2, 50), (3, 10)):  # Between the two lies the hour that comes twice.
        server_clock.shows(hour, minute, NIGHT, zone)
        passer_by.goes("/kiosk/veilleuse?lang=en")
        passer_by.sees("Taken now")
        expect(passer_by.main()).to_contain_text("until 4:00")

    server_clock.shows(4, 1, NIGHT, zone)
    letter = baker.mail("How was it?")
    expect(letter).to_contain_text("2:30 – 4:00")
    baker.goes(f"/venues/{ROOM}?on={NIGHT}&lang=en")
    assert violations(baker.page) == []


def test_a_series_of_the_board_keeps_its_evening_over_both_changes_of_the_clock(
    house: House, server_clock: Clock, baker: Person
) -> None:
    server_clock.shows(12, 0, "2027-10-20")
    baker.goes(f"/reservations/new?space={ROOM}&on=2027-10-24&from=19:00&to=20:00&people=1&lang=en")
    baker.presses("Repeat it…")
    baker.types({"Or so many times": "24"})
    baker.presses("Show the dates")

    lines = baker.main().locator(".dates > li")
    expect(lines).to_have_count(24)
    for line in lines.all():
        expect(line).to_contain_text("19:00 – 20:00")
    expect(lines.last).to_contain_text("2 Apr 2028")
    baker.presses("Reserve all 24 dates")
    baker.sees("Series")
