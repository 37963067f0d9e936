"""The waitlist: joining and leaving it, and answering an offer, signed in or by the mailed link."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import clock, reasons, words
from booking.actions import waitlist as act
from booking.actions.waitlist import Ask
from booking.db import transaction
from booking.errors import NotFound, Refused, WrongState
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.waitlist import Waiting
from booking.queries import waitlist as find
from booking.queries.venues import SpaceFacts
from booking.rules import states
from booking.rules.access import EVERYONE, MEMBERS, open_to
from booking.rules.periods import Period
from booking.rules.waitlist import OFFERED, TAKEN
from booking.web import behalf, links
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms.extras import counts_of, named
from booking.web.forms.reservations import ReservationForm
from booking.web.reserving import details_of, form_of, offer_choices, page, space_of
from booking.web.security import limiter, posts_nothing
from booking.web.session import me, member

bp = Blueprint("waitlist", __name__)
FROM_ONE_PLACE = "60 per 15 minutes"


@bp.post("/waitlist")
@open_to(MEMBERS)
@limiter.limit("120 per hour", key_func=lambda: f"member:{member().id}")
def join() -> ResponseReturnValue:
    form = form_of(request.form)
    space = space_of(form)
    offer_choices(form, space)
    period = behalf.right(form, space)
    if period is None:
        return page(form, space, None, None), 422
    try:
        with transaction():
            forget_atlas()
            asked = ask_of(form, period)
            entry = act.join(asked, by=member(), now=clock.now())
            position = find.position(entry, atlas(), clock.now())
    except Refused as no:
        forget_atlas()
        return refused(form, period, no)
    flash(joined(entry, position), "ok")
    return redirect(behalf.list_url(entry.member_id, "waitlist"))


def ask_of(form: ReservationForm, period: Period) -> Ask:
    """What is waited for: the space, or any such one."""
    return Ask(space_of(form), period, details_of(form), bool(request.form.get("anywhere")))


def refused(form: ReservationForm, period: Period, no: Refused) -> ResponseReturnValue:
    """The form with the reasons; where a place is free by now, the form of that place."""
    free = next((one for one in no.refusals if one.code == "free-now"), None)
    space = space_of(form)
    if free is None:
        return page(form, space, period, no), status_of(no)
    flash(reasons.refusal(free, space.zone), "ok")
    there = atlas().space(*free.facts["path"].split("/"))
    return redirect(links.form_url(there, period, form.people.data, **named(counts_of(form))))


def joined(entry: Waiting, position: int) -> str:
    """Where the member stands now."""
    if entry.member_id != member().id:
        return ngettext(
            "%(name)s is first in line and is told by mail as soon as it is free.",
            "%(name)s is number %(num)d in line and is told by mail when it is their turn.",
            position,
            name=entry.member.name,
        )
    if entry.state == OFFERED:
        return gettext("This place is kept for you already: take it.")
    if position == 1:
        return gettext("You are first in line. A mail tells you as soon as it is free.")
    return ngettext(
        "You are in line: %(num)d is before you. A mail tells you when it is your turn.",
        "You are in line: %(num)d are before you. A mail tells you when it is your turn.",
        position - 1,
    )


@bp.post("/waitlist/<id:entry_id>/leave")
@open_to(MEMBERS)
def leave(entry_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            entry = find.of(member(), entry_id, clock.now())
            act.leave(entry, by=member(), now=clock.now())
    except WrongState:
        forget_atlas()
    flash(left(entry.member_id), "ok")
    return redirect(behalf.list_url(entry.member_id))


def left(member_id: int) -> str:
    """That this member waits no more."""
    behalf_of = behalf.standing(member_id).behalf
    if behalf_of is None:
        return gettext("You do not wait for this place any more.")
    name = behalf_of.member.name
    return gettext("%(name)s does not wait for this place any more.", name=name)


@bp.post("/waitlist/<id:entry_id>/accept")
@open_to(MEMBERS)
def accept(entry_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            entry = find.of(member(), entry_id, clock.now())
            made = act.accept(entry, by=member(), now=clock.now())
    except WrongState:
        forget_atlas()
        flash(over_text(), "problem")
        return redirect(behalf.list_url(entry.member_id))
    flash(yours(made, member()), "ok")
    return redirect(url_for("reservations.show", code=made.code))


def yours(made: Reservation, reader: Member) -> str:
    """What accepting has made of it."""
    if made.member_id != reader.id and made.state != states.REQUESTED:
        return gettext("Accepted: the place is theirs and a mail tells them.")
    if made.state == states.REQUESTED:
        return gettext("Accepted: a manager of the venue decides now. The answer comes by mail.")
    return gettext("Accepted: the place is yours and a mail confirms it.")


def over_text() -> str:
    """That somebody comes too late."""
    return gettext("This offer has ended: the place went to the next in line.")


@bp.get("/waitlist/offers/<token>")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def offer(token: str) -> ResponseReturnValue:
    entry = find.offered_by(token)
    answer = render_template(
        "waitlist/offer.html",
        **stands(entry),
        token=token,
        open=entry.state == OFFERED and not find.over(entry, clock.now()),
        own=me() is not None and me().id == entry.member_id,  # type: ignore[union-attr]
    )
    return answer, 200, {"Cache-Control": "no-store"}


def stands(entry: Waiting) -> dict[str, Any]:
    """What the page of an offer says of it. Raises NotFound where nothing was offered."""
    made, period = entry.reservation, find.period_of(entry)
    if made is None:
        raise NotFound(what="offer")
    space = atlas().by_id(made.space_id)
    return {
        "entry": entry,
        "reservation": made,
        "space": space,
        "period": period,
        "taken": entry.state == TAKEN,
        "beside": beside(entry, space),
        "asks": made.asks,
        "again": links.form_url(space, period, entry.people),
    }


def beside(entry: Waiting, space: SpaceFacts) -> str:
    """Its extras in words."""
    known = space.extras
    held = [
        (count, known[slug].extra.name) for slug, count in entry.extras.items() if slug in known
    ]
    return words.pieces(held)


@bp.post("/waitlist/offers/<token>/accept")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE)
def accept_by_link(token: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            entry = find.offered_by(token)
            made = act.accept(entry, by=entry.member, now=clock.now())
    except WrongState:
        forget_atlas()
        return redirect(url_for(".offer", token=token))
    flash(yours(made, made.member), "ok")
    if me() is not None and member().id == made.member_id:
        return redirect(url_for("reservations.show", code=made.code))
    return redirect(url_for(".offer", token=token))


@bp.post("/waitlist/offers/<token>/pass")
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE)
def pass_by_link(token: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            entry = find.offered_by(token)
            act.leave(entry, by=entry.member, now=clock.now())
    except WrongState:
        forget_atlas()
    return redirect(url_for(".offer", token=token))
