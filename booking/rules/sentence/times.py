"""Readers of hours, which are minutes of wall time, 0 to 1440.

An hour from 1 to 6 without am, pm or a leading zero is taken for the afternoon, with a doubt:
nobody meets at 2 in the morning, but it can be meant. An end that does not lie after its start
is taken twelve hours later where that helps: "from 9 to 5".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from booking.rules.sentence.line import Line, Piece, Reading
from booking.rules.sentence.numbers import DAY, HALVES, HOUR, bare, counted
from booking.rules.sentence.tokens import words_of
from booking.rules.sentence.words import table, words

HALF_DAY = 12 * 60
EVENING = 17 * 60
LATE = 7 * 60
"""From here on "9 h" is an hour of the day; "2 h", below, may also be a length."""

NAMED = table({HALF_DAY: "midi | noon | midday", 0: "minuit | midnight"})
QUARTERS = table({30: "et demie | et demi", 15: "et quart", -15: "moins le quart"})
PAST = table({30: "half past", 15: "quarter past", -15: "quarter to"})

BETWEEN = words("entre | between")
AND = words("et | and")
FROM = words("de | d | from | à | a | at")
OPENS_RANGE = ("de", "d", "from")
"""After these two mere numbers are hours: "de 14 à 16"."""
TO = words("à | a | to | jusqu’à | until | till | til")
BEFORE = words("avant | before | jusqu’à | until | till | by | au plus tard à")
SINCE = words("à partir de | à compter de | dès | depuis | from | starting at | de | d")
AFTER = words("après | after | plus tard que | later than")
MOMENT = words("à | a | at | vers | around | about | pour | for")
AT_HOUR = words_of("at vers around before avant after après from by until till")
"""After these a mere number is an hour. French "à 8" rather counts people."""


@dataclass(frozen=True)
class Clock:
    """An hour as it was said: its minute, and where it ends in the line.

    marked: something besides the number says that it is an hour; half: "am" or "pm", if said;
    twelve: it may mean twelve hours later; length: it may also be a length ("2 h", not "2:00").
    """

    minute: int
    end: int
    marked: bool = True
    half: str = ""
    twelve: bool = False
    length: bool = False

    @property
    def vague(self) -> bool:
        """1 to 6 o’clock with nothing that tells which half of the day."""
        return self.twelve and self.minute < LATE

    @property
    def likely(self) -> int:
        return self.minute + HALF_DAY if self.vague else self.minute


def clock(line: Line, at: int) -> Clock | None:
    """The hour that begins there, or a number that could be one (which is not `marked`)."""
    if hit := line.match(at, NAMED):
        return with_quarter(line, Clock(hit[0], hit[1]))
    if hit := line.match(at, PAST):
        after = clock(line, hit[1])
        return replace(after, minute=(after.minute + hit[0]) % DAY, marked=True) if after else None
    count = counted(line, at)
    if count is None or count[0] > 24:
        return None
    said = with_minutes(line, Clock(count[0] * 60, count[1], marked=False))
    said = with_half(line, said, led=line.word(at)[:1] == "0")
    # "une", "a" and "one" are mostly articles.
    article = count[0] == 1 and line.number(at) is None and not said.marked
    return None if said.minute > DAY or article else said


def with_minutes(line: Line, hour: Clock) -> Clock:
    """14h, 14 h 30, 14:30, 2.30; a mere number stays unmarked."""
    after = line.past(hour.end, HOUR)
    if after > hour.end:
        said = replace(hour, end=after, marked=True, length=True)
        if two_digits(line, after) and minutes_end(line, after + 1):
            return replace(said, minute=said.minute + (line.number(after) or 0), end=after + 1)
        return with_quarter(line, said)
    if two_digits(line, after) and line.tight(after) in (":", "."):
        minute = hour.minute + (line.number(after) or 0)
        return replace(hour, minute=minute, end=after + 1, marked=True)
    return hour


def two_digits(line: Line, at: int) -> bool:
    """Whether the number there can be the minutes of an hour."""
    number = line.number(at)
    return number is not None and number < 60 and len(line.word(at)) == 2


def minutes_end(line: Line, end: int) -> bool:
    """Whether what ended there were minutes: "14 h 30 - 16 h", and not "14 h 30 personnes"."""
    dashed = line.glue(end) == "-" and clock(line, end)
    return bare(line, end) or bool(dashed and dashed.marked)


def with_quarter(line: Line, hour: Clock) -> Clock:
    """Midi et demi, 14 h et quart."""
    hit = line.match(hour.end, QUARTERS)
    return replace(hour, minute=(hour.minute + hit[0]) % DAY, end=hit[1]) if hit else hour


def with_half(line: Line, said: Clock, led: bool) -> Clock:
    """With am or pm, if it follows. `led`: written with a leading zero, so of 24 hours."""
    hit = line.match(said.end, HALVES)
    if hit and 60 <= said.minute < HALF_DAY + 60:
        minute = said.minute % HALF_DAY + (HALF_DAY if hit[0] == "pm" else 0)
        return Clock(minute, hit[1], half=hit[0])
    return replace(said, twelve=60 <= said.minute < HALF_DAY and not led)


def together(first: Clock, second: Clock) -> tuple[int, int]:
    """The likeliest start and end in minutes; the end lies before only where nothing else fits."""
    if second.half and first.twelve and not first.half:
        later = first.minute + HALF_DAY * (second.half == "pm")
        return later if later < second.minute else first.minute, second.minute
    for start in (first.likely, first.minute):
        for end in ends(first, second):
            if start < end:
                return start, end
    return first.likely, second.minute


def ends(first: Clock, second: Clock) -> Iterator[int]:
    """What the end may mean, the literal first: midnight closes a day here."""
    yield second.minute or DAY
    # Who says 14 h counts to 24: "de 22 h à 2 h" ends in the night.
    if second.twelve and first.minute < HALF_DAY + 60:
        yield second.minute + HALF_DAY


def night(start: int, end: int) -> bool:
    """Whether an end before its start lies in the night that follows: 22 h to 2 h, 18 h to 9 h."""
    return start >= EVENING and end <= HALF_DAY


def stretch(line: Line, at: int, first: Clock, second: Clock) -> Piece:
    """Both hours as one piece, "window", with the doubt they leave."""
    start, end = together(first, second)
    piece = Piece("window", (start, end), at, second.end)
    if night(start, end):
        return piece
    if end <= start:
        doubt = line.doubt("ends-before-it-starts", at, second.end, ("window", (start, end)))
        return replace(piece, doubt=doubt)
    if start == first.minute or second.half or first.half:
        return piece
    literal = first.minute, next(e for e in (second.minute, end) if e > first.minute)
    readings = ("window", (start, end)), ("window", literal)
    return replace(piece, doubt=line.doubt("half-of-day", at, second.end, *readings))


def window(line: Line, at: int) -> tuple[Piece, ...]:
    """Entre 9h et 18h, between 9 and 5."""
    after = line.past(at, BETWEEN)
    first = clock(line, after) if after > at else None
    joined = line.past(first.end, AND) if first else at
    second = clock(line, joined) if first and joined > first.end else None
    if first is None or second is None or not (second.marked or bare(line, second.end)):
        return ()
    return (stretch(line, at, first, second),)


def span(line: Line, at: int) -> tuple[Piece, ...]:
    """De 14h à 16h, 14h-16h, 14-16h, from 2 to 4pm: a "from" and a "to"."""
    opened = line.past(at, FROM)
    first = clock(line, opened)
    if first is None:
        return ()
    dashed = line.glue(first.end) == "-"
    joined = first.end if dashed else line.past(first.end, TO)
    second = clock(line, joined) if dashed or joined > first.end else None
    if second is None or not (second.marked or bare(line, second.end)):
        return ()
    both = stretch(line, at, first, second)
    start, end = both.value
    # An end before its start is looked at again with everything else that was said.
    doubt = both.doubt if start < end else None
    if not (first.marked or second.marked or line.word(at) in OPENS_RANGE):
        people = ("people", max(first.minute, second.minute) // 60)
        doubt = line.doubt("number", at, second.end, ("window", (start, end)), people)
    return (
        Piece("from", start, at, first.end, doubt),
        Piece("to", end, first.end, second.end),
    )


def as_start(number: int) -> tuple[Reading, ...]:
    """A mere number as the hour it could be: one reading, or none where no day has that hour."""
    if not 0 < number <= DAY // 60:
        return ()
    return (("from", Clock(number * 60, 0, twelve=number * 60 < HALF_DAY).likely),)


def one_hour(line: Line, at: int, what: str, hour: Clock) -> Piece:
    """An hour by itself, with its doubt where it could be twelve hours earlier."""
    piece = Piece(what, hour.likely, at, hour.end)
    if not hour.vague:
        return piece
    shown = "to" if what == "to" else "from"
    readings: tuple[Reading, ...] = (shown, hour.likely), (shown, hour.minute)
    return replace(piece, doubt=line.doubt("half-of-day", at, hour.end, *readings))


def limit(line: Line, at: int) -> tuple[Piece, ...]:
    """Avant 18h ("to"), à partir de 14h ("since"), après 14h ("after"), à 14h, at 8 ("at")."""
    for what, before in (("to", BEFORE), ("after", AFTER), ("since", SINCE), ("at", MOMENT)):
        after = line.past(at, before)
        hour = clock(line, after) if after > at else None
        if hour is None:
            continue
        if hour.marked or (line.word(at) in AT_HOUR and bare(line, hour.end)):
            if what == "to" and hour.minute == 0:
                hour = replace(hour, minute=DAY)
            return (for_an_hour(line, one_hour(line, at, what, hour), hour),)
    return ()


def for_an_hour(line: Line, piece: Piece, hour: Clock) -> Piece:
    """Pour 8 h: at eight, or for eight hours."""
    if line.word(piece.first) not in ("pour", "for") or not hour.length or hour.minute > HALF_DAY:
        return piece
    readings = ("from", piece.value), ("length", hour.minute)
    return replace(piece, doubt=line.doubt("length-or-hour", piece.first, piece.end, *readings))


def hour(line: Line, at: int) -> tuple[Piece, ...]:
    """14h, 2pm, 14:30 with no word before: "at"; "2h": an "hour", which may be a length."""
    said = clock(line, at)
    if said is None or not said.marked:
        return ()
    if said.length and (said.vague or said.minute == DAY):
        return (Piece("hour", said, at, said.end),)
    return (one_hour(line, at, "at", said),)
