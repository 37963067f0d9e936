"""What people ask for most, and what it costs; the same questions at every size."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import FOUND
from itertools import cycle, islice, product
from random import Random
from statistics import median
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import event

from booking.db import db
from tests.bench.agenda import LAST_HOUR
from tests.bench.figures import Report
from tests.bench.load import FORM, Ask, check, cost
from tests.bench.sites import Site, served
from tests.races.world import Racer

DAYS, AHEAD = 20, 120
FREE = ("room-1", "room-2", "room-3", "room-4", "coworking")
"""Reserved at once, and free in the last hour of each day."""
HOURS = (("09:00", "11:00"), ("10:00", "12:00"), ("14:00", "16:00"))


def day(site: Site) -> list[Ask]:
    """A venue's day, as a visitor sees it."""
    return [Ask(f"/venues/{v}?on={on}") for v, on in product(site.slugs(), site.days(DAYS))]


def search(site: Site) -> list[Ask]:
    """Any space of the whole network for two hours: a full page of answers."""
    asked = product(site.days(DAYS), HOURS)
    return [wanted(on=on, **{"from": f, "to": t}, people=2) for on, (f, t) in asked]


def search_rooms(site: Site) -> list[Ask]:
    """A meeting room for eight, nearest first."""
    asked = product(site.days(DAYS), HOURS, site.slugs())
    room = {"kind": "meeting_room", "people": 8}
    return [wanted(on=on, **{"from": f, "to": t}, venue=v, **room) for on, (f, t), v in asked]


def wanted(**question: object) -> Ask:
    return Ask(f"/search?{urlencode(question)}")


def create(site: Site) -> list[Ask]:
    """Members send the forms of places that are free."""
    slots = list(product(site.slugs(), FREE, site.days(AHEAD)))
    Random(2).shuffle(slots)
    return [sent(racer, *slot) for slot, racer in zip(slots, cycle(site.racers), strict=False)]


def sent(racer: Racer, venue: str, space: str, on: str) -> Ask:
    """The form as a browser sends it."""
    opens, closes = LAST_HOUR // 60, LAST_HOUR // 60 + 1
    form = {"csrf_token": racer.csrf_token, "space": f"{venue}/{space}", "on": on, "people": 1}
    form["once"] = f"{venue}-{space}-{on}"
    form |= {"from": f"{opens}:00", "to": f"{closes}:00", "title": "Point d’équipe"}
    return Ask("/reservations/new", FOUND, racer.cookie, urlencode(form))


PAGES: dict[str, Callable[[Site], list[Ask]]] = {
    "day": day,
    "search": search,
    "search-rooms": search_rooms,
    "create": create,
}


def measure(sites: Sequence[Site], only: Sequence[str], report: Report) -> None:
    """What each page costs at each size, asked in turns so that a busy machine is fair to all."""
    with ExitStack() as stack:
        addresses = [stack.enter_context(served(site.url)) for site in sites]
        for page in (page for page in PAGES if page in only):
            costs = in_turns(page, sites, addresses)
            for site, found in zip(sites, costs, strict=True):
                name = f"{site.size.name}.{page}"
                report.say(name, median(found[1:]), "ms")
                report.say(f"{name}.first-round", found[0], "ms")
                report.say(f"{name}.queries", queries(page, site), "queries")
            if len(sites) == 2:
                growth = [large / small for small, large in zip(*costs, strict=True)][1:]
                report.say(f"growth.{page}", median(growth), "times")


def in_turns(page: str, sites: Sequence[Site], addresses: Sequence[str]) -> list[list[float]]:
    """Milliseconds for a request at each site, one for each round; the first warms up."""
    sources = [endless(page, site) for site in sites]
    costs: list[list[float]] = [[] for _ in sites]
    for _ in range(sites[0].size.rounds + 1):
        for n, site in enumerate(sites):
            costs[n].append(cost(addresses[n], list(islice(sources[n], site.size.requests))))
    return costs


def endless(page: str, site: Site) -> Iterator[Ask]:
    """The page's requests, again and again; but a form is sent once, so that none is refused."""
    asks = mixed(page, site)
    return iter(asks[2:]) if page == "create" else cycle(asks)


def mixed(page: str, site: Site) -> list[Ask]:
    """In an order that shows no pattern, and is the same at every size."""
    asks = PAGES[page](site)
    Random(1).shuffle(asks)
    return asks


def queries(page: str, site: Site) -> int:
    """How many statements a request sends to the database, once the process knows the places."""
    first, then = mixed(page, site)[:2]
    asked(site.app, first)
    with statements(site.app) as found:
        asked(site.app, then)
    return len(found)


def asked(app: Flask, ask: Ask) -> None:
    """The request in this process."""
    client = app.test_client(use_cookies=False)
    method = "GET" if ask.body is None else "POST"
    where = f"http://127.0.0.1{ask.path}"
    answer = client.open(
        where, method=method, headers=ask.headers, data=ask.body, content_type=FORM
    )
    check(ask, answer.status_code)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Fills with every statement that is sent meanwhile, but for what only begins."""
    found: list[str] = []

    def write_down(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", write_down)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", write_down)
