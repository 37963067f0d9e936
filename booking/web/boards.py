"""The board as a page shows it: rules/board.py says what is when, here it gets words and links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import g, url_for
from flask_babel import gettext, lazy_gettext, ngettext

from booking import words
from booking.db import Words
from booking.models.members import Member
from booking.queries import availability
from booking.queries.availability import Taken
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import board as draw
from booking.rules.availability import on_grid, widened
from booking.rules.hours import day, open_periods, today
from booking.rules.periods import Period
from booking.rules.policies import fitting, minutes, reach
from booking.rules.states import HELD, REQUESTED

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
LABELLED = (draw.BUSY, draw.MINE, draw.WAIT, draw.LATE)


class Cell(NamedTuple):
    """What a template draws: visible `label`, full `spoken` text, perhaps a link."""

    kind: str
    span: int
    label: str
    spoken: str
    url: str | None = None
    free: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class Heading:
    """What stands at the head of a row."""

    name: Words


@dataclass(frozen=True)
class Row:
    space: Heading | SpaceFacts
    url: str
    note: str
    cells: list[Cell]


@dataclass(frozen=True)
class Group:
    title: str | None
    url: str | None
    rows: list[Row]


@dataclass(frozen=True)
class Board:
    """`hours` are the column heads, `quarters` their number times four, `now` from 0 to 1.

    `taken`: what stands behind the cells.
    """

    on: date
    hours: list[int]
    quarters: int
    groups: list[Group]
    now: float | None
    taken: Sequence[Taken]


@dataclass(frozen=True)
class View:
    """Whose eyes, and when: a manager reads the titles, others only that a place is taken."""

    member: Member | None
    sees_all: bool
    now: datetime
    shown: str | None = None  # The code of a request to point out,
    then: Period | None = None  # and its time, which may lie outside the hours.
    organisations: frozenset[int] = frozenset()  # Whose reservations the reader may know, by id.


def of_venue(venue: VenueFacts, spaces: Sequence[SpaceFacts], on: date, view: View) -> Board:
    """One day of some spaces of a venue."""
    spans = shown_spans(spaces, [on]) + then_too(on, view, venue.zone)
    frame = draw.frame_for(on, spans, venue.zone)
    units = {unit for space in spaces for unit in space.units}
    taken = availability.taken(units, with_buffers(frame.period, spaces), view.now)
    rows = [row_of(space, frame, taken, view) for space in spaces]
    return as_board(frame, [Group(None, None, rows)], view.now, taken)


def with_buffers(period: Period, spaces: Sequence[SpaceFacts]) -> Period:
    """The period with as much around it as any of the spaces keeps free."""
    most = max((max(s.rules.buffer_before, s.rules.buffer_after) for s in spaces), default=0)
    return period.widened(minutes(most), minutes(most))


def of_week(space: SpaceFacts, monday: date, view: View) -> Board:
    """Seven days of one space, a row each."""
    dates = [monday + timedelta(days=n) for n in range(7)]
    spans = shown_spans([space], dates)
    whole = Period(day(dates[0], space.zone).start, day(dates[-1], space.zone).end)
    taken = availability.taken(space.units, with_buffers(whole, [space]), view.now)
    rows = []
    for on in dates:
        frame = draw.frame_for(on, spans, space.zone)
        cells = cells_of(space, frame, taken, view)
        heading = Heading({"fr": words.short_date(on), "en": words.short_date(on)})
        url = url_for("venues.show", slug=space.venue.slug, on=on.isoformat())
        rows.append(Row(heading, url, "", cells))
    frame = draw.frame_for(monday, spans, space.zone)
    return as_board(frame, [Group(None, None, rows)], None, taken)


def shown_spans(spaces: Sequence[SpaceFacts], dates: Sequence[date]) -> list[tuple[int, int]]:
    """The hours (minutes) a board has to cover: open ones of those dates, else the usual ones."""
    found = [span for space in spaces for on in dates for span in space.hours.spans_on(on)]
    return found or [(s.opens, s.closes) for space in spaces for s in space.hours.weekly]


def then_too(on: date, view: View, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The minutes of that date which the request that is pointed out takes."""
    if view.then is None:
        return []
    start, end = (edge.astimezone(zone) for edge in (view.then.start, view.then.end))
    closes = end.hour * 60 + end.minute if end.date() == on else 24 * 60
    return [(start.hour * 60 + start.minute, closes)]


def as_board(
    frame: draw.Frame, groups: list[Group], now: datetime | None, taken: Sequence[Taken]
) -> Board:
    part = frame.part(now) if now else None
    return Board(frame.on, frame.hours, 4 * len(frame.hours), groups, part, taken)


def row_of(space: SpaceFacts, frame: draw.Frame, taken: Sequence[Taken], view: View) -> Row:
    """One space: what it is called, what it is, and its day."""
    url = url_for("venues.space", slug=space.venue.slug, space_slug=space.slug)
    return Row(space, url, note_of(space), cells_of(space, frame, taken, view))


def note_of(space: SpaceFacts) -> str:
    """A few words under the name."""
    parts = []
    if space.pool:
        parts.append(ngettext("%(num)d place", "%(num)d places", len(space.units)))
    elif space.rules.capacity:
        parts.append(gettext("%(count)s people", count=space.rules.capacity))
    if space.on_request:
        parts.append(gettext("on request"))
    return " · ".join(parts)


def cells_of(
    space: SpaceFacts, frame: draw.Frame, taken: Sequence[Taken], view: View
) -> list[Cell]:
    """The cells of one row, with links where something can be done."""
    opening = open_periods(space.hours, frame.on, space.zone)
    earliest, latest = reach(space.rules, view.now)
    within = Period(earliest, max(latest, earliest + minutes(1)))
    if space.pool:
        before, after = minutes(space.rules.buffer_before), minutes(space.rules.buffer_after)
        busy = widened(by_unit(space, taken), before, after)
        drawn = draw.pool_row(frame, opening, space.units, busy, view.now, within)
        drawn = draw.with_closures(drawn, space.units, closures_of(space, taken))
    else:
        own = set(space.units)
        blocks = [block for t in taken if t.unit_id in own for block in blocks_of(t, view)]
        drawn = draw.whole_row(frame, opening, blocks, view.now, within)
    return [dressed(cell, space, frame.on) for cell in drawn]


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


def blocks_of(row: Taken, view: View) -> list[draw.Block]:
    """A taken unit as this reader may see it; to those who may know, its buffers apart."""
    if row.closed is not None:
        return [draw.Block(draw.CLOSED, row.reserved, row.closed)]
    own = view.member is not None and row.member_id == view.member.id
    kind = draw.WAIT if row.state in (REQUESTED, HELD) else draw.MINE if own else draw.BUSY
    ours = row.organisation_id is not None and row.organisation_id in view.organisations
    if not own and not ours and not view.sees_all:
        return [draw.Block(kind, row.period)]
    shown = "▸ " if row.code == view.shown else ""
    code = row.code if own or view.sees_all else None
    reservation = draw.Block(kind, row.reserved, shown + (row.title or ""), code)
    return [reservation, draw.Block(draw.KEPT, row.period)]


def dressed(cell: draw.Cell, space: SpaceFacts, on: date) -> Cell:
    """The cell with its words and its link: to the form, to one's reservation, or to why not."""
    if cell.kind == draw.POOL:
        span = words.times(cell.period, space.zone, on)
        spoken = gettext(
            "%(free)s of %(total)s free, %(when)s", free=cell.free, total=cell.total, when=span
        )
        url = url_of_free(cell, space) if cell.free else why_of(cell, space)
        return Cell(cell.kind, cell.span, str(cell.free), spoken, url, cell.free, cell.total)
    if cell.kind == draw.FREE:
        return free_cell(cell, space, on)
    if cell.kind in (draw.CLOSED, draw.SHUT):
        return closed_cell(cell, space, on, words.times(cell.period, space.zone, on))
    said, spoken = spoken_of(words.tongue(), cell.kind, cell.period, space.zone, on)
    mine = url_for("reservations.show", code=cell.code) if cell.code else None
    label = cell.label or (said.capitalize() if cell.kind in LABELLED else "")
    spoken = f"{cell.label} {spoken}".strip()
    return Cell(cell.kind, cell.span, label, spoken, mine or why_of(cell, space))


@lru_cache(4096)
def spoken_of(
    _language: str, kind: str, period: Period, zone: ZoneInfo, on: date
) -> tuple[str, str]:
    """What a cell is, and the same with its time: alike in most rows of a board."""
    said = str(SAID[kind])
    return said, f"{said}, {words.times(period, zone, on)}"


def free_cell(cell: draw.Cell, space: SpaceFacts, on: date) -> Cell:
    """What leads to the form; a rest that the grid leaves over leads to why not."""
    if url := url_of_free(cell, space):
        _, spoken = spoken_of(words.tongue(), draw.FREE, cell.period, space.zone, on)
        return Cell(cell.kind, cell.span, "", spoken, url)
    span = words.times(cell.period, space.zone, on)
    spoken = gettext("too short to reserve, %(when)s", when=span)
    return Cell(draw.LATE, cell.span, "", spoken, why_of(cell, space))


def closed_cell(cell: draw.Cell, space: SpaceFacts, on: date, span: str) -> Cell:
    """Closed, with the reason: a closure's, the holiday's, or what was said of that date."""
    why = cell.label
    if cell.kind == draw.SHUT and not space.hours.spans_on(on):
        why = words.said(space.hours.reason(on))
    label = gettext("Closed: %(why)s", why=why) if why else ""
    spoken = f"{label or SAID[draw.SHUT]}, {span}"
    part = within_hours(cell.part, space, on) if cell.kind == draw.CLOSED else cell.part
    return Cell(draw.SHUT, cell.span, label, spoken, why_of(cell._replace(part=part), space))


def within_hours(part: Period, space: SpaceFacts, on: date) -> Period:
    """The part that lies in the hours of that date: outside of them more than that is wrong."""
    opening = open_periods(space.hours, on, space.zone)
    start = max(part.start, opening[0].start) if opening else part.start
    end = min(part.end, opening[-1].end) if opening else part.end
    return Period(start, end) if start < end else part


def url_of_free(cell: draw.Cell, space: SpaceFacts) -> str | None:
    """The form with the part of a free cell that lies on the space's grid, as long as it must be.

    None where the grid leaves nothing: a quarter between two reservations.
    """
    part = part_on_grid(cell.period, space.rules.grid, space.zone)
    return form_url(space, fitting(space.rules, part)) if part else None


@lru_cache(4096)
def part_on_grid(period: Period, grid: int, zone: ZoneInfo) -> Period | None:
    """What the grid leaves of a free time; rows of a board are alike in that."""
    start, step = on_grid(period.start, grid, zone), minutes(grid)
    end = start + (period.end - start) // step * step
    return Period(start, end) if start < end else None


def form_url(space: SpaceFacts, period: Period, people: int | None = None, **more: str) -> str:
    """The reservation form, filled in with this space and time, and `more` of its fields.

    A page has a hundred of them that differ in their ends only: written out here, these cost a
    tenth of what `url_for` takes.
    """
    if more:
        return url_for("reservations.new", **form_values(space, period), people=people, **more)
    if "form_page" not in g:
        g.form_page = url_for("reservations.new").partition("?")
    path, _, carried = g.form_page
    asked = f"space={space.venue.slug}/{space.slug}&{time_query(period, space.zone)}"
    rest = [f"people={people}"] if people is not None else []
    return "&".join([f"{path}?{asked}", *rest, *([carried] if carried else [])])


@lru_cache(4096)
def time_query(period: Period, zone: ZoneInfo) -> str:
    """A period in an address."""
    return "&".join(f"{name}={value}" for name, value in wall_times(period, zone).items())


def form_values(space: SpaceFacts, period: Period) -> dict[str, str]:
    """What the reservation form says of this space and time: wall times of the venue."""
    return {"space": f"{space.venue.slug}/{space.slug}", **wall_values(space, period)}


def wall_values(space: SpaceFacts, period: Period) -> dict[str, str]:
    """A period as addresses and forms have it: see `wall_times`."""
    return wall_times(period, space.zone)


def wall_times(period: Period, zone: ZoneInfo) -> dict[str, str]:
    """A period by the wall clock of a zone; `until` only where it ends on another day.

    Midnight at the end of a day is 0:00 of that day, not of the next.
    """
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    last = today(period.end - timedelta(microseconds=1), zone)
    values = {"on": f"{start:%Y-%m-%d}", "from": f"{start:%H:%M}", "to": f"{end:%H:%M}"}
    return values if last == start.date() else values | {"until": last.isoformat()}


def why_of(cell: draw.Cell, space: SpaceFacts) -> str | None:
    """The page that says why not. A quarter is too narrow to be hit: its words have to do."""
    return why_url(space, cell.part) if cell.span > 1 else None


def why_url(space: SpaceFacts, period: Period) -> str:
    """The page that says why this space cannot be had then; written out like `form_url`."""
    pages = g.setdefault("why_pages", {})
    if space.id not in pages:
        names = {"slug": space.venue.slug, "space_slug": space.slug}
        pages[space.id] = url_for("venues.why", **names).partition("?")
    path, _, carried = pages[space.id]
    return "&".join([f"{path}?{time_query(period, space.zone)}", *([carried] if carried else [])])
