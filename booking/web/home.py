"""The first page: the finder, and how full each venue is now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms import SelectChoice

from booking import clock, words
from booking.queries import availability
from booking.queries.availability import Busy
from booking.queries.hours import closed_venues
from booking.queries.keeping import kept_with_places
from booking.queries.policies import too_full
from booking.queries.venues import Atlas, VenueFacts
from booking.rules.access import EVERYONE, open_to
from booking.rules.availability import free_units, fullness
from booking.rules.hours import day, open_periods, today
from booking.rules.periods import Period
from booking.web.context import atlas
from booking.web.day_parts import for_finder
from booking.web.descriptions import weekday_names
from booking.web.forms.search import FinderForm

bp = Blueprint("home", __name__)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Pulse:
    """How a venue is doing now. `fill` in percent of its open unit hours today."""

    venue: VenueFacts
    fill: int | None  # None while it is closed.
    kind: str  # free, ask, full
    text: str


@bp.get("/")
@open_to(EVERYONE)
def index() -> ResponseReturnValue:
    now, places = clock.now(), atlas()
    form = finder(places, now)
    busy = busy_today(places.venues, now)
    closed, full = closed_venues(now), too_full(places.venues, 1, Period(now, now + HOUR), now)
    pulses = [
        closed_pulse(venue, closed[venue.id].why)
        if venue.id in closed
        else pulse(venue, busy, now, full=venue.id in full)
        for venue in places.venues
    ]
    return render_template("home/index.html", form=form, pulses=pulses)


def finder(places: Atlas, now: datetime) -> FinderForm:
    """The finder with a good first guess: the next two full hours some venue is open."""
    form = FinderForm(formdata=None)
    form.offer(venue_choices(places, words.tongue()), weekday_names())
    form.parts = for_finder(tuple(places.venues))
    for name, value in first_guess(places, now).items():
        form[name].data = value
    return form


@kept_with_places(4)
def venue_choices(places: Atlas, _language: str) -> list[SelectChoice]:
    """Where one may search, in the reader's language."""
    return [SelectChoice(venue.slug, words.said(venue.name)) for venue in places.venues]


def first_guess(places: Atlas, now: datetime) -> dict[str, Any]:
    """What the finder says before anybody has said anything, by field."""
    # The date is another one at midnight of some zone, which is at a quarter of an hour.
    start = next_opening(places, now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0))
    times = {"opens": start.time(), "closes": (start + 2 * HOUR).time()}
    return {"on": start.date(), "people": 1, **times}


def today_of(venues: list[VenueFacts], now: datetime) -> date:
    """What "today" means to somebody who has not said where: the first venue's date."""
    return today(now, venues[0].zone) if venues else now.date()


@kept_with_places(4)
def next_opening(places: Atlas, now: datetime) -> datetime:
    """The next full hour with two open hours ahead of it at some venue, in its wall time."""
    starts = []
    for venue in places.venues:
        on = today(now, venue.zone)
        for opening in (p for n in range(8) for p in open_on(venue, on + timedelta(days=n))):
            start = max(opening.start, full_hour(now))
            if start + 2 * HOUR <= opening.end:
                starts.append(start.astimezone(venue.zone))
                break
    return min(starts, default=full_hour(now))


def full_hour(now: datetime) -> datetime:
    """The next full hour."""
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def open_on(venue: VenueFacts, on: date) -> list[Period]:
    return open_periods(venue.hours, on, venue.zone)


def places_of(venue: VenueFacts) -> set[int]:
    """The units of its spaces: what is taken beside them fills no venue."""
    return {unit for space in venue.spaces for unit in space.units}


def busy_today(venues: list[VenueFacts], now: datetime) -> Busy:
    """What is taken on this day, anywhere: one query for all venues."""
    days = [day(today(now, venue.zone), venue.zone) for venue in venues]
    if not days:
        return {}
    units = {unit for venue in venues for unit in places_of(venue)}
    whole = Period(min(d.start for d in days), max(d.end for d in days))
    return availability.busy(units, whole, now)


def closed_pulse(venue: VenueFacts, why: str) -> Pulse:
    """The whole venue is closed now, and why."""
    return Pulse(venue, None, "sea", gettext("Closed: %(why)s", why=why))


def pulse(venue: VenueFacts, busy: Busy, now: datetime, *, full: bool) -> Pulse:
    """How full the venue is today and what can be had now. `full`: one more would be too many
    within the hour, so that a manager is asked of everything."""
    opening = open_on(venue, today(now, venue.zone))
    current = next((p for p in opening if p.start <= now < p.end), None)
    if current is None:
        return Pulse(venue, None, "sea", closed_text(venue, now))
    fill = fullness(places_of(venue), busy, opening)
    soon = Period(now, min(now + HOUR, current.end))
    desks, rooms, ask = free_now(venue, busy, soon)
    if full:
        desks, rooms, ask = 0, 0, desks + rooms + ask
    if not desks and not rooms:
        kind, text = ("ask", gettext("On request")) if ask else ("full", gettext("Full now"))
        return Pulse(venue, fill, kind, text)
    parts = []
    if desks:
        parts.append(ngettext("%(num)d desk", "%(num)d desks", desks))
    if rooms:
        parts.append(ngettext("%(num)d room", "%(num)d rooms", rooms))
    return Pulse(venue, fill, "free", gettext("Free now: %(what)s", what=" · ".join(parts)))


def free_now(venue: VenueFacts, busy: Busy, soon: Period) -> tuple[int, int, int]:
    """Desks and rooms that are instant and free for the hour to come, and spaces on request."""
    desks = rooms = ask = 0
    for space in venue.spaces:
        free = len(free_units(space.units, busy, soon))
        if space.on_request:
            ask += 1 if free else 0
        elif space.space.kind == "open_space":
            desks += free
        elif space.space.kind == "meeting_room" and free == len(space.units):
            rooms += 1
    return desks, rooms, ask


def closed_text(venue: VenueFacts, now: datetime) -> str:
    """When a closed venue opens next; nothing is claimed where hours are unknown."""
    on = today(now, venue.zone)
    for n in range(8):
        for opening in open_on(venue, on + timedelta(days=n)):
            if opening.start > now:
                at = words.instant_text(opening.start, venue.zone)
                return gettext("Closed · opens %(at)s", at=at)
    return gettext("Opening hours not stated")
