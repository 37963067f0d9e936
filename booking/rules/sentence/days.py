"""Readers of one day, as seen from the day the sentence is said.

A date without its year is the next such date, today included. A weekday is the next one; said on
that very weekday it is in a week, with a doubt, because who means today has a word for it. What
is in no calendar (31 February) is nobody’s day: a doubt says so, no other date is made of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from booking.rules.sentence.line import Line, Piece
from booking.rules.sentence.needs import people
from booking.rules.sentence.numbers import MONTHS, ORDINAL, bare, counted
from booking.rules.sentence.times import as_start
from booking.rules.sentence.words import table, words

WEEKDAYS = table(
    {
        0: "lundi | monday",
        1: "mardi | tuesday | tue | tues",
        2: "mercredi | wednesday | wed",
        3: "jeudi | thursday | thu | thur | thurs",
        4: "vendredi | friday | fri",
        5: "samedi | saturday | sat",
        6: "dimanche | sunday | sun",
    }
)
SHORT = table({0: "lun | mon", 1: "mar", 2: "mer", 3: "jeu", 4: "ven", 5: "sam", 6: "dim"})
"""Words of their own in another sense: weekdays only before a date."""
RELATIVE = table(
    {
        -2: "avant-hier",
        -1: "hier | yesterday",
        0: "aujourd’hui | aujourdhui | today | maintenant | now | tout de suite",
        1: "demain | tomorrow",
        2: "après-demain | day after tomorrow | the day after tomorrow",
    }
)
FRENCH_MONTHS = words(
    "janvier | février | mars | avril | mai | juin | juillet | août | septembre | octobre"
    " | novembre | décembre"
)
THIS_OR_NEXT = words("ce | this | next")
NEXT = words("prochain | qui vient")
IN_EIGHT = words("en huit | en 8")
AHEAD = words("dans | in")
STEPS = table({1: "jour | day | days", 7: "semaine | week"})
OF = words("of | de")
THE = words("le | the")
ENGLISH_ORDINAL = words("st | nd | rd | th")

FAR = timedelta(days=330)
"""A date without its year that is so far away was perhaps meant for a day just over."""
LEAPS = 9
"""29 February comes again within so many years."""
SOON = 62
"""For so many days ahead "jeudi 4" is looked for in the calendar."""
MOST_AHEAD = 3660
MonthDay = tuple[int, int]


def plus(day: date, days: int) -> date:
    """So many days later; the calendar’s last or first day where it ends before."""
    return date.fromordinal(min(max(1, day.toordinal() + days), date.max.toordinal()))


def monday(day: date) -> date:
    """The first day of its week."""
    return plus(day, -day.weekday())


def made(year: int, month: int, day: int) -> date | None:
    """The date, if it is one."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def coming(today: date, month: int, day: int) -> date | None:
    """The next such date, today included; None if no year has it."""
    years = range(today.year, today.year + LEAPS)
    return next((on for y in years if (on := made(y, month, day)) and on >= today), None)


def coming_day(today: date, day: int) -> date | None:
    """The next such day of a month, today included: after the 4th, the 4th of next month."""
    months = range(today.year * 12 + today.month - 1, today.year * 12 + today.month + 12)
    days = (made(n // 12, n % 12 + 1, day) for n in months)
    return next((on for on in days if on and on >= today), None)


def coming_weekday(today: date, day: int) -> date:
    """One to seven days ahead."""
    return plus(today, (day - today.weekday() - 1) % 7 + 1)


def nothing(line: Line, first: int, end: int) -> Piece:
    """Words for a day that no calendar has."""
    return Piece("", None, first, end, line.doubt("no-such-day", first, end))


def dated(line: Line, first: int, end: int, said: MonthDay, year: int | None) -> Piece:
    """The (month, day), with a doubt if it is over, far away or in no calendar."""
    on = coming(line.today, *said) if year is None else made(year, *said)
    if on is None:
        return nothing(line, first, end)
    code = "past" if on < line.today else "far" if year is None and on - line.today > FAR else ""
    return Piece("on", on, first, end, line.doubt(code, first, end, ("on", on)) if code else None)


def year_after(line: Line, end: int) -> tuple[int | None, int]:
    """The year, if one follows, and where it ends."""
    year = line.number(end)
    if not year or len(line.word(end)) != 4 or not bare(line, end + 1):
        return None, end
    return year, end + 1


def short(line: Line, at: int) -> int | None:
    """A number of one or two digits, as days and months have."""
    return line.number(at) if len(line.word(at)) <= 2 else None


def iso(line: Line, at: int) -> Piece | None:
    """2027-03-04."""
    year, month, day = line.number(at), short(line, at + 1), short(line, at + 2)
    if year is None or month is None or day is None or len(line.word(at)) != 4:
        return None
    if (line.glue(at + 1), line.glue(at + 2)) not in (("-", "-"), ("/", "/")):
        return None
    return dated(line, at, at + 3, (month, day), year)


def numeric(line: Line, at: int) -> Piece | None:
    """4/3, 04/03/2027, 4.3.27: the day first, with a doubt where the month may come first."""
    day, month, sign = short(line, at), short(line, at + 1), line.glue(at + 1)
    year, end = numeric_year(line, at + 2, sign)
    if day is None or month is None or sign not in ("/", ".", "-"):
        return None
    if year is None and (sign != "/" or line.glue(end) == "/"):
        return None
    orders = dict.fromkeys([(month, day), (day, month)])
    pieces = [dated(line, at, end, said, year) for said in orders]
    found = [piece for piece in pieces if piece.what]
    if len(found) < 2 or line.english < 0:
        return found[0] if found else pieces[0]
    readings = [("on", piece.value) for piece in found]
    return replace(found[0], doubt=line.doubt("day-or-month", at, end, *readings))


def numeric_year(line: Line, at: int, sign: str) -> tuple[int | None, int]:
    """The year behind the same sign, of two digits or four, and where it ends."""
    year, digits = line.number(at), len(line.word(at))
    if not year or line.glue(at) != sign or digits not in (2, 4):
        return None, at
    return year + 2000 * (digits == 2), at + 1


def day_month(line: Line, at: int) -> Piece | None:
    """4 mars, 1er mars 2027, 4th of March."""
    day = short(line, at)
    month = line.match(line.past(line.past(at + 1, ORDINAL), OF), MONTHS)
    if day is None or month is None:
        return None
    year, end = year_after(line, month[1])
    return dated(line, at, end, (month[0], day), year)


def month_day(line: Line, at: int) -> Piece | None:
    """March 4, March the 4th, 2027. In French the day comes first."""
    month = line.match(at, MONTHS)
    if month is None or line.match(at, FRENCH_MONTHS):
        return None
    at_day = line.past(month[1], THE)
    day, end = short(line, at_day), line.past(at_day + 1, ENGLISH_ORDINAL)
    # "March 2-5" is two days; "March 2-5pm" may be anything.
    dashed = line.glue(end) == "-" and line.number(end) is not None and bare(line, end + 1)
    if day is None or not (dashed or bare(line, end)):
        return None
    year, end = year_after(line, end)
    return dated(line, at, end, (month[0], day), year)


def day_of_month(line: Line, at: int) -> Piece | None:
    """Le 4, the 4th: the next one."""
    at_day = line.past(at, THE)
    day, end = short(line, at_day), line.past(at_day + 1, ORDINAL)
    in_english = line.past(at_day + 1, ENGLISH_ORDINAL) > at_day + 1
    if day is None or not bare(line, end) or not (in_english or line.word(at) == "le"):
        return None
    if line.match(line.past(end, OF), MONTHS):
        return None
    on = coming_day(line.today, day)
    return Piece("on", on, at, end) if on else nothing(line, at, end)


def weekday(line: Line, at: int) -> Piece | None:
    """Jeudi, ce jeudi, jeudi prochain, next Thursday, jeudi en huit: a "weekday" with its date."""
    start = line.past(at, THIS_OR_NEXT)
    hit = line.match(start, WEEKDAYS)
    if hit is None:
        return None
    on = coming_weekday(line.today, hit[0])
    in_a_week = on.weekday() == line.today.weekday()
    plain = Piece("weekday", on, at, hit[1])
    if (end := line.past(hit[1], IN_EIGHT)) > hit[1]:
        return replace(plain, value=plus(on, 0 if in_a_week else 7), end=end)
    if (end := line.past(hit[1], NEXT)) > hit[1] or line.word(at) == "next":
        return next_one(line, replace(plain, end=end))
    if start > at:
        return replace(plain, value=line.today) if in_a_week else plain
    readings = ("on", on), ("on", line.today)
    doubt = line.doubt("today-or-in-a-week", at, hit[1], *readings) if in_a_week else None
    return replace(plain, doubt=doubt)


def next_one(line: Line, piece: Piece) -> Piece:
    """Said on Monday, next Thursday is in three days for some, and in ten for others."""
    near, far = piece.value, plus(piece.value, 7)
    if monday(near) != monday(line.today):
        return piece
    first, other = (far, near) if line.word(piece.first) == "next" else (near, far)
    readings = ("on", first), ("on", other)
    doubt = line.doubt("this-week-or-next", piece.first, piece.end, *readings)
    return replace(piece, value=first, doubt=doubt)


def weekday_dated(line: Line, at: int) -> Piece | None:
    """Jeudi 4 mars, Thursday the 4th, jeudi 4: one day, which had better be that weekday."""
    hit = line.match(at, {**SHORT, **WEEKDAYS})
    if hit is None:
        return None
    after = line.past(hit[1], THE)
    for reader in (iso, numeric, day_month, month_day):
        if piece := reader(line, after):
            return agreeing(line, replace(piece, first=at), hit[0])
    return weekday_number(line, at, after, hit[0]) if line.match(at, WEEKDAYS) else None


def weekday_number(line: Line, at: int, after: int, day: int) -> Piece | None:
    """Jeudi 4, where a Thursday the 4th is near; the number may also be an hour."""
    number, end = short(line, after), line.past(after + 1, ORDINAL)
    if number is None or not bare(line, end) or people(line, after):
        return None
    days = (plus(line.today, n) for n in range(SOON))
    on = next((d for d in days if (d.day, d.weekday()) == (number, day)), None)
    if on is None:
        return None
    piece = Piece("on", on, at, end)
    if number > 24 or end > after + 1 or line.word(after - 1) in ("le", "the"):
        return piece
    readings = ("on", on), *as_start(number), ("people", number)
    doubt = line.doubt("number", at, end, *readings)
    return replace(piece, doubt=doubt)


def agreeing(line: Line, piece: Piece, day: int) -> Piece:
    """The date; with a doubt if it falls on another weekday than was said."""
    if not piece.what or piece.value.weekday() == day:
        return piece
    readings = ("on", piece.value), ("on", coming_weekday(line.today, day))
    return replace(piece, doubt=line.doubt("other-weekday", piece.first, piece.end, *readings))


def relative(line: Line, at: int) -> Piece | None:
    """Demain, today, dans 3 jours."""
    if hit := line.match(at, RELATIVE):
        on = plus(line.today, hit[0])
        doubt = line.doubt("past", at, hit[1], ("on", on)) if hit[0] < 0 else None
        return Piece("on", on, at, hit[1], doubt)
    after = line.past(at, AHEAD)
    count = counted(line, after) if after > at else None
    step = line.match(count[1], STEPS) if count else None
    if count is None or step is None or count[0] * step[0] > MOST_AHEAD:
        return None
    return Piece("on", plus(line.today, count[0] * step[0]), at, step[1])


DAYS: tuple[Callable[[Line, int], Piece | None], ...] = (
    iso,
    numeric,
    weekday_dated,
    day_month,
    month_day,
    weekday,
    relative,
    day_of_month,
)


def one_day(line: Line, at: int) -> Piece | None:
    """One day, however it is said: "on", or "weekday" where only its weekday was said."""
    return next((piece for reader in DAYS if (piece := reader(line, at))), None)


def day(line: Line, at: int) -> tuple[Piece, ...]:
    """A reader: one day."""
    piece = one_day(line, at)
    return (piece,) if piece else ()
