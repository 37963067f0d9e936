"""Being there: the page behind the QR code, checking in, and whom a manager expects today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from booking import clock, reasons, words
from booking.actions import presence as act
from booking.db import transaction
from booking.errors import NotFound, Refused
from booking.models.reservations import Reservation
from booking.outside import qr
from booking.queries import guests as find_guests
from booking.queries import presence as find
from booking.queries.members import grants_of
from booking.queries.reservations import by_code
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import roles, states
from booking.rules.access import DECIDERS, EVERYONE, MEMBERS, open_to
from booking.rules.hours import day, today
from booking.rules.periods import Period
from booking.rules.presence import window
from booking.web.context import atlas, forget_atlas
from booking.web.descriptions import arrival_in_words
from booking.web.links import form_url
from booking.web.session import me, member, own_path

bp = Blueprint("presence", __name__)
UTC = ZoneInfo("UTC")  # Where a refusal names no time.
SOON, NOW, HERE, MISSED = "soon", "now", "here", "missed"


@dataclass(frozen=True)
class Stage:
    """How far somebody is with being there: `name` soon, now, here or missed.

    `opens`: from when one may check in; `by`: until when one must, or should have, None for never;
    `late`: whether it has begun without them.
    """

    name: str
    opens: datetime
    by: datetime | None
    late: bool


@dataclass(frozen=True)
class Awaited:
    """A reservation on a list of those who are expected."""

    reservation: Reservation
    space: SpaceFacts
    period: Period
    stage: Stage


@dataclass(frozen=True)
class Sheet:
    """What is printed beside a code, in a language: `names` of the spaces and until when one must
    check in there, each by the id of the space."""

    language: str
    title: str
    text: str
    names: dict[int, str]
    rules: dict[int, str]


def stage_of(reservation: Reservation, now: datetime) -> Stage | None:
    """None for what is over, or never was to be."""
    period = Period(reservation.starts_at, reservation.ends_at)
    opens, begun = window(period).start, period.start <= now
    known = {
        states.CONFIRMED: NOW if now >= opens else SOON,
        states.CHECKED_IN: HERE,
        states.NO_SHOW: MISSED,
    }
    name = known.get(reservation.state)
    if name is None or (name != MISSED and period.end <= now):
        return None
    return Stage(name, opens, reservation.check_in_by, name == NOW and begun)


def awaited(rows: Sequence[Reservation], now: datetime) -> list[Awaited]:
    """Those of whom there is something to say, with their places."""
    found = [(row, stage_of(row, now)) for row in rows]
    return [
        Awaited(row, atlas().by_id(row.space_id), Period(row.starts_at, row.ends_at), stage)
        for row, stage in found
        if stage is not None
    ]


@bp.get("/venues/<slug>/<space_slug>/here")
@open_to(EVERYONE)
def here(slug: str, space_slug: str) -> ResponseReturnValue:
    space, now, reader = atlas().space(slug, space_slug), clock.now(), me()
    until = day(today(now, space.zone), space.zone).end
    own = find.own_here(reader, atlas().sharing(space), now, until) if reader else []
    return render_template(
        "presence/here.html",
        space=space,
        own=awaited(own, now),
        glance=find.glance(space, now),
        choices=[choice_of(space, period) for period in find.soonest(space, now)],
        today=today(now, space.zone),
    )


def choice_of(space: SpaceFacts, period: Period) -> dict[str, str]:
    """A free time as a link to the form with it."""
    button = gettext("Request") if space.on_request else gettext("Reserve")
    url = form_url(space, period)
    return {"text": words.when(period, space.zone), "url": url, "button": button}


@bp.get("/venues/<slug>/<space_slug>/qr.svg")
@open_to(EVERYONE)
def code_of(slug: str, space_slug: str) -> ResponseReturnValue:
    drawing = qr.svg(address(atlas().space(slug, space_slug)))
    return drawing, 200, {"Content-Type": "image/svg+xml"}


def address(space: SpaceFacts) -> str:
    """Of the page that the QR code opens, in no language: the reader's own is found there."""
    path = url_for("presence.here", slug=space.venue.slug, space_slug=space.slug)
    return str(current_app.config["BASE_URL"]) + path.partition("?")[0]


@bp.post("/reservations/<code>/check-in")
@open_to(MEMBERS)
def check_in(code: str) -> ResponseReturnValue:
    now = clock.now()
    try:
        with transaction():
            forget_atlas()
            act.check_in(by_code(code, by=member(), now=now), by=member(), now=now)
    except Refused as no:
        forget_atlas()
        zone = atlas().by_id(by_code(code, by=member(), now=now).space_id).zone
        for broken in no.refusals:
            flash(reasons.refusal(broken, zone), "problem")
    else:
        flash(gettext("Checked in."), "ok")
    return redirect(own_path(request.form.get("next")) or url_for("reservations.show", code=code))


@bp.post("/reservations/<code>/excuse")
@open_to(MEMBERS)
def excuse(code: str) -> ResponseReturnValue:
    now, why = clock.now(), request.form.get("why", "")
    try:
        with transaction():
            forget_atlas()
            act.excuse(by_code(code, by=member(), now=now), by=member(), now=now, why=why)
    except Refused as no:
        for broken in no.refusals:
            flash(reasons.refusal(broken, UTC), "problem")
    else:
        flash(gettext("Excused: it counts as an absence no more."), "ok")
    return redirect(url_for("reservations.show", code=code))


@bp.get("/desk/presence/<slug>")
@open_to(DECIDERS)
def expected(slug: str) -> ResponseReturnValue:
    venue, now = own_venue(slug), clock.now()
    on = today(now, venue.zone)
    all_ = awaited(find.expected(venue, day(on, venue.zone)), now)
    invited = find_guests.expected(venue, day(on, venue.zone))
    late = [one for one in all_ if one.stage.late and one.stage.by is not None]
    return render_template(
        "presence/expected.html",
        venue=venue,
        on=on,
        missing=[*late, *(one for one in all_ if one.stage.name == MISSED)],
        expected=[one for one in all_ if one.stage.name in (SOON, NOW) and one not in late],
        present=[one for one in all_ if one.stage.name == HERE],
        guests=[(row, atlas().by_id(row.reservation.space_id)) for row in invited],
    )


@bp.get("/desk/codes/<slug>")
@open_to(DECIDERS)
def codes(slug: str) -> ResponseReturnValue:
    venue = own_venue(slug)
    addresses = {space.id: address(space) for space in venue.spaces}
    texts = [sheet_in(language, venue.spaces) for language in words.LANGUAGES]
    return render_template("presence/codes.html", venue=venue, addresses=addresses, texts=texts)


def sheet_in(language: str, spaces: Sequence[SpaceFacts]) -> Sheet:
    """What the sheets of these spaces say in one of both languages."""
    with force_locale(language):
        return Sheet(
            language,
            gettext("Check in here"),
            gettext(
                "Scan the code with your phone. Nothing reserved? See what is free, and take it."
            ),
            {space.id: words.said(space.name) for space in spaces},
            {space.id: " ".join(arrival_in_words(space.rules)) for space in spaces},
        )


def own_venue(slug: str) -> VenueFacts:
    """A venue where the reader says who is there. Raises NotFound for any other."""
    venue = atlas().venue(slug)
    if not roles.may(grants_of(member()), "check_in", venue.id, clock.now()):
        raise NotFound(what="venue")
    return venue


def may_excuse(reservation: Reservation, now: datetime) -> bool:
    """Whether the reader may take an absence back."""
    venue_id = reservation.space.venue_id
    knows = states.knows(reservation.state, "excuse")
    return knows and roles.may(grants_of(member()), "excuse", venue_id, now)
