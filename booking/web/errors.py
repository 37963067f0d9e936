"""Domain errors as pages: one table says which status each family has."""

import structlog
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from booking.db import db
from booking.errors import BookingError, Conflict, NotAllowed, NotFound, Refused
from booking.web.context import network
from booking.words import LANGUAGES

FOR_MACHINES = ("static", "health.healthz", "health.readyz")
log = structlog.get_logger()
STATUS: dict[type[BookingError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Refused: 422,
}


def status_of(error: BookingError) -> int:
    """The status of the nearest ancestor in the table."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def sentences(status: int) -> tuple[str, str]:
    """Title and explanation of an error page."""
    known = {
        400: (
            gettext("The form could not be read"),
            gettext("Please go back, reload the page and try again. Nothing was saved."),
        ),
        403: (gettext("You may not do that"), gettext("Your account does not allow it.")),
        404: (
            gettext("Nothing here"),
            gettext("The page does not exist, is no longer there, or is not for your account."),
        ),
        405: (gettext("Not possible here"), gettext("This address does not accept that.")),
        409: (
            gettext("This has changed meanwhile"),
            gettext("Somebody was quicker. Please look at its present state. Nothing was saved."),
        ),
        413: (gettext("Too much at once"), gettext("What you sent is too large.")),
        422: (gettext("That is not possible"), gettext("A rule of the house says no.")),
        429: (
            gettext("One moment, please"),
            gettext("There were too many attempts. Please wait a little and try again."),
        ),
        503: (
            gettext("Back in a moment"),
            gettext("The system cannot answer just now. Nothing was saved; please try again."),
        ),
    }
    return known.get(status) or (
        gettext("Something went wrong"),
        gettext("The fault is ours and has been written down. Nothing was saved."),
    )


def page(status: int) -> ResponseReturnValue:
    """A whole page where the language and the session can be had, else a plain one."""
    title, text = sentences(status)
    return render_template("error.html", status=status, title=title, text=text), status


def show(error: BookingError) -> ResponseReturnValue:
    if isinstance(error, NotAllowed):
        log.warning("not allowed", endpoint=request.endpoint, verb=error.facts.get("verb"))
    return page(status_of(error))


def show_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    body, status = page(error.code or 500)  # type: ignore[misc]
    headers = [pair for pair in error.get_headers() if pair[0] in ("Allow", "Retry-After")]
    return body, status, headers


def show_csrf(error: CSRFError) -> ResponseReturnValue:
    return page(400)


def show_database(error: DBAPIError) -> ResponseReturnValue:
    """The database is out of reach or overloaded: say so simply, and to come back."""
    return bare_page(503), 503, {"Retry-After": "5"}


def show_bug(error: Exception) -> ResponseReturnValue:
    """Unexpected: Flask has written it down; told without detail."""
    return bare_page(500), 500


def bare_page(status: int) -> str:
    """A page that asks the database nothing more, not even for the reader or the language.

    `render_template` would: every template's context looks both up.
    """
    db.session.rollback()
    g.language = request.accept_languages.best_match(list(LANGUAGES), "fr")
    title, text = sentences(status)
    template = current_app.jinja_env.get_template("unavailable.html")
    return template.render(title=title, text=text, language=g.language)


def show_stranger(error: SecurityError) -> ResponseReturnValue:
    """Asked under a name that is not ours: no link can be built, so there is no page."""
    return "Unknown host.", 400, {"Content-Type": "text/plain; charset=utf-8"}


def hold_back() -> ResponseReturnValue | None:
    """Before every request: in production nobody is shown invented figures, or machines only."""
    if current_app.config["APP_ENV"] != "production" or request.endpoint in FOR_MACHINES:
        return None
    found = network()
    if found is None or not found.demo:
        return None
    title = gettext("Not open yet")
    text = gettext("This installation holds demonstration data, which nobody may take for real.")
    return render_template("unavailable.html", title=title, text=text), 503


def init_app(app: Flask) -> None:
    """Registers the handlers."""
    app.before_request(hold_back)
    app.register_error_handler(SecurityError, show_stranger)
    app.register_error_handler(BookingError, show)
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(CSRFError, show_csrf)
    app.register_error_handler(OperationalError, show_database)
    app.register_error_handler(500, show_bug)
