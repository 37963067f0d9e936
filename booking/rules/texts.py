"""Text typed by people is hostile everywhere: it is cleaned once, on its way in."""

import re
import unicodedata

BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Half a surrogate pair is no character either: no database takes it."""
INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Bidirectional overrides: they let a name rewrite the sentence around it."""


def clean(text: str | None) -> str:
    """The text without control characters, in NFC, line ends as LF, stripped at both ends."""
    plain = BREAKS.sub("\n", unicodedata.normalize("NFC", text or ""))
    return INVISIBLE.sub("", CONTROLS.sub("", plain)).strip()


def one_line(text: str | None) -> str:
    """Cleaned, and every run of white space a single space: for names, titles and subjects."""
    return " ".join(clean(text).split())


def address(text: str | None) -> str:
    """An e-mail address as it is stored and compared: lower case, no spaces around."""
    return one_line(text).lower()
