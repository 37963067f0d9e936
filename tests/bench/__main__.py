"""`make bench`: what the pages cost the servers, and whether that is within its bounds.

One line for each figure: `name value unit bound ok|MISSED`; without a bound `-` and `info`.
Ends with 1 if a bound is missed. docs/performance.md says how it is measured.
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from tests.bench import beside, others, pages, sites, yardstick
from tests.bench.figures import Report
from tests.bench.pages import PAGES
from tests.bench.sites import KINDS, SIZES, Site, new_databases
from tests.support.postgres import NoPostgres

FIGURES = (*PAGES, "feeds", "start", "series", "race")


def main() -> int:
    """Measures what was asked for; the exit code."""
    asked = arguments()
    missed: list[str] = []
    for kind in asked.database:
        report = Report(kind)
        if asked.beside:
            beside.compare(asked.beside, SIZES[asked.size[0]], asked.only, report)
            continue
        try:
            with new_databases(kind) as new:
                measure(new, asked, report)
        except NoPostgres as missing:
            sys.exit(f"cannot measure on PostgreSQL: {missing}")
        missed += report.missed
    return 1 if missed else 0


def measure(new: Callable[[str], Flask], asked: Namespace, report: Report) -> None:
    """Everything that was asked for, on one kind of database."""
    lay_yardsticks(report)
    first = SIZES[asked.size[0]]
    if {*PAGES, "start"} & {*asked.only}:
        filled = [network(new, size, report) for size in asked.size]
        pages.measure(filled, asked.only, report)
        if "start" in asked.only:
            others.start(filled[0], report)
    if "feeds" in asked.only:
        others.feeds(new, first, report)
    if "series" in asked.only:
        others.series(new, report)
    if "race" in asked.only:
        others.crowd(new, first, report)
    lay_yardsticks(report)


def lay_yardsticks(report: Report) -> None:
    """What the machine takes for what never changes, before and after."""
    report.say("yardstick", yardstick.numbers(), "ms")
    report.say("yardstick.page", yardstick.pages(), "ms")


def network(new: Callable[[str], Flask], name: str, report: Report) -> Site:
    """A network of that size. Filling it takes its time: says how long, for who waits."""
    began = time.monotonic()
    found = sites.network(new(name), SIZES[name])
    taken = time.monotonic() - began
    print(f"# {report.kind}: {name} network filled in {taken:.0f} s", file=sys.stderr, flush=True)
    return found


def arguments() -> Namespace:
    """What to measure: everything, unless told otherwise."""
    parser = ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--database", type=some_of(KINDS), default=KINDS)
    parser.add_argument("--size", type=some_of(SIZES), default=("small", "large"))
    parser.add_argument("--beside", type=Path, help="another checkout: only the ratios to it")
    parser.add_argument("--only", type=some_of(FIGURES), default=FIGURES)
    return parser.parse_args()


def some_of(known: object) -> Callable[[str], list[str]]:
    """Reads words with commas between them. Raises ValueError for one that is not known."""

    def words(text: str) -> list[str]:
        found = text.split(",")
        if unknown := [word for word in found if word not in known]:
            raise ValueError(unknown)
        return found

    return words


if __name__ == "__main__":
    sys.exit(main())
