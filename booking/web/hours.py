"""The manager's page of hours: closures, the hours of single dates, public holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm

from booking import clock, reasons, words
from booking.actions import hours as act
from booking.actions.hours import Closing, DayHours
from booking.db import Words, transaction
from booking.errors import InTheWay, NotFound, Refused
from booking.models.hours import SpecialHours
from booking.models.reservations import Reservation
from booking.queries import hours as find
from booking.queries.hours import Covers
from booking.queries.members import grants_of
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import holidays, roles
from booking.rules.access import DECIDERS, open_to
from booking.rules.hours import DAY_MINUTES, today
from booking.rules.periods import Period
from booking.web.context import atlas, forget_atlas
from booking.web.forms.hours import PAIRS, ClosureForm, DayForm, PlaceForm
from booking.web.session import member

bp = Blueprint("hours", __name__)
AT_FIELD = {
    "why-missing": "why",
    "past": "on",
    "closure-too-long": "until",
    "spans-wrong": "from1",
    "labour-day-unconfirmed": "confirmed",
}


@dataclass(frozen=True)
class Holiday:
    """A public holiday and what is said of it: `special` opens it, if it has hours."""

    on: date
    name: Words
    special: SpecialHours | None
    usual: Sequence[tuple[int, int]]

    @property
    def is_open(self) -> bool:
        return bool(self.special and self.special.spans)

    @property
    def fields(self) -> dict[str, str]:
        """The form that opens it with the hours of that weekday."""
        return {"on": self.on.isoformat()} | {
            f"{edge}{n}": words_of(minute).strftime("%H:%M")
            for n, span in enumerate(self.usual[:PAIRS], start=1)
            for edge, minute in zip(("from", "to"), span, strict=True)
        }


def words_of(minute: int) -> time:
    """Minutes since midnight as a wall time; 1440 is 0:00."""
    return time(minute % DAY_MINUTES // 60, minute % 60)


@bp.get("/desk/hours/<slug>")
@open_to(DECIDERS)
def show(slug: str) -> ResponseReturnValue:
    venue = own_venue(slug)
    return page(venue, closure_form(venue, None), day_asked(venue))


@bp.post("/desk/hours/<slug>/closures")
@open_to(DECIDERS)
def close(slug: str) -> ResponseReturnValue:
    venue = own_venue(slug)
    form = closure_form(venue, request.form)
    period = form.period(venue.zone) if form.validate() else None
    if period is None:
        return page(venue, form, day_form(venue, None)), 422
    seen = request.form.getlist("cancelling")
    try:
        with transaction():
            forget_atlas()
            closing = Closing(covers(form, own_venue(slug)), period, form.why.data, seen)
            act.close(closing, atlas(), by=member(), now=clock.now())
    except Refused as no:
        at_fields(form, no, own_venue(slug))
        return page(own_venue(slug), form, day_form(venue, None)), 422
    except InTheWay:
        return page(own_venue(slug), form, day_form(venue, None), period), 409
    flash(gettext("Closed. Everybody reads why in the table of the day."), "ok")
    return redirect(url_for(".show", slug=slug))


@bp.post("/desk/hours/<slug>/closures/<id:closure_id>/end")
@open_to(DECIDERS)
def reopen(slug: str, closure_id: int) -> ResponseReturnValue:
    with transaction():
        forget_atlas()
        closure = find.closure(closure_id, own_venue(slug).id)
        act.reopen(closure, atlas(), by=member(), now=clock.now())
    flash(gettext("Open again: the places can be reserved."), "ok")
    return redirect(url_for(".show", slug=slug))


@bp.post("/desk/hours/<slug>/days")
@open_to(DECIDERS)
def set_day(slug: str) -> ResponseReturnValue:
    venue = own_venue(slug)
    form = day_form(venue, request.form)
    if not form.validate():
        return page(venue, closure_form(venue, None), form), 422
    day = DayHours(form.on.data, form.spans(), form.why.data)
    try:
        with transaction():
            forget_atlas()
            where, sure = covers(form, own_venue(slug)), form.confirmed.data
            act.set_hours(where, day, by=member(), now=clock.now(), confirmed=sure)
    except Refused as no:
        at_fields(form, no, own_venue(slug))
        return page(own_venue(slug), closure_form(venue, None), form), 422
    forget_atlas()
    tell_displaced(own_venue(slug), day.on)
    return redirect(url_for(".show", slug=slug))


@bp.post("/desk/hours/<slug>/days/<id:row_id>/remove")
@open_to(DECIDERS)
def clear_day(slug: str, row_id: int) -> ResponseReturnValue:
    with transaction():
        forget_atlas()
        row = find.special_day(row_id, own_venue(slug).id)
        on = row.on
        act.clear_hours(row, by=member(), now=clock.now())
    forget_atlas()
    tell_displaced(own_venue(slug), on)
    return redirect(url_for(".show", slug=slug))


def own_venue(slug: str) -> VenueFacts:
    """The venue, if the reader decides there. Raises NotFound, also where they do not."""
    venue = atlas().venue(slug)
    if not roles.may(grants_of(member()), "set_hours", venue.id, clock.now()):
        raise NotFound(what="venue")
    return venue


def covers(form: PlaceForm, venue: VenueFacts) -> Covers:
    return venue, venue.space(form.space.data) if form.space.data else None


def offered(form: PlaceForm, venue: VenueFacts) -> None:
    form.offer([(space.slug, words.said(space.name)) for space in venue.spaces])


def closure_form(venue: VenueFacts, given: Any) -> ClosureForm:
    form = ClosureForm(formdata=given)
    offered(form, venue)
    return form


def day_form(venue: VenueFacts, given: Any) -> DayForm:
    form = DayForm(formdata=given)
    offered(form, venue)
    return form


def day_asked(venue: VenueFacts) -> DayForm:
    """The form of a date: filled with its hours as they are where the address names one.

    On a holiday, which is closed, with those of its weekday.
    """
    form = day_form(venue, None)
    slugs = [space.slug for space in venue.spaces]
    form.space.data = slug if (slug := request.args.get("space", "")) in slugs else ""
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return form
    hours = venue.space(form.space.data).hours if form.space.data else venue.hours
    known = find.special_day_of(covers(form, venue), on)
    spans = hours.spans_on(on) or ([] if known else hours.usual_on(on))
    form.on.data, form.why.data = on, known.why if known else ""
    form.shut.data = bool(known and not known.spans)
    for n, (opens, closes) in enumerate(spans[:PAIRS], start=1):
        form[f"from{n}"].data, form[f"to{n}"].data = words_of(opens), words_of(closes)
    return form


def at_fields(form: FlaskForm, no: Refused, venue: VenueFacts) -> None:
    """Each broken rule, said at the field that breaks it."""
    for broken in no.refusals:
        field = form[AT_FIELD[broken.code]]
        field.errors = [*field.errors, reasons.refusal(broken, venue.zone)]


def tell_displaced(venue: VenueFacts, on: date) -> None:
    """Done; and how many reservations that leaves outside the hours, if any."""
    flash(gettext("The hours of %(day)s are set.", day=words.long_date(on)), "ok")
    count = len(find.displaced(atlas(), venue, [on], clock.now()))
    if count:
        text = ngettext(
            "One reservation lies outside the new hours. It stays: see below.",
            "%(num)d reservations lie outside the new hours. They stay: see below.",
            count,
        )
        flash(text, "problem")


def lined(row: Reservation) -> tuple[Reservation, SpaceFacts, Period]:
    """A reservation in the way, with its place and its time."""
    return row, atlas().by_id(row.space_id), Period(row.starts_at, row.ends_at)


def page(
    venue: VenueFacts, closing: ClosureForm, day: DayForm, blocked: Period | None = None
) -> str:
    """All of it. `blocked`: what was to be closed, where reservations stand in the way."""
    now = clock.now()
    first = today(now, venue.zone)
    specials = find.special_days(venue.id, first)
    whole = {row.on: row for row in specials if row.space_id is None}
    days_off = [
        Holiday(on, name, whole.get(on), venue.hours.usual_on(on))
        for on, name in holidays.coming(venue.venue.holidays, first)
    ]
    dates = {row.on for row in specials} | {one.on for one in days_off}
    standing = (
        find.in_the_way(find.units_of(covers(closing, venue)), blocked, now) if blocked else []
    )
    return render_template(
        "hours/show.html",
        venue=venue,
        names={space.id: space.name for space in venue.spaces},
        slugs={space.id: space.slug for space in venue.spaces},
        closing=closing,
        day=day,
        blocked=blocked,
        standing=[lined(row) for row in standing],
        closures=[
            (row, Period(row.starts_at, row.ends_at)) for row in find.closures(venue.id, now)
        ],
        specials=specials,
        holidays=days_off,
        displaced=find.displaced(atlas(), venue, dates, now),
    )
