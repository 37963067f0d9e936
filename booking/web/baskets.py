"""A member's day: wishes that are looked at together, and reserved together or not at all."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import clock, reasons, words
from booking.actions import baskets as act
from booking.actions.baskets import Line, Look
from booking.actions.reservations import competes
from booking.db import transaction
from booking.errors import BookingError, NotFound, NotTogether
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Look as Around
from booking.queries.ways_out import Offer, alternatives
from booking.rules import states
from booking.rules.access import MEMBERS, open_to
from booking.rules.periods import Period
from booking.rules.policies import Wish
from booking.web import extras, links, wishes
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.extras import PREFIX
from booking.web.forms.reservations import period_of
from booking.web.reserving import (
    details_of,
    form_of,
    offer_choices,
    page,
    permitted,
    price_hint,
    reasons_of,
    space_of,
    unfinished,
)
from booking.web.security import limiter
from booking.web.session import member

bp = Blueprint("baskets", __name__)
OFTEN = "120 per hour"


def by_member() -> str:
    """Attempts are counted for the member."""
    return f"member:{member().id}"


@bp.get("/basket")
@open_to(MEMBERS)
def index() -> ResponseReturnValue:
    return shown([part_of(wish) for wish in wishes.wishes()])


@bp.post("/basket")
@open_to(MEMBERS)
@limiter.limit(OFTEN, key_func=by_member)
def add() -> ResponseReturnValue:
    form = form_of(request.form)
    space = space_of(form)
    offer_choices(form, space)
    period = period_of(form, space.zone) if form.validate() else None
    if period is None:
        return page(form, space, None, None), 422
    if (no := unfinished(form, space, period)) is not None:
        return page(form, space, period, no), status_of(no)
    if not wishes.keep(wishes.wish_of(form, request.form)):
        form.form_errors.append(full())
        return page(form, space, period, None), 422
    flash(gettext("Added to your day. Nothing is reserved yet."), "ok")
    return redirect(url_for(".index"))


def full() -> str:
    """Why nothing more goes into the day."""
    return gettext("Your day is full: reserve it first, remove something, or use fewer words.")


@bp.post("/basket/<line>/remove")
@open_to(MEMBERS)
def remove(line: str) -> ResponseReturnValue:
    wishes.drop(line)
    flash(gettext("Removed from your day."), "ok")
    return redirect(url_for(".index"))


@bp.post("/basket/<line>/replace")
@open_to(MEMBERS)
@limiter.limit(OFTEN, key_func=by_member)
def replace(line: str) -> ResponseReturnValue:
    wish = next((one for one in wishes.wishes() if one["id"] == line), None)
    if wish is None:
        abort(404)
    fields = {key: text for key, text in request.form.items() if key != "csrf_token"}
    form = form_of(wishes.fields_of(wish | fields))
    if not wishes.change(line, {"unit": ""} | only(fields, wishes.wish_of(form, fields))):
        flash(full(), "problem")
    return redirect(url_for(".index"))


def only(fields: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    """Of what was sent, what the form knows; an extra that is not wanted any more is emptied."""
    return kept | {name: "" for name in fields if name.startswith(PREFIX) and name not in kept}


@bp.post("/basket/reserve")
@open_to(MEMBERS)
@limiter.limit(OFTEN, key_func=by_member)
def reserve() -> ResponseReturnValue:
    parts = [part_of(wish) for wish in wishes.wishes()]
    if not parts or any(part.line is None for part in parts):
        return redirect(url_for(".index"))
    try:
        with transaction():
            forget_atlas()
            lines = [part_of(part.wish).known() for part in parts]
            made = act.reserve_all(lines, by=member(), now=clock.now())
    except NotTogether as no:
        forget_atlas()
        return shown([part_of(part.wish) for part in parts], no), status_of(no)
    wishes.put([])
    asked = sum(one.state == states.REQUESTED for one in made)
    rivals = sum(competes(line.space, one) for line, one in zip(lines, made, strict=True))
    flash(done(len(made), asked, rivals), "ok")
    return redirect(url_for("reservations.index"))


def done(count: int, asked: int, rivals: int) -> str:
    """What became of the day: so many places, of which some are asked for, and of these some
    kept for nobody."""
    if not asked:
        return ngettext(
            "Your day is reserved: %(num)d reservation. A mail confirms it.",
            "Your day is reserved: %(num)d reservations. One mail confirms them.",
            count,
        )
    if not rivals:
        return ngettext(
            "Your day is kept for you: %(num)d request waits for its manager.",
            "Your day is kept for you: %(num)d requests wait for their managers.",
            asked,
        )
    waits = ngettext(
        "Your day is with the venues: %(num)d request waits for its manager.",
        "Your day is with the venues: %(num)d requests wait for their managers.",
        asked,
    )
    meanwhile = ngettext(
        "One place is kept for nobody meanwhile: others may ask for the same time.",
        "%(num)d places are kept for nobody meanwhile: others may ask for the same times.",
        rivals,
    )
    return f"{waits} {meanwhile}"


@dataclass
class Part:
    """A wish as the page shows it. `line` is None where it cannot be read any more."""

    wish: dict[str, str]
    line: Line | None
    reasons: list[str] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    ask: bool = False  # Whether a manager is asked first.

    def known(self) -> Line:
        """Raises NotFound where it cannot be read any more."""
        if self.line is None:
            raise NotFound(what="space")
        return self.line

    @property
    def competes(self) -> bool:
        """Whether a manager is asked and the place is kept for nobody meanwhile."""
        return self.ask and self.known().space.rules.competing

    @property
    def price(self) -> int | None:
        """Cents excluding VAT; None where it is unknown."""
        line = self.known()
        return price_hint(line.space, line.period, line.details.people, line.details.extras)

    @property
    def beside(self) -> str:
        """Its extras in words."""
        line = self.known()
        costs = extras.costs(line.space, line.details.extras)
        return words.pieces([(cost.count, cost.extra.name) for cost in costs])

    @property
    def units(self) -> str:
        """The desk that was chosen, if one was."""
        chosen = self.known().details.unit_id
        return words.said(self.known().space.venue.units[chosen].name) if chosen else ""


def part_of(wish: dict[str, str]) -> Part:
    """The wish, read as the form reads it."""
    try:
        form = form_of(wishes.fields_of(wish), meta={"csrf": False})
        space = space_of(form)
    except NotFound:
        return Part(wish, None)
    offer_choices(form, space)
    period = period_of(form, space.zone) if form.validate() else None
    return Part(wish, Line(space, period, details_of(form)) if period else None)


def shown(parts: list[Part], no: NotTogether | None = None) -> str:
    """The page: a verdict for each wish, what it costs together, and ways out of each no."""
    readable = [part for part in parts if part.line is not None]
    look = act.look([part.known() for part in readable], by=member(), now=clock.now())
    told = no.facts["parts"] if no else {}
    for number, part in enumerate(readable):
        part.ask = bool(look.asks[number])
        answer = look.answers[number] or told.get(number)
        if answer is not None:
            judge(part, answer, look, number)
    prices = [part.price for part in readable]
    return render_template(
        "baskets/index.html",
        parts=parts,
        ready=bool(parts) and all(part.line and not part.reasons for part in parts),
        refused=no is not None,
        kept=sum(part.ask and not part.competes for part in readable),
        rivals=sum(part.competes for part in readable),
        price=sum(price or 0 for price in prices),
        demo_price=any("price" in part.known().space.space.demo_fields for part in readable),
        unpriced=any(price is None for price in prices),
    )


def judge(part: Part, answer: BookingError, look: Look, number: int) -> None:
    """Fills in why the wish cannot be had, and what can be had in its place."""
    line = part.known()
    part.reasons = reasons_of(answer, line.space, line.period)
    if "own" in answer.facts:
        short = [reasons.short(one) for one in answer.facts.get("extras", ())]
        part.reasons = [*short, gettext("Another part of your day takes it already.")]
    details = line.details
    wish = Wish(line.period, details.people, line.space.zone, details.layout or None)
    wish = dataclasses.replace(wish, extras=details.extras)
    now = clock.now()
    view = Around(now, look.others(number), permitted(details, now))
    offers = alternatives(atlas(), line.space, wish, view)
    part.choices = [choice_of(offer, line.space, line.period, part) for offer in offers]


def choice_of(offer: Offer, space: SpaceFacts, period: Period, part: Part) -> dict[str, Any]:
    """A way out as the page shows it; one click puts it in the wish's place."""
    fields = links.form_values(offer.space, offer.period)
    fields |= {PREFIX + slug: "0" for slug in offer.without}
    return {
        "same": offer.space.id == space.id,
        "space": offer.space,
        "when": words.when(offer.period, offer.space.zone),
        "kilometres": offer.kilometres,
        "without": extras.names(space, offer.without),
        "fields": fields,
        "action": url_for(".replace", line=part.wish["id"]),
    }
