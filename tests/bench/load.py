"""Clients that ask the servers, and what that costs the servers."""

import http.client
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 2
PATIENCE = 60  # seconds
TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
FORM = "application/x-www-form-urlencoded"


class WrongAnswer(Exception):
    """A server said something else than what is measured."""


@dataclass(frozen=True)
class Ask:
    """One request; with a `body` it is a form that is sent. `cookie` is whose eyes."""

    path: str
    status: int = 200
    cookie: str = ""
    body: str | None = None
    etag: str = ""

    @property
    def headers(self) -> dict[str, str]:
        given = {"Cookie": self.cookie, "If-None-Match": self.etag}
        if self.body is not None:
            given["Content-Type"] = FORM
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Answer:
    page: bytes
    etag: str


def answers(address: str, asks: Sequence[Ask]) -> list[Answer]:
    """One client's answers, in order. Raises WrongAnswer, OSError."""
    with connected(address) as connection:
        return [answer(connection, ask) for ask in asks]


@contextmanager
def connected(address: str) -> Iterator[http.client.HTTPConnection]:
    """A connection that stays open meanwhile."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        yield connection
    finally:
        connection.close()


def answer(connection: http.client.HTTPConnection, ask: Ask) -> Answer:
    """The answer to one request, and its page. Raises WrongAnswer, OSError."""
    method = "GET" if ask.body is None else "POST"
    connection.request(method, ask.path, ask.body, ask.headers)
    found = connection.getresponse()
    page = found.read()
    check(ask, found.status)
    return Answer(page, found.getheader("ETag", ""))


def check(ask: Ask, status: int) -> None:
    """Raises WrongAnswer unless it is the status that belongs to what is measured."""
    if status != ask.status:
        raise WrongAnswer(f"{ask.path} was answered {status}, not {ask.status}")


def cost(address: str, asks: Sequence[Ask], root: int | None = None) -> float:
    """Milliseconds of the servers' time for one of the requests, one after the other: so the peers
    were measured. Several connections reach all server processes, which are below `root`, or
    below this process."""
    before = used(root)
    with ExitStack() as stack:
        found = [stack.enter_context(connected(address)) for _ in range(CONNECTIONS)]
        for connection, ask in zip(cycle(found), asks, strict=False):
            answer(connection, ask)
    return 1000 * (used(root) - before) / len(asks)


def used(root: int | None = None) -> float:
    """Seconds of processor time, user and system, of all children: application and database.

    /proc counts in ticks of 10 ms for each process: only hundreds of requests tell anything. What
    ended meanwhile is counted at its parent.
    """
    return sum(TICK * sum(map(int, facts[11:15])) for facts in children(root).values())


def memory(word: str, what: str) -> float:
    """Megabytes of the children whose command line names `word`. `what`: Rss or Pss."""
    total = 0
    for pid in children():
        if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))
    return total / 1024


def children(root: int | None = None) -> dict[int, list[str]]:
    """/proc/PID/stat of every process below `root`, or this one, from the state on (proc(5), field
    3)."""
    facts = dict(processes())
    below, new = set(), {root or os.getpid()}
    while new:
        new = {pid for pid, fields in facts.items() if int(fields[1]) in new}
        below |= new
    return {pid: facts[pid] for pid in below}


def processes() -> Iterator[tuple[int, list[str]]]:
    """All there are. One that ends while it is looked at is left out."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
