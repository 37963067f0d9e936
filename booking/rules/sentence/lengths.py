"""Readers of how long, in minutes."""

from booking.rules.sentence.line import Line, Piece
from booking.rules.sentence.numbers import DAY, UNITS, bare, counted
from booking.rules.sentence.times import LATE, two_digits
from booking.rules.sentence.words import table, words

MOST = 366 * DAY
"""Longer stretches are no reservation."""

LENGTHS = table(
    {
        15: "un quart d’heure | quart d’heure | quarter of an hour | a quarter of an hour",
        30: "une demi-heure | demi-heure | 1/2 heure | half an hour | half hour | a half hour",
        45: "trois quarts d’heure | three quarters of an hour",
        60: "an hour | une heure",
        90: "une heure et demie | an hour and a half | one hour and a half",
    }
)
AND_A_HALF = words("et demie | et demi | and a half")
ENGLISH_HOUR = words("hour | hr | hrs")

AHEAD = words("dans | in")
DURING = words(
    "pendant | durant | during | sur | durée | une durée de | d’une durée de | durée de | lasting"
)
DURING_OR_AT = words("pour | for | de | d")
"""Before a short stretch they say how long ("de 2 h"), before a late hour when ("pour 14 h")."""


def length(line: Line, at: int) -> tuple[Piece, ...]:
    """Pendant 2h, for two hours, de 2h, 30 min, une demi-heure, 2,5 heures, 3 jours."""
    after = line.past(at, DURING)
    unsure = line.past(at, DURING_OR_AT)
    start = max(after, unsure)
    found = duration(line, start)
    if found is None or not 0 < found[0] <= MOST:
        return ()
    minutes, end, certain = found
    if certain or after > at or (unsure > at and minutes < LATE) or minutes >= DAY:
        return (Piece("length", minutes, at, end),)
    return ()


def duration(line: Line, at: int) -> tuple[int, int, bool] | None:
    """Minutes, where they end, and whether they are certainly no hour of the day."""
    if hit := line.match(at, LENGTHS):
        return hit[0], hit[1], True
    amount = decimal(line, at) or counted(line, at)
    unit = line.match(amount[1], UNITS) if amount else None
    # One day is the named period, which the venue’s own hours bound.
    if amount is None or unit is None or (amount[0], unit[0]) == (1, DAY):
        return None
    minutes, end = int(amount[0] * unit[0]), unit[1]
    if unit[0] != 60:
        return minutes, end, True
    more, after = minutes_after(line, end)
    in_english = line.past(amount[1], ENGLISH_HOUR) > amount[1]
    return minutes + more, after, in_english or minutes % 60 > 0


def decimal(line: Line, at: int) -> tuple[float, int] | None:
    """2,5 or 2.5: one digit behind the sign, no space around it."""
    whole, tenths = line.number(at), line.number(at + 1)
    if whole is None or tenths is None or tenths > 9 or line.tight(at + 1) not in (".", ","):
        return None
    return whole + tenths / 10, at + 2


def minutes_after(line: Line, end: int) -> tuple[int, int]:
    """What follows the hours of a length: 30, 30 min, et demie; and where it ends."""
    half = line.past(end, AND_A_HALF)
    if half > end:
        return 30, half
    number = line.number(end)
    if number is None or not two_digits(line, end):
        return 0, end
    unit = line.match(end + 1, UNITS)
    if unit and unit[0] == 1:
        return number, unit[1]
    return (number, end + 1) if bare(line, end + 1) else (0, end)


def soon(line: Line, at: int) -> tuple[Piece, ...]:
    """Dans 2 heures, in half an hour: nobody can tell, because a sentence has no clock."""
    after = line.past(at, AHEAD)
    found = duration(line, after) if after > at else None
    if found is None:
        return ()
    return (Piece("", None, at, found[1], line.doubt("from-now", at, found[1])),)
