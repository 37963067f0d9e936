"""The manager's desk: requests with the day around them, and the two decisions."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from booking import clock, reasons
from booking.actions import approvals as act
from booking.db import transaction
from booking.errors import NotFound, Refused
from booking.models.reservations import Reservation
from booking.queries import extras as find_extras
from booking.queries import reservations as find
from booking.queries.members import grants_of
from booking.queries.venues import SpaceFacts
from booking.rules import roles
from booking.rules.access import DECIDERS, open_to
from booking.rules.periods import Period
from booking.web import boards, extras
from booking.web.boards import Board, View
from booking.web.context import atlas, forget_atlas
from booking.web.forms.reservations import ReasonForm
from booking.web.session import member

bp = Blueprint("desk", __name__)
Records = dict[tuple[int, int], tuple[int, int]]
Beside = dict[int, list[find_extras.Held]]
UTC = ZoneInfo("UTC")  # No refusal of a decision names a time.


@dataclass(frozen=True)
class Request:
    """A request as its manager weighs it. `kept` reservations so far, `missed` no-shows;
    `extras` in words."""

    reservation: Reservation
    space: SpaceFacts
    period: Period
    kept: int
    missed: int
    extras: str
    form: ReasonForm


@bp.get("/desk")
@open_to(DECIDERS)
def index() -> ResponseReturnValue:
    now = clock.now()
    venues = roles.venues_for(grants_of(member()), "see_requests", now)
    pending = find.pending(venues, now)
    records = find.records([row.member_id for row in pending])
    beside = find_extras.held([row.id for row in pending])
    requests = [weighed(row, records, beside) for row in pending]
    places = [venue for venue in atlas().venues if venues is None or venue.id in venues]
    return render_template("desk/index.html", requests=requests, places=places, now=now)


@bp.get("/desk/<code>")
@open_to(DECIDERS)
def request(code: str) -> ResponseReturnValue:
    return page(code, ReasonForm()), 200


def page(code: str, form: ReasonForm) -> str:
    """One request with the venue's day around it."""
    now = clock.now()
    reservation = find.by_code(code, by=member(), now=now)
    venue_id, grants = reservation.space.venue_id, grants_of(member())
    if not roles.may(grants, "see_requests", venue_id, now):
        raise NotFound(what="request")
    records, beside = find.records([reservation.member_id]), find_extras.held([reservation.id])
    one = weighed(reservation, records, beside, form)
    return render_template(
        "desk/request.html",
        request=one,
        board=day_around(one, now),
        history=find.history(reservation),
        decidable=(
            roles.may(grants, "approve", venue_id, now) and reservation.state == "requested"
        ),
    )


def weighed(
    row: Reservation, records: Records, beside: Beside, form: ReasonForm | None = None
) -> Request:
    """The request with its member's record, and what it takes beside its space."""
    space = atlas().by_id(row.space_id)
    operator_id = space.venue.venue.operator_id
    kept, missed = records.get((row.member_id, operator_id), (0, 0))
    period = Period(row.starts_at, row.ends_at)
    in_words = extras.in_words(beside[row.id])
    return Request(row, space, period, kept, missed, in_words, form or ReasonForm(formdata=None))


def day_around(one: Request, now: datetime) -> Board:
    """The day of the venue's spaces, the request pointed out."""
    on = one.period.start.astimezone(one.space.zone).date()
    view = View(member(), True, now, shown=one.reservation.code)
    return boards.of_venue(one.space.venue, one.space.venue.spaces, on, view)


@bp.post("/desk/<code>/approve")
@open_to(DECIDERS)
def approve(code: str) -> ResponseReturnValue:
    with transaction():
        forget_atlas()
        now = clock.now()
        reservation = find.by_code(code, by=member(), now=now)
        act.approve(reservation, atlas(), by=member(), now=now)
    flash(gettext("Approved: the member gets a mail with the calendar entry."), "ok")
    return redirect(url_for(".index"))


@bp.post("/desk/<code>/decline")
@open_to(DECIDERS)
def decline(code: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return page(code, form), 422
    try:
        with transaction():
            forget_atlas()
            now = clock.now()
            reservation = find.by_code(code, by=member(), now=now)
            act.decline(reservation, atlas(), by=member(), now=now, why=form.why.data)
    except Refused as no:
        forget_atlas()
        form.why.errors = [reasons.refusal(r, UTC) for r in no.refusals]
        return page(code, form), 422
    flash(gettext("Declined: the member gets your reason by mail."), "ok")
    return redirect(url_for(".index"))
