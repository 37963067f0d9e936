"""A member's day: wishes that are looked at together, and reserved together or not at all."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import clock, reasons, words
from booking.actions import baskets as act
from booking.actions.baskets import Line, Look
from booking.actions.reservations import case_of, competes
from booking.db import Unlucky, transaction
from booking.errors import BookingError, NotFound, NotTogether, Refused, SentTwice
from booking.queries import reservations as find
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Look as Around
from booking.queries.ways_out import Offer, alternatives
from booking.rules import states
from booking.rules.access import MEMBERS, open_to
from booking.rules.periods import Period
from booking.rules.policies import Wish
from booking.web import behalf, extras, links, once, wishes
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.extras import PREFIX
from booking.web.forms.reservations import ReservationForm
from booking.web.reserving import (
    TO_FILL_IN,
    details_at,
    details_of,
    exception_of,
    form_of,
    offer_choices,
    page,
    preview,
    reasons_of,
    says_enough,
    set_up,
    set_up_text,
    space_of,
    taken_beside,
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
    period = behalf.right(form, space)
    if period is None:
        return page(form, space, None, None), 422
    if (no := hopeless(form, space, period)) is not None:
        return page(form, space, period, no), status_of(no)
    if not wishes.keep(wishes.wish_of(form, request.form), form.line.data or ""):
        form.form_errors.append(full())
        return page(form, space, period, None), 422
    flash(gettext("Added to your day. Nothing is reserved yet."), "ok")
    return redirect(url_for(".index"))


def hopeless(form: ReservationForm, space: SpaceFacts, period: Period) -> Refused | None:
    """The refusal of a wish that nobody can have as it stands: of a broken rule no exception can be
    made, or is asked for beyond the horizon."""
    no = preview(space, form, period)
    if not isinstance(no, Refused):
        return None
    final = any(one.exception_by is None or one.code == "too-early" for one in no.refusals)
    return no if final else None


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
    wish = wishes.of_name(line)
    if wish is None:
        abort(404)
    fields = {key: text for key, text in request.form.items() if key != "csrf_token"}
    form = form_of(wishes.fields_of(wish | fields))
    if not wishes.change(
        line, {"unit": "", "until": ""} | only(fields, wishes.wish_of(form, fields))
    ):
        flash(full(), "problem")
    return redirect(url_for(".index"))


def only(fields: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    """Of what was sent, what the form knows; an extra or a set-up that is not wanted any more is
    emptied."""
    gone = [name for name in fields if name == "layout" or name.startswith(PREFIX)]
    return kept | {name: "" for name in gone if name not in kept}


@bp.post("/basket/reserve")
@open_to(MEMBERS)
@limiter.limit(OFTEN, key_func=by_member)
def reserve() -> ResponseReturnValue:
    parts = [part_of(wish) for wish in wishes.wishes()]
    if not parts or any(part.line is None for part in parts):
        return redirect(url_for(".index"))
    name = once.sent_as(wishes.wishes())
    try:
        with transaction():
            forget_atlas()
            lines = [part_of(part.wish).known() for part in parts]
            made = act.reserve_all(lines, by=member(), now=clock.now(), sent_as=name)
    except (NotTogether, SentTwice) as no:
        forget_atlas()
        if find.sent_as(name) is None:
            if isinstance(no, SentTwice):  # The first of them has ended in this very moment.
                raise Unlucky from no
            return shown([part_of(part.wish) for part in parts], no), status_of(no)
        made = []
    wishes.put([])
    if not made:
        flash(gettext("This form was sent twice: your day is reserved once."), "ok")
        return redirect(url_for("reservations.index"))
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
    """A wish as the page shows it. `line` and `form` are None where it cannot be read any more."""

    wish: dict[str, str]
    line: Line | None = None
    form: ReservationForm | None = None
    reasons: list[str] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)  # Why a manager is asked first.
    incomplete: bool = False  # Whether more has to be said of it.
    exception: str | None = None  # How one can be had: see `exception_of`.

    def known(self) -> Line:
        """Raises NotFound where it cannot be read any more."""
        if self.line is None:
            raise NotFound(what="space")
        return self.line

    @property
    def said(self) -> ReservationForm:
        """Its form. Raises NotFound where it cannot be read any more."""
        if self.form is None:
            raise NotFound(what="space")
        return self.form

    @property
    def ask(self) -> bool:
        """Whether a manager is asked first."""
        return bool(self.asks)

    @property
    def competes(self) -> bool:
        """Whether a manager is asked and the place is kept for nobody meanwhile."""
        return self.ask and self.known().space.rules.competing

    @property
    def price(self) -> int | None:
        """Cents excluding VAT; None where it is unknown."""
        line = self.known()
        return extras.price_hint(line.space, line.period, line.details.people, line.details.extras)

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
        return Part(wish)
    offer_choices(form, space)
    period = behalf.right(form, space)
    return Part(wish, Line(space, period, details_of(form)), form) if period else Part(wish)


def shown(parts: list[Part], no: BookingError | None = None) -> str:
    """The page: a verdict for each wish, what it costs together, and ways out of each no."""
    readable = [part for part in parts if part.line is not None]
    look = act.look([part.known() for part in readable], by=member(), now=clock.now())
    told = no.facts.get("parts", {}) if no else {}
    for number, part in enumerate(readable):
        part.asks = [reasons.ask(code) for code in look.asks[number]]
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
    line, details = part.known(), part.known().details
    part.reasons = told(answer, line)
    broken = {one.code for one in answer.refusals} if isinstance(answer, Refused) else set()
    part.incomplete = bool(broken & TO_FILL_IN.keys())
    part.exception = exception_of(answer, part.said, line.space)
    wish = Wish(line.period, details.people, line.space.zone, details.layout or None)
    wish = dataclasses.replace(wish, extras=details.extras)
    view = Around(clock.now(), look.others(number), permitted(line, look))
    offers = alternatives(atlas(), line.space, wish, view)
    part.choices = [choice_of(offer, part) for offer in offers]


def told(no: BookingError, line: Line) -> list[str]:
    """Why the line cannot be had, as sentences."""
    if isinstance(no, Refused):
        taken = taken_beside(no)
        rules = reasons_of(Refused(no.refusals), line.space, line.period)
        return [*rules, *(told(taken, line) if taken else ())]
    if "own" in no.facts:
        short = [reasons.short(one) for one in no.facts.get("extras", ())]
        return [*short, gettext("Another part of your day takes it already.")]
    return reasons_of(no, line.space, line.period)


def permitted(line: Line, look: Look) -> Callable[[Offer], bool]:
    """Whether the reader may have an offer in the place of that line, beside all others that can be
    had; what a form would still ask for stands in nobody's way."""

    def allowed(offer: Offer) -> bool:
        if offer == Offer(line.space, line.period):
            return False
        if not behalf.may_at(line.details.whose, offer.space):
            return False
        details = dataclasses.replace(details_at(offer, line.details), exception="")
        case = case_of(offer.space, offer.period, details, member())
        return look.judge.broken_by(case) <= TO_FILL_IN.keys()

    return allowed


def choice_of(offer: Offer, part: Part) -> dict[str, Any]:
    """A way out as the page shows it; one click puts it in the wish's place. Where more has to be
    said there, it leads to the form instead, from which it takes that place."""
    space, name = part.known().space, part.wish["id"]
    fields = {"unit": "", "until": ""} | links.form_values(offer.space, offer.period)
    fields |= set_up(offer) | {PREFIX + slug: "0" for slug in offer.without}
    enough = says_enough(part.said, offer.space)
    return {
        "same": offer.space.id == space.id,
        "space": offer.space,
        "when": words.when(offer.period, offer.space.zone),
        "kilometres": offer.kilometres,
        "without": extras.names(space, offer.without),
        "layout": set_up_text(offer),
        "fields": fields if enough else None,
        "url": None if enough else url_for("reservations.new", wish=name, **fields),
        "action": url_for(".replace", line=name),
    }
