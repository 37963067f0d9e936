"""Readers of what is wanted and by how many people."""

from collections.abc import Mapping
from dataclasses import replace

from booking.rules.sentence.line import Line, Piece, Reading, without_small
from booking.rules.sentence.numbers import (
    DOZENS,
    EACH,
    HALVES,
    PERSON,
    UNITS,
    bare,
    counted,
)
from booking.rules.sentence.times import AND, BETWEEN
from booking.rules.sentence.tokens import Words
from booking.rules.sentence.words import NOT, PERIODS, PHRASES, THIS, TONIGHT, meanings, words

OF = words("de | d | of")
FOR = words("pour | for | à")
WE_ARE = words(
    "pour | for | nous sommes | nous serons | on est | on sera | we are | we’re | we will be"
    " | we’ll be | pour environ | for about | pour une équipe de | for a team of"
)
UP_TO = words("à | a | to | ou | or")
NAMED_PERIODS = meanings("window", PERIODS)
MOST_ALONE = 1899
"""A larger number by itself may be a year, and counts no people."""


def wish(line: Line, at: int) -> tuple[Piece, ...]:
    """Everything that stands in the tables of wishes: the longest phrase that fits."""
    hit = line.match(at, PHRASES)
    if hit is None or refused(line, at):
        return ()
    (what, values), end = hit
    readings = tuple(meant for value in values if (meant := named(line, what, value)))
    if not readings:
        return ()
    doubt = line.doubt("two-meanings", at, end, *readings) if len(readings) > 1 else None
    piece = Piece(what, readings[0][1], at, end, doubt)
    return with_machine(line, piece) if piece.value == "machine" else (piece,)


def named(line: Line, what: str, value: object) -> Reading | None:
    """The reading; a named period as its hours, None where this network has no such period."""
    if what != "window":
        return what, value
    hours = line.period(str(value))
    return (what, hours) if hours else None


def refused(line: Line, at: int) -> bool:
    """Sans écran, without a screen: whatever it means, it is no wish for it."""
    before = line.word(at - 1)
    return before in NOT or (before in ("de", "d", "a", "any") and line.word(at - 2) in NOT)


def with_machine(line: Line, piece: Piece) -> tuple[Piece, ...]:
    """Words for a sort of machine also mean the one space that bears them in its name."""
    said = without_small(tuple(token.word for token in line.tokens[piece.first : piece.end]))
    spaces = line.known.spaces_called(said)
    if not spaces or said == ("machine",):
        return (piece,)
    if len(spaces) == 1:
        return piece, replace(piece, what="space", value=spaces[0][1])
    readings: tuple[Reading, ...] = ("kind", piece.value), *spaces
    return (replace(piece, doubt=line.doubt("several-spaces", piece.first, piece.end, *readings)),)


def part_of_today(line: Line, at: int) -> tuple[Piece, ...]:
    """Ce matin, this evening, tonight: today, and that period of it."""
    after = line.past(at, THIS)
    tonight = line.past(at, TONIGHT)
    hit = line.match(after, NAMED_PERIODS) if after > at else None
    name, end = (hit[0][1][0], hit[1]) if hit else ("evening", tonight)
    hours = line.period(name)
    if hours is None or end == at:
        return ()
    return Piece("on", line.today, at, end), Piece("window", hours, at, end)


def people(line: Line, at: int) -> tuple[Piece, ...]:
    """8 personnes, pour 8 à 10 personnes, une dizaine, two people, 3 postes."""
    ranged = line.past(at, BETWEEN)
    start = max(line.past(at, FOR), ranged)
    dozen = line.match(start, DOZENS)
    count = dozen or counted(line, start)
    if count is None or not count[0]:
        return ()
    most, end = up_to(line, count[1], AND if ranged > at else UP_TO) or count
    counts = line.past(end, OF) if dozen else end
    if line.past(end, HALVES) > end or line.past(counts, UNITS) > counts:
        return ()
    after = line.past(counts, PERSON)
    each = line.past(end, EACH) > end and (most > 1 or line.number(start) is not None)
    if after > counts or dozen or each:
        return (crowd(line, at, after if after > counts else end, (count[0], most)),)
    return ()


def up_to(line: Line, at: int, joins: Mapping[Words, bool]) -> tuple[int, int] | None:
    """The second number of "8 à 10", "8-10", behind a dash or one of the words that join."""
    dashed = line.glue(at) == "-"
    after = at if dashed else line.past(at, joins)
    return counted(line, after) if dashed or after > at else None


def crowd(line: Line, at: int, end: int, sizes: tuple[int, int]) -> Piece:
    """So many people; of two numbers the larger, which a space has to hold, with a doubt."""
    least, most = sorted(sizes)
    piece = Piece("people", most, at, end)
    if least == most:
        return piece
    doubt = line.doubt("from-to-people", at, end, ("people", most), ("people", least))
    return replace(piece, doubt=doubt)


def people_without_word(line: Line, at: int) -> tuple[Piece, ...]:
    """Pour 8, for 8, nous sommes 12; à huit; à 8 is a "number", since it may be an hour."""
    after = line.past(at, WE_ARE)
    start = after if after > at else at + 1
    count = counted(line, start)
    if count is None or not count[0] or not bare(line, count[1]):
        return ()
    number, end = count
    in_digits = line.number(start) is not None
    # "pour un atelier", "for a meeting": an article counts nobody.
    if (number == 1 and not in_digits) or (after == at and line.word(at) != "a"):
        return ()
    return (Piece("number" if after == at and in_digits else "people", number, at, end),)


def number(line: Line, at: int) -> tuple[Piece, ...]:
    """A number that nobody else took: what it counts is settled by what the others leave open."""
    # The 2 of "B2B" counts nothing.
    inside = at and line.tokens[at - 1].end == line.tokens[at].start
    count = counted(line, at) if line.number(at) is not None and not inside else None
    if count is None or not 0 < count[0] <= MOST_ALONE or not bare(line, count[1]):
        return ()
    return (Piece("number", count[0], at, count[1]),)
