"""The single values of a network file: texts, numbers, prices, durations, places and times."""

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

from booking.outside.network_fields import Fields, Reader, instead, wrong
from booking.outside.yaml_nodes import Node
from booking.rules.network import Words

LONGEST_LINE = 200
LONGEST_ADDRESS = 500
LONGEST_TEXT = 4000
HIGHEST = 1_000_000

DECIMAL = re.compile(r"-?\d{1,9}(?:[.,]\d{1,8})?", re.ASCII)
DURATION = re.compile(
    r"(?:(\d{1,4})\s*(?:days?|d))?\s*(?:(\d{1,5})\s*(?:hours?|h))?\s*(?:(\d{1,6})\s*min)?",
    re.ASCII,
)
EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
PHONE = re.compile(r"\+?\d[\d ().-]{4,30}", re.ASCII)
# Marks that reorder the text around them: a name could pose as another one.
REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _joined(node: Node) -> str:
    """The node's text. JSON writes characters beyond U+FFFF as two halves: they are joined."""
    if not isinstance(node.value, str) or node.unknown:
        raise wrong(node, "must be a text")
    try:
        value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise wrong(node, "holds half a character") from None
    return unicodedata.normalize("NFC", value).strip()


def _text(node: Node, longest: int, allowed: str) -> str:
    value = _joined(node)
    if "\n" in value and "\n" not in allowed:
        raise wrong(node, "must be on one line")
    for character in value:
        control = unicodedata.category(character) in ("Cc", "Zl", "Zp")
        if REORDERING.match(character) or (control and character not in allowed):
            raise wrong(node, f"holds a control character ({character!a})")
    if not value:
        raise wrong(node, "is empty")
    if len(value) > longest:
        raise wrong(node, f"is longer than {longest} characters")
    return value


def line_of_text(node: Node) -> str:
    """A text on one line, at most 200 characters."""
    return _text(node, LONGEST_LINE, "")


def line_up_to(longest: int) -> Reader[str]:
    """A text on one line, at most so long."""
    return lambda node: _text(node, longest, "")


def source_named(node: Node) -> str:
    """The address of a page, or the name of an article; at most 500 characters."""
    return _text(node, LONGEST_ADDRESS, "")


def long_text(node: Node) -> str:
    """A text that may have line breaks, at most 4000 characters."""
    return _text(node, LONGEST_TEXT, "\n")


def words(read: Reader[str]) -> Reader[Words]:
    """The same thing said in French and in English."""

    def both(node: Node) -> Words:
        if isinstance(node.value, str):
            raise wrong(node, "must be said in both languages: {fr: …, en: …}")
        fields = Fields(node, ("fr", "en"))
        said = {tongue: fields.may(tongue, read, "") for tongue in ("fr", "en")}
        fields.check(fields.has("fr"), "the French text (fr) is missing")
        fields.check(fields.has("en"), "the English text (en) is missing")
        fields.done()
        return said

    return both


def one_of(known: Collection[str], what: str) -> Reader[str]:
    """One of the known words; ``what`` names their sort: kind, offer."""

    def word(node: Node) -> str:
        written = line_of_text(node)
        if written not in known:
            raise wrong(node, f"unknown {what}{instead(written, known)}")
        return written

    return word


def flag(node: Node) -> bool:
    """True or false, also yes or no."""
    return one_of(("true", "yes", "false", "no"), "answer")(node) in ("true", "yes")


def decimal(node: Node) -> Decimal:
    """A number; the decimal sign may be a comma."""
    written = line_of_text(node)
    if not DECIMAL.fullmatch(written):
        raise wrong(node, f'must be a number, not "{written}"')
    return Decimal(written.replace(",", "."))


def number(lowest: int, highest: int) -> Reader[int]:
    """A whole number in these bounds."""

    def within(node: Node) -> int:
        given = decimal(node)
        if given != int(given):
            raise wrong(node, "must be a whole number")
        if not lowest <= given <= highest:
            raise wrong(node, f"must be from {lowest} to {highest}")
        return int(given)

    return within


def whole(node: Node) -> int:
    """A whole number of people or square metres: from 1 to a million."""
    return number(1, HIGHEST)(node)


def is_number(node: Node) -> bool:
    """Whether it is a bare number, without a unit."""
    return isinstance(node.value, str) and bool(DECIMAL.fullmatch(node.value.strip()))


def cents(node: Node) -> int:
    """A price in euros, with two decimals at most, as cents."""
    number = decimal(_without(node, "€", "EUR"))
    if number < 0:
        raise wrong(node, "a price cannot be negative")
    if number > HIGHEST:
        raise wrong(node, f"must be at most {HIGHEST} euros")
    if number * 100 != int(number * 100):
        raise wrong(node, "a price has at most two decimals")
    return int(number * 100)


def percent(node: Node) -> Decimal:
    """A rate from 0 to 100, with two decimals at most."""
    number = decimal(_without(node, "%"))
    if not 0 <= number <= 100 or number * 100 != int(number * 100):
        raise wrong(node, "must be a rate from 0 to 100 %, with two decimals at most")
    return number


def degrees(limit: int) -> Reader[float]:
    """A latitude (limit 90) or a longitude (limit 180)."""

    def angle(node: Node) -> float:
        number = decimal(node)
        if abs(number) > limit:
            raise wrong(node, f"must be from -{limit} to {limit} degrees")
        return float(number)

    return angle


def minutes(node: Node) -> int:
    """``90 min``, ``1 h 30 min`` or ``7 days`` (of 24 hours), in minutes."""
    written = line_of_text(node)
    if written == "0":
        return 0
    parts = DURATION.fullmatch(written)
    if not parts:
        raise wrong(node, f'must be a duration such as 30 min, 2 h or 7 days, not "{written}"')
    days_, hours_, minutes_ = (int(part or 0) for part in parts.groups())
    total = days_ * 1440 + hours_ * 60 + minutes_
    if total > HIGHEST:
        raise wrong(node, f"must be at most {HIGHEST} minutes")
    return total


def days(node: Node) -> int:
    """A number of days, ``180 days``."""
    total = minutes(node)
    if total % 1440 or total == 0:
        raise wrong(node, "must be a number of days such as 180 days")
    return total // 1440


def zone(node: Node) -> str:
    """An IANA time zone."""
    return one_of(_zones(), "time zone")(node)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def phone(node: Node) -> str:
    """A telephone number as people write it."""
    return _matching(node, PHONE, "must be a telephone number such as 04 65 71 00 00")


def email(node: Node) -> str:
    """An e-mail address."""
    return _matching(node, EMAIL, "must be an e-mail address")


def _matching(node: Node, pattern: re.Pattern[str], reason: str) -> str:
    written = line_of_text(node).replace("\u00a0", " ")
    if not pattern.fullmatch(written):
        raise wrong(node, reason)
    return written


def _without(node: Node, *signs: str) -> Node:
    """The node without the sign that may follow a number."""
    written = line_of_text(node)
    for sign in signs:
        written = written.removesuffix(sign).rstrip()
    return Node(node.line, node.path, written)
