"""Changing a reservation by its form: what it is, what it would be, and what would come of that."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from booking import clock, reasons, words
from booking.actions import changes as act
from booking.actions.changes import Wanted
from booking.actions.presence import check_out
from booking.db import transaction
from booking.errors import BookingError, Changed, Conflict, Refused, SlotTaken
from booking.models.reservations import Reservation
from booking.queries import reservations as find
from booking.queries.day_parts import busy_of
from booking.queries.extras import beside
from booking.queries.members import grants_of
from booking.queries.policies import memberships
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Look, Offer, alternatives
from booking.rules import roles, states
from booking.rules.access import MEMBERS, open_to
from booking.rules.extras import Counts
from booking.rules.hours import instant, next_open_date
from booking.rules.periods import Period
from booking.rules.policies import Wish
from booking.web import behalf, extras, histories, links, plans
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.extras import counts_of, named
from booking.web.forms.reservations import ChangeForm, period_of
from booking.web.forms.search import minute_of
from booking.web.reserving import (
    TO_FILL_IN,
    details_at,
    details_of,
    exception_of,
    filled_in,
    form_of,
    offer_choices,
    reasons_of,
    set_up,
    set_up_text,
    slip,
    space_of,
    taken_around,
    times_given,
    told_at_fields,
    what_is_free,
)
from booking.web.security import limiter
from booking.web.session import member

bp = Blueprint("changes", __name__)
CHANGED = _l("Changed: a mail carries the new calendar entry.")
ASKED = _l(
    "Your change is with the venue. Until the answer, which comes by mail, everything stays."
)
NOTHING = _l("Nothing was changed.")
LEFT = _l("Thank you: the rest of the time is free for others.")


@bp.get("/reservations/<code>/change")
@open_to(MEMBERS)
def edit(code: str) -> ResponseReturnValue:
    reservation = find.by_code(code, by=member(), now=clock.now())
    if reservation.replaces_id is not None:
        return redirect(url_for(".edit", code=find.changed_by(reservation).code))
    if not may_change(reservation):
        return redirect(url_for("reservations.show", code=code))
    form = filled_in(args_of(reservation), ChangeForm)
    space = space_of(form)
    period = period_of(form, space.zone) if times_given(form) else None
    return page(reservation, form, space, period)


@bp.post("/reservations/<code>/change")
@open_to(MEMBERS)
@limiter.limit("120 per hour", key_func=lambda: f"member:{member().id}")
def save(code: str) -> ResponseReturnValue:
    now = clock.now()
    reservation = find.by_code(code, by=member(), now=now)
    form = form_of(request.form, ChangeForm)
    space = space_of(form)
    offer_choices(form, space, who=reservation.member)
    period = period_of(form, space.zone) if form.validate() else None
    if period is None:
        return page(reservation, form, space, None), 422
    try:
        with transaction():
            forget_atlas()
            reservation = find.by_code(code, by=member(), now=now)
            wanted, before = wanted_of(form, space_of(form), period), reservation.sequence
            made = act.change(reservation, atlas(), wanted, by=member(), now=now)
    except (Refused, SlotTaken, Changed) as no:
        forget_atlas()
        reservation = find.by_code(code, by=member(), now=now)
        return page(reservation, form, space_of(form), period, no), status_of(no)
    at_once = NOTHING if made.sequence == before else CHANGED
    flash(str(at_once if made is reservation else ASKED), "ok")
    return redirect(url_for("reservations.show", code=reservation.code))


@bp.post("/reservations/<code>/leave")
@open_to(MEMBERS)
def leave(code: str) -> ResponseReturnValue:
    now = clock.now()
    with transaction():
        forget_atlas()
        check_out(find.by_code(code, by=member(), now=now), atlas(), by=member(), now=now)
    flash(str(LEFT), "ok")
    return redirect(url_for("reservations.show", code=code))


def may_change(reservation: Reservation) -> bool:
    """Whether anything of it can still be another."""
    over = reservation.ends_at <= clock.now()
    return states.knows(reservation.state, "move") and not over


def args_of(reservation: Reservation) -> MultiDict[str, str]:
    """The form as the reservation is; what the address says goes before.

    Where that says a start and no end, it keeps its length; in another space, which units and
    extras there are is another matter.
    """
    here = atlas().by_id(reservation.space_id)
    there = request.args.get("space") or f"{here.venue.slug}/{here.slug}"
    own = act.details_of(reservation, atlas())
    period = Period(reservation.starts_at, reservation.ends_at)
    given: dict[str, Any] = links.form_values(here, period) | {
        "people": str(own.people),
        "title": own.title,
        "note": own.note,
        "layout": own.layout or "",
        "activity": own.activity or "",
        "organisation": own.organisation if own.organisation in acts_for(reservation) else "",
        "named": "\n".join(own.named),
        "version": str(reservation.sequence),
    }
    if there == given["space"]:
        units = find.units_of(reservation) if here.pool else []
        given |= named(own.extras) | ({"unit": str(units[0].id)} if len(units) == 1 else {})
    elif own.extras:
        known = set(atlas().space(*there.split("/", 1)).extras) if "/" in there else set()
        given |= named({slug: n for slug, n in own.extras.items() if slug in known})
    asked = {name: value for name, value in request.args.items() if name != "version"}
    if "on" in asked:
        given.pop("until", None)
    args = MultiDict(given | asked)
    if "from" in asked and "to" not in asked:
        keep_length(args, period, atlas().space(*there.split("/", 1)) if "/" in there else here)
    return args


def acts_for(reservation: Reservation) -> set[str]:
    """The organisations its member may act for today."""
    return {one.organisation.slug for one in memberships(reservation.member, clock.now())}


def keep_length(args: MultiDict[str, str], period: Period, space: SpaceFacts) -> None:
    """The end follows the start, as far as the address says a time."""
    trial = filled_in(MultiDict(args.to_dict() | {"to": args["from"], "until": ""}), ChangeForm)
    if trial.on.data and trial.opens.data and not trial.on.errors and not trial.opens.errors:
        start = instant(trial.on.data, minute_of(trial.opens.data), space.zone)
        moved = Period(start, start + period.length)
        for name, value in links.wall_times(moved, space.zone).items():
            args.setlist(name, [value])


def wanted_of(form: ChangeForm, space: SpaceFacts, period: Period) -> Wanted:
    """What the form says it is to become."""
    return Wanted(space, period, details_of(form), form.version.data)


def page(
    reservation: Reservation,
    form: ChangeForm,
    space: SpaceFacts,
    period: Period | None,
    no: BookingError | None = None,
) -> str:
    """The form beside what is now, with what would come of it, or why not and what else."""
    now, here = clock.now(), atlas().by_id(reservation.space_id)
    asks: list[str] = []
    if period is not None and (no is None or isinstance(no, Refused)):
        seen, asks = looked(reservation, form, space, period)
        no = seen or no  # A look tells of all at once.
    meanwhile = changed_meanwhile(reservation, form, no)
    no = None if isinstance(no, Changed) else told_at_fields(form, no, space)
    offers = ways_out(reservation, form, space, period) if no and period else []
    on = None if form.on.errors else form.on.data
    on = on or next_open_date(space.hours, now, space.zone)
    waiting = find.change_of(reservation)
    own_codes = {reservation.code, waiting.code if waiting else None} - {None}
    taken = [row for row in taken_around(space, on, period, now) if row.code not in own_codes]
    free, left = what_is_free(space, period, busy_of(taken)) if period else (None, {})
    offer_choices(form, space, free, who=reservation.member)
    return render_template(
        "reservations/change.html",
        **slip(form, space, period),
        reservation=reservation,
        had=here,
        present=Period(reservation.starts_at, reservation.ends_at),
        who=behalf.standing(reservation.member_id),
        spaces=space_choices(space),
        running=reservation.starts_at <= now,
        meanwhile=meanwhile,
        waiting=waiting,
        differs=differs(reservation, form, space, period),
        plan=plans.plan_of(space, period, free) if space.pool else None,
        reasons=reasons_of(no, space, period, own_codes),
        exception=exception_of(no, form, space),
        asks=asks,
        choices=[choice_of(offer, reservation, form, space) for offer in offers],
        extras=extras.choices(form, space, left),
    )


def looked(
    reservation: Reservation, form: ChangeForm, space: SpaceFacts, period: Period
) -> tuple[BookingError | None, list[str]]:
    """Why it cannot be, if it cannot; and why a manager would be asked, as sentences."""
    wanted = replace(wanted_of(form, space, period), version=None)
    try:
        verdict = act.look(reservation, atlas(), wanted, by=member(), now=clock.now())
    except Refused as no:
        asked = request.method == "POST"
        left = [one for one in no.refusals if asked or one.code not in TO_FILL_IN]
        # What is only missing hides whether somebody is asked: where it is always so, it is said.
        known = not left and space.on_request and not decides(space)
        found = Refused(left, **no.facts) if left else no.facts.get("taken")
        return found, [reasons.ask("always")] if known and not found else []
    except Conflict as no:
        return no, []
    return None, [reasons.ask(code) for code in verdict.asks]


def decides(space: SpaceFacts) -> bool:
    """Whether the reader is who would be asked."""
    return roles.may(grants_of(member()), "approve", space.venue.id, clock.now())


def changed_meanwhile(
    reservation: Reservation, form: ChangeForm, no: BookingError | None
) -> list[dict[str, Any]]:
    """What others did to it since the form was made; the next sending knows of it."""
    if not isinstance(no, Changed):
        return []
    lines = find.history(reservation)[no.facts["since"] + 1 :]
    form.version.data = reservation.sequence
    form.version.raw_data = None
    return histories.timeline(lines, atlas().by_id(reservation.space_id), atlas())


def differs(
    reservation: Reservation, form: ChangeForm, space: SpaceFacts, period: Period | None
) -> list[str]:
    """What would be another, part by part."""
    if period is None or form.people.data is None or form.people.errors:
        return []
    changed = act.differences(reservation, wanted_of(form, space, period))
    return histories.changes_in_words(changed, space, atlas())


def ways_out(
    reservation: Reservation, form: ChangeForm, space: SpaceFacts, period: Period
) -> list[Offer]:
    """Other times and places that it may become."""
    now, details = clock.now(), details_of(form)
    wish = Wish(period, details.people, space.zone, details.layout or None, extras=details.extras)

    def allowed(offer: Offer) -> bool:
        wanted = Wanted(offer.space, offer.period, details_at(offer, details))
        try:
            act.look(reservation, atlas(), wanted, by=member(), now=now)
        except (Refused, Conflict):
            return False
        return True

    return alternatives(atlas(), space, wish, Look(now, allowed=allowed))


def choice_of(
    offer: Offer, reservation: Reservation, form: ChangeForm, space: SpaceFacts
) -> dict[str, Any]:
    """A way out as a link to the form with it, and with all that was typed."""
    dropped = [slug for slug in offer.without if slug in beside(offer.space)]
    counts: Counts = dict.fromkeys(dropped, 0) | extras.at(offer, counts_of(form))
    fields = [form.title, form.note, form.layout, form.activity, form.organisation, form.named]
    values = {field.name: field.data or "" for field in fields} | named(counts) | set_up(offer)
    values |= links.form_values(offer.space, offer.period) | {"people": str(form.people.data)}
    name = words.said(offer.space.name)
    when = words.when(offer.period, offer.space.zone)
    same = offer.space.id == space.id
    text = when if same else f"{name} ({words.said(offer.space.venue.name)}), {when}"
    missing = ", ".join(extras.names(space, offer.without))
    notes = [set_up_text(offer), gettext("without %(extras)s", extras=missing) if missing else ""]
    return {
        "text": " · ".join([text, *filter(None, notes)]),
        "url": url_for(".edit", code=reservation.code, **values),
    }


def space_choices(space: SpaceFacts) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where else it could be: (venue, its spaces as (address, name)), its own venue first."""
    venues = sorted(atlas().venues, key=lambda venue: venue.id != space.venue.id)
    return [
        (
            words.said(venue.name),
            [(f"{venue.slug}/{one.slug}", words.said(one.name)) for one in venue.spaces],
        )
        for venue in venues
    ]
