"""Named periods as one-click choices: each leads to the filled-in form, or to why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext

from booking.db import Words
from booking.queries.availability import Taken
from booking.queries.day_parts import CLOSED, TAKEN, Chance, chances
from booking.queries.keeping import kept_with_places
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules.day_parts import Part, parts_of, usual
from booking.rules.periods import Period
from booking.web import descriptions, links

AGAINST = {
    TAKEN: lazy_gettext("taken"),
    CLOSED: lazy_gettext("closed"),
    "past": lazy_gettext("past"),
    "too-late": lazy_gettext("too late"),
    "too-early": lazy_gettext("too early"),
}


@dataclass(frozen=True)
class Chip:
    """`free`: it leads to the form; else `state` says in a word why not, and it leads to why.
    `current`: the form has this period already."""

    name: Words
    hours: str
    url: str
    free: bool
    state: str
    current: bool = False


def chips(
    space: SpaceFacts,
    on: date,
    taken: Sequence[Taken],
    now: datetime,
    period: Period | None = None,
    **kept: object,
) -> list[Chip]:
    """One for each named period of the venue. On a form, `period` is what it says, and `kept`
    what else was typed; only from and to change."""
    return [chip(space, one, period, kept) for one in chances(space, on, taken, now)]


def chip(space: SpaceFacts, one: Chance, period: Period | None, kept: Mapping[str, object]) -> Chip:
    """One of them as a link."""
    free = one.against is None
    values = links.form_values(space, one.period) | kept
    url = url_for("reservations.new", **values) if free else links.why_url(space, one.period)
    state = "" if free else str(AGAINST.get(one.against or "") or gettext("not possible"))
    hours = descriptions.span_text((one.part.opens, one.part.closes))
    return Chip(one.part.name, hours, url, free, state, one.period == period)


@kept_with_places(64)
def for_finder(venues: tuple[VenueFacts, ...]) -> list[Part]:
    """The named periods of these venues, one of each."""
    return usual([parts_of(venue.venue.day_parts) for venue in venues])
