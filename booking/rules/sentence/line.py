"""One sentence as its readers see it, what the network knows, and what readers hand back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from booking.rules.sentence.tokens import Token, Words, tokens
from booking.rules.sentence.words import IDLE, IN_ENGLISH, IN_FRENCH, ORDINARY, PHRASES, SMALL

T = TypeVar("T")
LONGEST = 8
"""No phrase and no name has more words that count."""
ALIKE = 0.85
"""From this likeness on (difflib's ratio) a word may be another one with a slip in it."""
SLIPS = 12
"""So many unknown words of one sentence are compared: enough for people, bounded for others."""
SHORTEST_NAME, SHORTEST_WORD = 4, 6
"""Shorter words are too near to one another to tell a slip from another word."""

Reading = tuple[str, Any]
"""(what, value): one thing that words may mean."""


@dataclass(frozen=True)
class Doubt:
    """Where words could mean two things, or nothing: a code of ``DOUBTS``, and the words as typed.

    The first of the readings is the one taken; none at all: the words were not used.
    """

    code: str
    text: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Piece:
    """What a reader took: ``tokens[first:end]`` mean `value`, perhaps with a doubt.

    With an empty `what` they mean nothing that can be used, and the doubt says why. `whole`: from
    one day to another as one stretch, or an hour that is said beside such a day.
    """

    what: str
    value: Any
    first: int
    end: int
    doubt: Doubt | None = None
    whole: bool = False


@dataclass(frozen=True)
class Known:
    """What the network has. Build it once for several sentences: it keeps its index.

    venues: slug -> names and towns people may say; spaces: "venue/space" -> its names in both
    languages; periods: named period of the day -> (opens, closes), minutes of wall time, as most
    venues have them; own: venue -> its own, where it has any.
    """

    venues: Mapping[str, tuple[str, ...]]
    spaces: Mapping[str, tuple[str, ...]]
    periods: Mapping[str, tuple[int, int]]
    own: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[Words, tuple[Reading, ...]]:
        """name, without its small words -> what bears it: venues first, in the order given."""
        found: dict[Words, tuple[Reading, ...]] = {}
        for what, keys in (("venue", self.venue_keys), ("space", self.space_keys)):
            for slug, names in keys.items():
                # A space called like a wish is not meant by it: the kind narrows less.
                for name in names - COMMON if what == "space" else names:
                    found[name] = (*found.get(name, ()), (what, slug))
        return found

    @cached_property
    def venue_keys(self) -> dict[str, frozenset[Words]]:
        """slug -> its names as they are compared."""
        return {slug: keys_of(names) for slug, names in self.venues.items()}

    @cached_property
    def space_keys(self) -> dict[str, frozenset[Words]]:
        """The same for spaces."""
        return {slug: keys_of(names) for slug, names in self.spaces.items()}

    @cached_property
    def beginnings(self) -> dict[Words, tuple[Reading, ...]]:
        """The same for the first words of venues' longer names: "Aix", "le Carrefour"."""
        found: dict[Words, tuple[Reading, ...]] = {}
        for slug, names in self.venue_keys.items():
            begun = {name[:n] for name in names for n in range(1, len(name))}
            for words in begun:
                if len(words[0]) >= SHORTEST_NAME - 1 and words not in COMMON:
                    found[words] = (*found.get(words, ()), ("venue", slug))
        return found

    def spaces_called(self, words: Words) -> tuple[Reading, ...]:
        """The spaces with these words in a name, side by side."""
        wanted = f" {' '.join(words)} "
        return tuple(
            ("space", slug)
            for slug, names in self.space_keys.items()
            if any(wanted in f" {' '.join(name)} " for name in names)
        )

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Every word of a name as it is compared -> as it is written."""
        names = [
            name for said in (self.venues, self.spaces) for row in said.values() for name in row
        ]
        return {token.word: token.typed for name in names for token in tokens(name)}


def without_small(words: Words) -> Words:
    """The words that a name cannot do without."""
    return tuple(word for word in words if word not in SMALL)


def keys_of(names: Iterable[str]) -> frozenset[Words]:
    """All names of one thing as they are compared; one that is nothing but small words is none."""
    return frozenset(key for key in map(key_of, names) if key)


def key_of(name: str) -> Words:
    """A name as it is compared: "Carrefour de l’innovation" is (carrefour, innovation).

    The capital letter that tells Salle A from Salle B stays one: (salle, A).
    """
    said = tokens(name)
    letter = (said[-1].typed,) if len(said) > 1 and is_letter(said[-1]) else ()
    return (*without_small(tuple(token.word for token in said)), *letter)[:LONGEST]


def is_letter(token: Token) -> bool:
    """A capital letter by itself, which would be a small word otherwise."""
    return token.word in SMALL and len(token.typed) == 1 and token.typed.isupper()


COMMON = frozenset(without_small(words) for words in PHRASES)


@dataclass(frozen=True)
class Line:
    """The sentence, its tokens, what the network has, the day it is said, and the venue it is
    about, once that is known."""

    text: str
    tokens: tuple[Token, ...]
    known: Known
    today: date
    venue: str | None = None

    def period(self, name: str) -> tuple[int, int] | None:
        """The hours of a named period at the venue, else the usual ones; None: no such period."""
        own = self.known.own.get(self.venue or "", {})
        return own.get(name) or self.known.periods.get(name)

    @cached_property
    def words(self) -> Words:
        return tuple(token.word for token in self.tokens)

    def word(self, at: int) -> str:
        """The word there as it is compared; empty beyond both ends."""
        return self.tokens[at].word if 0 <= at < len(self.tokens) else ""

    def glue(self, at: int) -> str:
        """What stands before that word, white space left out; a space beyond the end."""
        return self.tokens[at].glue if 0 <= at < len(self.tokens) else " "

    def tight(self, at: int) -> str:
        """The sign before that word, if no space stands around it."""
        sign = self.glue(at)
        close = 0 < at < len(self.tokens) and self.tokens[at].start - self.tokens[at - 1].end == 1
        return sign if close else ""

    def number(self, at: int) -> int | None:
        return self.tokens[at].number if 0 <= at < len(self.tokens) else None

    def typed(self, first: int, end: int) -> str:
        """The words from `first` up to `end`, as typed."""
        return self.text[self.tokens[first].start : self.tokens[end - 1].end]

    def match(self, at: int, table: Mapping[Words, T]) -> tuple[T, int] | None:
        """The longest phrase of `table` that begins there: its value, and where it ends."""
        words = self.words[at : at + LONGEST]
        while words:
            if words in table:
                return table[words], at + len(words)
            words = words[:-1]
        return None

    def past(self, at: int, table: Mapping[Words, Any]) -> int:
        """Where the phrase of `table` that begins there ends; `at` itself if none does."""
        hit = self.match(at, table)
        return hit[1] if hit else at

    def doubt(self, code: str, first: int, end: int, *readings: Reading) -> Doubt:
        return Doubt(code, self.typed(first, end), readings)

    @cached_property
    def english(self) -> int:
        """Above 0: more words are English alone than French alone; below: the other way round."""
        return sum((word in IN_ENGLISH) - (word in IN_FRENCH) for word in self.words)


def corrected(line: Line, words: Mapping[str, str]) -> tuple[Line, dict[int, str]]:
    """The line with slips of the pen put right, and where: token -> the word meant, as written.

    words: those of wishes and days, as compared -> as written. Only words that are nobody’s are
    compared, and only one that resembles a single other word is changed.
    """
    names = line.known.spellings
    unknown = [
        at
        for at, token in enumerate(line.tokens)
        if len(token.word) >= SHORTEST_NAME
        and token.number is None
        and not any(token.word in known for known in (words, names, IDLE, ORDINARY))
    ]
    spelled = {**words, **names} if unknown else {}
    choices = [
        word
        for word in sorted(spelled)
        if len(word) >= (SHORTEST_NAME if word in names else SHORTEST_WORD)
    ]
    changed, meant = list(line.tokens), {}
    for at in unknown[:SLIPS]:
        like = list(islice(resembling(changed[at].word, choices), 2))
        if len(like) == 1:
            changed[at] = replace(changed[at], word=like[0])
            meant[at] = spelled[like[0]]
    return replace(line, tokens=tuple(changed)), meant


def resembling(word: str, choices: Iterable[str]) -> Iterator[str]:
    """Those of the choices that are `word` but for a slip."""
    matcher = SequenceMatcher(None, "", word, autojunk=False)
    for choice in choices:
        # Slips spare the first letter; then the upper bound by length, before anything is counted.
        if choice[0] != word[0]:
            continue
        if 2 * min(len(choice), len(word)) < ALIKE * (len(choice) + len(word)):
            continue
        matcher.set_seq1(choice)
        if matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE:
            yield choice
