"""The form of a reservation as it is read and shown: what is wished, answered, and offered."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice

from booking import clock, reasons, words
from booking.actions import policies
from booking.actions import reservations as act
from booking.actions.reservations import Details
from booking.errors import BookingError, NotFound, Refusal, Refused, SlotTaken
from booking.models.members import Member
from booking.queries import availability
from booking.queries import extras as find_extras
from booking.queries import policies as people
from booking.queries.availability import Busy, Left, Taken
from booking.queries.day_parts import busy_of
from booking.queries.hours import closures_over
from booking.queries.members import grants_of
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Look, Offer, alternatives
from booking.rules import roles
from booking.rules.availability import free_units
from booking.rules.hours import day, next_open_date
from booking.rules.periods import Period
from booking.rules.policies import Wish, cancellable_until
from booking.web import behalf, extras, joining, links, once, plans
from booking.web.context import atlas
from booking.web.day_parts import chips
from booking.web.forms.extras import PREFIX, counts_of, named, with_extras
from booking.web.forms.reservations import ReservationForm
from booking.web.session import asking as member
from booking.web.why import closure_text, too_near

AS_IT_STANDS = _l("As it stands")
LONGEST_ID = 18
"""Digits of the largest number that is read as an id."""


def filled_in(
    args: MultiDict[str, str], kind: type[ReservationForm] = ReservationForm
) -> ReservationForm:
    """The form as an address fills it; what that says wrong is told at its field."""
    form = form_of(args, kind)
    read = form_of(args, kind, meta={"csrf": False})
    read.offer_units([])
    read.offer_manner([], [], [])
    read.validate()
    counts = [name for name in form._fields if name.startswith(PREFIX)]
    for name in ("on", "opens", "closes", "until", "people", "title", "note", *counts):
        given = args.get(read[name].name, "").strip()
        form[name].errors = list(read[name].errors) if given else []
    if not args.get("people", "").strip():
        form.people.data, form.people.raw_data = 1, None
    behalf.known(form, space_of(form))
    return form


def form_of(
    given: MultiDict[str, str], kind: type[ReservationForm] = ReservationForm, **more: Any
) -> ReservationForm:
    """The form as it was sent, with a count for each extra. Raises NotFound."""
    stock = find_extras.offered(space_named(given.get("space")))
    return with_extras(kind, stock, list(given))(formdata=given, **more)


def times_given(form: ReservationForm) -> bool:
    """Whether all is there to make a period of, and right."""
    needed = (form.on, form.opens, form.closes, form.people)
    given = all(field.data is not None and not field.errors for field in needed)
    counts = [form[name] for name in form._fields if name.startswith(PREFIX)]
    return given and not any(field.errors for field in (form.until, *counts))


def space_of(form: ReservationForm) -> SpaceFacts:
    """The space the form names. Raises NotFound."""
    return space_named(form.space.data)


def space_named(name: str | None) -> SpaceFacts:
    """The space called "venue/space". Raises NotFound."""
    venue_slug, _, space_slug = (name or "").partition("/")
    return atlas().space(venue_slug, space_slug)


def details_of(form: ReservationForm) -> Details:
    """What the member said beside when and where. Raises NotFound for a unit that is none."""
    unit = form.unit.data or ""
    if unit and not (unit.isdecimal() and len(unit) <= LONGEST_ID):
        raise NotFound(what="unit")
    return Details(
        form.people.data,
        form.title.data,
        form.note.data,
        int(unit) if unit else None,
        counts_of(form),
        layout=form.layout.data,
        activity=form.activity.data,
        named=form.names(),
        organisation=form.organisation.data or "",
        exception=form.exception.data or "",
        whose=behalf.whose(form, space_of(form)),
    )


def offer_choices(
    form: ReservationForm,
    space: SpaceFacts,
    free: list[int] | None = None,
    who: Member | None = None,
) -> None:
    """Sets what the form lets one choose from here; of a pool only the free units, if known. `who`:
    whose reservation it is, if the form does not say."""
    who = who or behalf.seen(form, space) or member()
    form.offer_units(unit_choices(space, free))
    rules = space.rules
    layouts = [
        (code, f"{words.LAYOUTS[code]} ({words.people(most)})")
        for code, most in rules.layouts.items()
    ]
    activities = [(code, str(words.ACTIVITIES[code])) for code in rules.activities or ()]
    known = people.memberships(who, clock.now()) if space.venue.organisations else []
    mine = [(one.organisation.slug, one.organisation.name) for one in known]
    form.offer_manner(layouts, activities, mine)
    if who.id != member().id:
        form.organisation.choices[0] = SelectChoice("", who.name)


def unit_choices(space: SpaceFacts, free: list[int] | None) -> list[tuple[str, str]]:
    """The units of a pool one may choose from; only the free ones where that is known."""
    if not space.pool:
        return []
    units = space.units if free is None else free
    return [(str(unit), words.said(space.venue.units[unit].name)) for unit in units]


TO_FILL_IN = {"activity-missing": "activity", "names-missing": "named"}
"""What is only missing at a field: no reason for a no yet while somebody looks at the form."""


def preview(space: SpaceFacts, form: ReservationForm, period: Period) -> BookingError | None:
    """What would be answered if the form were sent now; where rules are broken and the place is
    taken too, the refusal knows of both (`taken`)."""
    details, now = details_of(form), clock.now()
    broken: list[Refusal] = []
    try:
        policies.check(act.case_of(space, period, details, member()), now)
    except Refused as no:
        asked = request.method == "POST"
        broken = [one for one in no.refusals if asked or one.code not in TO_FILL_IN]
    try:
        act.check_free(space, period, details, now)
    except SlotTaken as no:
        return Refused(broken, taken=no) if broken else no
    return Refused(broken) if broken else None


def told_at_fields(
    form: ReservationForm, no: BookingError | None, space: SpaceFacts
) -> BookingError | None:
    """What is left of the no once each thing that is only missing is told at its field."""
    if not isinstance(no, Refused):
        return no
    missing = [broken for broken in no.refusals if broken.code in TO_FILL_IN]
    for broken in missing:
        field = form[TO_FILL_IN[broken.code]]
        field.errors = [*field.errors, reasons.refusal(broken, space.zone)]
    left = [broken for broken in no.refusals if broken not in missing]
    return Refused(left, **no.facts) if left else no.facts.get("taken")


def ways_out(form: ReservationForm, space: SpaceFacts, period: Period) -> list[Offer]:
    """Other times and places that this member may have, with what they typed."""
    now, details = clock.now(), details_of(form)
    wish = Wish(period, details.people, space.zone, details.layout or None, extras=details.extras)
    return alternatives(atlas(), space, wish, Look(now, allowed=permitted(details, now)))


def permitted(details: Details, now: datetime) -> Callable[[Offer], bool]:
    """Whether the member may have an offer, as far as rules about persons go; what its form would
    still ask for stands in nobody's way."""

    def allowed(offer: Offer) -> bool:
        if not behalf.may_at(details.whose, offer.space):
            return False
        theirs = details_at(offer, details)
        case = act.case_of(offer.space, offer.period, theirs, member())
        return policies.broken_by(case, now) <= TO_FILL_IN.keys()

    return allowed


def details_at(offer: Offer, details: Details) -> Details:
    """What was said, as far as it is true of an offer."""
    layout = details.layout if offer.layout is None else offer.layout
    there = extras.at(offer, details.extras)
    return replace(details, unit_id=None, extras=there, layout=layout)


def page(
    form: ReservationForm, space: SpaceFacts, period: Period | None, no: BookingError | None
) -> str:
    """The form with its summary, all reasons of a no, and ways out of it."""
    now, no = clock.now(), told_at_fields(form, no, space)
    offers = ways_out(form, space, period) if no is not None and period is not None else []
    on = None if form.on.errors else form.on.data
    on = on or next_open_date(space.hours, now, space.zone)
    taken = taken_around(space, on, period, now)
    free, left = what_is_free(space, period, busy_of(taken)) if period else (None, {})
    offer_choices(form, space, free)
    behalf.offer(form, space)
    return render_template(
        "reservations/new.html",
        **slip(form, space, period),
        plan=plans.plan_of(space, period, free) if space.pool else None,
        reasons=reasons_of(no, space, period),
        joining=joining.way(no, space, period, details_of(form), now) if no else None,
        exception=exception_of(no, form, space),
        asks=asked_why(space, form, period) if no is None else [],
        choices=[choice_of(offer, space, form) for offer in offers],
        extras=extras.choices(form, space, left),
        parts=chips(space, on, taken, now, period, **kept_of(form)),
        parts_on=on,
    )


def slip(form: ReservationForm, space: SpaceFacts, period: Period | None) -> dict[str, Any]:
    """What a form's page says of where, when and how much."""
    counts = counts_of(form)
    until = cancellable_until(space.rules, period.start) if period else None
    return {
        "form": form,
        "space": space,
        "venue": space.venue,
        "whose": behalf.seen(form, space),
        "theirs": behalf.is_theirs(form, space),
        "period": period,
        "costs": extras.costs(space, counts),
        "price": extras.price_hint(space, period, form.people.data or 1, counts),
        "until": until,
        "too_late": until is not None and until < clock.now(),
    }


def kept_of(form: ReservationForm) -> dict[str, Any]:
    """What a change of hours keeps of the form, as an address says it."""
    fields = [form.people, form.unit]
    kept = {field.name: field.data for field in fields if field.data}
    return kept | typed_of(form) | named(counts_of(form))


def taken_around(space: SpaceFacts, on: date, period: Period | None, now: datetime) -> list[Taken]:
    """What takes the space and its extras on that date and at that time, buffers and all."""
    shown = day(on, space.zone)
    seen = Period(min(shown.start, period.start), max(shown.end, period.end)) if period else shown
    units = find_extras.units_for(space, find_extras.offered(space))
    return availability.taken(units, seen.widened(availability.A_DAY, availability.A_DAY), now)


def what_is_free(
    space: SpaceFacts, period: Period, blocks: Busy
) -> tuple[list[int] | None, dict[str, Left]]:
    """The units of a pool that are free then, and what is left of the extras that run out."""
    free = free_units(space.units, availability.clear_of(space, blocks), period)
    return free if space.pool else None, availability.extras_left(space, period, blocks)


def reasons_of(
    no: BookingError | None,
    space: SpaceFacts,
    period: Period | None,
    own: Collection[str | None] = (),
) -> list[str]:
    """Each broken rule as a sentence; a taken place is one of them, or why it is closed. `own`:
    codes of reservations that would give way."""
    if no is None:
        return []
    if isinstance(no, Refused):
        sentences = [reasons.refusal(broken, space.zone) for broken in no.refusals]
        return [*sentences, *reasons_of(taken_beside(no), space, period, own)]
    if period and (closed := closures_over(space.units, period)):
        return [closure_text(closure, space) for closure in closed]
    found = [reasons.short(one) for one in no.facts.get("extras", ())]
    if "unit_id" in no.facts:
        sentence = gettext("The one you chose is taken for part of that time; others are free.")
        return [sentence, *found]
    if found and not no.facts.get("place"):
        return found
    if period and is_beside(space, period, own):
        return [too_near(space), *found]
    return [gettext("This place is taken for part of that time."), *found]


def taken_beside(no: Refused) -> SlotTaken | None:
    """What is taken too, of a refusal; not what there are not so many of at all, which it says."""
    taken = no.facts.get("taken")
    if taken is None:
        return None
    beyond = [one.facts["extra"] for one in no.refusals if one.code == "extra-beyond-stock"]
    short = [one for one in taken.facts.get("extras", ()) if one["name"] not in beyond]
    too_many = any(one.code == "too-many-units" for one in no.refusals)
    facts = taken.facts | {"extras": short, "place": "place" in taken.facts and not too_many}
    facts = {name: fact for name, fact in facts.items() if fact}
    return SlotTaken(**facts) if facts.keys() - {"own"} else None


def is_beside(space: SpaceFacts, period: Period, own: Collection[str | None]) -> bool:
    """Whether it is only what has to be kept free around them that two cannot both have."""
    rows = availability.taken(space.units, period, clock.now())
    return not any(row.reserved.overlaps(period) for row in rows if row.code not in own)


def exception_of(no: BookingError | None, form: ReservationForm, space: SpaceFacts) -> str | None:
    """How an exception can be had: "ask" a manager or, being one, "make" it; None if not at all."""
    if not isinstance(no, Refused) or any(r.exception_by is None for r in no.refusals):
        return None
    if "taken" in no.facts:  # Of that nobody makes one.
        return None
    own = roles.may(grants_of(member()), "override", space.venue.id, clock.now())
    return "make" if own else "ask"


def asked_why(space: SpaceFacts, form: ReservationForm, period: Period | None) -> list[str]:
    """Why a manager would be asked, as sentences; empty where it would be theirs at once."""
    if behalf.names_another(form, space):
        return []
    if period is None:
        return [] if not space.on_request else [reasons.ask("always")]
    return [reasons.ask(code) for code in asks_of(space, period, details_of(form))]


def asks_of(space: SpaceFacts, period: Period, details: Details) -> list[str]:
    """The same as codes; where more has to be said first, whether it is always so."""
    try:
        return policies.judged(act.case_of(space, period, details, member()), clock.now()).asks
    except Refused:
        return ["always"] if space.on_request else []


def choice_of(offer: Offer, space: SpaceFacts, form: ReservationForm) -> dict[str, Any]:
    """A way out as the page shows it.

    `fields` is the sent form with this place and time instead: one click reserves it. Where
    nothing was sent yet, or more has to be said there, there are none, and the way leads to the
    form with what was typed.
    """
    people, fields = form.people.data, None
    counts = extras.at(offer, counts_of(form))
    if request.method == "POST" and says_enough(form, offer.space):
        typed = {"people": people} | typed_of(form) | named(counts)
        fields = links.form_values(offer.space, offer.period) | typed | set_up(offer)
        fields |= {once.FIELD: once.name()}
    return {
        "same": offer.space.id == space.id,
        "space": offer.space,
        "when": words.when(offer.period, offer.space.zone),
        "kilometres": offer.kilometres,
        "ask": bool(asks_of(offer.space, offer.period, details_at(offer, details_of(form)))),
        "without": extras.names(space, offer.without),
        "layout": set_up_text(offer),
        "url": links.form_url(
            offer.space, offer.period, people, **typed_of(form) | named(counts) | set_up(offer)
        ),
        "fields": fields,
    }


def set_up(offer: Offer) -> dict[str, str]:
    """The set-up it has instead of the one that was wanted, as the form says it."""
    return {} if offer.layout is None else {"layout": offer.layout}


def set_up_text(offer: Offer) -> str:
    """The same in words; nothing where it is as wanted."""
    if offer.layout is None:
        return ""
    return gettext("set-up: %(layout)s", layout=words.LAYOUTS.get(offer.layout) or AS_IT_STANDS)


def says_enough(form: ReservationForm, space: SpaceFacts) -> bool:
    """Whether the form says all that this space wants to know."""
    rules = space.rules
    wants_activity = rules.activities is not None and not form.activity.data
    return not wants_activity and len(set(form.names())) >= rules.named_people


def typed_of(form: ReservationForm) -> dict[str, Any]:
    """What was typed that is true in another place too, as an address says it."""
    names = ("title", "note", "layout", "activity", "organisation", "named", "line")
    fields = [form[name] for name in (*names, "whose", "for_email") if name in form]
    return {field.name: field.data for field in fields if field.data}
