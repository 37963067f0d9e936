"""Two checkouts side by side: what a page costs here for one millisecond of what it costs there.

Both are asked in turns, so that whatever else the machine does it does to both.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.figures import Report
from tests.bench.load import Ask, cost
from tests.bench.pages import PAGES
from tests.bench.sites import Size

HERE = Path(__file__).parents[2]
WARMING, FEWEST = 2, 20
"""Rounds that do not count; requests of a round, so that each has some ticks of the clock."""


@dataclass(frozen=True)
class Side:
    """A checkout that is served: the process that all of its others come from."""

    pid: int
    address: str
    asks: dict[str, list[Ask]]

    def costs(self, page: str, of: range) -> float:
        """Milliseconds for one of these requests."""
        return cost(self.address, self.asks[page][of.start : of.stop], self.pid)


def compare(there: Path, size: Size, only: Sequence[str], report: Report) -> None:
    """The median of the rounds' ratios, for each page; short rounds, and twice as many."""
    few, name = max(size.requests // 2, FEWEST), size.name
    rounds = [range(n * few, (n + 1) * few) for n in range(2 * size.rounds + WARMING)]
    with ExitStack() as stack:
        sides = [
            stack.enter_context(side(one, report.kind, name, rounds[-1].stop))
            for one in (there, HERE)
        ]
        for page in (page for page in PAGES if page in only):
            costs = [[one.costs(page, of) for one in sides] for of in rounds][WARMING:]
            report.say(f"{name}.{page}.there", median(other for other, _ in costs), "ms")
            report.say(
                f"{name}.{page}.beside", median(here / other for other, here in costs), "times"
            )


@contextmanager
def side(checkout: Path, kind: str, size: str, count: int) -> Iterator[Side]:
    """The checkout in processes of its own, with new databases; so many requests of each page."""
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("aside.py")), kind, size, str(count)],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout
        said = json.loads(child.stdout.readline())
        asks = {page: [Ask(*one) for one in some] for page, some in said["asks"].items()}
        yield Side(child.pid, said["address"], asks)
    finally:
        child.communicate()
