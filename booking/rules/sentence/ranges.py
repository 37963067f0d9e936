"""Readers of several days: weeks, week-ends, months, and from one day to another.

Each gives "days": (first, last), both included, and never a day before today where the words
name the current week or month.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from booking.rules.sentence.days import (
    RELATIVE,
    THE,
    WEEKDAYS,
    coming_day,
    day_month,
    made,
    monday,
    nothing,
    one_day,
    plus,
    short,
    year_after,
)
from booking.rules.sentence.line import Doubt, Line, Piece
from booking.rules.sentence.numbers import DAY, MONTHS, ORDINAL, bare
from booking.rules.sentence.times import HALF_DAY, MOMENT, Clock, clock, one_hour
from booking.rules.sentence.words import table, words

WEEKS = table({0: "cette semaine | this week", 7: "semaine prochaine | next week"})
WEEKENDS = table(
    {
        0: "week-end | weekend | ce week-end | this weekend",
        7: "week-end prochain | weekend prochain | next weekend",
    }
)
WEEK = words("semaine | week")
WEEK_OF = table({0: "semaine du | week of", 5: "week-end du | weekend du | weekend of"})
PARTS_OF_MONTH = table(
    {
        (1, 31): "en | in | courant",
        (1, 10): "début | early | at the beginning of | beginning of",
        (11, 20): "mi | mid | milieu | à la mi",
        (21, 31): "fin | late | at the end of | end of",
    }
)

OPENS = words("du | de | d | from | entre | between")
BETWEEN = words("entre | between")
AND = words("et | and")
OR = words("ou | or | et | and")
TO = words("au | à | a | to | until | through | jusqu’au | jusqu’à")
TO_NUMBER = words("au | to | until | through | jusqu’au")
"""Before a number that can only be a day; "à 8" can be much else."""
OPEN_ENDED = table(
    {
        "before": "avant | before",
        "by": "d’ici | d’ici à | by | until | till | jusqu’à | jusqu’au",
        "since": "à partir de | à partir du | dès | à compter de | à compter du | from | starting",
        "after": "après | after",
    }
)
LONG = 92
"""Two days farther apart were hardly meant to be one search: a doubt says so."""


def days(line: Line, at: int) -> tuple[Piece, ...]:
    """A reader: several days, however they are said."""
    if found := stay(line, at):
        return found
    readers = (from_day_to_day, from_number_to_day, from_number_to_number)
    for reader in (week_of, week, numbered_week, weekend, month, *readers, open_ended):
        if piece := reader(line, at):
            return (piece,)
    return ()


def week(line: Line, at: int) -> Piece | None:
    """Cette semaine, next week: Monday to Sunday."""
    hit = line.match(at, WEEKS)
    return rest(line, at, hit[1], plus(monday(line.today), hit[0])) if hit else None


def rest(line: Line, at: int, end: int, first: date) -> Piece:
    """What is left of the week that begins with `first`."""
    return Piece("days", (max(line.today, first), plus(first, 6)), at, end)


def numbered_week(line: Line, at: int) -> Piece | None:
    """Semaine 53: the next week that bears this number (ISO 8601), this or next year’s."""
    after = line.past(at, WEEK)
    number = short(line, after)
    if after == at or number is None or not bare(line, after + 1):
        return None
    year = line.today.isocalendar().year
    firsts = (week_number(y, number) for y in (year, year + 1))
    first = next((d for d in firsts if d and plus(d, 6) >= line.today), None)
    return rest(line, at, after + 1, first) if first else nothing(line, at, after + 1)


def week_number(year: int, number: int) -> date | None:
    """Its Monday. Not every year has a week 53, and the last year ends within one."""
    try:
        return date.fromisocalendar(year, number, 1)
    except ValueError:
        return None


def week_of(line: Line, at: int) -> Piece | None:
    """La semaine du 8 mars, the weekend of March 6."""
    hit = line.match(at, WEEK_OF)
    piece = day_at(line, hit[1]) if hit else None
    if hit is None or piece is None or not piece.what:
        return piece
    from_day = hit[0]

    def days_of(on: date) -> tuple[date, date]:
        return plus(monday(on), from_day), plus(monday(on), 6)

    return Piece("days", days_of(piece.value), at, piece.end, as_days(piece.doubt, days_of))


def weekend(line: Line, at: int) -> Piece | None:
    """Saturday and Sunday; "prochain" is this one for some and the one after for others."""
    hit = line.match(at, WEEKENDS)
    if hit is None:
        return None
    saturday = plus(monday(line.today), 5)
    here, later = ((max(line.today, plus(saturday, n)), plus(saturday, n + 1)) for n in (0, 7))
    if not hit[0]:
        return Piece("days", here, at, hit[1])
    if line.today >= saturday:
        return Piece("days", later, at, hit[1])
    first, other = (later, here) if line.word(at) == "next" else (here, later)
    readings = ("days", first), ("days", other)
    return Piece("days", first, at, hit[1], line.doubt("this-week-or-next", at, hit[1], *readings))


def month(line: Line, at: int) -> Piece | None:
    """En mars, in March 2027, début mars: the month or a third of it, or what is left of that."""
    part = line.match(at, PARTS_OF_MONTH)
    hit = line.match(part[1], MONTHS) if part else None
    if part is None or hit is None:
        return None
    year, end = year_after(line, hit[1])
    years = (year,) if year else (line.today.year, line.today.year + 1)
    spans = [span for y in years if (span := month_part(y, hit[0], part[0]))]
    first, last = next((s for s in spans if s[1] >= line.today), spans[0])
    if last < line.today:
        days = ("days", (first, last))
        return Piece(*days, at, end, line.doubt("past", at, end, days))
    return Piece("days", (max(line.today, first), last), at, end)


def month_part(year: int, month: int, part: tuple[int, int]) -> tuple[date, date] | None:
    """From the first of these days of the month to the last that it has."""
    first = made(year, month, part[0])
    days = (made(year, month, day) for day in range(part[1], part[0], -1))
    last = next((on for on in days if on), None)
    return (first, last) if first and last else None


def joined(line: Line, at: int, end: int) -> int | None:
    """Where the second day begins, if a word or a dash joins one to what ended there."""
    if line.glue(end) == "-":
        return end
    opened = line.past(at, BETWEEN) > at
    after = line.past(end, AND if opened else TO)
    return after if after > end else None


def day_at(line: Line, at: int) -> Piece | None:
    """One day, with or without its article."""
    return one_day(line, at) or one_day(line, line.past(at, THE))


def open_ended(line: Line, at: int) -> Piece | None:
    """Avant vendredi, d’ici lundi, by Friday: from today on; à partir de mardi: for a week."""
    hit = line.match(at, OPEN_ENDED)
    piece = day_at(line, hit[1]) if hit and not line.match(at, RELATIVE) else None
    if hit is None or piece is None or not piece.what:
        return piece
    first, last = stretch_of(hit[0], line.today, piece.value)
    if last < first:
        return Piece("", None, at, piece.end, line.doubt("past", at, piece.end))
    days = ("days", (first, last))
    doubt = as_days(piece.doubt, lambda on: stretch_of(hit[0], line.today, on))
    if first > line.today:
        doubt = line.doubt("open-ended", at, piece.end, days)
    return Piece(*days, at, piece.end, doubt)


def stretch_of(how: str, today: date, day: date) -> tuple[date, date]:
    """From today to the day, or a week from the day on; the last may lie before the first."""
    if how in ("before", "by"):
        return today, plus(day, -1) if how == "before" else day
    first = day if how == "since" else plus(day, 1)
    return first, plus(first, 6)


def as_days(doubt: Doubt | None, span: Callable[[date], tuple[date, date]]) -> Doubt | None:
    """The doubt about one day as one about several: each of its readings gives its own span."""
    days = [span(on) for what, on in doubt.readings if what == "on"] if doubt else []
    readings = tuple(("days", (first, last)) for first, last in days if first <= last)
    return replace(doubt, readings=readings) if doubt else None


def stay(line: Line, at: int) -> tuple[Piece, ...]:
    """Du 3 mars 14h au 5 mars 16h, from 3 March 2pm to 5 March at 4pm: "days", "from" and "to"."""
    first = day_at(line, line.past(at, OPENS))
    opens = hour_at(line, first.end) if first and first.what else None
    start = joined(line, at, opens.end) if opens else None
    if first is None or opens is None or start is None or line.past(at, BETWEEN) > at:
        return ()
    second = day_at(replace(line, today=first.value), start)
    closes = hour_at(line, second.end) if second and second.what else None
    if second is None or closes is None or second.value <= first.value:
        return ()
    span = replace(second, end=closes.end)
    days = between(line, replace(first, first=at), span)
    begins = one_hour(line, first.end, "from", opens)
    # Who says 14 h counts to 24; midnight closes a day here.
    literal = opens.minute >= HALF_DAY + 60 or not closes.minute
    ends = one_hour(line, second.end, "to", closes)
    if literal:
        ends = replace(ends, value=closes.minute or DAY, doubt=None)
    return days, begins, replace(ends, whole=True)


def hour_at(line: Line, at: int) -> Clock | None:
    """The hour that stands beside a day, with or without the word before it."""
    said = clock(line, line.past(at, MOMENT))
    return said if said and said.marked else None


def from_day_to_day(line: Line, at: int) -> Piece | None:
    """Du lundi au jeudi, entre lundi et jeudi, du 28 février au 3 mars, March 2 to 5."""
    first = day_at(line, line.past(at, OPENS))
    start = joined(line, at, first.end) if first else None
    if first is None or start is None or not first.what:
        return None
    # The second day is the next one as seen from the first.
    second = day_at(replace(line, today=first.value), start) or same_month(line, first)
    if second is None:
        return None
    if not second.what:
        return replace(second, first=at)
    found = between(line, replace(first, first=at), second)
    return replace(found, whole=found.whole and line.past(at, BETWEEN) == at)


def same_month(line: Line, first: Piece) -> Piece | None:
    """A mere number behind a date: March 2 to 5."""
    dash = line.glue(first.end) == "-"
    at = first.end if dash else line.past(first.end, TO_NUMBER)
    day, end = short(line, at), line.past(at + 1, ORDINAL)
    dated = any(line.match(n, MONTHS) for n in range(first.first, first.end))
    if not dated or (at == first.end and not dash) or day is None or not bare(line, end):
        return None
    on = made(first.value.year, first.value.month, day)
    return Piece("on", on, at, end) if on else nothing(line, first.first, end)


def between(line: Line, first: Piece, second: Piece) -> Piece:
    """Both days and those between; with the doubt of the first, or of an odd pair."""
    start, last = first.value, second.value
    at, end = first.first, second.end
    if last < start:
        early = line.doubt("ends-before-it-starts", at, end, ("on", start), ("on", last))
        return Piece("on", start, at, end, early)
    days = ("days", (start, last))
    code = "past" if start < line.today else "far" if last > plus(start, LONG) else ""
    odd = line.doubt(code, at, end, days) if code else None
    doubt = odd or as_days(first.doubt, lambda on: (on, last))
    return Piece(*days, at, end, doubt, whole=last > start)


def from_number_to_day(line: Line, at: int) -> Piece | None:
    """Du 2 au 5 mars, 2-5 March, entre le 2 et le 5 mars, le 4 ou le 5 mars."""
    start = after_weekday(line, line.past(at, OPENS))
    number, end = short(line, start), line.past(start + 1, ORDINAL)
    ranged = joined(line, at, end)
    after = line.past(end, OR) if ranged is None else ranged
    second = day_month(line, after_weekday(line, after)) if after > end or ranged else None
    if number is None or second is None:
        return None
    if not second.what:
        return replace(second, first=at)
    on = day_before(second.value, number, back=ranged is not None)
    if on is None:
        return nothing(line, at, second.end)
    if ranged is None and plus(on, 1) != second.value:
        doubt = line.doubt("several", at, second.end, ("on", on), ("on", second.value))
        return Piece("on", on, at, second.end, doubt)
    found = between(line, Piece("on", on, at, end), second)
    return replace(found, whole=ranged is not None and line.past(at, BETWEEN) == at)


def after_weekday(line: Line, at: int) -> int:
    """Behind the article and the weekday that may stand before a date."""
    return line.past(line.past(line.past(at, THE), WEEKDAYS), THE)


def day_before(last: date, day: int, back: bool) -> date | None:
    """The day of that number in the month of `last`, or in the month before, if that is earlier."""
    if back and day > last.day:
        last = plus(last, -last.day)
    return made(last.year, last.month, day)


def from_number_to_number(line: Line, at: int) -> Piece | None:
    """Du 4 au 8, without a month: the next ones."""
    first, second = short(line, at + 1), short(line, at + 3)
    if (line.word(at), line.word(at + 2)) != ("du", "au") or first is None or second is None:
        return None
    start = coming_day(line.today, first)
    last = coming_day(start, second) if start else None
    if start is None or last is None or not bare(line, at + 4):
        return None
    return between(line, Piece("on", start, at, at + 2), Piece("on", last, at + 3, at + 4))
