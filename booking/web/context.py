"""What every template knows: the reader, the network, the language, and the house's filters."""

from collections.abc import Hashable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, get_template_attribute, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from wtforms import SelectChoice

from booking import clock, reasons, words
from booking.queries import reservations
from booking.queries import venues as places
from booking.queries.members import grants_of
from booking.rules import roles
from booking.web import descriptions, language, wishes
from booking.web import once as sent_once
from booking.web.forms.search import FinderForm
from booking.web.session import me


def network() -> places.NetworkFacts | None:
    """The network of this installation, read once per request."""
    if "network" not in g:
        g.network = places.network()
    return g.network  # type: ignore[no-any-return]


def atlas() -> places.Atlas:
    """All places, read once per request."""
    if "atlas" not in g:
        g.atlas = places.atlas(network())
    return g.atlas  # type: ignore[no-any-return]


def forget_atlas() -> None:
    """A transaction has begun: what was read before is of another moment."""
    for name in ("atlas", "network", "principals", "named"):  # The last two: see web/behalf.
        g.pop(name, None)


def pending_requests() -> int | None:
    """How many requests wait for this reader; None for those who decide nothing."""
    member = me()
    if member is None:
        return None
    now = clock.now()
    decides_for = roles.venues_for(grants_of(member), "see_requests", now)
    return None if decides_for == set() else reservations.pending_count(decides_for, now)


def demo() -> bool:
    """Whether this is the demonstration: invented data, and a mailbox everybody can read."""
    found = network()
    return bool(found and found.demo) and current_app.config["APP_ENV"] != "production"


def administers() -> bool:
    """Whether the reader is an administrator."""
    member = me()
    return member is not None and roles.may(grants_of(member), "grant_role", None, clock.now())


def controller(venue: places.VenueFacts | None = None) -> str:
    """Who answers for personal data: the venue's operator, else all of the network's."""
    if "operators" not in g:
        g.operators = places.operators()
    names = [one.name for one in g.operators if not venue or one.id == venue.venue.operator_id]
    return " · ".join(names)


def picture(venue: places.VenueFacts) -> str:
    """The address of the venue's drawing; one for all venues that have none."""
    name = f"img/venues/{venue.slug}.svg"
    known = (Path(current_app.static_folder or "") / name).is_file()
    return url_for("static", filename=name if known else "img/venues/other.svg")


def once(piece: str, *values: Hashable) -> Markup:
    """A macro of _parts/lasting.html: put together once for these values and each language."""
    return kept(words.tongue(), piece, values)


@lru_cache(2048)
def kept(_language: str, piece: str, values: tuple[Hashable, ...]) -> Markup:
    return Markup(get_template_attribute("_parts/lasting.html", piece)(*values))


def as_pairs(choices: Iterable[SelectChoice]) -> tuple[tuple[str, str], ...]:
    """Choices as plain values, in the reader's language."""
    return tuple((one.value, str(one.label)) for one in choices)


def criteria(form: FinderForm) -> Markup:
    """What few people fill in of the finder; left empty, it is put together once a language."""
    return Markup(criteria_of(form)) if form.more else no_criteria(words.tongue())


@lru_cache(4)
def no_criteria(_language: str) -> Markup:
    form = FinderForm(formdata=None)
    form.offer([], descriptions.weekday_names())
    return Markup(criteria_of(form))


def criteria_of(form: FinderForm) -> str:
    return str(get_template_attribute("_parts/finder.html", "more")(form))


def icon_of(name: str) -> Markup:
    """A sign of the house's own drawing; pages have a hundred of them."""
    if "icons" not in g:
        g.icons = url_for("static", filename="img/icons.svg")
    return drawn(g.icons, name)


@lru_cache(256)
def drawn(sheet: str, name: str) -> Markup:
    svg = '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>'
    return Markup(svg).format(sheet, name)


def everywhere() -> dict[str, Any]:
    """The context processor of all templates."""
    other = "en" if language.chosen() == "fr" else "fr"
    return {
        "me": me(),
        "network": network(),
        "network_name": words.said(network().name) if network() else gettext("Reservations"),  # type: ignore[union-attr]
        "demo": demo(),
        "administers": administers(),
        "language": language.chosen(),
        "other_language": {"code": other, "name": words.LANGUAGES[other]},
        "other_language_url": language.other_url(),
        "url_language": language.in_url(),
        "home_zone": ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"]),
        "controller": controller,
        "picture": picture,
        "pending_requests": pending_requests(),
        "in_basket": len(wishes.wishes()) if me() else 0,
        "current_endpoint": request.endpoint,
        "KINDS": words.KINDS,
        "STATES": words.STATES,
        "VERBS": words.VERBS,
        "LAYOUTS": words.LAYOUTS,
        "ACTIVITIES": words.ACTIVITIES,
        "ROLES": words.ROLES,
        "MARK_WORDS": words.MARK_WORDS,
    }


def add_filters(app: Flask) -> None:
    """Jinja filters, for pages and mails alike."""
    app.jinja_env.filters.update(
        said=words.said,
        money=words.money,
        duration=words.duration,
        times=words.times,
        when=words.when,
        clock_time=words.clock_time,
        minute_time=words.minute_time,
        short_date=words.short_date,
        long_date=words.long_date,
        instant_text=words.instant_text,
        date_part=words.date_part,
        local_date=words.local_date,
        device=descriptions.device,
        number=words.number,
        percent=words.percent,
        hours_in_words=descriptions.hours_in_words,
        distance=words.distance,
        people=words.people,
        mark=words.mark,
        month=words.month,
        asked=reasons.ask,
        exceptions=reasons.exceptions,
    )
    app.jinja_env.globals.update(
        icon_of=icon_of,
        once=once,
        as_pairs=as_pairs,
        criteria=criteria,
        clock_choices=words.clock_choices,
        once_name=sent_once.name,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def init_app(app: Flask) -> None:
    add_filters(app)

    app.context_processor(everywhere)
