"""Asking without an account: the form that is sent, the link that confirms it, what it shows."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from booking import clock, reasons, words
from booking.actions import reservations
from booking.actions import visitors as act
from booking.actions.visitors import Ask, Person
from booking.db import transaction
from booking.errors import BookingError, Conflict, NotFound, Refused, WrongState
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorWish
from booking.queries import extras as find_extras
from booking.queries import guests as find_guests
from booking.queries import visitors as find
from booking.queries.reservations import units_of
from booking.rules.access import EVERYONE, open_to
from booking.rules.periods import Period
from booking.rules.policies import cancellable_until
from booking.web import extras, language, links
from booking.web.account import FROM_ONE_PLACE, MAILS
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.extras import named
from booking.web.forms.reservations import period_of
from booking.web.forms.visitors import VisitorForm
from booking.web.presence import stage_of
from booking.web.reservations import cancel_verb
from booking.web.reserving import (
    choice_of,
    details_of,
    form_of,
    offer_choices,
    page,
    preview,
    reasons_of,
    space_of,
    ways_out,
)
from booking.web.security import by_email, limiter, posts_nothing, when_mailed
from booking.web.session import me

bp = Blueprint("visitors", __name__)
FROM_ONE_MACHINE = "20 per hour"
"""So many wishes are mailed about; several people may share an address of the network."""
PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    # Never the token, not even to our own pages. With "no-referrer" there would be nothing at all,
    # and over HTTPS no form is taken without.
    "Referrer-Policy": "strict-origin",
}


@bp.get("/requests/new")
@open_to(EVERYONE)
def begin() -> ResponseReturnValue:
    return redirect(url_for("reservations.new"))


@bp.post("/requests/new")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE)
@limiter.limit(FROM_ONE_MACHINE, deduct_when=when_mailed)
@limiter.limit(MAILS, key_func=by_email, deduct_when=when_mailed)
def ask() -> ResponseReturnValue:
    if me() is not None:  # Signed in meanwhile, in another window.
        return redirect(url_for("reservations.create"), 307)
    form = form_of(request.form, VisitorForm)
    space = space_of(form)
    offer_choices(form, space)
    period = period_of(form, space.zone) if form.validate() else None
    if period is None:
        return page(form, space, None, None), 422
    if no := preview(space, form, period):
        return page(form, space, period, no), status_of(no)
    try:
        keep(form, period)
    except (Refused, Conflict) as no:
        forget_atlas()
        return page(form, space_of(form), period, no), status_of(no)
    return render_template("visitors/sent.html", email=form.email.data, space=space, period=period)


def keep(form: VisitorForm, period: Period) -> None:
    """Writes down what was sent."""
    person = Person(**form.person(), language=language.chosen())
    with transaction():
        forget_atlas()
        act.ask(Ask(space_of(form), period, details_of(form)), person, now=clock.now())


@bp.get("/requests/<token>")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def show(token: str) -> ResponseReturnValue:
    now = clock.now()
    made = find.reservation(token, now)
    if made is not None:
        return private(render_template("visitors/show.html", token=token, **stands(made, now)))
    try:
        wish = find.wish(token, now)
    except NotFound:
        return private(render_template("visitors/over.html"), 404)
    return private(wish_page(token, wish, act.asked(wish, atlas())))


def private(body: str, status: int = 200) -> ResponseReturnValue:
    """A page behind a link that is nobody else's."""
    return body, status, PRIVATE


def wish_page(token: str, wish: VisitorWish, wanted: Ask, no: BookingError | None = None) -> str:
    """What is to be confirmed; why it cannot be, and what can."""
    form = form_of(MultiDict(fields_of(wanted)), meta={"csrf": False})
    space, period = wanted.space, wanted.period
    offers = ways_out(form, space, period) if no is not None else []
    choices = [choice_of(offer, space, form) for offer in offers]
    known = find.known(wish.email)
    return render_template(
        "visitors/confirm.html",
        token=token,
        wish=wish,
        wanted=wanted,
        space=space,
        period=period,
        extras=beside(wanted),
        account=known is not None and known.account,
        reasons=reasons_of(no, space, period),
        choices=choices,
        again=links.form_url(space, period, wanted.details.people),
    )


def fields_of(wanted: Ask) -> dict[str, Any]:
    """What is asked for as the fields of the form."""
    details = wanted.details
    said = {
        "people": details.people,
        "unit": details.unit_id,
        "layout": details.layout,
        "activity": details.activity,
        "named": "\n".join(details.named),
        "title": details.title,
        "note": details.note,
        "exception": details.exception,
    }
    said = {name: str(value) for name, value in said.items() if value}
    return links.form_values(wanted.space, wanted.period) | said | named(details.extras)


def beside(wanted: Ask) -> str:
    """Its extras in words."""
    known = wanted.space.extras
    counts = wanted.details.extras.items()
    return words.pieces([(n, known[slug].extra.name) for slug, n in counts if slug in known])


@bp.post("/requests/<token>")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE)
def confirm(token: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            act.confirm(token, atlas(), now=clock.now(), instead=chosen())
    except NotFound:  # It has acted, or it has ended: the page says which.
        forget_atlas()
    except (Refused, Conflict) as no:
        forget_atlas()
        return private(refused(token, no), status_of(no))
    return redirect(url_for(".show", token=token))


def chosen() -> Ask | None:
    """Another place than the one of the wish, where one was chosen. Raises NotFound where what was
    sent is no such choice."""
    if "space" not in request.form:
        return None
    form = form_of(request.form)
    space = space_of(form)
    offer_choices(form, space)
    period = period_of(form, space.zone) if form.validate() else None
    if period is None:
        raise NotFound(what="choice")
    return Ask(space, period, details_of(form))


def refused(token: str, no: BookingError) -> str:
    """The wish with the reasons and the ways out of them."""
    wish = find.wish(token, clock.now())
    return wish_page(token, wish, chosen() or act.asked(wish, atlas()), no)


def stands(made: Reservation, now: datetime) -> dict[str, Any]:
    """What a link shows of a reservation."""
    space = atlas().by_id(made.space_id)
    until = cancellable_until(space.rules, made.starts_at)
    reader = me()
    return {
        "reservation": made,
        "space": space,
        "period": Period(made.starts_at, made.ends_at),
        "units": units_of(made) if space.pool else [],
        "extras": extras.in_words(find_extras.held([made.id])[made.id]),
        "until": until,
        "cancel": cancel_verb(made, True, until, now),
        "stage": stage_of(made, now),
        "signed_in": reader is not None and reader.id == made.member_id,
    }


@bp.get("/requests/<token>/cancel")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def cancelling(token: str) -> ResponseReturnValue:
    now = clock.now()
    made = find.reservation(token, now)
    facts = stands(made, now) if made is not None else {}
    if facts.get("cancel") not in ("cancel", "withdraw"):
        return redirect(url_for(".show", token=token))
    told = sum(guest.told is not None for guest in find_guests.of(facts["reservation"]))
    return private(render_template("visitors/cancel.html", token=token, guests=told, **facts))


@bp.post("/requests/<token>/cancel")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE)
def cancel(token: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            now = clock.now()
            made = find.shown(token, now)
            reservations.cancel(made, atlas(), by=made.member, now=now)
    except (NotFound, WrongState):  # The page says what it is.
        forget_atlas()
    except Refused as no:
        forget_atlas()
        zone = atlas().by_id(find.shown(token, now).space_id).zone
        for broken in no.refusals:
            flash(reasons.refusal(broken, zone), "problem")
    return redirect(url_for(".show", token=token))
