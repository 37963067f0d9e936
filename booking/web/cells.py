"""The cells of a row: rules/board.py says what is when, here it gets words and a link."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext, lazy_gettext

from booking import words
from booking.queries.availability import Taken
from booking.queries.venues import SpaceFacts
from booking.rules import board as draw
from booking.rules.availability import free_units, on_grid, widened
from booking.rules.hours import open_periods
from booking.rules.periods import Period, union
from booking.rules.policies import fitting, minutes, reach
from booking.web.links import form_url, why_url

Held = tuple[Taken, ...] | tuple[draw.Block, ...]
SAID = {
    draw.FREE: lazy_gettext("free"),
    draw.BUSY: lazy_gettext("taken"),
    draw.MINE: lazy_gettext("yours"),
    draw.WAIT: lazy_gettext("waiting"),
    draw.SHUT: lazy_gettext("closed"),
    draw.PAST: lazy_gettext("past"),
    draw.KEPT: lazy_gettext("kept free to set up and tidy"),
    draw.LATE: lazy_gettext("too short notice or too far ahead"),
    draw.CLOSED: lazy_gettext("closed"),
}
Fits = Callable[[Period], bool]
LABELLED = (draw.BUSY, draw.MINE, draw.WAIT, draw.LATE)


class Cell(NamedTuple):
    """What a template draws: visible `label`, full `spoken` text, and where it leads."""

    kind: str
    span: int
    label: str
    spoken: str
    url: str
    free: int | None = None
    total: int | None = None


def cells_of(space: SpaceFacts, frame: draw.Frame, holds: Held, now: datetime) -> list[Cell]:
    """The cells of one row, with links where something can be done.

    `holds`: what takes the space; of a pool the rows of its units, of a whole the blocks as the
    reader may see them.
    """
    opening = open_periods(space.hours, frame.on, space.zone)
    earliest, latest = reach(space.rules, now)
    within = Period(earliest, max(latest, earliest + minutes(1)))
    if space.pool:
        taken = cast("tuple[Taken, ...]", holds)
        before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
        busy = widened(by_unit(space, taken), before, after)
        drawn = draw.pool_row(frame, opening, space.units, busy, now, within)
        drawn = draw.with_closures(drawn, space.units, closures_of(space, taken))
        inside = [cut for one in opening if (cut := one.cut(within))]

        def fits(period: Period) -> bool:
            """Whether it is open and one unit is free for all of it."""
            return any(one.holds(period) for one in inside) and bool(
                free_units(space.units, busy, period)
            )
    else:
        blocks = with_own_buffers(space, cast("tuple[draw.Block, ...]", holds))
        drawn = draw.whole_row(frame, opening, blocks, now, within)
        rooms = union(cell.period for cell in drawn if cell.kind == draw.FREE)

        def fits(period: Period) -> bool:
            """Whether all of it is free."""
            return any(one.holds(period) for one in rooms)

    return [dressed(cell, space, frame.on, fits) for cell in drawn]


def with_own_buffers(space: SpaceFacts, blocks: tuple[draw.Block, ...]) -> tuple[draw.Block, ...]:
    """The same, and the time around each in which a reservation would lack its own buffers."""
    if not space.rules.buffered:
        return blocks
    before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
    return (
        *blocks,
        *(draw.Block(draw.KEPT, block.period.widened(after, before)) for block in blocks),
    )


def by_unit(space: SpaceFacts, taken: Sequence[Taken]) -> dict[int, list[Period]]:
    """When each unit of the space is taken."""
    found: dict[int, list[Period]] = {}
    for row in taken:
        if row.unit_id in space.units:
            found.setdefault(row.unit_id, []).append(row.period)
    return found


def closures_of(space: SpaceFacts, taken: Sequence[Taken]) -> dict[int, list[draw.Block]]:
    """When each unit of the space is closed by a closure."""
    found: dict[int, list[draw.Block]] = {}
    for row in taken:
        if row.closed is not None and row.unit_id in space.units:
            block = draw.Block(draw.CLOSED, row.reserved, row.closed)
            found.setdefault(row.unit_id, []).append(block)
    return found


def dressed(cell: draw.Cell, space: SpaceFacts, on: date, fits: Fits) -> Cell:
    """The cell with its words and its link: to the form, to one's reservation, or to why not.
    `fits`: whether a time that may reach out of the cell can be had."""
    if cell.kind == draw.POOL:
        url = url_of_free(cell, space, fits) if cell.free else why_url(space, cell.part)
        if url is None:
            return too_short(cell, space, on)
        span = words.times(cell.period, space.zone, on)
        spoken = gettext(
            "%(free)s of %(total)s free, %(when)s", free=cell.free, total=cell.total, when=span
        )
        return Cell(cell.kind, cell.span, str(cell.free), spoken, url, cell.free, cell.total)
    if cell.kind == draw.FREE:
        return free_cell(cell, space, on, fits)
    if cell.kind in (draw.CLOSED, draw.SHUT):
        return closed_cell(cell, space, on, words.times(cell.period, space.zone, on))
    said, spoken = spoken_of(words.tongue(), cell.kind, cell.period, space.zone, on)
    mine = url_for("reservations.show", code=cell.code) if cell.code else None
    label = cell.label or (said.capitalize() if cell.kind in LABELLED else "")
    spoken = f"{cell.label} {spoken}".strip()
    return Cell(cell.kind, cell.span, label, spoken, mine or why_url(space, cell.part))


@lru_cache(1024)
def spoken_of(
    _language: str, kind: str, period: Period, zone: ZoneInfo, on: date
) -> tuple[str, str]:
    """What a cell is, and the same with its time: alike in most rows of a board."""
    said = str(SAID[kind])
    return said, f"{said}, {words.times(period, zone, on)}"


def free_cell(cell: draw.Cell, space: SpaceFacts, on: date, fits: Fits) -> Cell:
    """What leads to the form; where the grid or what is beside leaves too little, to why not."""
    if url := url_of_free(cell, space, fits):
        _, spoken = spoken_of(words.tongue(), draw.FREE, cell.period, space.zone, on)
        return Cell(cell.kind, cell.span, "", spoken, url)
    return too_short(cell, space, on)


def too_short(cell: draw.Cell, space: SpaceFacts, on: date) -> Cell:
    """A rest in which nothing of the shortest length can be had."""
    span = words.times(cell.period, space.zone, on)
    spoken = gettext("too short to reserve, %(when)s", when=span)
    return Cell(draw.LATE, cell.span, "", spoken, why_url(space, cell.part))


def closed_cell(cell: draw.Cell, space: SpaceFacts, on: date, span: str) -> Cell:
    """Closed, with the reason: a closure's, the holiday's, or what was said of that date."""
    why = cell.label
    if cell.kind == draw.SHUT and not space.hours.spans_on(on):
        why = words.said(space.hours.reason(on))
    label = gettext("Closed: %(why)s", why=why) if why else ""
    spoken = f"{label or SAID[draw.SHUT]}, {span}"
    part = within_hours(cell.part, space, on) if cell.kind == draw.CLOSED else cell.part
    return Cell(draw.SHUT, cell.span, label, spoken, why_url(space, part))


def within_hours(part: Period, space: SpaceFacts, on: date) -> Period:
    """The part that lies in the hours of that date: outside of them more than that is wrong."""
    opening = open_periods(space.hours, on, space.zone)
    start = max(part.start, opening[0].start) if opening else part.start
    end = min(part.end, opening[-1].end) if opening else part.end
    return Period(start, end) if start < end else part


def url_of_free(cell: draw.Cell, space: SpaceFacts, fits: Fits) -> str | None:
    """The form with the part of a free cell that lies on the space's grid, as long as it must be;
    from as much earlier as it takes to end in time.

    None where the grid leaves nothing, or what is beside too little: a quarter between two
    reservations. Over closed hours a stay may end far from the cell: there it is the form's to say.
    """
    part = part_on_grid(cell.period, space.rules.grid, space.zone)
    if part is None:
        return None
    wanted, step = fitting(space.rules, part), minutes(space.rules.grid)
    if wanted == part or space.rules.nights:
        return form_url(space, wanted)
    while wanted.end >= part.end:
        if fits(wanted):
            return form_url(space, wanted)
        wanted = wanted.moved(-step)
    return None


@lru_cache(1024)
def part_on_grid(period: Period, grid: int, zone: ZoneInfo) -> Period | None:
    """What the grid leaves of a free time; rows of a board are alike in that."""
    start, step = on_grid(period.start, grid, zone), minutes(grid)
    end = start + (period.end - start) // step * step
    return Period(start, end) if start < end else None
