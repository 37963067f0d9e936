"""For administrators: members and their roles."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from booking import clock, reasons, words
from booking.actions import roles as act
from booking.db import transaction
from booking.errors import NotFound, Refused
from booking.queries import members as find
from booking.rules.access import ADMINISTRATORS, open_to
from booking.rules.roles import live
from booking.web.context import atlas, forget_atlas
from booking.web.forms.account import RoleForm
from booking.web.session import member

bp = Blueprint("members", __name__)


@bp.get("/members")
@open_to(ADMINISTRATORS)
def index() -> ResponseReturnValue:
    return page(role_form())


@bp.post("/members/roles")
@open_to(ADMINISTRATORS)
def grant() -> ResponseReturnValue:
    form = role_form()
    if not form.validate():
        return page(form), 422
    try:
        with transaction():
            forget_atlas()
            venue = atlas().venue(form.venue.data).venue if form.venue.data else None
            act.grant(form.email.data, form.role.data, venue, by=member(), now=clock.now())
    except Refused as no:
        form.venue.errors = [reasons.refusal(r, ZoneInfo("UTC")) for r in no.refusals]
        return page(form), 422
    except NotFound:
        form.email.errors = [gettext("No member with a confirmed account has this address.")]
        return page(form), 422
    flash(gettext("The role is granted."), "ok")
    return redirect(url_for(".index"))


@bp.post("/members/roles/<id:role_id>/revoke")
@open_to(ADMINISTRATORS)
def revoke(role_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            act.revoke(role_id, by=member(), now=clock.now())
    except Refused as no:
        for broken in no.refusals:
            flash(reasons.refusal(broken, ZoneInfo("UTC")), "problem")
    else:
        flash(gettext("The role has ended."), "ok")
    return redirect(url_for(".index"))


def role_form() -> RoleForm:
    """The form with its choices."""
    form = RoleForm()
    form.role.choices = [SelectChoice(role, name) for role, name in words.ROLES.items()]
    everywhere = [SelectChoice("", gettext("Everywhere"))]
    venues = [SelectChoice(venue.slug, words.said(venue.name)) for venue in atlas().venues]
    form.venue.choices = everywhere + venues
    return form


def page(form: RoleForm) -> str:
    """All members with the roles they have now."""
    now = clock.now()
    people = find.everybody()
    roles = {one.id: live(one.roles, now) for one in people}  # type: ignore[type-var]
    return render_template("members/index.html", form=form, people=people, roles=roles)
