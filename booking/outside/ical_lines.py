"""One iCalendar property as one line: cleaned, escaped, folded (RFC 5545 3.1 to 3.3).

Every text is hostile. Readers disagree on where a line ends: some split at U+2028 or a vertical
tab, and then a title adds properties. Such characters go before anything is escaped.
"""

import re
from urllib.parse import quote

END = "\r\n"
FOLD = 75  # Octets in a line without its end.
# What fits behind the space of a continuation and does not end inside a character.
PIECES = re.compile(rb".{1,74}(?![\x80-\xbf])", re.DOTALL)

LINE_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters but TAB and LF, and halves of surrogate pairs, which UTF-8 cannot carry.
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
SPACES = re.compile("[\n\t]+")

URI = "%:/?#[]@!$&'()*+,;=~"
IS_URI = re.compile(f"[{re.escape(URI)}a-zA-Z0-9_.-]*")
MAILBOX = "@!$&'*+/=~"


def text(name: str, value: str) -> str:
    """A TEXT property for a name or a title, which has one line only."""
    return folded(f"{name}:{_escaped(one_line(value))}")


def long_text(name: str, value: str) -> str:
    """A TEXT property that keeps its line breaks."""
    return folded(f"{name}:{_escaped(_clean(value))}")


def uri(name: str, value: str) -> str:
    """A URI property; what a URI may not hold is percent-encoded."""
    if not IS_URI.fullmatch(value):
        value = quote(value, safe=URI, errors="replace")
    return folded(f"{name}:{value}")


def person(name: str, called: str, address: str) -> str:
    """A CAL-ADDRESS property; `name` may carry parameters, to which CN is added."""
    common = f";CN={quoted(called)}" if called else ""
    return folded(f"{name}{common}:mailto:{quote(address, safe=MAILBOX, errors='replace')}")


def quoted(value: str) -> str:
    """A parameter value, whose escapes are not those of TEXT (RFC 6868)."""
    return '"' + one_line(value).replace("^", "^^").replace('"', "^'") + '"'


def one_line(value: str) -> str:
    return value if value.isprintable() else SPACES.sub(" ", _clean(value))


def folded(line: str) -> str:
    """The line with its end, broken between characters wherever it passes 75 octets."""
    octets = line.encode()
    if len(octets) <= FOLD:
        return line + END
    return b"\r\n ".join(PIECES.findall(octets)).decode() + END


def _clean(value: str) -> str:
    # Few values have anything to clean; "printable" is too strict a test, but a quick one.
    if value.replace("\n", "").isprintable():
        return value
    return UNREADABLE.sub("", LINE_BREAK.sub("\n", value))


def _escaped(value: str) -> str:
    if "," in value or ";" in value or "\\" in value:
        value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return value.replace("\n", "\\n")
