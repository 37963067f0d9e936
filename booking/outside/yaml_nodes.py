"""YAML text as a tree of texts, lists and mappings in which every value knows its line.

Built from PyYAML's events, so nothing is ever guessed (``no``, ``08:30`` and ``on`` stay
texts), no object is ever made, no alias is ever followed, and depth has a limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.reader import Reader

from booking.rules.network import Problem

DEEPEST = 12
UNKNOWN = ("", "~", "null")


@dataclass
class Node:
    """One value. ``line`` is that of its key where it has one: there a person looks for it."""

    line: int
    path: str
    value: str | list["Node"] | dict[str, "Node"]
    plain: bool = False
    key: "Node | None" = field(default=None, repr=False)

    @property
    def unknown(self) -> bool:
        """Nothing was given: an empty value, ``~`` or ``null``, not in quotes."""
        return self.plain and self.value in UNKNOWN


def shown(written: str) -> str:
    """A word of the file that is safe to print: short, nothing invisible in it."""
    return (written if written.isprintable() else ascii(written)[1:-1])[:80]


class _Hopeless(Exception):
    """Reading on would only produce more problems that are none."""


def compose(text: str, problems: list[Problem]) -> Node | None:
    """The tree of the one document in ``text``; None where ``problems`` make it useless.

    Adds to ``problems``: characters YAML forbids, faults of syntax, aliases, tags, keys that
    are no texts, keys given twice (the first one wins, the tree is still returned).
    """
    found = [
        Problem(line, "", f"holds a control character ({bad.group()!a})")
        for line, written in enumerate(text.split("\n"), 1)
        if (bad := Reader.NON_PRINTABLE.search(written))
    ]
    problems += found
    if found:
        return None
    loader = yaml.BaseLoader(text)
    try:
        return _document(_events(loader), problems)
    except yaml.MarkedYAMLError as error:
        problems.append(_syntax(error, text.split("\n")))
    except (ValueError, OverflowError):  # PyYAML lets pass "\U99999999", which no character is
        reason = "not valid YAML: a number too large, in an escape or a directive"
        problems.append(Problem(loader.line + 1, "", reason))
    except _Hopeless:
        pass
    return None


def _events(loader: yaml.BaseLoader) -> Iterator[yaml.Event]:
    while loader.check_event():
        yield loader.get_event()


def _document(events: Iterator[yaml.Event], problems: list[Problem]) -> Node | None:
    root: Node | None = None
    open_: list[Node] = []
    hopeless = False
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            fault = _fault(event)
            if fault:
                problems.append(Problem(_line(event), _path(open_), fault))
                hopeless = True
            root = _add(event, open_, problems, root)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
    if root is None:
        problems.append(Problem(0, "", "the file is empty"))
    return None if hopeless else root


def _fault(event: yaml.NodeEvent) -> str | None:
    if isinstance(event, yaml.AliasEvent):
        return f"aliases (*{event.anchor}) are not allowed: write the value out"
    tag = getattr(event, "tag", None)
    if tag is not None:
        return f"tags ({tag}) are not allowed: every value is a text, a list or a mapping"
    return None


def _add(
    event: yaml.NodeEvent, open_: list[Node], problems: list[Problem], root: Node | None
) -> Node:
    """Hang the event's value into the innermost open list or mapping; returns the root."""
    if root is not None and not open_:
        problems.append(Problem(_line(event), "", "the file must hold one document (one ---)"))
        raise _Hopeless
    node = _node(event)
    if not open_:
        root = node
    else:
        _hang(node, open_[-1], problems)
    if isinstance(event, yaml.CollectionStartEvent):
        open_.append(node)
    if len(open_) > DEEPEST:
        problems.append(Problem(node.line, node.path, "lists and mappings are nested too deep"))
        raise _Hopeless
    return root or node


def _node(event: yaml.NodeEvent) -> Node:
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(_line(event), "", [])
    if isinstance(event, yaml.MappingStartEvent):
        return Node(_line(event), "", {})
    if isinstance(event, yaml.ScalarEvent):
        return Node(_line(event), "", event.value, plain=event.style is None)
    return Node(_line(event), "", "", plain=True)  # an alias, refused already


def _hang(node: Node, parent: Node, problems: list[Problem]) -> None:
    if isinstance(parent.value, list):
        parent.value.append(node)
        node.path = f"{parent.path}[{len(parent.value)}]"
    elif parent.key is None:
        parent.key = node
        if not isinstance(node.value, str):
            problems.append(Problem(node.line, parent.path, "a key must be a text"))
            raise _Hopeless
    elif isinstance(parent.value, dict):
        key, parent.key = parent.key, None
        node.line, node.path = key.line, f"{parent.path}.{shown(str(key.value))}".lstrip(".")
        first = parent.value.setdefault(str(key.value), node)
        if first is not node:
            reason = f'"{shown(str(key.value))}" is given twice; the first is on line {first.line}'
            problems.append(Problem(key.line, node.path, reason))


def _syntax(error: yaml.MarkedYAMLError, lines: list[str]) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = min(mark.line + 1, len(lines)) if mark else 0
    written = lines[line - 1] if line else ""
    reason = f"not valid YAML: {error.problem or error.context}"
    if "\t" in written:
        reason += "; indent with spaces, never with tabs"
    elif "mapping values" in reason:
        reason += "; put a text that holds a colon in quotes"
    elif "-[" in written:
        reason += "; write a range of units as desk-1..20"
    return Problem(line, "", reason)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _path(open_: list[Node]) -> str:
    return open_[-1].path if open_ else ""
