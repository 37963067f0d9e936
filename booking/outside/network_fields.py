"""Mappings and lists of a network file, read so that no problem hides another.

A reader takes a node and returns a value, or raises Wrong with every problem it found.
"""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

from booking.outside.yaml_nodes import Node, shown
from booking.rules.network import Problem

T = TypeVar("T")
U = TypeVar("U")
Reader = Callable[[Node], T]

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_CODE = 60
NOT_A_CODE = f"must be small letters a-z, digits and single hyphens, at most {LONGEST_CODE}"


class Wrong(Exception):
    """A part of the file cannot be read; holds every problem found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def wrong(node: Node, reason: str) -> Wrong:
    """One problem, at this value."""
    return Wrong([Problem(node.line, node.path, reason)])


class Fields:
    """One mapping with known keys. Collects problems; ``done`` raises them all."""

    def __init__(self, node: Node, known: Collection[str]) -> None:
        if not isinstance(node.value, dict):
            raise wrong(node, "must be a mapping (key: value)")
        self.node, self.pairs = node, node.value
        self.problems = [
            Problem(value.line, value.path, f"unknown key{instead(key, known)}")
            for key, value in self.pairs.items()
            if key not in known
        ]

    def has(self, key: str) -> bool:
        """The key is there with a value."""
        return key in self.pairs and not self.pairs[key].unknown

    def need(self, key: str, read: Reader[T], otherwise: U) -> T | U:
        """The value of ``key``; ``otherwise``, and a problem, where it is missing or wrong."""
        if not self.has(key):
            line = self.pairs.get(key, self.node).line
            self.problems.append(Problem(line, self.node.path, f'"{key}" is missing'))
        return self.may(key, read, otherwise)

    def may(self, key: str, read: Reader[T], otherwise: U) -> T | U:
        """The value of ``key``; ``otherwise`` where it is not given, or, with a problem, wrong."""
        return self.part(self.pairs[key], read, otherwise) if self.has(key) else otherwise

    def part(self, node: Node, read: Reader[T], otherwise: U) -> T | U:
        """What ``read`` makes of the node; ``otherwise``, and its problems, where it cannot."""
        try:
            return read(node)
        except Wrong as found:
            self.problems += found.problems
            return otherwise

    def each(
        self, nodes: dict[str, Node], read: Callable[[str, Node], T], otherwise: U
    ) -> dict[str, T | U]:
        """Slug -> what ``read(slug, node)`` makes of it, or ``otherwise`` where it is wrong."""
        for slug, node in nodes.items():
            self.check(code_fits(slug), f'"{shown(slug)}" {NOT_A_CODE}', node)
        return {
            slug: self.part(node, partial(read, slug), otherwise) for slug, node in nodes.items()
        }

    def check(self, holds: bool, reason: str, at: str | Node = "") -> None:
        """Note the reason, at a key or a node of this mapping, unless it holds."""
        if not holds:
            node = at if isinstance(at, Node) else self.pairs.get(at, self.node)
            self.problems.append(Problem(node.line, node.path, reason))

    def done(self) -> None:
        """Raise Wrong with all problems, if any."""
        if self.problems:
            raise Wrong(self.problems)


def instead(written: str, known: Collection[str]) -> str:
    """The end of a sentence about a word that is not known: the nearest one, or all if few."""
    near = get_close_matches(written[:LONGEST_CODE].lower(), known, 1, 0.6)
    if near:
        return f' "{shown(written)}"; did you mean "{near[0]}"?'
    all_ = f"; known are: {', '.join(known)}" if 0 < len(known) <= 20 else ""
    return f' "{shown(written)}"{all_}'


def mapping(node: Node) -> dict[str, Node]:
    """Keys to nodes, as they are."""
    if not isinstance(node.value, dict):
        raise wrong(node, "must be a mapping (key: value)")
    return node.value


def filled(node: Node) -> dict[str, Node]:
    """The same, with at least one key."""
    if not mapping(node):
        raise wrong(node, "must name at least one")
    return mapping(node)


def listed(read: Reader[T], or_one: bool = False) -> Reader[tuple[T, ...]]:
    """A list of what ``read`` reads; with ``or_one`` a single text counts as a list of one."""

    def values(node: Node) -> tuple[T, ...]:
        if or_one and isinstance(node.value, str):
            return (read(node),)
        if not isinstance(node.value, list):
            raise wrong(node, "must be a list (- … lines, or [ … ])")
        problems: list[Problem] = []
        found = []
        for one in node.value:
            try:
                found.append(read(one))
            except Wrong as wrong_part:
                problems += wrong_part.problems
        if problems:
            raise Wrong(problems)
        return tuple(found)

    return values


def code_fits(written: str) -> bool:
    """It may be a slug or the code of a unit."""
    return bool(CODE.fullmatch(written)) and len(written) <= LONGEST_CODE
