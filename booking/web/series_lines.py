"""The dates of a series before they are reserved: the verdict on each, and what is chosen for it.

What one line is to become is a word in the form, `line-2027-03-12`: "keep", "drop", "wait" (in
line, until it is free), or where and when instead: "venue/space 2027-03-12 14:00 15:00".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext, ngettext

from booking import reasons, words
from booking.actions import series as act
from booking.actions.reservations import Details
from booking.actions.series import Answer, Line, Way
from booking.errors import BookingError, NotFound, Refused, SlotTaken
from booking.models.hours import Closure
from booking.models.members import Member
from booking.queries.availability import busy
from booking.queries.extras import beside
from booking.queries.hours import closures_over
from booking.queries.venues import SpaceFacts
from booking.rules.hours import exists
from booking.rules.periods import Period
from booking.rules.series import Dates, Taken, Walls, period_on, shifted
from booking.web import links
from booking.web.context import atlas
from booking.web.forms.search import minute_of
from booking.web.reserving import reasons_of
from booking.web.why import closure_text

KEEP, DROP, WAIT = "keep", "drop", "wait"
ASIDE = (DROP, WAIT)
"""What is no part of the series."""
Option = tuple[str, str]


@dataclass
class Shown:
    """A date as the page shows it. `kind` and `verdict` are the pill's; `options` what can be
    chosen: (word, text)."""

    on: date
    line: Line
    choice: str
    kind: str = ""
    verdict: str = ""
    reasons: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    no: BookingError | None = None
    ask: bool = False
    hint: str = ""

    @property
    def when(self) -> str:
        """Its time, with its date where that is not the one it stands for."""
        period, zone = self.line.period, self.line.space.zone
        if period is None:
            return "–"
        if words.local_date(period.start, zone) != self.on:
            return words.when(period, zone)
        return words.times(period, zone)


def word_of(space: SpaceFacts, period: Period) -> str:
    """Where and when, as one word of the form."""
    return " ".join(links.form_values(space, period).values())


def moved_to(word: str) -> tuple[SpaceFacts, Period] | None:
    """What such a word says; None for one that says nothing."""
    parts = word.split()
    if len(parts) not in (4, 5):
        return None
    try:
        space = atlas().space(*parts[0].split("/", 1))
        period = typed(space, *parts[1:])
    except (NotFound, TypeError, ValueError):
        return None
    return (space, period) if period else None


def typed(space: SpaceFacts, on: str, opens: str, closes: str, until: str = "") -> Period | None:
    """A time as it was typed. Raises ValueError for what is none."""
    first = date.fromisoformat(on)
    last = date.fromisoformat(until) if until else first
    start, end = (minute_of(time.fromisoformat(text)) for text in (opens, closes))
    far = not 2000 <= first.year <= 2999 or not 0 <= (last - first).days <= 31
    if far or not exists(first, start, space.zone):
        raise ValueError(on)
    return period_on(first, Walls(start, end or 24 * 60, (last - first).days), space.zone)


def lines_of(
    space: SpaceFacts,
    found: Dates,
    walls: Walls,
    details: Details,
    choices: Mapping[date, str],
) -> list[Line]:
    """A line for each date, moved where that is chosen."""
    lines = []
    for on in found.dates:
        there = moved_to(choices.get(on, ""))
        if there is None:
            lines.append(Line(on, space, period_on(on, walls, space.zone), details))
        else:
            theirs = details if there[0].id == space.id else elsewhere(details, there[0])
            lines.append(Line(on, there[0], there[1], theirs, moved=True))
    return lines


def elsewhere(details: Details, space: SpaceFacts) -> Details:
    """The same in another space: no unit of the first, and what can be had there."""
    known = beside(space)
    extras = {slug: count for slug, count in details.extras.items() if slug in known}
    organisation = details.organisation if details.organisation in space.venue.organisations else ""
    return replace(details, unit_id=None, extras=extras, organisation=organisation)


def shown(
    lines: Sequence[Line],
    walls: Walls,
    choices: Mapping[date, str],
    *,
    by: Member,
    now: datetime,
    told: Mapping[date, BookingError] | None = None,
) -> list[Shown]:
    """Every date with its verdict, after one look at what is taken. `told`: what was answered to
    the form just now."""
    wanted = [line for line in lines if choices.get(line.on) not in ASIDE]
    there = [line for line in lines if line.period is not None]
    peers = act.peers_of(atlas(), there[0]) if there else []
    spaces = {one.id: one for one in (*peers, *(line.space for line in lines))}
    taken = Taken()
    if there:
        units = {unit for one in spaces.values() for unit in (*one.units, *stock(one, there[0]))}
        taken = Taken(busy(units, around(there), now))
    answers = act.look(wanted, by=by, now=now, taken=taken)
    said = {line.on: answer for line, answer in zip(wanted, answers, strict=True)}
    rows = [
        row_of(line, walls, choices.get(line.on, KEEP), said.get(line.on), told or {})
        for line in lines
    ]
    refused = [row for row in rows if row.no is not None]
    closed = closures(refused)
    for row in refused:
        row.reasons = why_not(row, closed)
        offers = act.ways(row.line, peers, taken, by=by, now=now)
        row.options += [option(offer, row.line) for offer in offers]
        if can_wait(row, closed, now):
            row.options.append((WAIT, wait_text()))
    return rows


def stock(space: SpaceFacts, line: Line) -> list[int]:
    """The units of the extras that are wanted, in that space."""
    return [
        u for slug, one in beside(space).items() if slug in line.details.extras for u in one.units
    ]


def around(lines: Sequence[Line]) -> Period:
    """All their time, with a day to both sides."""
    whole = act.whole(lines)
    return whole.widened(act.A_DAY, act.A_DAY)


def row_of(
    line: Line,
    walls: Walls,
    choice: str,
    answer: Answer | None,
    told: Mapping[date, BookingError],
) -> Shown:
    """The date with its verdict in a word or two, and what can always be chosen for it."""
    row = Shown(line.on, line, choice if line.moved or choice in ASIDE else KEEP)
    row.options = [(KEEP, gettext("As planned")), (DROP, gettext("Leave out"))]
    if choice == WAIT:
        row.options.append((WAIT, wait_text()))
    if line.moved and line.period is not None:
        row.options.append((choice, option_text(line.space, line.period, line)))
    if not line.moved and line.period and shifted(line.on, walls, line.space.zone):
        row.hint = gettext("Clocks change: this time moves on by the hour they skip.")
    if answer is None:
        waits = choice == WAIT
        row.kind = "ask" if waits else ""
        row.verdict = gettext("on the waitlist") if waits else gettext("left out")
        return row
    row.no, row.ask = answer.no or told.get(line.on), bool(answer.verdict.asks)
    row.kind, row.verdict = verdict_of(row.no, row.ask)
    if row.ask and row.no is None:
        row.reasons = [reasons.ask(code) for code in answer.verdict.asks]
    return row


def wait_text() -> str:
    return gettext("Leave out, and wait for it")


def can_wait(row: Shown, closed: Sequence[Closure], now: datetime) -> bool:
    """Whether it is others who have it, so that it may become free."""
    no, period = row.no, row.line.period
    if not isinstance(no, SlotTaken) or "own" in no.facts or period is None or period.start <= now:
        return False
    shut = any(period.overlaps(Period(one.starts_at, one.ends_at)) for one in closed)
    return bool(row.line.space.rules.waitlist_hold) and not shut


def verdict_of(no: BookingError | None, ask: bool) -> tuple[str, str]:
    """The pill: its kind and its word."""
    if no is None:
        return ("ask", gettext("free, on request")) if ask else ("free", gettext("free"))
    if isinstance(no, Refused):
        closed = any(one.code == "closed" for one in no.refusals)
        return "full", gettext("closed") if closed else gettext("refused")
    return "full", gettext("taken")


def closures(rows: Sequence[Shown]) -> Sequence[Closure]:
    """What is closed at the time of any of these."""
    lines = [row.line for row in rows if row.line.period is not None]
    return closures_over(act.units_of(lines), act.whole(lines)) if lines else []


def why_not(row: Shown, closed: Sequence[Closure]) -> list[str]:
    """The reasons of a no, in sentences; a closure says its own."""
    no, line = row.no, row.line
    assert no is not None
    if isinstance(no, Refused):
        return reasons_of(no, line.space, None)
    if "own" in no.facts:
        return [gettext("Another date of this series takes it already.")]
    period = line.period
    over = [c for c in closed if period and period.overlaps(Period(c.starts_at, c.ends_at))]
    if over:
        row.verdict = gettext("closed")
        return [closure_text(one, line.space) for one in over]
    return reasons_of(no, line.space, None)


def option(way: Way, line: Line) -> Option:
    """A way out as a choice."""
    return word_of(way.space, way.period), option_text(way.space, way.period, line)


def option_text(space: SpaceFacts, period: Period, line: Line) -> str:
    """14:00 – 15:00; Salle B (La Coque), 10:00 – 11:00: what is another than planned, in words."""
    same_day = words.local_date(period.start, space.zone) == line.on
    when = words.times(period, space.zone) if same_day else words.when(period, space.zone)
    name = f"{words.said(space.name)} ({words.said(space.venue.name)})"
    return gettext("Instead: %(place)s, %(when)s", place=name, when=when)


def passed_text(found: Dates) -> list[str]:
    """What the rule passed over, in sentences."""
    months = [words.date_part(on, "MMMM y") for on, why in found.passed if why == "missing"]
    feasts = [words.long_date(on) for on, why in found.passed if why == "holiday"]
    said = []
    if months:
        text = gettext("Without such a date: %(months)s.", months=reasons.enumerated(months))
        said.append(text)
    if feasts:
        text = gettext("Public holidays passed over: %(dates)s.", dates=reasons.enumerated(feasts))
        said.append(text)
    return said


def summary(rows: Sequence[Shown]) -> dict[str, Any]:
    """How many dates are what."""
    kept = [row for row in rows if row.choice not in ASIDE]
    open_ = [row for row in kept if row.no is not None]
    return {
        "kept": len(kept),
        "open": len(open_),
        "asked": sum(row.ask and row.no is None for row in kept),
        "text": ngettext("%(num)d date", "%(num)d dates", len(kept)),
    }
