"""For managers: who may use which machine of their venue, and who acts for which organisation."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from booking import clock, words
from booking.actions import organisations, trainings
from booking.db import transaction
from booking.errors import NotFound
from booking.queries import policies as find
from booking.queries.members import grants_of
from booking.queries.venues import OrganisationFacts, VenueFacts
from booking.rules import roles
from booking.rules.access import DECIDERS, open_to
from booking.rules.hours import instant
from booking.web.context import atlas, forget_atlas
from booking.web.forms.people import MembershipForm, TrainingForm
from booking.web.session import member

bp = Blueprint("people", __name__, url_prefix="/desk/people")


@bp.get("/<slug>")
@open_to(DECIDERS)
def index(slug: str) -> ResponseReturnValue:
    venue = venue_of(slug)
    return page(venue, training_form(venue), membership_form(venue))


@bp.post("/<slug>/trained")
@open_to(DECIDERS)
def train(slug: str) -> ResponseReturnValue:
    venue = venue_of(slug)
    form = training_form(venue)
    if not form.validate():
        return page(venue, form, membership_form(venue, sent=False)), 422
    training = venue.trainings[int(form.training.data)]
    until = end_of(form.until.data, venue.zone)
    try:
        with transaction():
            forget_atlas()
            now = clock.now()
            trainings.train(form.email.data, training, by=member(), now=now, ends_at=until)
    except NotFound:
        form.email.errors = [gettext("No member has this address.")]
        return page(venue, form, membership_form(venue, sent=False)), 422
    flash(gettext("Noted: this member may use the machines that need it."), "ok")
    return redirect(url_for(".index", slug=slug))


@bp.post("/<slug>/trained/<id:trained_id>/end")
@open_to(DECIDERS)
def untrain(slug: str, trained_id: int) -> ResponseReturnValue:
    venue_of(slug)
    with transaction():
        trainings.end(trained_id, by=member(), now=clock.now())
    flash(gettext("This training holds no more."), "ok")
    return redirect(url_for(".index", slug=slug))


@bp.post("/<slug>/memberships")
@open_to(DECIDERS)
def join(slug: str) -> ResponseReturnValue:
    venue = venue_of(slug)
    form = membership_form(venue)
    if not form.validate():
        return page(venue, training_form(venue, sent=False), form), 422
    until = end_of(form.until.data, venue.zone)
    try:
        with transaction():
            forget_atlas()
            facts = atlas().organisations[form.organisation.data]
            organisations.join(form.email.data, facts, by=member(), now=clock.now(), ends_at=until)
    except NotFound:
        form.email.errors = [gettext("No member has this address.")]
        return page(venue, training_form(venue, sent=False), form), 422
    flash(gettext("Noted: this member acts for the organisation."), "ok")
    return redirect(url_for(".index", slug=slug))


@bp.post("/<slug>/memberships/<id:membership_id>/end")
@open_to(DECIDERS)
def leave(slug: str, membership_id: int) -> ResponseReturnValue:
    venue_of(slug)
    with transaction():
        forget_atlas()
        organisations.leave(membership_id, atlas(), by=member(), now=clock.now())
    flash(gettext("This member acts for the organisation no more."), "ok")
    return redirect(url_for(".index", slug=slug))


def venue_of(slug: str) -> VenueFacts:
    """The venue, if the reader decides there. Raises NotFound."""
    venue = atlas().venue(slug)
    if not roles.may(grants_of(member()), "grant_training", venue.id, clock.now()):
        raise NotFound(what="venue")
    return venue


def end_of(on: date | None, zone: ZoneInfo) -> datetime | None:
    """The midnight that closes that date; None for good."""
    return None if on is None else instant(on + timedelta(days=1), 0, zone)


def at_home(venue: VenueFacts) -> list[OrganisationFacts]:
    """The organisations of this venue."""
    return [one for one in atlas().organisations.values() if venue.id in one.venue_ids]


def training_form(venue: VenueFacts, sent: bool = True) -> TrainingForm:
    """The form with its choices; empty where another form of the page was sent."""
    form = TrainingForm(prefix="t-") if sent else TrainingForm(formdata=None, prefix="t-")
    form.training.choices = [
        SelectChoice(str(one.id), words.said(one.name)) for one in venue.trainings.values()
    ]
    return form


def membership_form(venue: VenueFacts, sent: bool = True) -> MembershipForm:
    """The form with its choices; empty where another form of the page was sent."""
    form = MembershipForm(prefix="m-") if sent else MembershipForm(formdata=None, prefix="m-")
    form.organisation.choices = [SelectChoice(one.slug, one.name) for one in at_home(venue)]
    return form


def page(venue: VenueFacts, trains: TrainingForm, joins: MembershipForm) -> str:
    """Both lists with both forms."""
    now = clock.now()
    return render_template(
        "people/index.html",
        venue=venue,
        trains=trains,
        joins=joins,
        trained=find.trained_at(list(venue.trainings), now),
        members=find.people_of([one.id for one in at_home(venue)], now),
        organisations=at_home(venue),
    )
