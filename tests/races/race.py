"""Many clients that send their forms at the same instant, and what they are answered."""

import http.client
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from booking.rules.series import Walls
from tests.races.world import DAY, Racer

PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Wish:
    """What one client asks for; hours on the venue's clock, and so many projectors with it."""

    space: str
    on: date = DAY
    opens: int = 10
    closes: int = 11
    projectors: int = 0

    path = "/reservations/new"

    def form(self) -> dict[str, str]:
        """What is sent there, but for the token."""
        hours = {"from": f"{self.opens:02}:00", "to": f"{self.closes:02}:00"}
        on = {"on": self.on.isoformat()} | hours
        beside = {"extra-projector": str(self.projectors)}
        return {"space": f"quai/{self.space}", "people": "1"} | on | beside


@dataclass(frozen=True)
class Named(Wish):
    """A form that has a name of its own: sent again and again it is the same one."""

    once: str = "a-form-of-its-own"

    def form(self) -> dict[str, str]:
        return super().form() | {"once": self.once}


@dataclass(frozen=True)
class OnBehalf(Wish):
    """What a delegate asks for: the same for the member of that delegation."""

    whose: str = ""

    def form(self) -> dict[str, str]:
        return super().form() | {"for": self.whose}


@dataclass(frozen=True)
class Closure(Wish):
    """What a manager asks for: that nobody has the space then."""

    path = "/desk/hours/quai/closures"

    def form(self) -> dict[str, str]:
        return super().form() | {"space": self.space, "why": "Travaux"}


@dataclass(frozen=True)
class Day(Wish):
    """What a member asks for whose basket is in their cookie: all of it."""

    path = "/basket/reserve"

    def form(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Repeated(Wish):
    """A daily series of so many dates, as the page that shows them would send it; `step`: to look
    at them, or to make it."""

    path = "/series/new"
    token: str = ""
    dates: int = 10
    step: str = "make"

    def form(self) -> dict[str, str]:
        every = [self.on + timedelta(days=number) for number in range(self.dates)]
        walls = Walls(self.opens * 60, self.closes * 60)
        said = [f"quai/{self.space}", repr(walls), *(on.isoformat() for on in every)]
        seen = sha256(" ".join(said).encode()).hexdigest()[:16]
        rule = {"freq": "daily", "every": "1", "times": str(self.dates), "step": self.step}
        return super().form() | rule | {"token": self.token, "seen": seen}


@dataclass(frozen=True)
class Answer:
    """What one client got, `after` so many seconds; a status of 0 means that nothing came."""

    wish: Wish
    status: int
    location: str
    page: str
    after: float

    @property
    def code(self) -> str | None:
        """The reservation it was sent on to, if it won."""
        return self.location.rpartition("/")[2] if self.status == http.client.FOUND else None


def run(address: str, racers: Sequence[Racer], wishes: Sequence[Wish]) -> list[Answer]:
    """One client for each wish, all at once, every one in its own connection."""
    host = urlsplit(address).netloc
    start = threading.Barrier(len(wishes), timeout=PATIENCE)
    with ThreadPoolExecutor(len(wishes)) as clients:
        sent = [
            clients.submit(ask, host, racer, wish, start)
            for racer, wish in zip(racers, wishes, strict=False)
        ]
        return [one.result() for one in sent]


def run_baskets(address: str, racers: Sequence[Racer]) -> list[Answer]:
    """Each of these members reserves the day that is in their cookie, all at once."""
    return run(address, racers, [Day("a day") for _ in racers])


def ask(host: str, racer: Racer, wish: Wish, start: threading.Barrier) -> Answer:
    """Connects, waits for the others, sends the form."""
    form = wish.form() | {"csrf_token": racer.csrf_token}
    headers = {
        "Cookie": racer.cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "Connection": "close",
    }
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    connection.connect()
    start.wait()
    began = time.monotonic()
    try:
        connection.request("POST", wish.path, urlencode(form), headers)
        answer = connection.getresponse()
        page = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return Answer(wish, 0, "", repr(error), time.monotonic() - began)
    finally:
        connection.close()
    location = answer.getheader("Location", "")
    return Answer(wish, answer.status, location, page, time.monotonic() - began)
