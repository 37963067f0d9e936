"""A house by a clock that a test moves: its server and its worker are the test's own."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from os import environ
from pathlib import Path
from zoneinfo import ZoneInfo

from booking import clock, demo
from booking.app import create_app
from booking.db import db
from booking.rules.holidays import public
from booking.rules.hours import instant, today
from tests.journeys.house import House
from tests.make import PARIS
from tests.support.moved import CLOCK, FACTORY
from tests.support.processes import running
from tests.support.servers import ENVIRONMENT, ROOT, serving


@dataclass(frozen=True)
class Clock:
    """That of the server; it goes on by itself from where it was set."""

    file: Path
    day: str

    def shows(self, hour: int, minute: int = 0, on: str = "", zone: ZoneInfo = PARIS) -> None:
        """A wall time of the day, in Paris, unless told otherwise."""
        day = datetime.fromisoformat(on or self.day).date()
        then = instant(day, hour * 60 + minute, zone)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str((then - clock.now()).total_seconds()))
        fresh.replace(self.file)  # At once: nobody reads half of it.


def on_a_working_day(folder: Path) -> Clock:
    """One of a working day on which the demonstration has reserved nothing."""
    ahead = (today(clock.now(), PARIS) + timedelta(days=n) for n in range(22, 32))
    return clock_of(folder, next(on for on in ahead if on.weekday() < 5 and not public("FR", on)))


def clock_of(folder: Path, day: date) -> Clock:
    """One that shows the time of now, until it is set on that day."""
    found = Clock(folder / "ahead", day.isoformat())
    found.file.write_text("0")
    return found


@contextmanager
def moved(database: str, folder: Path, server_clock: Clock) -> Iterator[House]:
    """A server with the demonstration of today and its worker, both by that clock."""
    place = {
        "DATABASE_URL": database,
        "MAIL_URL": f"file:{folder / 'mail'}",
        CLOCK: str(server_clock.file),
    }
    app = create_app(SQLALCHEMY_DATABASE_URI=database)
    with app.app_context():
        demo.load(clock.now())
    command = [sys.executable, "-m", "flask", "--app", FACTORY, "worker"]
    with ExitStack() as everything:
        address = everything.enter_context(serving(place, factory=FACTORY))
        place["BASE_URL"] = address
        env = {**environ, **ENVIRONMENT, **place, "PYTHONPATH": str(ROOT)}
        everything.enter_context(running(command, env=env, log=folder / "worker.log"))
        yield House(address, app, place)
    with app.app_context():
        db.engine.dispose()
