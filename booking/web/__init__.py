"""The HTML edge: one blueprint per concept."""

from flask import Flask

from booking.web import (
    account,
    calendars,
    context,
    demo,
    desk,
    errors,
    health,
    home,
    language,
    members,
    pages,
    reservations,
    search,
    security,
    session,
    venues,
)

BLUEPRINTS = (
    account.bp,
    calendars.bp,
    demo.bp,
    desk.bp,
    health.bp,
    home.bp,
    members.bp,
    pages.bp,
    reservations.bp,
    search.bp,
    venues.bp,
)


def init_app(app: Flask) -> None:
    """Order matters: limits and tokens are checked before anybody is looked up."""
    security.init_app(app)
    session.init_app(app)
    language.init_app(app)
    context.init_app(app)
    errors.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
