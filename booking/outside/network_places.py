"""Opening hours, units and plans of rooms in a network file: the notations of its own."""

import re
from collections.abc import Collection
from itertools import pairwise

from booking.outside.network_fields import (
    NOT_A_CODE,
    Reader,
    Wrong,
    code_fits,
    instead,
    listed,
    mapping,
    wrong,
)
from booking.outside.network_values import line_of_text, long_text, words
from booking.outside.yaml_nodes import Node, shown
from booking.rules.network import Problem, UnitPlan, Words

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)
RANGE = re.compile(r"([a-z][a-z0-9-]*-)(\d{1,4})\.\.(\d{1,4})", re.ASCII)
MOST_IN_RANGE = 500
MOST_UNITS = 2000
MOST_COLUMNS, MOST_ROWS = 20, 40


def hours(node: Node) -> tuple[tuple[int, int, int], ...]:
    """``mon: ["08:30-18:30"]``, ``tue-fri: [...]`` -> sorted (weekday, opens, closes) in minutes.

    A day without spans, or not named, is closed. Spans of one day may touch, not overlap.
    """
    problems: list[Problem] = []
    found: list[tuple[int, int, int, Node]] = []
    for key, spans in mapping(node).items():
        try:
            weekdays = _weekdays(key, spans)
            open_ = () if spans.unknown else listed(span, or_one=True)(spans)
        except Wrong as part:
            problems += part.problems
            continue
        found += [(day, *span, spans) for day in weekdays for span in open_]
    problems += _overlaps(found)
    if problems:
        raise Wrong(problems)
    return tuple(sorted((day, opens, closes) for day, opens, closes, _ in found))


def _overlaps(found: list[tuple[int, int, int, Node]]) -> list[Problem]:
    found = sorted(found, key=lambda span: span[:3])
    clashes: dict[tuple[int, str], list[str]] = {}
    for (day, _, closes, _), (next_day, opens, _, at) in pairwise(found):
        if day == next_day and opens < closes:
            clashes.setdefault((at.line, at.path), []).append(DAYS[day])
    return [
        Problem(line, path, f"two spans overlap on {', '.join(dict.fromkeys(days))}")
        for (line, path), days in clashes.items()
    ]


def _weekdays(key: str, node: Node) -> range:
    first, dash, last = key.partition("-")
    last = last if dash else first
    if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
        raise wrong(node, f'unknown day "{shown(key)}": write mon, tue, … sun, or mon-fri')
    return range(DAYS.index(first), DAYS.index(last) + 1)


def span(node: Node) -> tuple[int, int]:
    """``"08:30-18:30"`` -> (opens, closes) in minutes."""
    written = line_of_text(node)
    parts = SPAN.fullmatch(written)
    if not parts:
        raise wrong(node, f'must be a span such as "08:30-18:30", not "{written}"')
    from_h, from_m, to_h, to_m = (int(part) for part in parts.groups())
    opens, closes = from_h * 60 + from_m, to_h * 60 + to_m
    if from_m > 59 or to_m > 59 or closes > 1440:
        raise wrong(node, f'"{written}" is not a time of the day (00:00 to 24:00)')
    if closes <= opens:
        raise wrong(node, f'"{written}" ends before it starts; a night is two spans, cut at 24:00')
    return opens, closes


def units(node: Node) -> tuple[UnitPlan, ...]:
    """``hall-a: {fr: …, en: …}``; ``desk-1..20`` makes twenty, each named with its number."""
    problems: list[Problem] = []
    found: dict[str, UnitPlan] = {}
    for written, child in mapping(node).items():
        try:
            codes = _codes(written, child)
            name = words(line_of_text)(child)
        except Wrong as part:
            problems += part.problems
            continue
        twice = [code for code in codes if code in found]
        if twice:
            problems.append(Problem(child.line, child.path, f'unit "{twice[0]}" is given twice'))
        found |= {code: UnitPlan(code, _numbered(name, code, written)) for code in codes}
        if len(found) > MOST_UNITS:
            raise wrong(child, f"a venue has at most {MOST_UNITS} units")
    if not found and not problems:
        raise wrong(node, "a venue needs at least one unit")
    if problems:
        raise Wrong(problems)
    return tuple(found.values())


def takes(known: Collection[str] | None) -> Reader[tuple[str, ...]]:
    """The codes a space takes, ranges expanded, in the order written. ``known`` None: any."""

    def taken(node: Node) -> tuple[str, ...]:
        problems: list[Problem] = []
        found: dict[str, None] = {}
        for one in node.value if isinstance(node.value, list) else [node]:
            try:
                codes = _codes(line_of_text(one), one)
            except Wrong as part:
                problems += part.problems
                continue
            reason = _unfit(codes, found, known)
            if reason:
                problems.append(Problem(one.line, one.path, reason))
            found |= dict.fromkeys(codes if len(found) <= MOST_UNITS else [])
        if problems:
            raise Wrong(problems)
        if not found:
            raise wrong(node, "a space must take at least one unit")
        return tuple(found)

    return taken


def _unfit(codes: list[str], found: Collection[str], known: Collection[str] | None) -> str | None:
    strange = [code for code in codes if known is not None and code not in known]
    if strange:
        return f"unknown unit{instead(strange[0], known or ())}"
    twice = [code for code in codes if code in found]
    return f'takes unit "{twice[0]}" twice' if twice else None


def _codes(written: str, node: Node) -> list[str]:
    """One code, or those of a range; ``desk-01..12`` keeps its zeros."""
    span = RANGE.fullmatch(written)
    if not span:
        if "[" in written or ".." in written:
            raise wrong(node, f'"{shown(written)}" is no range: write desk-1..20')
        if not code_fits(written):
            raise wrong(node, f'"{shown(written)}" {NOT_A_CODE}')
        return [written]
    stem, first, last = span.groups()
    count = int(last) - int(first) + 1
    if not 1 <= count <= MOST_IN_RANGE:
        raise wrong(node, f"a range goes upwards and makes at most {MOST_IN_RANGE} units")
    codes = [f"{stem}{str(n).zfill(len(first))}" for n in range(int(first), int(last) + 1)]
    if not all(code_fits(code) for code in codes):
        raise wrong(node, f'"{shown(written)}" {NOT_A_CODE}')
    return codes


def _numbered(name: Words, code: str, written: str) -> Words:
    """The name, with the unit's number where it comes from a range: Poste 12."""
    if code == written:
        return name
    number = int(code.rpartition("-")[2])
    return {tongue: f"{said}\u00a0{number}" for tongue, said in name.items()}


def drawing(codes: Collection[str]) -> Reader[dict[str, tuple[int, int]]]:
    """A room drawn in rows of its units -> code -> (column, row) from 0.

    Each word is a unit's code or the number it ends with; each dot is an empty cell. A line
    without words is an empty row. Every unit of the space is drawn once.
    """

    def plan(node: Node) -> dict[str, tuple[int, int]]:
        reasons: list[str] = []
        found: dict[str, tuple[int, int]] = {}
        rows = [_cells(line) for line in long_text(node).split("\n")]
        for row, cells in enumerate(rows):
            for column, written in enumerate(cells):
                named = _drawn(written, codes) if written else []
                reason = _misdrawn(written, named, found, codes) if written else None
                reasons += [f"row {row + 1}: {reason}"] if reason else []
                found |= dict.fromkeys(named, (column, row)) if not reason else {}
        missing = [code for code in codes if code not in found]
        if missing and not reasons:
            reasons.append(f'unit "{missing[0]}" is not drawn')
        if len(rows) > MOST_ROWS or max(map(len, rows)) > MOST_COLUMNS:
            reasons.append(f"a plan has at most {MOST_COLUMNS} columns and {MOST_ROWS} rows")
        if reasons:
            raise Wrong([Problem(node.line, node.path, reason) for reason in reasons])
        return found

    return plan


def _cells(line: str) -> list[str]:
    """The words of a row, an empty one for each dot."""
    found: list[str] = []
    for written in line.split():
        found += [""] * len(written) if not written.strip(".") else [written]
    return found


def _drawn(written: str, codes: Collection[str]) -> list[str]:
    """The units a word of a drawing may mean."""
    if written in codes or not (written.isascii() and written.isdecimal()):
        return [code for code in codes if code == written]
    ends = {code: code.rpartition("-")[2] for code in codes}
    return [code for code, end in ends.items() if end.isdecimal() and int(end) == int(written)]


def _misdrawn(
    written: str, named: list[str], found: Collection[str], codes: Collection[str]
) -> str | None:
    if not named:
        return f"unknown unit{instead(written, codes)}"
    if len(named) > 1:
        return f'"{shown(written)}" may mean {" or ".join(named)}: write the whole code'
    return f'unit "{named[0]}" is drawn twice' if named[0] in found else None
