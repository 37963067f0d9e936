"""Spaces as the cards of their venue's page, each with its named periods on a day."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import get_template_attribute, url_for
from markupsafe import Markup

from booking import words
from booking.queries.keeping import kept_with_places
from booking.queries.venues import SpaceFacts
from booking.rules.hours import day
from booking.web import boards, descriptions
from booking.web.boards import Board, Rows
from booking.web.day_parts import chips
from booking.web.links import Page, this_page


def cards(board: Board, spaces: Sequence[SpaceFacts], now: datetime) -> list[Markup]:
    """What each space is, costs and asks for, with what of the board's day can be had."""
    page, on = this_page(), board.on
    moments = [boards.moment_for(space, day(on, space.zone), now) for space in spaces]
    return [
        drawn(page, space, on, board.rows[space.id], moment)
        for space, moment in zip(spaces, moments, strict=True)
    ]


@kept_with_places(boards.KEPT)
def drawn(_page: Page, space: SpaceFacts, on: date, rows: Rows, now: datetime) -> Markup:
    """The card, by everything it depends on, like a row of the board beside it."""
    venue, this = space.venue.slug, f"{space.venue.slug}/{space.slug}"
    values = {
        "space": space,
        "url": url_for("venues.space", slug=venue, space_slug=space.slug, on=on.isoformat()),
        "venue": words.KINDS[space.space.kind],
        "fits": (),
        "needs": descriptions.needs(space.rules),
        "cents": None,
        "instant": not space.on_request,
        "reserve_url": url_for("reservations.new", space=this, on=on.isoformat()),
        "parts": chips(space, on, rows, now),
    }
    return Markup(get_template_attribute("_parts/cards.html", "space_card")(values))
