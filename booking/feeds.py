"""Calendars that programs subscribe to (RFC 5545). Only facts a reader may have go in.

Public feeds say when a place is taken, nothing more. Token feeds are private: the token is
the key, unknown and revoked ones look the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import force_locale, gettext

from booking import clock, words
from booking.models.calendars import REQUESTS, Feed
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.outside import ical
from booking.queries import calendars as find
from booking.queries import reservations, venues
from booking.queries.members import grants_of
from booking.queries.venues import NetworkFacts, SpaceFacts
from booking.rules import roles, states
from booking.rules.access import EVERYONE, open_to
from booking.rules.availability import next_midnight
from booking.rules.periods import Period

bp = Blueprint("feeds", __name__)
BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)
CANCELLED_SHOWN = timedelta(days=14)
FRESH = 300  # seconds
FORM = 2
"""Counted up whenever a public calendar would say the same things in other words."""

Taken = tuple[datetime, datetime]
"""From when to when one unit is taken."""


@bp.get("/venues/<slug>/calendar.ics")
@open_to(EVERYONE)
def venue(slug: str) -> Response:
    known = venues.network()
    found = venues.atlas(known).venue(slug)
    name = words.said(found.name)
    page = public_url("venues.show", slug=slug)
    return busy(known, found.spaces, name, page, found.slug)


@bp.get("/venues/<slug>/<space_slug>/calendar.ics")
@open_to(EVERYONE)
def space(slug: str, space_slug: str) -> Response:
    known = venues.network()
    found = venues.atlas(known).space(slug, space_slug)
    name = f"{words.said(found.name)} – {words.said(found.venue.name)}"
    page = public_url("venues.space", slug=slug, space_slug=space_slug)
    return busy(known, [found], name, page, f"{slug}-{space_slug}")


@bp.get("/feeds/<token>.ics")
@open_to(EVERYONE)
def token(token: str) -> Response:
    feed = find.feed(token)
    with force_locale(feed.member.language):
        if feed.kind == REQUESTS:
            return requests_of(feed)
        return reservations_of(feed)


def busy(
    known: NetworkFacts | None, spaces: Sequence[SpaceFacts], name: str, page: str, filename: str
) -> Response:
    """A public calendar: when these spaces cannot be had. A pool is taken when no unit is left.

    `known` says of which version of the places the spaces are.
    """
    now, zone = clock.now(), spaces[0].zone if spaces else None
    units = {unit for one in spaces for unit in one.units}
    tag = tag_of(known, page, units, now)
    if tag and request.if_none_match.contains(tag):
        return answer(b"", filename, now, zone.key if zone else "UTC", public=True, tag=tag)
    rows: dict[int, list[Taken]] = {unit: [] for unit in units}
    for unit, start, end in find.occupied(units, window(now), now):
        rows[unit].append((start, end))
    if tag != tag_of(known, page, units, now):
        tag = None  # Something came in between the two looks: the bytes are named by themselves.
    slots = [slot for one in spaces for slot in slots_of(one, rows, several=len(spaces) > 1)]
    calendar = ical.Calendar(
        name=name,
        description=gettext("When this place is taken. Refreshed by your calendar, not live."),
        zone=zone.key if zone else "UTC",
        url=page,
    )
    body = ical.busy_feed(calendar, slots, current_app.config["SECRET_KEY"].encode())
    return answer(body, filename, now, calendar.zone, public=True, tag=tag)


def tag_of(known: NetworkFacts | None, page: str, units: set[int], now: datetime) -> str | None:
    """The ETag of a public calendar, without writing it: all that its bytes depend on.

    None while nobody says which version of the places this is.
    """
    if known is None or not known.version:
        return None
    settings = current_app.config["SECRET_KEY"], current_app.config["BASE_URL"]
    facts = (FORM, page, words.tongue(), known.version, find.state_of(units, window(now), now))
    return ical.etag(repr((settings, facts)).encode())


def slots_of(
    space: SpaceFacts, rows: Mapping[int, Sequence[Taken]], several: bool
) -> list[ical.Slot]:
    """When the space cannot be had: any of its units taken, or in a pool all of them."""
    mine = [taken for unit in space.units for taken in rows[unit]]
    taken = all_taken(mine, len(space.units)) if space.pool else mine
    place, summary = f"{space.venue.slug}/{space.slug}", gettext("Taken")
    if several:
        summary = f"{words.said(space.name)} – {summary}"
    zone = space.zone.key
    return [ical.Slot(place, start, end, zone, summary) for start, end in taken]


def all_taken(rows: Sequence[Taken], units: int) -> list[Taken]:
    """The time during which every one of so many units is taken."""
    steps = sorted([(start, 1) for start, _ in rows] + [(end, -1) for _, end in rows])
    found, count, since = [], 0, None
    for at, change in steps:
        count += change
        if count == units and change == 1:
            since = at
        elif since is not None and count == units - 1 and change == -1:
            if since < at:
                found.append((since, at))
            since = None
    return found


def reservations_of(feed: Feed) -> Response:
    """A member's own reservations; ended ones stay a while, marked as cancelled."""
    now = clock.now()
    rows = reservations.for_member_feed(feed.member_id, window(now))
    shown = [row for row in rows if still_shown(row, now)]
    name = gettext("My reservations")
    calendar = ical.Calendar(
        name=f"{network_name()} – {name}",
        description=gettext("Your reservations. Refreshed by your calendar, not live."),
        zone=zone_of(shown),
        events=[event_of(row) for row in shown],
        url=public_url("reservations.index"),
    )
    return answer(ical.feed(calendar), "reservations", now, calendar.zone, public=False)


def still_shown(row: Reservation, now: datetime) -> bool:
    """Kept ones always; cancelled ones until their end, at most two weeks after the change."""
    if row.state in states.ICAL_STATUS:
        return True
    return row.ends_at > now and row.updated_at > now - CANCELLED_SHOWN


def requests_of(feed: Feed) -> Response:
    """Requests a manager has still to decide, at the venues of their roles as they are today."""
    now, member = clock.now(), feed.member
    decides_for = roles.venues_for(grants_of(member), "see_requests", now)
    rows = reservations.pending(decides_for, now) if decides_for != set() else []
    calendar = ical.Calendar(
        name=f"{network_name()} – {gettext('Requests to decide')}",
        description=gettext("Requests that wait for you. Refreshed by your calendar, not live."),
        zone=zone_of(rows),
        events=[request_event(row) for row in rows],
        url=public_url("desk.index"),
    )
    return answer(ical.feed(calendar), "requests", now, calendar.zone, public=False)


def event_of(row: Reservation, member: Member | None = None) -> ical.Event:
    """A reservation as its owner's calendar shows it."""
    status = states.ical_status(row.state)
    title = words.said(row.space.name) + (f" – {row.title}" if row.title else "")
    prefix = {
        "TENTATIVE": gettext("[waiting] "),
        "CANCELLED": gettext("[cancelled] "),
        "CONFIRMED": "",
    }
    venue = row.space.venue
    place = f"{venue.address}, {venue.postcode} {venue.city}"
    known = "coordinates" not in venue.demo_fields and venue.lat is not None
    return ical.Event(
        uid=f"{row.uid}@{host()}",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=venue.timezone,
        summary=prefix[status] + title,
        status=status,
        sequence=row.sequence,
        created_at=row.created_at,
        updated_at=row.updated_at,
        description=gettext("Reservation %(code)s", code=row.code),
        location=f"{words.said(row.space.name)}, {words.said(venue.name)}, {place}",
        geo=(venue.lat, venue.lon or 0.0) if known else None,  # type: ignore[arg-type]
        url=public_url("reservations.show", code=row.code),
        category=str(words.KINDS[row.space.kind]),
        organizer=(words.said(venue.name), current_app.config["MAIL_FROM"]),
    )


def request_event(row: Reservation) -> ical.Event:
    """A request as its manager's calendar shows it."""
    event = event_of(row)
    return event._replace(
        summary=gettext("[to decide] ") + words.said(row.space.name),
        description=gettext("Reservation %(code)s", code=row.code),
        url=public_url("desk.request", code=row.code),
    )


def window(now: datetime) -> Period:
    """What feeds show: a month behind, thirteen ahead."""
    return Period(now - BEHIND, now + AHEAD)


def zone_of(rows: Sequence[Reservation]) -> str:
    """The zone most programs will show the calendar in: that of the first entry."""
    return rows[0].space.venue.timezone if rows else "Europe/Paris"


def host() -> str:
    """The name behind the @ of every UID: that of the configured address."""
    return current_app.config["BASE_URL"].split("://", 1)[1].split(":")[0]  # type: ignore[no-any-return]


def public_url(endpoint: str, **values: str) -> str:
    """An absolute address, built from the configured one and never from the request."""
    return current_app.config["BASE_URL"] + url_for(endpoint, **values)  # type: ignore[no-any-return]


def network_name() -> str:
    found = venues.network()
    return words.said(found.name) if found else gettext("Reservations")


def answer(
    body: bytes, filename: str, now: datetime, zone: str, public: bool, tag: str | None = None
) -> Response:
    """200 with a strong ETag, or 304. Nothing is kept past the next midnight of the zone.

    `tag` is that of the body where it is known without it.
    """
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{filename}.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    age = min(FRESH, int((next_midnight(now, ZoneInfo(zone)) - now).total_seconds()))
    response.headers["Cache-Control"] = f"{'public' if public else 'private'}, max-age={age}"
    response.set_etag(tag or ical.etag(body))
    response.make_conditional(request)
    return response
