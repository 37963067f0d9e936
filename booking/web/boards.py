"""The board as a page shows it: its days, rows and whose eyes see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import get_template_attribute, url_for
from flask_babel import gettext, ngettext
from markupsafe import Markup

from booking import words
from booking.models.members import Member
from booking.queries import availability
from booking.queries.availability import A_DAY, Taken
from booking.queries.keeping import kept_with_places
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import board as draw
from booking.rules.hours import day
from booking.rules.periods import Period
from booking.rules.policies import minutes, reach
from booking.rules.states import HELD, REQUESTED
from booking.web import descriptions
from booking.web.cells import Held, cells_of
from booking.web.links import Page, this_page

Rows = tuple[Taken, ...]
KEPT = 2048
"""Rows that a process remembers: two weeks of sixty spaces, in both languages."""


class Row(NamedTuple):
    """One row as HTML; `fine`: it has a cell of a single quarter of an hour."""

    html: Markup
    fine: bool


@dataclass(frozen=True)
class Group:
    title: str | None
    url: str | None
    rows: list[Row]


@dataclass(frozen=True)
class Board:
    """`hours` are the column heads, `quarters` their number times four, `now` from 0 to 1.

    `rows`: what takes each space, by its id. `fine`: each quarter is so wide that it can be hit.
    """

    on: date
    hours: list[int]
    quarters: int
    groups: list[Group]
    now: float | None
    rows: Mapping[int, Rows]

    @property
    def fine(self) -> bool:
        return any(row.fine for group in self.groups for row in group.rows)


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
    taken = availability.taken(units, with_widest_buffers(frame.period, spaces), view.now)
    rows = {space.id: rows_of(space, taken) for space in spaces}
    page = this_page()
    drawn = [row_of(page, space, frame, rows[space.id], view) for space in spaces]
    return as_board(frame, drawn, view.now, {number: bare(own) for number, own in rows.items()})


def rows_of(space: SpaceFacts, taken: Sequence[Taken]) -> Rows:
    """What takes a unit of the space."""
    own = set(space.units)
    return tuple(row for row in taken if row.unit_id in own)


def bare(rows: Rows) -> Rows:
    """The same without whose and what for: enough where nobody is told, and nothing to keep."""
    nobody = (None, None, None, None, None)
    return tuple(
        Taken(row.unit_id, row.period, row.reserved, *nobody, closed=row.closed) for row in rows
    )


def with_widest_buffers(period: Period, spaces: Sequence[SpaceFacts]) -> Period:
    """The period with as much around it as any of the spaces keeps free."""
    most = max((max(s.rules.buffer_before, s.rules.buffer_after) for s in spaces), default=0)
    return period.widened(minutes(most), minutes(most))


def of_week(space: SpaceFacts, monday: date, view: View) -> Board:
    """Seven days of one space, a row each."""
    dates = [monday + timedelta(days=n) for n in range(7)]
    spans = shown_spans([space], dates)
    whole = Period(day(dates[0], space.zone).start, day(dates[-1], space.zone).end)
    taken = tuple(availability.taken(space.units, with_widest_buffers(whole, [space]), view.now))
    page, drawn = this_page(), []
    for on in dates:
        frame = draw.frame_for(on, spans, space.zone)
        near = with_widest_buffers(frame.period, [space])
        rows = tuple(row for row in taken if row.period.overlaps(near))
        drawn.append(row_of(page, space, frame, rows, view, dated=True))
    frame = draw.frame_for(monday, spans, space.zone)
    return as_board(frame, drawn, None, {space.id: bare(taken)})


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
    frame: draw.Frame, drawn: list[Row], now: datetime | None, rows: Mapping[int, Rows]
) -> Board:
    part, groups = frame.part(now) if now else None, [Group(None, None, drawn)]
    return Board(frame.on, frame.hours, 4 * len(frame.hours), groups, part, rows)


def row_of(
    page: Page,
    space: SpaceFacts,
    frame: draw.Frame,
    rows: Rows,
    view: View,
    *,
    dated: bool = False,
) -> Row:
    """One space and its day; at its head the space, or the date if `dated`."""
    holds: Held = bare(rows)
    if not space.pool:
        holds = tuple(block for row in rows for block in blocks_of(row, view))
    now = moment_for(space, frame.period, view.now)
    return drawn(page, space, frame, dated, holds, now)


def moment_for(space: SpaceFacts, shown: Period, now: datetime) -> datetime:
    """Now, to the whole minute; one and the same moment for all of the time at which past, notice
    and horizon play no part in what is shown."""
    if now.second or now.microsecond:
        now = now.replace(second=0, microsecond=0) + minutes(1)
    whole, notice = shown.widened(A_DAY, A_DAY), minutes(space.rules.notice)
    before = whole.start - notice
    plays = now > before or whole.end > min(reach(space.rules, at)[1] for at in (now, before))
    return now if plays else before


@kept_with_places(KEPT)
def drawn(
    _page: Page, space: SpaceFacts, frame: draw.Frame, dated: bool, holds: Held, now: datetime
) -> Row:
    """The row, by everything it depends on: most rows are those of the page before."""
    place = space.venue.slug
    if dated:
        name, note = words.short_date(frame.on), ""
        url = url_for("venues.show", slug=place, on=frame.on.isoformat())
    else:
        name, note = words.said(space.name), note_of(space)
        url = url_for("venues.space", slug=place, space_slug=space.slug)
    cells = cells_of(space, frame, holds, now)
    html = get_template_attribute("_parts/board.html", "row")(name, url, note, cells)
    return Row(Markup(html), any(cell.span == 1 for cell in cells))


def note_of(space: SpaceFacts) -> str:
    """A few words under the name."""
    parts = []
    if space.pool:
        parts.append(ngettext("%(num)d place", "%(num)d places", len(space.units)))
    elif space.rules.capacity:
        parts.append(gettext("%(count)s people", count=space.rules.capacity))
    if space.on_request:
        parts.append(gettext("on request"))
    parts += descriptions.needs_in_brief(space.rules)
    return " · ".join(parts)


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
