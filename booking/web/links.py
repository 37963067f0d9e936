"""Addresses of the pages a board, a card or a way out leads to, with the times they speak of."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import g, request, url_for

from booking import words
from booking.queries.venues import SpaceFacts
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.web import language

Page = tuple[str, str | None, str]
"""What the words and links of a piece depend on, whatever it is about."""


def this_page() -> Page:
    """The root of the addresses, the language they carry on, and the reader's language."""
    return request.root_path, language.in_url(), words.tongue()


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


@lru_cache(1024)
def time_query(period: Period, zone: ZoneInfo) -> str:
    """A period in an address."""
    return "&".join(f"{name}={value}" for name, value in wall_times(period, zone).items())


def form_values(space: SpaceFacts, period: Period) -> dict[str, str]:
    """What the reservation form says of this space and time: wall times of the venue."""
    return {"space": f"{space.venue.slug}/{space.slug}", **wall_times(period, space.zone)}


def wall_times(period: Period, zone: ZoneInfo) -> dict[str, str]:
    """A period by the wall clock of a zone; `until` only where it ends on another day.

    Midnight at the end of a day is 0:00 of that day, not of the next.
    """
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    last = today(period.end - timedelta(microseconds=1), zone)
    values = {"on": f"{start:%Y-%m-%d}", "from": f"{start:%H:%M}", "to": f"{end:%H:%M}"}
    return values if last == start.date() else values | {"until": last.isoformat()}


def space_url(space: SpaceFacts, on: date) -> str:
    """The space's page on a date. Written out: each is another link, too many to keep them all."""
    names = {"slug": space.venue.slug, "space_slug": space.slug}
    path, _, carried = url_for("venues.space", **names).partition("?")
    return "&".join([f"{path}?on={on.isoformat()}", *([carried] if carried else [])])


def search_url(args: Mapping[str, Any]) -> str:
    """A search with these fields, one or several values each; None is left out.

    They come from an address that anybody may have written: as arguments of `url_for` some names
    would mean something else.
    """
    path, _, carried = url_for("search.results").partition("?")
    asked = urlencode([(k, v) for k, v in args.items() if v is not None], doseq=True)
    return "&".join([f"{path}?{asked}", *([carried] if carried and "lang" not in args else [])])


def why_url(space: SpaceFacts, period: Period) -> str:
    """The page that says why this space cannot be had then; written out like `form_url`."""
    pages = g.setdefault("why_pages", {})
    if space.id not in pages:
        names = {"slug": space.venue.slug, "space_slug": space.slug}
        pages[space.id] = url_for("venues.why", **names).partition("?")
    path, _, carried = pages[space.id]
    return "&".join([f"{path}?{time_query(period, space.zone)}", *([carried] if carried else [])])
