"""Readers of places: names of venues, towns and spaces, as the network gives them."""

from collections.abc import Mapping

from booking.rules.sentence.line import COMMON, LONGEST, Line, Piece, Reading, is_letter
from booking.rules.sentence.tokens import Words
from booking.rules.sentence.words import IN, NEAR, SMALL

Found = tuple[tuple[Reading, ...], int]
"""What bears a name, and where the name ends."""


def place(line: Line, at: int) -> tuple[Piece, ...]:
    """À Aix, au Carrefour de l’innovation, near La Coque, salle Pythéas."""
    near = line.past(at, NEAR)
    start = max(near, line.past(at, IN))
    certain = start > at
    while line.word(start) in SMALL:
        start += 1
    names = line.known.names
    found = called(line, start, names, certain)
    if found is None and certain:
        found = called(line, start, line.known.beginnings, certain)
    return (pointed(line, at, found, near > at),) if found else ()


def place_begun(line: Line, at: int) -> tuple[Piece, ...]:
    """Aix, Carrefour: the beginning of a venue’s name, with no word for a place before it."""
    if line.word(at) in SMALL:
        return ()
    found = called(line, at, line.known.beginnings, certain=False)
    return (pointed(line, at, found, near=False),) if found else ()


def called(
    line: Line, at: int, names: Mapping[Words, tuple[Reading, ...]], certain: bool
) -> Found | None:
    """The longest name that begins there. One that is also a wish counts where it is `certain`."""
    words: list[str] = []
    found = None
    for position in range(at, min(at + 2 * LONGEST, len(line.tokens))):
        token = line.tokens[position]
        key = (*words, token.typed if is_letter(token) else token.word)
        if key in names and (certain or key not in COMMON):
            found = names[key], position + 1
        if token.word not in SMALL:
            words.append(token.word)
    return found


def pointed(line: Line, at: int, found: Found, near: bool) -> Piece:
    """The place as a piece. Several venues of one name are a town: near the first of them."""
    readings, end = found
    what, slug = readings[0]
    if near:
        readings = tuple(dict.fromkeys(("near", s.partition("/")[0]) for _, s in readings))
        what, slug = readings[0]
    if len(readings) == 1:
        return Piece(what, slug, at, end)
    venues = what != "space"
    if venues and not near and readings[1][0] == "venue":
        what, readings = "near", (("near", slug), *readings)
    code = "several-venues" if venues else "several-spaces"
    return Piece(what, slug, at, end, line.doubt(code, at, end, *readings))
