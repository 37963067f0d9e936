"""Reserving: from a filled-in form to a confirmed reservation, or to a way out of a no."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from booking import clock, reasons, words
from booking.actions import reservations as act
from booking.actions.reservations import Details
from booking.db import transaction
from booking.errors import BookingError, Conflict, NotFound, Refused, SlotTaken
from booking.models.reservations import Reservation
from booking.queries import availability
from booking.queries import reservations as find
from booking.queries.day_parts import busy_of
from booking.queries.hours import closures_over
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Offer, alternatives
from booking.rules import prices as prices_rule
from booking.rules import states
from booking.rules.access import MEMBERS, open_to
from booking.rules.availability import free_units
from booking.rules.hours import day, next_open_date
from booking.rules.periods import Period
from booking.rules.policies import Wish, cancellable_until
from booking.web import boards
from booking.web.context import atlas, forget_atlas
from booking.web.day_parts import chips
from booking.web.errors import status_of
from booking.web.forms.reservations import ReservationForm, period_of
from booking.web.security import limiter
from booking.web.session import member
from booking.web.why import closure_text

bp = Blueprint("reservations", __name__)


@bp.get("/reservations")
@open_to(MEMBERS)
def index() -> ResponseReturnValue:
    now, page = clock.now(), max(1, request.args.get("page", 1, type=int))
    past, more = find.gone(member(), now, min(page, 500))
    coming = find.coming(member(), now)
    return render_template(
        "reservations/index.html",
        coming=[line_of(row) for row in coming],
        past=[line_of(row) for row in past],
        page=page,
        more=more,
    )


@dataclass(frozen=True)
class Line:
    """A reservation in a list, with its place and its time."""

    reservation: Reservation
    space: SpaceFacts
    period: Period


def line_of(row: Reservation) -> Line:
    return Line(row, atlas().by_id(row.space_id), Period(row.starts_at, row.ends_at))


@bp.get("/reservations/new")
@open_to(MEMBERS)
def new() -> ResponseReturnValue:
    if not request.args.get("space"):
        return redirect(url_for("home.index"))
    form = filled_in()
    space = space_of(form)
    period = period_of(form, space.zone) if times_given(form) else None
    no = preview(space, form, period) if period else None
    return page(form, space, period, no)


@bp.post("/reservations/new")
@open_to(MEMBERS)
@limiter.limit("120 per hour", key_func=lambda: f"member:{member().id}")
def create() -> ResponseReturnValue:
    form = ReservationForm()
    space = space_of(form)
    form.offer_units(unit_choices(space, None))
    period = period_of(form, space.zone) if form.validate() else None
    if period is None:
        return page(form, space, None, None), 422
    no = preview(space, form, period)
    if no is not None:  # Seen without a lock: who comes too late keeps nobody waiting.
        return page(form, space, period, no), status_of(no)
    try:
        with transaction():
            forget_atlas()
            made = act.reserve(
                space_of(form), period, details_of(form), by=member(), now=clock.now()
            )
    except (Refused, Conflict) as no:
        forget_atlas()
        return page(form, space_of(form), period, no), status_of(no)
    flash(str(CREATED[made.state]), "ok")
    return redirect(url_for(".show", code=made.code))


CREATED = {
    states.CONFIRMED: _l("It is yours: the place is reserved and a mail confirms it."),
    states.REQUESTED: _l("Your request is with the venue; the place is kept for you meanwhile."),
}


@bp.get("/reservations/<code>")
@open_to(MEMBERS)
def show(code: str) -> ResponseReturnValue:
    reservation = find.by_code(code, by=member(), now=clock.now())
    space = atlas().by_id(reservation.space_id)
    until = cancellable_until(space.rules, reservation.starts_at)
    own = reservation.member_id == member().id
    return render_template(
        "reservations/show.html",
        reservation=reservation,
        space=space,
        period=Period(reservation.starts_at, reservation.ends_at),
        units=find.units_of(reservation) if space.pool else [],
        history=find.history(reservation),
        own=own,
        cancel=cancel_verb(reservation, own, until, clock.now()),
        until=until,
    )


def cancel_verb(reservation: Reservation, own: bool, until: datetime, now: datetime) -> str | None:
    """What the reader may do to be rid of it: withdraw, cancel, too-late, or nothing."""
    if reservation.ends_at <= now:
        return None
    if own and states.knows(reservation.state, "withdraw"):
        return "withdraw"
    if not states.knows(reservation.state, "cancel"):
        return None
    return "cancel" if now <= until or not own else "too-late"


@bp.post("/reservations/<code>/cancel")
@open_to(MEMBERS)
def cancel(code: str) -> ResponseReturnValue:
    now = clock.now()
    try:
        with transaction():
            forget_atlas()
            reservation = find.by_code(code, by=member(), now=now)
            why = request.form.get("why", "")
            act.cancel(reservation, atlas(), by=member(), now=now, why=why)
    except Refused as no:
        forget_atlas()
        space = atlas().by_id(find.by_code(code, by=member(), now=now).space_id)
        for broken in no.refusals:
            flash(reasons.refusal(broken, space.zone), "problem")
        return redirect(url_for(".show", code=code))
    flash(gettext("Done: the place is free again."), "ok")
    return redirect(url_for(".show", code=code))


def filled_in() -> ReservationForm:
    """The form as a link fills it; what the link says wrong is told at its field."""
    form = ReservationForm(formdata=request.args)
    read = ReservationForm(formdata=request.args, meta={"csrf": False})
    read.offer_units([])
    read.validate()
    for name in ("on", "opens", "closes", "until", "people", "title", "note"):
        given = request.args.get(read[name].name, "").strip()
        form[name].errors = list(read[name].errors) if given else []
    if not request.args.get("people", "").strip():
        form.people.data, form.people.raw_data = 1, None
    return form


def times_given(form: ReservationForm) -> bool:
    """Whether all is there to make a period of, and right."""
    needed = (form.on, form.opens, form.closes, form.people)
    given = all(field.data is not None and not field.errors for field in needed)
    return given and not form.until.errors


def space_of(form: ReservationForm) -> SpaceFacts:
    """The space the form names as "venue/space". Raises NotFound."""
    venue_slug, _, space_slug = (form.space.data or "").partition("/")
    return atlas().space(venue_slug, space_slug)


def details_of(form: ReservationForm) -> Details:
    """What the member said beside when and where. Raises NotFound for a unit that is none."""
    unit = form.unit.data or ""
    if unit and not unit.isdecimal():
        raise NotFound(what="unit")
    return Details(form.people.data, form.title.data, form.note.data, int(unit) if unit else None)


def unit_choices(space: SpaceFacts, free: list[int] | None) -> list[tuple[str, str]]:
    """The units of a pool one may choose from; only the free ones where that is known."""
    if not space.pool:
        return []
    units = space.units if free is None else free
    return [(str(unit), words.said(space.venue.units[unit].name)) for unit in units]


def preview(space: SpaceFacts, form: ReservationForm, period: Period) -> BookingError | None:
    """What would be answered if the form were sent now."""
    now = clock.now()
    try:
        act.check_rules(space, period, form.people.data, now)
    except Refused as no:
        return no
    around = availability.busy(space.units, with_buffers(space, period), now)
    if not availability.has_room(space, period, form.people.data, around):
        return SlotTaken()
    free = free_units(space.units, availability.clear_of(space, around), period)
    chosen = details_of(form).unit_id
    return SlotTaken(unit_id=chosen) if chosen is not None and chosen not in free else None


def with_buffers(space: SpaceFacts, period: Period) -> Period:
    """The period with a day to both sides, enough for every buffer."""
    return period.widened(availability.A_DAY, availability.A_DAY)


def page(
    form: ReservationForm, space: SpaceFacts, period: Period | None, no: BookingError | None
) -> str:
    """The form with its summary, all reasons of a no, and ways out of it."""
    now = clock.now()
    offers: list[Offer] = []
    if no is not None and period is not None:
        wish = Wish(period, form.people.data, space.zone)
        offers = alternatives(atlas(), space, wish, now)
    free, on = None, None if form.on.errors else form.on.data
    on = on or next_open_date(space.hours, now, space.zone)
    shown = day(on, space.zone)
    seen = Period(min(shown.start, period.start), max(shown.end, period.end)) if period else shown
    taken = availability.taken(space.units, with_buffers(space, seen), now)
    blocks = busy_of(taken)
    if space.pool and period is not None:
        free = free_units(space.units, availability.clear_of(space, blocks), period)
    form.offer_units(unit_choices(space, free))
    return render_template(
        "reservations/new.html",
        form=form,
        space=space,
        venue=space.venue,
        period=period,
        reasons=reasons_of(no, space, period),
        choices=[choice_of(offer, space, form) for offer in offers],
        price=price_hint(space, period, form.people.data or 1),
        until=cancellable_until(space.rules, period.start) if period else None,
        parts=chips(space, on, taken, now, period, **kept_of(form)),
        parts_on=on,
    )


def kept_of(form: ReservationForm) -> dict[str, Any]:
    """What a change of hours keeps of the form, as an address says it."""
    fields = (form.people, form.unit, form.title, form.note)
    return {field.name: field.data for field in fields if field.data}


def reasons_of(no: BookingError | None, space: SpaceFacts, period: Period | None) -> list[str]:
    """Each broken rule as a sentence; a taken place is one of them, or why it is closed."""
    if no is None:
        return []
    if isinstance(no, Refused):
        return [reasons.refusal(broken, space.zone) for broken in no.refusals]
    if period and (closed := closures_over(space.units, period)):
        return [closure_text(closure, space) for closure in closed]
    if "unit_id" in no.facts:
        return [gettext("The one you chose is taken for part of that time; others are free.")]
    return [gettext("This place is taken for part of that time.")]


def choice_of(offer: Offer, space: SpaceFacts, form: ReservationForm) -> dict[str, Any]:
    """A way out as the page shows it.

    `fields` is the sent form with this place and time instead: one click reserves it. Where
    nothing was sent yet there are none, and the way leads to the form.
    """
    people, fields = form.people.data, None
    if request.method == "POST":
        typed = {"people": people, "title": form.title.data, "note": form.note.data}
        fields = boards.form_values(offer.space, offer.period) | typed
    return {
        "same": offer.space.id == space.id,
        "space": offer.space,
        "when": words.when(offer.period, offer.space.zone),
        "kilometres": offer.kilometres,
        "url": boards.form_url(offer.space, offer.period, people),
        "fields": fields,
    }


def price_hint(space: SpaceFacts, period: Period | None, people: int) -> int | None:
    """Cents excluding VAT for the whole period; None where no price is known."""
    if period is None:
        return None
    prices = space.space.price_hour, space.space.price_half_day, space.space.price_day
    each = prices_rule.hint(*prices, period.length)
    units = availability.count_for(space, people) if space.pool else 1
    return None if each is None else each * units
