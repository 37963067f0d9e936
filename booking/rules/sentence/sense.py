"""Making one sense of what was read: every word its role, every question one answer.

Each step takes the pieces in the order of the sentence and gives them back so. A piece that finds
no role loses its meaning (`what` is empty); a doubt says what stands against it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from booking.rules.sentence.line import Line, Piece, Reading
from booking.rules.sentence.numbers import DAY
from booking.rules.sentence.times import LATE, as_start, night

STARTS = ("at", "since", "after", "from")
"""Kinds of start: at 14 h sharp; from 14 h on; after 14 h; from 14 h to the hour that follows."""
SINGLE = ("kind", "layout", "people", "window", "from", "to", "length", "venue", "space")
"""Questions with one answer. Features and days may be several; "near" also answers "venue"."""

Step = Callable[[Line, list[Piece]], list[Piece]]


def asks(piece: Piece) -> str:
    """The question a piece answers."""
    return {**dict.fromkeys(STARTS, "from"), "near": "venue"}.get(piece.what, piece.what)


def of(pieces: list[Piece], *whats: str) -> list[Piece]:
    """The pieces of these kinds, in order."""
    return [piece for piece in pieces if piece.what in whats]


def shown(piece: Piece) -> Reading:
    """A piece as the reading of a doubt."""
    what = {**dict.fromkeys(STARTS, "from"), "weekday": "on"}.get(piece.what, piece.what)
    return what, piece.value


def dropped(line: Line, piece: Piece, code: str, *readings: Reading) -> Piece:
    """The piece without its meaning, and why."""
    return replace(
        piece, what="", value=None, doubt=line.doubt(code, piece.first, piece.end, *readings)
    )


def agreed(line: Line, pieces: list[Piece]) -> list[Piece]:
    """What two words say together is no doubt: a desk in a coworking, a half-day in the morning."""
    return [agreed_one(piece, pieces) for piece in pieces]


AGREEING = ("two-meanings", "several-spaces", "several-venues")
"""Doubts that another word may settle."""


def agreed_one(piece: Piece, pieces: list[Piece]) -> Piece:
    """The piece with the one of its readings that another piece says too, if there is one."""
    doubt = piece.doubt
    if doubt is None or doubt.code not in AGREEING:
        return piece
    for other in pieces:
        said = other is not piece and other.doubt is None and (other.what, other.value)
        if said and said in doubt.readings and other.what == piece.what:
            return replace(piece, value=other.value, doubt=None)
    venues = [other.value for other in of(pieces, "venue")]
    there = [venue for venue in venues if ("venue", venue) in doubt.readings]
    if piece.what == "near" and there:
        return replace(piece, what="venue", value=there[0], doubt=None)
    inside = [r for r in doubt.readings if str(r[1]).partition("/")[0] in venues]
    if piece.what == "space" and len(inside) == 1:
        return replace(piece, value=inside[0][1], doubt=None)
    return piece


def hours_placed(line: Line, pieces: list[Piece]) -> list[Piece]:
    """A mere "2h" says how long, unless that is said already; then it says when."""
    settled: list[Piece] = []
    fixed = bool(of(pieces, *STARTS, "to", "window"))
    measured = bool(of(pieces, "length"))
    for piece in pieces:
        if piece.what == "hour":
            piece = hour_placed(line, piece, fixed, measured)
            measured = measured or piece.what == "length"
        settled.append(piece)
    return settled


def hour_placed(line: Line, piece: Piece, fixed: bool, measured: bool) -> Piece:
    """The piece as a length or a start. fixed: a start or end is said; measured: a length is."""
    said = piece.value
    length, start = ("length", said.minute), ("from", said.likely)
    if measured and fixed:
        return dropped(line, piece, "several")
    if measured:
        doubt = line.doubt("half-of-day", piece.first, piece.end, start, ("from", said.minute))
        return replace(piece, what="at", value=said.likely, doubt=doubt)
    doubt = line.doubt("length-or-hour", piece.first, piece.end, length, start)
    return replace(piece, what="length", value=said.minute, doubt=None if fixed else doubt)


def numbers_placed(line: Line, pieces: list[Piece]) -> list[Piece]:
    """A number nobody took: people, if nothing else says how many; else the hour, if none is."""
    settled: list[Piece] = []
    counted, timed = bool(of(pieces, "people")), bool(of(pieces, *STARTS, "window"))
    for piece in pieces:
        if piece.what == "number":
            piece = number_placed(line, piece, counted, timed)
            counted, timed = counted or piece.what == "people", timed or piece.what == "at"
        settled.append(piece)
    return settled


def number_placed(line: Line, piece: Piece, counted: bool, timed: bool) -> Piece:
    """The number as people or as an hour. counted, timed: something else says how many, when."""
    people, hours = ("people", piece.value), () if timed else as_start(piece.value)
    behind_a = line.word(piece.first) == "a"
    if not counted:
        # "à 8, de 14 h à 16 h" leaves nothing open.
        sure = timed and behind_a
        doubt = line.doubt("number", piece.first, piece.end, people, *hours)
        return replace(piece, what="people", doubt=None if sure else doubt)
    if hours and (behind_a or piece.value * 60 >= LATE):
        doubt = line.doubt("number", piece.first, piece.end, *hours, people)
        return replace(piece, what="at", value=hours[0][1], doubt=doubt)
    return replace(piece, what="", value=None)


def ends_found(line: Line, pieces: list[Piece]) -> list[Piece]:
    """Two hours side by side, "14h 16h": the second is the end."""
    settled: list[Piece] = []
    for piece in pieces:
        last = settled[-1] if settled else None
        beside = last and last.what == "at" == piece.what and last.end == piece.first
        if last and beside and last.value < piece.value and not of(pieces, "to"):
            settled[-1], piece = replace(last, what="from"), as_end(piece, last.value)
        settled.append(piece)
    return settled


def as_end(piece: Piece, start: int) -> Piece:
    """The start as an end; what its doubt reads as an hour before `start` is none."""
    readings = piece.doubt.readings if piece.doubt else ()
    later = tuple(("to", minute) for _, minute in readings if minute > start)
    doubt = replace(piece.doubt, readings=later) if piece.doubt and len(later) > 1 else None
    return replace(piece, what="to", doubt=doubt)


def one_each(line: Line, pieces: list[Piece]) -> list[Piece]:
    """The first answer to each question; another one is dropped, with a doubt that shows both."""
    first: dict[str, Piece] = {}
    settled = []
    for piece in pieces:
        question = asks(piece)
        kept = first.setdefault(question, piece) if question in SINGLE else piece
        if kept.value != piece.value:
            piece = dropped(line, piece, "several", shown(kept), shown(piece))
        elif kept is not piece:
            piece = replace(piece, doubt=None)
        settled.append(piece)
    return settled


def days_placed(line: Line, pieces: list[Piece]) -> list[Piece]:
    """Weekdays choose within a week or a month; a date says more than the weekday beside it."""
    if of(pieces, "days"):
        return [beside_range(line, piece, of(pieces, "days")[0]) for piece in pieces]
    dates = list(dict.fromkeys(piece.value for piece in of(pieces, "on")))
    if not dates:
        return pieces
    # "le 4 et le 5" are both meant; of two dates apart from one another only one can be.
    kept = dates if (max(dates) - min(dates)).days < len(dates) else dates[:1]
    return [beside_dates(line, piece, kept) for piece in pieces]


def beside_range(line: Line, piece: Piece, days: Piece) -> Piece:
    """A piece about days, next to the range of them that was said."""
    first, last = days.value
    if piece.what == "weekday":
        if (last - first).days < 6 and not in_range(piece.value.weekday(), first, last):
            return dropped(line, piece, "no-such-day")
        return replace(piece, doubt=None)
    outside = piece.what == "on" and not first <= piece.value <= last
    if outside or (piece.what == "days" and piece.value != days.value):
        return dropped(line, piece, "several", shown(days), shown(piece))
    return piece


def in_range(weekday: int, first: date, last: date) -> bool:
    """Whether such a day lies between the two, both included."""
    return (weekday - first.weekday()) % 7 <= (last - first).days


def beside_dates(line: Line, piece: Piece, dates: list[date]) -> Piece:
    """A piece about days, next to the dates that are meant."""
    if piece.what == "weekday":
        same = [on for on in dates if on.weekday() == piece.value.weekday()]
        if same:
            return replace(piece, what="on", value=same[0], doubt=None)
        return dropped(line, piece, "other-weekday", ("on", dates[0]), shown(piece))
    if piece.what == "on" and piece.value not in dates:
        return dropped(line, piece, "several", ("on", dates[0]), shown(piece))
    return piece


def times_checked(line: Line, pieces: list[Piece]) -> list[Piece]:
    """Start, end and length against one another and against the named period of the day."""
    windows, ends = of(pieces, "window"), of(pieces, "to")
    start = next(iter(of(pieces, *STARTS)), None)
    later = DAY if not ends else ends[0].value + DAY // 2
    moved = start_in_window(line, start, windows[0], later) if start and windows else start
    settled = []
    for piece in pieces:
        if piece is start and moved:
            piece = moved
        elif piece.what == "to" and not piece.whole and start and moved:
            piece = end_after_start(line, piece, moved, moved.value - start.value)
        settled.append(piece)
    return [length_checked(line, piece, settled) for piece in settled]


def start_in_window(line: Line, start: Piece, window: Piece, later: int) -> Piece:
    """À 5 h l’après-midi, à 8 h le soir: the period tells which half of the day is meant.

    later: where the end would lie twelve hours later; there has to be such a time.
    """
    opens, closes = window.value
    for minute in (start.value, start.value + DAY // 2):
        if opens <= minute < closes and (minute == start.value or later <= DAY):
            sure = start.doubt is None or start.doubt.code == "half-of-day"
            return replace(start, value=minute, doubt=None if sure else start.doubt)
    readings = shown(start), shown(window)
    doubt = line.doubt("outside-window", start.first, start.end, *readings)
    return replace(start, doubt=start.doubt or doubt)


def end_after_start(line: Line, end: Piece, start: Piece, moved: int) -> Piece:
    """The end, moved with its start. Before it, it is on the day after, or not meant so."""
    if start.value - moved < end.value <= start.value:
        end = replace(end, value=end.value + moved)
    if end.value > start.value or night(start.value, end.value):
        return end
    return replace(end, doubt=line.doubt("ends-before-it-starts", end.first, end.end, shown(end)))


def length_checked(line: Line, piece: Piece, pieces: list[Piece]) -> Piece:
    """3 h entre 9 h et 11 h does not fit; time that ends on the day after is not measured."""
    starts, ends, windows = of(pieces, *STARTS), of(pieces, "to"), of(pieces, "window")
    if piece.what != "length" or not (windows or (starts and ends)):
        return piece
    opens, closes = (starts[0].value, ends[0].value) if starts and ends else windows[0].value
    if not opens < closes or piece.value <= closes - opens:
        return piece
    readings = shown(piece), ("window", (opens, closes))
    return replace(piece, doubt=line.doubt("outside-window", piece.first, piece.end, *readings))


def stays_found(line: Line, pieces: list[Piece]) -> list[Piece]:
    """Days from one to another as "through", where one reservation over all of them is meant:
    without hours, or with an hour beside each of both days. Hours beside the range rather are
    those of one of the days, which a doubt says; so does any time, or a shorter length."""
    if of(pieces, "weekday", "any_time") or any(p.value < DAY for p in of(pieces, "length")):
        return pieces
    timed = of(pieces, *STARTS, "to", "window")
    return [
        stay(line, piece, timed) if piece.what == "days" and piece.whole else piece
        for piece in pieces
    ]


def stay(line: Line, piece: Piece, timed: list[Piece]) -> Piece:
    """The range as one reservation or as days to choose from; with a doubt that has both."""
    days, asked_at = ("through", piece.value), any(one.whole for one in timed)
    if timed and not asked_at and not over_one_night(piece, timed):
        odd = line.doubt("one-or-all", piece.first, piece.end, ("days", piece.value), days)
        return replace(piece, doubt=piece.doubt or odd)
    doubt = piece.doubt
    if doubt is not None:
        readings = (("through", v) if what == "days" else (what, v) for what, v in doubt.readings)
        doubt = replace(doubt, readings=tuple(readings))
    elif not timed:
        doubt = line.doubt("one-or-all", piece.first, piece.end, days, ("one_of", piece.value))
    return replace(piece, what="through", doubt=doubt)


def over_one_night(piece: Piece, timed: list[Piece]) -> bool:
    """Whether it is from the evening of one day to the morning of the next: du 3 au 4, 22 h-2 h."""
    first, last = piece.value
    starts, ends = of(timed, *STARTS), of(timed, "to")
    hours = [one.value for one in of(timed, "window")]
    if starts and ends:
        hours = [(starts[0].value, ends[0].value)]
    return (last - first).days == 1 and any(night(opens, closes) for opens, closes in hours)


STEPS: tuple[Step, ...] = (
    agreed,
    hours_placed,
    numbers_placed,
    ends_found,
    times_checked,
    one_each,
    days_placed,
    stays_found,
)


def settled(line: Line, pieces: list[Piece]) -> list[Piece]:
    """The pieces with their roles. Those with an empty `what` mean nothing that is asked."""
    for step in STEPS:
        pieces = step(line, pieces)
    return pieces
