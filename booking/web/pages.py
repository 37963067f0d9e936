"""Pages of text the law asks for: cookies, who answers, accessibility."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from booking.actions.retention import KEPT
from booking.queries.venues import operators
from booking.rules.access import EVERYONE, open_to
from booking.rules.presence import COUNTED
from booking.web.context import atlas

bp = Blueprint("pages", __name__)


@bp.get("/cookies")
@open_to(EVERYONE)
def cookies() -> ResponseReturnValue:
    return render_template("pages/cookies.html")


@bp.get("/mentions-legales")
@open_to(EVERYONE)
def legal() -> ResponseReturnValue:
    venues = atlas().venues
    return render_template(
        "pages/legal.html",
        operators=operators(),
        venues=venues,
        absences_count=COUNTED.days,
        guests_kept=KEPT.days,
    )


@bp.get("/accessibilite")
@open_to(EVERYONE)
def accessibility() -> ResponseReturnValue:
    return render_template("pages/accessibility.html", venues=atlas().venues)
