"""Networks to measure, in new databases of either kind, served as in production."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flask import Flask

from booking import clock
from booking.app import create_app
from booking.rules.hours import today
from tests.bench import fill
from tests.bench.agenda import working_days
from tests.races.world import Racer
from tests.support import databases
from tests.support.postgres import SETTINGS, cluster
from tests.support.servers import serving

KINDS = ("postgresql", "sqlite")
WORKERS = 2
LOOKED_AT = 4
"""Venues: only the first ones, which are the same in every network."""
# As in production; the proxy in front and its certificate are not ours to measure.
ENVIRONMENT = {
    "APP_ENV": "production",
    "SECRET_KEY": "only-for-measuring-and-long-enough-for-it",
    "BASE_URL": "https://reserver.example.org",
    "TRUSTED_HOSTS": "127.0.0.1",
    "DATABASE_URL": "sqlite:///named-for-each-server",
    "MAIL_URL": "file:nobody-sends-mail",
    "MAIL_FROM": "reservations@example.org",
    "RATE_LIMITS": "on",
    "PASSWORD_HASHING": "",
}
# What the tests of this server do without: a power cut would lose nothing here.
DURABLE = {name: SETTINGS[name] for name in ("max_connections", "listen_addresses", "timezone")}


@dataclass(frozen=True)
class Size:
    """How large a network is, and how often we ask: `rounds` of `requests`; the rest `times`.

    So many `racers` want one slot. `events`: in the calendars of one room, and of fifteen.
    """

    name: str
    venues: int
    reservations: int
    rounds: int = 5
    requests: int = 120
    times: int = 3
    racers: int = 500
    events: tuple[int, int] = (1_640, 25_000)


SIZES = {
    size.name: size
    for size in (
        Size("small", 4, 100_000),
        Size("large", 40, 1_000_000),
        # Only to see that all of it works: tests/test_bench.py.
        Size("tiny", 1, 500, rounds=1, requests=4, times=1, racers=8, events=(4, 60)),
    )
}


@dataclass(frozen=True)
class Site:
    """A filled network, and browsers of its members, who are signed in."""

    size: Size
    app: Flask
    url: str
    racers: Sequence[Racer]
    on: date

    def slugs(self) -> list[str]:
        """The venues that are looked at."""
        count = min(LOOKED_AT, self.size.venues)
        return [f"venue-{number}" for number in range(1, count + 1)]

    def days(self, count: int) -> list[str]:
        """The next working days, from tomorrow on."""
        first = self.on + timedelta(days=1)
        return [str(on) for on in working_days(first, first + timedelta(days=2 * count))[:count]]


def served(url: str) -> AbstractContextManager[str]:
    """The servers of a database; gives their address."""
    return serving(ENVIRONMENT | {"DATABASE_URL": url}, workers=WORKERS)


@contextmanager
def new_databases(kind: str) -> Iterator[Callable[[str], Flask]]:
    """Makes applications on new migrated databases, each with a name. Raises NoPostgres."""
    os.environ.update(ENVIRONMENT)
    with tempfile.TemporaryDirectory(prefix="booking-bench-") as folder:

        def made(url: str) -> Flask:
            app = create_app(SQLALCHEMY_DATABASE_URI=url)
            databases.migrate(app)
            return app

        if kind == "sqlite":
            yield lambda name: made(f"sqlite:///{Path(folder, name)}.sqlite3")
            return
        with cluster(settings=DURABLE) as server:
            yield lambda name: made(databases.create(server, name))


def network(app: Flask, size: Size) -> Site:
    """A whole network of that size."""
    members = 125 * size.venues
    racers = fill.network(app, size.venues, size.reservations, members)
    return site(app, size, racers)


def calendars(app: Flask, size: Size) -> Site:
    """One venue whose calendars have so many entries."""
    fill.calendars(app, *size.events)
    return site(app, size, [])


def site(app: Flask, size: Size, racers: Sequence[Racer]) -> Site:
    on = today(clock.now(), fill.PARIS)
    return Site(size, app, app.config["SQLALCHEMY_DATABASE_URI"], racers, on)
