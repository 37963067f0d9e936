"""One sentence in French or English -> what it asks of the network: "salle pour 8 jeudi à Aix".

The text is cut into words (``sentence/tokens``), slips of the pen are put right, then ``READERS``
are asked at each word, in order; the first that recognises something takes those words, and
reading goes on behind them. ``sentence/sense`` then gives every piece its role. Nothing is
guessed in silence: the reading taken is among the parts, and a doubt tells the others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from booking.rules.sentence.days import RELATIVE, SHORT, WEEKDAYS, day, plus
from booking.rules.sentence.lengths import length, soon
from booking.rules.sentence.line import Doubt, Known, Line, Piece, corrected
from booking.rules.sentence.needs import number, part_of_today, people, people_without_word, wish
from booking.rules.sentence.numbers import DAY, DOZENS, FOLLOWING, NUMBERS
from booking.rules.sentence.places import place, place_begun
from booking.rules.sentence.ranges import PARTS_OF_MONTH, days
from booking.rules.sentence.sense import STARTS, of, settled
from booking.rules.sentence.times import hour, limit, span, window
from booking.rules.sentence.tokens import tokens
from booking.rules.sentence.words import IDLE, NOT, spellings

__all__ = ["DOUBTS", "Doubt", "Known", "Part", "Understood", "understood"]

LONGEST_TEXT = 300
"""Characters that are read: a sentence, not a letter."""
LONGEST_NAME = 30
"""Letters of a word that may be a name nobody bears."""

Reader = Callable[[Line, int], tuple[Piece, ...]]
READERS: tuple[Reader, ...] = (
    # Names first: "Salle Pythéas" is no salle. Then phrases, whose words mean less alone.
    place,
    part_of_today,
    wish,
    # "8 personnes" before anything that could see a day or an hour in the 8.
    people,
    # Days before hours: "du 2 au 5 mars", then "de 14 à 16".
    days,
    day,
    soon,
    window,
    span,
    # "pendant 2h" before "2h"; both before the hour that a preposition makes sure.
    length,
    limit,
    hour,
    # What is left of the numbers, the likelier first.
    people_without_word,
    number,
    place_begun,
)

DOUBTS = (
    "day-or-month",  # 3/4: 3 April or 4 March
    "ends-before-it-starts",  # it may go past midnight, or not be meant so
    "far",  # a date without its year that comes again in ten months only
    "from-now",  # in two hours: a sentence has no clock
    "from-to-people",  # 8 to 10 people: the larger number is taken
    "half-of-day",  # 2 h: 14:00 or 2:00
    "length-or-hour",  # 2 h: two hours, or at two
    "no-such-day",  # 31 February
    "no-such-space",  # Salle Mistral, where no space is called so
    "one-or-all",  # from the 3rd to the 5th: one reservation, or a time on one of the days
    "open-ended",  # from Tuesday on: a week of it is taken
    "number",  # 8 by itself or "à 8": people, an hour, a day of the month
    "other-weekday",  # Thursday 5 March, which is a Friday
    "outside-window",  # in the morning at 15:00
    "past",  # a day that is over
    "read-as",  # a slip of the pen; its reading is ("word", the word meant)
    "several",  # two answers to one question: the first is taken
    "several-spaces",  # more than one space of that name
    "several-venues",  # a town or name of several venues: near the first of them
    "this-week-or-next",  # next Thursday, said on a Monday
    "today-or-in-a-week",  # Thursday, said on a Thursday
    "too-long",  # only the beginning was read
    "two-meanings",  # a bureau: an office or a desk; a half-day: which one
)
"""The codes of all doubts, with an example of each."""


@dataclass(frozen=True)
class Part:
    """One thing understood: the question it answers, the words as typed, and the value.

    what -> value: kind, layout, feature, venue, near (a slug), space ("venue/space"), on (date),
    days and through (first, last), weekday (0 is Monday), from, to, length (minutes),
    window (opens, closes), people (number), any_time, step_free, instant (True).
    """

    what: str
    text: str
    value: Any


@dataclass(frozen=True)
class Understood:
    """What a sentence asks for; what it does not say is None, empty or False.

    on, last: the first and last day where several are meant, else the day and None; weekdays
    (0 is Monday) then restricts them; through: one reservation from the first to the last, which
    begins at opens and ends at closes. opens, closes: minutes of wall time; closes ≤ opens is on
    the day after. flexible: `length` is wanted any time from opens to closes, or on that day.
    parts: in the order of the sentence. left: words that meant nothing to anybody, as typed.
    """

    kind: str | None = None
    space: str | None = None
    on: date | None = None
    last: date | None = None
    weekdays: tuple[int, ...] = ()
    through: bool = False
    opens: int | None = None
    closes: int | None = None
    length: int | None = None
    flexible: bool = False
    people: int | None = None
    venue: str | None = None
    near: str | None = None
    layout: str | None = None
    features: tuple[str, ...] = ()
    step_free: bool = False
    instant: bool = False
    parts: tuple[Part, ...] = ()
    left: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def understood(text: str, known: Known, today: date) -> Understood:
    """What the sentence asks for, said on `today`. Reads 300 characters; never raises.

    A venue that names its periods otherwise than most is read with its own hours.
    """
    said = text[:LONGEST_TEXT]
    line, slips = corrected(Line(said, tokens(said), known, today), VOCABULARY)
    pieces = settled(line, list(read(line)))
    if known.own.get(venue := venue_of(pieces) or "") and any(of(pieces, "window")):
        line = replace(line, venue=venue)
        pieces = settled(line, list(read(line)))
    meant = [piece for piece in pieces if piece.what not in ("", "ignored")]
    taken = {at for piece in pieces if piece.what for at in range(piece.first, piece.end)}
    doubts = [piece.doubt for piece in pieces if piece.doubt]
    doubts += [
        line.doubt("read-as", at, at + 1, ("word", word))
        for at, word in slips.items()
        if at in taken
    ]
    doubts += nameless(line, meant, taken)
    if len(text) > LONGEST_TEXT:
        doubts.append(Doubt("too-long", said))
    return Understood(
        parts=tuple(part(line, piece, meant) for piece in meant),
        left=tuple(left(line, pieces, taken)),
        doubts=tuple(dict.fromkeys(doubts)),
        **answers(meant),
    )


def nameless(line: Line, meant: list[Piece], taken: set[int]) -> Iterator[Doubt]:
    """Salle Mistral: a kind with words behind it that would be its name, but are nobody's."""
    for piece in of(meant, "kind"):
        end = piece.end
        while end < len(line.tokens) and end not in taken and is_name(line, end):
            end += 1
        if end > piece.end:
            yield line.doubt("no-such-space", piece.first, end)


def is_name(line: Line, at: int) -> bool:
    """Whether the word there can be a part of a name, and no sign parts it from the one before."""
    word = line.word(at)
    a_word = line.number(at) is None and not line.glue(at) and len(word) <= LONGEST_NAME
    return a_word and word not in IDLE and word not in NOT


def venue_of(pieces: list[Piece]) -> str | None:
    """The venue whose hours are meant: the one that is named, that of the space, the one near."""
    named = [p.value.partition("/")[0] for w in ("venue", "space", "near") for p in of(pieces, w)]
    return next(iter(named), None)


def left(line: Line, pieces: list[Piece], taken: set[int]) -> Iterator[str]:
    """The words nobody took, idle ones left out; those of a piece that was dropped together."""
    dropped = {piece.first: piece.end for piece in pieces if not piece.what}
    at = 0
    while at < len(line.tokens):
        end = dropped.get(at, at + 1)
        if at not in taken and (at in dropped or line.word(at) not in IDLE):
            yield line.typed(at, end)
        at = end


def read(line: Line) -> Iterator[Piece]:
    """What the readers recognise, in the order of the sentence."""
    at = 0
    while at < len(line.tokens):
        pieces = next((found for reader in READERS if (found := reader(line, at))), ())
        yield from pieces
        at = max((piece.end for piece in pieces), default=at + 1)


def part(line: Line, piece: Piece, pieces: list[Piece]) -> Part:
    """The piece as it is shown: a weekday is a day, where it is the only one."""
    what, value = piece.what, piece.value
    if what == "weekday":
        alone = not of(pieces, "days") and len({p.value for p in of(pieces, "weekday")}) == 1
        what, value = ("on", value) if alone else (what, value.weekday())
    return Part("from" if what in STARTS else what, line.typed(piece.first, piece.end), value)


def answers(pieces: list[Piece]) -> dict[str, Any]:
    """The fields of ``Understood`` that the pieces fill."""
    first = {piece.what: piece.value for piece in reversed(pieces)}
    names = ("kind", "space", "people", "venue", "near", "layout")
    return {
        **{name: first.get(name) for name in names},
        **dates(pieces),
        **times(pieces),
        "features": tuple(dict.fromkeys(piece.value for piece in of(pieces, "feature"))),
        "step_free": "step_free" in first,
        "instant": "instant" in first,
    }


def dates(pieces: list[Piece]) -> dict[str, Any]:
    """The fields on, last, weekdays."""
    on = sorted(piece.value for piece in of(pieces, "on"))
    chosen = sorted(piece.value for piece in of(pieces, "weekday"))
    weekdays = tuple(sorted({day.weekday() for day in chosen}))
    ranges = of(pieces, "days", "through")
    if on or not (ranges or chosen):
        return stretch(on, ())
    if not ranges:
        return stretch(chosen, weekdays if len(weekdays) > 1 else ())
    first, last = ranges[0].value
    # In a week "mardi" is one day; in a month it is several.
    if len(weekdays) == 1 and (last - first).days < 7:
        return stretch([plus(first, (weekdays[0] - first.weekday()) % 7)], ())
    through = ranges[0].what == "through"
    return {**stretch([first, last], weekdays), "through": through}


def stretch(days: list[date], weekdays: tuple[int, ...]) -> dict[str, Any]:
    """From the first of the days to the last."""
    if not days:
        return {}
    return {"on": days[0], "last": days[-1] if days[-1] > days[0] else None, "weekdays": weekdays}


def times(pieces: list[Piece]) -> dict[str, Any]:
    """The fields opens, closes, length, flexible."""
    start = next(iter(of(pieces, *STARTS)), None)
    first = {piece.what: piece.value for piece in reversed(pieces)}
    length = first.get("length")
    opens, closes = first.get("window", (None, None))
    if start:
        open_ended = start.what != "at" and closes is not None and closes > start.value
        opens, closes = start.value, closes if open_ended else None
    closes = first.get("to", closes)
    if of(pieces, "through"):
        return {"opens": opens, "closes": closes}
    fixed = start is not None and start.what in ("at", "since") and "to" not in first
    if length and fixed and opens is not None and "any_time" not in first:
        return {"opens": opens, "closes": end_of(opens, length), "length": length}
    fills = opens is not None and closes is not None and length == closes - opens
    flexible = "any_time" in first or (length is not None and not fills)
    return {"opens": opens, "closes": closes, "length": length, "flexible": flexible}


def end_of(opens: int, length: int) -> int | None:
    """The wall time so many minutes later; None where that is a day later or more."""
    if length >= DAY:
        return None
    return opens + length if opens + length <= DAY else opens + length - DAY


VOCABULARY = {
    **{
        word: word
        for table in (RELATIVE, WEEKDAYS, SHORT, PARTS_OF_MONTH, NUMBERS, DOZENS, FOLLOWING)
        for phrase in table
        for word in phrase
    },
    **spellings(),
}
"""Every word somebody reads, as it is compared -> as it is written."""
