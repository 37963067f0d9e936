"""A sentence cut into words and numbers, each knowing where it stands in what was typed."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

Words = tuple[str, ...]
"""A phrase in the form in which words are compared."""

PATTERN = re.compile("\\d+|[^\\W\\d_](?:[^\\W\\d_]|[\u0300-\u036f])*")
"""A number, or letters with their accents (which may be characters of their own)."""
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
LONG = 5
"""Words of so many letters lose the s or x of their plural; shorter ones (mars, deux) do not."""
DIGITS = 6
"""Longer numbers count nothing that can be reserved: they are words without a meaning."""


@dataclass(frozen=True)
class Token:
    """One word or number: ``typed`` is ``text[start:end]``, ``word`` is what is compared.

    ``glue`` is what stands between it and the token before, white space left out: "/", "-", ","…
    """

    typed: str
    word: str
    start: int
    end: int
    glue: str = ""

    @property
    def number(self) -> int | None:
        """Its value, if it is written in digits and short enough to count something."""
        return int(self.word) if self.word.isdecimal() and len(self.word) <= DIGITS else None


@lru_cache(maxsize=1024)
def folded(word: str) -> str:
    """The word as it is compared: no case, no accents, no plural; digits of any script as 0-9."""
    if word.isdecimal():
        return "".join(str(int(digit)) for digit in word)
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    plain = plain.replace("œ", "oe").replace("æ", "ae")
    return plain[:-1] if len(plain) >= LONG and plain[-1] in "sx" else plain


def tokens(text: str) -> tuple[Token, ...]:
    """All words and numbers, in order; signs and white space only part them."""
    found = []
    last = 0
    for match in PATTERN.finditer(text):
        glue = "".join(text[last : match.start()].split()).translate(DASHES)
        found.append(Token(match[0], folded(match[0]), match.start(), match.end(), glue))
        last = match.end()
    return tuple(found)


def words_of(phrase: str) -> Words:
    """The words of a phrase, as they are compared."""
    return tuple(token.word for token in tokens(phrase))
