"""Calendars, a start from nothing, and a crowd that wants one slot: figures of the small size."""

import time
from collections import Counter
from collections.abc import Callable
from http.client import CONFLICT, FOUND, NOT_MODIFIED, OK
from statistics import median

from flask import Flask

from tests.bench.figures import Report
from tests.bench.load import Ask, WrongAnswer, answers, cost, memory
from tests.bench.pages import mixed
from tests.bench.sites import Site, Size, calendars, served
from tests.races import promise, race, world
from tests.races.race import Repeated, Wish

TIMES = 5
YEAR = 366
ROOM, VENUE = "/venues/venue-1/room-1/calendar.ics", "/venues/venue-1/calendar.ics"


def feeds(new: Callable[[str], Flask], size: Size, report: Report) -> None:
    """Calendars with so many entries: made anew for every request, or told to be unchanged."""
    site = calendars(new("calendars"), size)
    with served(site.url) as address:
        for path, events in zip((ROOM, VENUE), size.events, strict=True):
            first = answers(address, [Ask(path)])[0]
            if first.page.count(b"BEGIN:VEVENT") != events:
                raise WrongAnswer(f"{path} has not {events} entries")
            known = Ask(path, NOT_MODIFIED, etag=first.etag)
            few = min(size.requests, max(4, 100_000 // events))
            for name, asks in (("feed", [Ask(path)] * few), ("304", [known] * size.requests)):
                spent = [cost(address, asks) for _ in range(size.times)]
                report.say(f"{name}-{events}", median(spent), "ms")


def start(site: Site, report: Report) -> None:
    """From the command to the first page, and what two processes weigh after some work."""
    waits, weights = [], []
    for _ in range(site.size.times):
        began = time.monotonic()
        with served(site.url) as address:
            answers(address, mixed("day", site)[:1])
            waits.append(time.monotonic() - began)
            for page in ("day", "search", "search-rooms"):
                cost(address, mixed(page, site)[: site.size.requests])
            weights.append([memory("booking.app", what) for what in ("Rss", "Pss")])
    report.say("first-answer", median(waits), "s")
    for name, values in zip(("rss", "pss"), zip(*weights, strict=True), strict=True):
        report.say(f"memory-{name}", median(values), "MB")


def series(new: Callable[[str], Flask], report: Report) -> None:
    """A member looks at a daily series of a year, then makes it: seconds until the answer."""
    url = new("series").config["SQLALCHEMY_DATABASE_URI"]
    with world.made(url, 1) as place, served(url) as address:
        world.set_policy(place, "room", horizon=YEAR + 30)
        for step, status in (("look", OK), ("make", FOUND)):
            times = []
            for _ in range(TIMES + 1):
                world.empty(place)
                wish = Repeated("room", token="one", dates=YEAR, step=step)
                (found,) = race.run(address, place.racers, [wish])
                if found.status != status:
                    raise WrongAnswer(f"{step} was answered {found.status}")
                times.append(found.after)
            report.say(f"series-{YEAR}.{step}", median(times[1:]), "s")


def crowd(new: Callable[[str], Flask], size: Size, report: Report) -> None:
    """So many members send the form of the same slot at the same instant."""
    url = new("crowd").config["SQLALCHEMY_DATABASE_URI"]
    faults, lasts = 0, []
    with world.made(url, size.racers) as place, served(url) as address:
        for _ in range(size.times):
            world.empty(place)
            found = race.run(address, place.racers, [Wish("room")] * size.racers)
            lasts.append(max(one.after for one in found))
            statuses = Counter(one.status for one in found)
            wrong = statuses != {FOUND: 1, CONFLICT: size.racers - 1}
            faults += wrong + len(promise.broken(place, found))
    report.say(f"race-{size.racers}.faults", faults, "faults")
    report.say(f"race-{size.racers}.last-answer", median(lasts), "s")
