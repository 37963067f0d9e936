"""Reserving: from a filled-in form to a confirmed reservation, or to a way out of a no."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from booking import clock, reasons
from booking.actions import reservations as act
from booking.actions.guests import open_for_guests
from booking.db import Unlucky, transaction
from booking.errors import BookingError, Conflict, Refused, SentTwice, SlotTaken
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries import extras as find_extras
from booking.queries import guests as find_guests
from booking.queries import reservations as find
from booking.queries import series as find_series
from booking.queries import waitlist
from booking.queries.venues import SpaceFacts
from booking.rules import states
from booking.rules.access import EVERYONE, MEMBERS, open_to
from booking.rules.periods import Period
from booking.rules.policies import cancellable_until
from booking.web import behalf, extras, histories, once, wishes
from booking.web.changes import may_change
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.reservations import ReservationForm, period_of
from booking.web.forms.visitors import VisitorForm
from booking.web.presence import may_excuse, stage_of
from booking.web.reserving import (
    details_of,
    filled_in,
    form_of,
    offer_choices,
    page,
    preview,
    space_of,
    times_given,
)
from booking.web.security import limiter
from booking.web.session import me, member, to_sign_in

bp = Blueprint("reservations", __name__)
UTC = ZoneInfo("UTC")  # Where a refusal names no time.


@bp.get("/reservations")
@open_to(MEMBERS)
def index() -> ResponseReturnValue:
    now, page = clock.now(), max(1, request.args.get("page", 1, type=int))
    number = request.args.get("for", "")
    shown = behalf.delegation(number) if number else None
    whose = shown.member if shown else member()
    past, more = find.gone(whose, now, min(page, 500))
    # What is offered stands with what one waits for.
    coming = [row for row in find.coming(whose, now) if row.state != states.HELD]
    return render_template(
        "reservations/index.html",
        coming=lines_of(coming, find_series.to_come(coming, now)),
        waits=[one for one in waitlist.own(whose, atlas(), now) if one.spaces],
        past=lines_of(past, {}),
        page=page,
        more=more,
        shown=shown,
        principals=behalf.principals(),
    )


@dataclass(frozen=True)
class Line:
    """A reservation in a list, with its place and its time."""

    reservation: Reservation
    space: SpaceFacts
    period: Period
    original: Reservation | None = None  # What it would change, of a request for a change.
    series: Series | None = None
    left: int = 0  # How many dates its series still has.


def line_of(row: Reservation, original: Reservation | None = None) -> Line:
    return Line(row, atlas().by_id(row.space_id), Period(row.starts_at, row.ends_at), original)


def lines_of(rows: Sequence[Reservation], left: dict[int, int]) -> list[Line]:
    before, series = find.originals(rows), find_series.of_rows(rows)
    return [
        replace(
            line_of(row, before.get(row.id)),
            series=series.get(row.series_id or 0),
            left=left.get(row.series_id or 0, 0),
        )
        for row in rows
    ]


@bp.get("/reservations/new")
@open_to(EVERYONE)
def new() -> ResponseReturnValue:
    args = wishes.asked(request.args)
    if not args.get("space"):
        return redirect(url_for("home.index"))
    form = filled_in(args, ReservationForm if me() else VisitorForm)
    space = space_of(form)
    if me() is None and not space.rules.visitors:
        return to_sign_in()
    period = period_of(form, space.zone) if times_given(form) else None
    no = preview(space, form, period) if period else None
    return page(form, space, period, no)


@bp.post("/reservations/new")
@open_to(MEMBERS)
@limiter.limit("120 per hour", key_func=lambda: f"member:{member().id}")
def create() -> ResponseReturnValue:
    form = form_of(request.form)
    space = space_of(form)
    offer_choices(form, space)
    period = behalf.right(form, space)
    if period is None:
        return page(form, space, None, None), 422
    no, name = preview(space, form, period), once.sent_as()
    if no is not None:  # Seen without a lock: who comes too late keeps nobody waiting.
        return refused(form, period, no, name)
    try:
        with transaction():
            forget_atlas()
            said, now = details_of(form), clock.now()
            made = act.reserve(space_of(form), period, said, by=member(), now=now, sent_as=name)
    except (Refused, Conflict) as no:
        forget_atlas()
        return refused(form, period, no, name)
    return to_what_was_made(form, made)


def refused(
    form: ReservationForm, period: Period, no: BookingError, name: str | None
) -> ResponseReturnValue:
    """The form with its reasons; or what it has made, where it is sent once more."""
    if made := find.sent_as(name):
        return to_what_was_made(form, made)
    if isinstance(no, SentTwice):  # What it had made has ended in this very moment.
        raise Unlucky from no
    return page(form, space_of(form), period, no), status_of(no)


def to_what_was_made(form: ReservationForm, made: Reservation) -> ResponseReturnValue:
    """Its page, with what became of it. A wish of a day is none any more."""
    if form.line.data:
        wishes.drop(form.line.data)
    flash(created(made, space_of(form)), "ok")
    return redirect(url_for(".show", code=made.code))


def created(made: Reservation, space: SpaceFacts) -> str:
    """What became of it, and who is told."""
    asked, name = made.state == states.REQUESTED, made.member.name
    if made.member_id != member().id:
        if asked:
            return gettext(
                "Asked for in the name of %(name)s, who has the answer by mail.", name=name
            )
        return gettext("Reserved for %(name)s, who is told by mail.", name=name)
    return str(AMONG_RIVALS if asked and space.rules.competing else CREATED[asked])


CREATED = {
    False: _l("It is yours: the place is reserved and a mail confirms it."),
    True: _l("Your request is with the venue; the place is kept for you meanwhile."),
}
AMONG_RIVALS = _l(
    "Your request is with the venue. Others may ask for the same time: you will have the answer"
    " by mail."
)


@bp.get("/reservations/<code>")
@open_to(MEMBERS)
def show(code: str) -> ResponseReturnValue:
    reservation = find.by_code(code, by=member(), now=clock.now())
    space = atlas().by_id(reservation.space_id)
    until = cancellable_until(space.rules, reservation.starts_at)
    who, lines = behalf.standing(reservation.member_id), find.history(reservation)
    beside = extras.in_words(find_extras.held([reservation.id])[reservation.id])
    number = reservation.organisation_id
    acts_for = atlas().organisation(number) if number is not None else None
    return render_template(
        "reservations/show.html",
        reservation=reservation,
        space=space,
        period=Period(reservation.starts_at, reservation.ends_at),
        units=find.units_of(reservation) if space.pool else [],
        extras=beside,
        offer=waitlist.offer_of(reservation) if reservation.state == states.HELD else None,
        original=find.originals([reservation]).get(reservation.id),
        waiting=find.change_of(reservation),
        series=find_series.of_rows([reservation]).get(reservation.series_id or 0),
        changes=may_change(reservation),
        running=reservation.starts_at < clock.now() < reservation.ends_at,
        history=histories.timeline(lines, space, atlas(), beside, reservation.member),
        made_by=histories.made_by(lines, reservation),
        together=[line_of(r) for r in find.made_with(reservation, by=member(), now=clock.now())],
        who=who,
        organisation=acts_for.name if acts_for else None,
        cancel=cancel_verb(reservation, who.own, until, clock.now()),
        until=until,
        undo=undo_seconds(reservation, clock.now()),
        stage=stage_of(reservation, clock.now()),
        may_excuse=may_excuse(reservation, clock.now()),
        guests=find_guests.of(reservation),
        inviting=open_for_guests(reservation, clock.now()),
    )


def undo_seconds(reservation: Reservation, now: datetime) -> int:
    """How long the reader may still take back that they cancelled; 0 for not at all."""
    if reservation.replaces_id is not None or not states.knows(reservation.state, "restore"):
        return 0
    last = find.last_of(reservation)
    left = last.at + act.UNDO - now
    own = last.member_id == member().id
    own = own and last.before == states.move(reservation.state, "restore")
    own = own and "series" not in (last.changed or {})  # All of it is taken back, on its own page.
    return max(0, -(-left // timedelta(seconds=1))) if own else 0


def cancel_verb(reservation: Reservation, own: bool, until: datetime, now: datetime) -> str | None:
    """What the reader may do to be rid of it: withdraw, cancel, too-late, or nothing."""
    if reservation.ends_at <= now or reservation.state == states.HELD:
        return None  # An offer is taken or passed on.
    if own and states.knows(reservation.state, "withdraw"):
        return "withdraw"
    if not states.knows(reservation.state, "cancel"):
        return None
    return "cancel" if now <= until or not own else "too-late"


@bp.get("/reservations/<code>/cancel")
@open_to(MEMBERS)
def cancelling(code: str) -> ResponseReturnValue:
    reservation = find.by_code(code, by=member(), now=clock.now())
    space = atlas().by_id(reservation.space_id)
    until = cancellable_until(space.rules, reservation.starts_at)
    who = behalf.standing(reservation.member_id)
    verb = cancel_verb(reservation, who.own, until, clock.now())
    if verb is None:
        return redirect(url_for(".show", code=code))
    return render_template(
        "reservations/cancel.html",
        reservation=reservation,
        space=space,
        period=Period(reservation.starts_at, reservation.ends_at),
        who=who,
        verb=verb,
        until=until,
        guests=sum(guest.told is not None for guest in find_guests.of(reservation)),
    )


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
    return redirect(url_for(".show", code=code))


@bp.post("/reservations/<code>/restore")
@open_to(MEMBERS)
def restore(code: str) -> ResponseReturnValue:
    now = clock.now()
    try:
        with transaction():
            forget_atlas()
            act.restore(find.by_code(code, by=member(), now=now), atlas(), by=member(), now=now)
    except (Refused, SlotTaken) as no:
        gone = gettext("Somebody else has this place by now.")
        said = [gone] if isinstance(no, SlotTaken) else refused_texts(no)
        for sentence in said:
            flash(sentence, "problem")
    else:
        flash(gettext("Taken back: it is yours as before, and nobody was told."), "ok")
    return redirect(url_for(".show", code=code))


def refused_texts(no: Refused) -> list[str]:
    """Sentences that name no time."""
    return [reasons.refusal(broken, UTC) for broken in no.refusals]
