"""Venues and their spaces: what they are, how they are reserved, when they are free."""

from datetime import date, datetime, timedelta

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import feedback
from booking.queries.hours import coming
from booking.queries.members import grants_of
from booking.queries.policies import organisation_ids
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import roles
from booking.rules.access import EVERYONE, open_to
from booking.rules.feedback import PUBLIC_FROM, Result
from booking.rules.hours import next_open_date, today
from booking.web import boards, descriptions, notices, plans
from booking.web.boards import View
from booking.web.calendars import address
from booking.web.cards import cards
from booking.web.context import atlas
from booking.web.day_parts import chips
from booking.web.session import me
from booking.web.why import page as why_page

bp = Blueprint("venues", __name__)
FIRST_YEAR, LAST_YEAR = 2000, 2999


@bp.get("/venues")
@open_to(EVERYONE)
def index() -> ResponseReturnValue:
    return render_template("venues/index.html", venues=atlas().venues)


@bp.get("/venues/<slug>")
@open_to(EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    venue = atlas().venue(slug)
    now = clock.now()
    on = day_asked(venue, now)
    board = boards.of_venue(venue, venue.spaces, on, view_of(venue, now))
    return render_template(
        "venues/show.html",
        venue=venue,
        board=board,
        cards=cards(board, venue.spaces, now),
        notices=notices.of_day(venue, on),
        coming=notices.coming(venue, coming(venue.id, now), now),
        feed=address(url_for("feeds.venue", slug=slug)),
        **around(on, now, venue),
    )


@bp.get("/venues/<slug>/<space_slug>")
@open_to(EVERYONE)
def space(slug: str, space_slug: str) -> ResponseReturnValue:
    found = atlas().space(slug, space_slug)
    now = clock.now()
    on = day_asked(found.venue, now)
    monday = on - timedelta(days=on.weekday())
    board = boards.of_week(found, monday, view_of(found.venue, now))
    return render_template(
        "venues/space.html",
        space=found,
        venue=found.venue,
        board=board,
        parts=chips(found, on, board.rows[found.id], now),
        notices=notices.of_day(found.venue, on),
        rules=descriptions.rules_in_words(found.rules),
        plan=plans.plan_on(found, on, now),
        said=said_of(found, now),
        shared=[other for other in atlas().sharing(found) if other.id != found.id],
        monday=monday,
        feed=address(url_for("feeds.space", slug=slug, space_slug=space_slug)),
        **around(on, now, found.venue),
    )


def said_of(space: SpaceFacts, now: datetime) -> Result | None:
    """What people answered after their reservations, where they are enough for everybody's eyes."""
    result = feedback.of_space(space.id, today(now, space.zone))
    return result if result.answers >= PUBLIC_FROM else None


@bp.get("/venues/<slug>/<space_slug>/why")
@open_to(EVERYONE)
def why(slug: str, space_slug: str) -> ResponseReturnValue:
    found = atlas().space(slug, space_slug)
    return why_page(found, view_of(found.venue, clock.now()))


def view_of(venue: VenueFacts, now: datetime) -> View:
    """Whose eyes look at this venue."""
    member = me()
    grants = grants_of(member) if member else []
    sees_all = roles.may(grants, "see_reservation", venue.id, now)
    ours = organisation_ids(member, now) if member and venue.organisations else frozenset()
    return View(member, sees_all, now, organisations=ours)


def day_asked(venue: VenueFacts, now: datetime) -> date:
    """The date in the address, else the venue's next open day. 404 for what is no date."""
    text = request.args.get("on")
    if not text:
        return next_open_date(venue.hours, now, venue.zone)
    try:
        on = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        abort(404)
    return on


def around(on: date, now: datetime, venue: VenueFacts) -> dict[str, object]:
    """The date shown, today, and the steps to both sides."""
    step = timedelta(days=1)
    return {
        "on": on,
        "today": today(now, venue.zone),
        "before": on - step,
        "after": on + step,
        "week_before": on - 7 * step,
        "week_after": on + 7 * step,
    }
