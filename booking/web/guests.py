"""Guests: inviting them, their own page behind the mailed link, and letting them in."""

from base64 import b64encode
from collections.abc import Sequence

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import clock, reasons
from booking.actions import guests as act
from booking.actions.guests import Invited
from booking.db import transaction
from booking.errors import Refusal, Refused, WrongState
from booking.models.guests import Guest
from booking.models.reservations import Reservation
from booking.outside import qr
from booking.queries import guests as find
from booking.queries.members import grants_of
from booking.queries.reservations import by_code
from booking.rules import guests as rules
from booking.rules import roles
from booking.rules.access import DECIDERS, EVERYONE, MEMBERS, open_to
from booking.rules.guests import ANSWERS, COMING, TOLD, counted, room_for, tally, window
from booking.rules.periods import Period
from booking.web import behalf
from booking.web.changes import may_change
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.guests import LONGEST, GuestsForm
from booking.web.security import limiter, posts_nothing
from booking.web.session import me, member, own_path

bp = Blueprint("guests", __name__)
FROM_ONE_PLACE = "60 per 15 minutes"
BY_ONE_MEMBER = "60 per hour"
OF_LINES = ("guest-unread", "guests-unread", "guest-is-host")
"""Refusals that are said at the list itself."""
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
"""Of pages behind a link. Their address goes to no other host, as that of any page here."""


def by_member() -> str:
    """Whom limits count for."""
    return f"member:{member().id}"


@bp.get("/reservations/<code>/guests")
@open_to(MEMBERS)
def index(code: str) -> ResponseReturnValue:
    return page(own(code), GuestsForm())


@bp.post("/reservations/<code>/guests")
@open_to(MEMBERS)
@limiter.limit(BY_ONE_MEMBER, key_func=by_member)
def invite(code: str) -> ResponseReturnValue:
    form = GuestsForm()
    typed, one = form.lines.data or "", form.one()
    if not form.validate_on_submit():
        return page(own(code), form, rules.read(typed[:LONGEST]).wrong), 422
    try:
        with transaction():
            forget_atlas()
            row = own(code)
            made = act.invite(row, typed, by=member(), now=clock.now(), one=one)
    except Refused as no:
        forget_atlas()
        return page(own(code), form, no.refusals), status_of(no)
    flash(invited(made, row.state in TOLD), "ok")
    return redirect(url_for(".index", code=code))


def own(code: str) -> Reservation:
    """The reservation, for whoever may see it. Raises NotFound."""
    return by_code(code, by=member(), now=clock.now())


def page(
    row: Reservation, form: GuestsForm, refusals: Sequence[Refusal] = ()
) -> ResponseReturnValue:
    """The guests of a reservation, with the form to invite more; refusals are of what was typed."""
    space, guests = atlas().by_id(row.space_id), find.of(row)
    told = [(broken.code in OF_LINES, reasons.refusal(broken, space.zone)) for broken in refusals]
    form.lines.errors = [*form.lines.errors, *(text for at_list, text in told if at_list)]
    answers = [guest.answer for guest in guests]
    return render_template(
        "guests/index.html",
        reservation=row,
        space=space,
        period=Period(row.starts_at, row.ends_at),
        who=behalf.standing(row.member_id),
        guests=guests,
        form=form,
        refusals=[text for at_list, text in told if not at_list],
        inviting=act.open_for_guests(row, clock.now()),
        confirmed=row.state in TOLD,
        left=room_for(row.people, counted(answers)),
        tally=tally(answers),
        changes=may_change(row),
        times=rules.TIMES,
    )


def invited(made: Invited, confirmed: bool) -> str:
    """What became of it, in a sentence or two."""
    if confirmed:
        text = ngettext(
            "%(num)d guest invited: the mail with the pass is on its way.",
            "%(num)d guests invited: the mails with their passes are on their way.",
            made.new,
        )
    else:
        text = ngettext(
            "%(num)d guest noted: the invitation goes out when the venue has said yes.",
            "%(num)d guests noted: the invitations go out when the venue has said yes.",
            made.new,
        )
    if not made.known:
        return text
    known = ngettext("%(num)d was invited already.", "%(num)d were invited already.", made.known)
    return f"{text} {known}" if made.new else known


@bp.post("/reservations/<code>/guests/<id:guest_id>/send-again")
@open_to(MEMBERS)
@limiter.limit(BY_ONE_MEMBER, key_func=by_member)
def send_again(code: str, guest_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            act.send_again(own(code), guest_id, by=member(), now=clock.now())
    except Refused as no:
        forget_atlas()
        say(no, own(code))
    else:
        flash(gettext("The invitation is on its way once more."), "ok")
    return redirect(url_for(".index", code=code))


@bp.post("/reservations/<code>/guests/<id:guest_id>/remove")
@open_to(MEMBERS)
@limiter.limit(BY_ONE_MEMBER, key_func=by_member)
def remove(code: str, guest_id: int) -> ResponseReturnValue:
    with transaction():
        forget_atlas()
        act.remove(own(code), guest_id, by=member(), now=clock.now())
    flash(gettext("Removed: whoever had an invitation is told so."), "ok")
    return redirect(url_for(".index", code=code))


@bp.post("/reservations/<code>/guests/<id:guest_id>/arrive")
@open_to(DECIDERS)
def arrive(code: str, guest_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            act.arrive(find.by_id(own(code), guest_id), by=member(), now=clock.now())
    except Refused as no:
        forget_atlas()
        say(no, own(code))
    else:
        flash(gettext("Arrived: the host reads it in a moment."), "ok")
    return redirect(own_path(request.form.get("next")) or url_for(".index", code=code))


@bp.post("/reservations/<code>/guests/<id:guest_id>/take-back")
@open_to(DECIDERS)
def take_back(code: str, guest_id: int) -> ResponseReturnValue:
    with transaction():
        forget_atlas()
        act.take_back_arrival(find.by_id(own(code), guest_id), by=member(), now=clock.now())
    flash(gettext("Taken back: this guest is expected."), "ok")
    return redirect(own_path(request.form.get("next")) or url_for(".index", code=code))


def say(no: Refused, row: Reservation) -> None:
    """The reasons, on the next page."""
    zone = atlas().by_id(row.space_id).zone
    for broken in no.refusals:
        flash(reasons.refusal(broken, zone), "problem")


@bp.get("/passes/<token>")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def door_pass(token: str) -> ResponseReturnValue:
    return pass_page(token), 200, PRIVATE


def pass_page(token: str) -> str:
    """What a guest may know, and nothing about other guests. Raises NotFound."""
    guest, now = find.by_token(token), clock.now()
    row = guest.reservation
    space, period = atlas().by_id(row.space_id), Period(row.starts_at, row.ends_at)
    return render_template(
        "guests/door_pass.html",
        guest=guest,
        reservation=row,
        space=space,
        period=period,
        stage=stage_of(guest, row, period),
        host=row.member.name,
        opens=window(period).start,
        token=token,
        drawing=drawing_of(token),
        lets_in=lets_in(row) and period.end > now >= window(period).start,
    )


def stage_of(guest: Guest, row: Reservation, period: Period) -> str:
    """void, cancelled, over, here or open."""
    if guest.removed_at is not None:
        return "void"
    if row.state not in TOLD and row.state != "done":
        return "cancelled"
    if row.state == "done" or period.end <= clock.now():
        return "over"
    return "here" if guest.arrived_at is not None else "open"


def drawing_of(token: str) -> str:
    """The address of the page as a QR code, within the page: there when the network is not."""
    path = url_for(".door_pass", token=token).partition("?")[0]
    drawing = qr.svg(str(current_app.config["BASE_URL"]) + path)
    return "data:image/svg+xml;base64," + b64encode(drawing).decode()


def lets_in(row: Reservation) -> bool:
    """Whether the reader says who is there."""
    reader = me()
    at = row.space.venue_id
    return reader is not None and roles.may(grants_of(reader), "check_in", at, clock.now())


@bp.post("/passes/<token>/answer")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE)
def answer(token: str) -> ResponseReturnValue:
    said, back = request.form.get("answer"), redirect(url_for(".door_pass", token=token))
    guest = find.by_token(token)
    if said not in ANSWERS:
        return back
    try:
        with transaction():
            act.answer(find.by_token(token), said, now=clock.now())
    except WrongState:  # The page says what has become of it.
        return back
    except Refused as no:
        say(no, guest.reservation)
        return back
    yes, no_ = gettext("Thank you: you are expected."), gettext("Thank you for saying so.")
    flash(yes if said == COMING else no_, "ok")
    return back
