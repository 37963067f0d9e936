"""Who reserves for the member, and for whom they do: named, read and ended on one page."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from booking import clock, reasons
from booking.actions import delegations as act
from booking.db import transaction
from booking.errors import Refused
from booking.queries import delegations as find
from booking.rules.access import MEMBERS, open_to
from booking.rules.hours import instant
from booking.web import behalf
from booking.web.forms.delegations import DelegateForm
from booking.web.security import limiter
from booking.web.session import member

bp = Blueprint("delegations", __name__, url_prefix="/account/delegates")
NAMED = "20 per hour"  # Nobody's mailbox is filled through us, and no address is tried out.


@bp.get("")
@open_to(MEMBERS)
def index() -> ResponseReturnValue:
    return page(DelegateForm(formdata=None))


@bp.post("")
@open_to(MEMBERS)
@limiter.limit(NAMED, key_func=lambda: f"member:{member().id}")
def name() -> ResponseReturnValue:
    form = DelegateForm()
    if not form.validate():
        return page(form), 422
    until = end_of(form.until.data)
    try:
        with transaction():
            act.name(form.email.data, by=member(), now=clock.now(), ends_at=until)
    except Refused as no:
        told_at_fields(form, no)
        return page(form), 422
    flash(gettext("Noted. If there is an account with this address, a mail tells its owner."), "ok")
    return redirect(url_for(".index"))


@bp.post("/<id:delegation_id>/end")
@open_to(MEMBERS)
def end(delegation_id: int) -> ResponseReturnValue:
    with transaction():
        act.end(delegation_id, by=member(), now=clock.now())
    flash(gettext("Ended. What is reserved stays."), "ok")
    return redirect(url_for(".index"))


def zone() -> ZoneInfo:
    """That of dates which are no venue's."""
    return ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"])


def end_of(on: date | None) -> datetime | None:
    """The midnight that closes that date; None for good."""
    return None if on is None else instant(on + timedelta(days=1), 0, zone())


def told_at_fields(form: DelegateForm, no: Refused) -> None:
    """Each reason at the field it is about."""
    for broken in no.refusals:
        field = form.until if broken.code == "delegate-over" else form.email
        field.errors = [*field.errors, reasons.refusal(broken, zone())]


def page(form: DelegateForm) -> str:
    """Both lists and the form."""
    return render_template(
        "delegations/index.html",
        form=form,
        named=find.named_by(member(), clock.now()),
        principals=behalf.principals(),
    )
