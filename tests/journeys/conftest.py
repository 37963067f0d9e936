"""A real server with the demonstration, its worker, and people who come to it.

Every xdist worker has one server. Each test brings its own members and its own days, so that no
test sees another's reservations.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from booking import clock, demo
from booking.app import create_app
from booking.db import db
from booking.rules.holidays import public
from booking.rules.hours import today
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.make import PARIS
from tests.support.browser import watch
from tests.support.processes import running
from tests.support.servers import ENVIRONMENT, ROOT, serving

# After what the demonstration has filled, and within every horizon (180 days).
FIRST_FREE_DAY = 22
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="session")
def house(
    migrated_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The server's address, and its database for what a test needs beforehand."""
    folder = tmp_path_factory.mktemp("house")
    place = {"DATABASE_URL": migrated_database("sqlite"), "MAIL_URL": f"file:{folder / 'mail'}"}
    app = create_app(SQLALCHEMY_DATABASE_URI=place["DATABASE_URL"])
    with app.app_context():
        demo.load(clock.now())
    with ExitStack() as everything:
        address = everything.enter_context(serving(place))
        place["BASE_URL"] = address
        everything.enter_context(worker(place, folder / "worker.log"))
        yield House(address, app, place)
    with app.app_context():
        db.engine.dispose()


def worker(place: dict[str, str], log: Path) -> ExitStack:
    """The process that sends the mails."""
    command = [sys.executable, "-m", "flask", "--app", "booking.app", "worker"]
    env = {**os.environ, **ENVIRONMENT, **place, "PYTHONPATH": str(ROOT)}
    return running(command, env=env, log=log)  # type: ignore[return-value]


@pytest.fixture
def comes(house: House, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Brings a person: `comes("fr", "phone", javascript=False)`.

    The test fails at its end if a page raised an error, broke the content security policy or
    asked another host for anything. All computers are set to a zone no venue has.
    """
    with ExitStack() as visits:
        troubles: list[list[str]] = []

        def come(language: str = "en", size: str = "desktop", *, javascript: bool = True) -> Person:
            context = browser.new_context(
                base_url=house.address,
                locale="fr-FR" if language == "fr" else "en-GB",
                timezone_id="America/Toronto",
                viewport=SIZES[size],  # type: ignore[arg-type]
                is_mobile=size == "phone",
                has_touch=size == "phone",
                java_script_enabled=javascript,
            )
            visits.callback(context.close)
            context.set_default_timeout(15_000)
            page = context.new_page()
            troubles.append(watch(page))
            return Person(page, language)

        yield come
    assert [trouble for one in troubles for trouble in one] == []


@pytest.fixture
def member(house: House, comes: Callable[..., Person]) -> Person:
    """A member with an English account who is signed in already, at a desktop."""
    person = comes()
    house.sign_in(person, house.member())
    return person


@pytest.fixture
def manager(house: House, comes: Callable[..., Person]) -> Person:
    """The manager of La Coque, signed in already."""
    person = comes("fr")
    house.sign_in(person, demo.MANAGER)
    return person


@pytest.fixture(scope="session")
def days() -> Iterator[date]:
    """Open weekdays on which nothing is reserved anywhere, a new one at each `next`."""
    first = today(clock.now(), PARIS) + timedelta(days=FIRST_FREE_DAY)
    every = (first + timedelta(days=number) for number in count())
    return (on for on in every if on.weekday() < 5 and not public("FR", on))


@pytest.fixture
def on(days: Iterator[date]) -> str:
    """This test's own day, as in an address: 2027-03-02."""
    return next(days).isoformat()
