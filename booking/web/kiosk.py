"""The screen beside a door: free or taken, until when, and checking in by the code alone. And the
screen of a hall, with all spaces of a venue.

Open to everybody, and the same for all: it says when a place is taken and never by whom.
"""

from datetime import datetime
from math import ceil

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from booking import clock, reasons, words
from booking.actions import guests as act
from booking.db import transaction
from booking.errors import NotFound, Refused
from booking.models.guests import Guest
from booking.models.reservations import Reservation
from booking.outside import qr
from booking.queries import presence as find
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules.access import EVERYONE, open_to
from booking.rules.hours import today
from booking.web import notices
from booking.web.context import atlas, forget_atlas
from booking.web.forms.presence import CodeForm
from booking.web.security import limiter, posts_nothing

bp = Blueprint("kiosk", __name__)
REFRESH, BACK, TURN = 60, 120, 20  # seconds
ON_A_PAGE = 9
"""So many spaces have room on a screen that is read from three metres."""
ATTEMPTS = "10 per minute; 100 per hour"
NOBODY = _l(
    "No reservation with this code is on here now, or begins within a quarter of an hour, and no"
    " guest with it is expected within two hours. Please compare it with your mail, and the name of"
    " the space with the one above."
)


@bp.get("/kiosk/<slug>")
@open_to(EVERYONE)
def hall(slug: str) -> ResponseReturnValue:
    venue, now = atlas().venue(slug), clock.now()
    pages, still = max(1, ceil(len(venue.spaces) / ON_A_PAGE)), "still" in request.args
    number = page_asked(pages)
    shown = glances(venue, number, now)
    page = render_template("kiosk/hall.html", **shown, number=number, pages=pages, still=still)
    answer = make_response(page)
    if not still:
        answer.headers["Refresh"] = turning(slug, number, pages, now)
    return answer


def glances(venue: VenueFacts, number: int, now: datetime) -> dict[str, object]:
    """What the page of that number says of the venue and its spaces."""
    on, first = today(now, venue.zone), (number - 1) * ON_A_PAGE
    seen = find.in_the_hall(venue, now)[first : first + ON_A_PAGE]
    hours = notices.hours_text(venue, on)
    return {"venue": venue, "seen": seen, "on": on, "now": now, "hours": hours}


def page_asked(pages: int) -> int:
    """The page in the address; the first for what is none."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return number if 1 <= number <= pages else 1


def turning(slug: str, number: int, pages: int, now: datetime) -> str:
    """When the screen turns to its next page; one that has a single page, when its clock moves."""
    if pages == 1:
        return str(60 - now.second)
    return f"{TURN}; url={url_for('.hall', slug=slug, page=number % pages + 1)}"


@bp.get("/venues/<slug>/qr.svg")
@open_to(EVERYONE)
def code_of(slug: str) -> ResponseReturnValue:
    path = url_for("venues.show", slug=atlas().venue(slug).slug).partition("?")[0]
    drawing = qr.svg(str(current_app.config["BASE_URL"]) + path)
    return drawing, 200, {"Content-Type": "image/svg+xml"}


@bp.get("/kiosk/<slug>/<space_slug>")
@open_to(EVERYONE)
def show(slug: str, space_slug: str) -> ResponseReturnValue:
    space, now = atlas().space(slug, space_slug), clock.now()
    still = "still" in request.args
    page = render_template(
        "kiosk/show.html",
        space=space,
        glance=find.glance(space, now),
        on=today(now, space.zone),
        now=now,
        still=still,
    )
    answer = make_response(page)
    if not still:  # As a header and not in the page: a reader may stop it.
        answer.headers["Refresh"] = str(REFRESH)
    return answer


@bp.route("/kiosk/<slug>/<space_slug>/check-in", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(ATTEMPTS, exempt_when=posts_nothing)
def check_in(slug: str, space_slug: str) -> ResponseReturnValue:
    space, form = atlas().space(slug, space_slug), CodeForm()
    back = url_for(".show", slug=slug, space_slug=space_slug)
    if form.validate_on_submit():
        try:
            with transaction():
                forget_atlas()
                here = atlas().space(slug, space_slug)
                said = welcome(act.come_in(here, form.code.data, now=clock.now()), here)
        except NotFound:
            form.code.errors = [str(NOBODY)]
        except Refused as no:
            form.code.errors = [reasons.refusal(broken, space.zone) for broken in no.refusals]
        else:
            flash(said, "ok")
            return redirect(back)
    forget_atlas()
    page = render_template("kiosk/check_in.html", space=atlas().space(slug, space_slug), form=form)
    answer = make_response(page, 422 if form.errors else 200)
    answer.headers["Refresh"] = f"{BACK}; url={back}"
    return answer


def welcome(who: Reservation | Guest, space: SpaceFacts) -> str:
    """Until when they have the place; to a guest, that the host is told. No names."""
    if isinstance(who, Guest):
        return gettext("Welcome! Your host is told that you are here.")
    until = words.clock_time(who.ends_at, space.zone)
    return gettext("Welcome! You are checked in until %(until)s.", until=until)
