"""The screen beside a door: free or taken, until when, and checking in by the code alone.

Open to everybody, and the same for all: it says when a place is taken and never by whom.
"""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from booking import clock, reasons, words
from booking.actions import presence as act
from booking.db import transaction
from booking.errors import NotFound, Refused
from booking.queries import presence as find
from booking.rules.access import EVERYONE, open_to
from booking.rules.hours import today
from booking.web.context import atlas, forget_atlas
from booking.web.forms.presence import CodeForm
from booking.web.security import limiter, posts_nothing

bp = Blueprint("kiosk", __name__)
REFRESH, BACK = 60, 120  # seconds
ATTEMPTS = "10 per minute; 100 per hour"
NOBODY = _l(
    "No reservation with this code is on here now, or begins within a quarter of an hour. Please"
    " compare it with your mail, and the name of the space with the one above."
)


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
                found = act.check_in_by_code(
                    atlas().space(slug, space_slug), form.code.data, now=clock.now()
                )
                until = words.clock_time(found.ends_at, space.zone)
        except NotFound:
            form.code.errors = [str(NOBODY)]
        except Refused as no:
            form.code.errors = [reasons.refusal(broken, space.zone) for broken in no.refusals]
        else:
            flash(gettext("Welcome! You are checked in until %(until)s.", until=until), "ok")
            return redirect(back)
    forget_atlas()
    page = render_template("kiosk/check_in.html", space=atlas().space(slug, space_slug), form=form)
    answer = make_response(page, 422 if form.errors else 200)
    answer.headers["Refresh"] = f"{BACK}; url={back}"
    return answer
