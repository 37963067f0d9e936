"""The HTML edge: one blueprint per concept."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from booking.web import (
    account,
    baskets,
    calendars,
    changes,
    context,
    delegations,
    demo,
    desk,
    errors,
    feedback,
    guests,
    health,
    home,
    hours,
    kiosk,
    language,
    members,
    pages,
    people,
    presence,
    reservations,
    search,
    security,
    series,
    series_changes,
    session,
    venues,
    visitors,
    waitlist,
)

BLUEPRINTS = (
    account.bp,
    baskets.bp,
    calendars.bp,
    changes.bp,
    delegations.bp,
    demo.bp,
    desk.bp,
    feedback.bp,
    guests.bp,
    health.bp,
    home.bp,
    hours.bp,
    kiosk.bp,
    members.bp,
    pages.bp,
    people.bp,
    presence.bp,
    reservations.bp,
    search.bp,
    series.bp,
    series_changes.bp,
    venues.bp,
    visitors.bp,
    waitlist.bp,
)


class RowId(IntegerConverter):
    """The number of a row, no larger than a database counts."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=2**31 - 1)


def init_app(app: Flask) -> None:
    """Order matters: limits and tokens are checked before anybody is looked up."""
    app.url_map.converters["id"] = RowId
    security.init_app(app)
    session.init_app(app)
    language.init_app(app)
    context.init_app(app)
    errors.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
