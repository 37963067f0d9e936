"""The manager's desk: requests with the day around them, and the two decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import request as request_
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import clock, reasons, words
from booking.actions import approvals as act
from booking.actions import series_approvals as series_act
from booking.db import transaction
from booking.errors import NotFound, NotTogether, Refused, SlotTaken
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries import extras as find_extras
from booking.queries import reservations as find
from booking.queries import series as find_series
from booking.queries import waitlist
from booking.queries.members import grants_of
from booking.queries.venues import SpaceFacts
from booking.rules import roles
from booking.rules.access import DECIDERS, open_to
from booking.rules.periods import Period
from booking.web import boards, extras, histories
from booking.web.boards import Board, View
from booking.web.context import atlas, forget_atlas
from booking.web.forms.reservations import ReasonForm
from booking.web.session import member

bp = Blueprint("desk", __name__)
Records = dict[tuple[int, int], tuple[int, int]]
Beside = dict[int, list[find_extras.Held]]
UTC = ZoneInfo("UTC")  # No refusal of a decision names a time.


@dataclass(frozen=True)
class Group:
    """What waits of one series, soonest first."""

    series: Series
    rows: list[Reservation]

    @property
    def dates(self) -> list[str]:
        """When each of them would be."""
        return [
            words.when(Period(row.starts_at, row.ends_at), ZoneInfo(row.space.venue.timezone))
            for row in self.rows
        ]


def groups_of(requests: Sequence[Reservation], now: datetime) -> dict[int, Group]:
    """The series of these requests with all that waits of each, by its id; not where nothing else
    does."""
    known = find_series.of_rows(requests)
    found = find_series.asked(list(known.values()), by=member(), now=now) if known else []
    groups = {number: Group(series, []) for number, series in known.items()}
    for row in found:
        groups[row.series_id or 0].rows.append(row)
    return {number: group for number, group in groups.items() if len(group.rows) > 1}


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
    organisation: str | None
    original: Reservation | None = None
    group: Group | None = None

    @property
    def before(self) -> Period | None:
        """When it is that it would change, if it would."""
        return self.original and Period(self.original.starts_at, self.original.ends_at)

    @property
    def zone_before(self) -> ZoneInfo:
        """By which clock."""
        return ZoneInfo(self.original.space.venue.timezone) if self.original else self.space.zone


@bp.get("/desk")
@open_to(DECIDERS)
def index() -> ResponseReturnValue:
    now = clock.now()
    venues = roles.venues_for(grants_of(member()), "see_requests", now)
    pending = find.pending(venues, now, grouped=True)
    groups = groups_of(pending, now)
    records = find.records([row.member_id for row in pending], now)
    beside = find_extras.held([row.id for row in pending])
    before = find.originals(pending)
    requests = [
        replace(
            weighed(r, records, beside),
            original=before.get(r.id),
            group=groups.get(r.series_id or 0),
        )
        for r in pending
    ]
    places = [venue for venue in atlas().venues if venues is None or venue.id in venues]
    homes = {home for one in atlas().organisations.values() for home in one.venue_ids}
    waits = waitlist.counts([venue.id for venue in places], now)
    return render_template(
        "desk/index.html", requests=requests, places=places, homes=homes, waits=waits
    )


@bp.get("/desk/<code>")
@open_to(DECIDERS)
def request(code: str) -> ResponseReturnValue:
    return page(code, ReasonForm()), 200


def page(code: str, form: ReasonForm, crowd: list[str] | None = None) -> str:
    """One request with the venue's day around it. `crowd`: why it cannot be approved just so."""
    now = clock.now()
    reservation = find.by_code(code, by=member(), now=now)
    venue_id, grants = reservation.space.venue_id, grants_of(member())
    if not roles.may(grants, "see_requests", venue_id, now):
        raise NotFound(what="request")
    records = find.records([reservation.member_id], now)
    beside = find_extras.held([reservation.id])
    one = weighed(reservation, records, beside, form)
    one = replace(one, original=find.originals([reservation]).get(reservation.id))
    return render_template(
        "desk/request.html",
        request=one,
        board=day_around(one, now),
        history=histories.timeline(
            find.history(reservation), one.space, atlas(), one.extras, reservation.member
        ),
        competing=one.space.rules.competing,
        crowd=crowd or [],
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
    acts_for = row.organisation_id and atlas().organisation(row.organisation_id).name
    in_words = extras.in_words(beside[row.id])
    form = form or ReasonForm(formdata=None)
    return Request(row, space, period, kept, missed, in_words, form, acts_for or None)


def day_around(one: Request, now: datetime) -> Board:
    """The day of the venue's spaces, the request pointed out."""
    on = one.period.start.astimezone(one.space.zone).date()
    view = View(member(), True, now, shown=one.reservation.code, then=one.period)
    return boards.of_venue(one.space.venue, one.space.venue.spaces, on, view)


@bp.post("/desk/<code>/approve")
@open_to(DECIDERS)
def approve(code: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            now, why = clock.now(), request_.form.get("why", "")
            reservation = find.by_code(code, by=member(), now=now)
            declined = act.approve(reservation, atlas(), by=member(), now=now, why=why)
    except Refused as no:
        forget_atlas()
        return page(
            code, ReasonForm(formdata=None), [reasons.refusal(r, UTC) for r in no.refusals]
        ), 422
    except SlotTaken:
        forget_atlas()
        taken = gettext("Somebody else has this place by now: decline the request.")
        return page(code, ReasonForm(formdata=None), [taken]), 409
    flash(gettext("Approved: the member gets a mail with the calendar entry."), "ok")
    if declined:
        flash(
            ngettext(
                "One competing request was declined; the member knows what else is free.",
                "%(num)d competing requests were declined; the members know what else is free.",
                len(declined),
            ),
            "ok",
        )
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


@bp.post("/desk/series/<code>/approve")
@open_to(DECIDERS)
def approve_series(code: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            now, why = clock.now(), request_.form.get("why", "")
            series = find_series.by_code(code)
            rows = find_series.asked([series], by=member(), now=now)
            series_act.approve(series, rows, atlas(), by=member(), now=now, why=why)
    except NotTogether as no:
        forget_atlas()
        told_why_not(code, no)
        return redirect(url_for(".index"))
    flash(gettext("Approved, all of it: the member gets one mail with the calendar entries."), "ok")
    return redirect(url_for(".index"))


@bp.post("/desk/series/<code>/decline")
@open_to(DECIDERS)
def decline_series(code: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            now, why = clock.now(), request_.form.get("why", "")
            series = find_series.by_code(code)
            rows = find_series.asked([series], by=member(), now=now)
            series_act.decline(series, rows, atlas(), by=member(), now=now, why=why)
    except Refused as no:
        forget_atlas()
        for one in no.refusals:
            flash(reasons.refusal(one, UTC), "problem")
        return redirect(url_for(".index"))
    flash(gettext("Declined: the member gets your reason by mail."), "ok")
    return redirect(url_for(".index"))


def told_why_not(code: str, no: NotTogether) -> None:
    """Which dates stand in the way of a yes to all, and that each can be decided by itself."""
    rows = find_series.asked([find_series.by_code(code)], by=member(), now=clock.now())
    group = Group(find_series.by_code(code), rows)
    dates = [text for number, text in enumerate(group.dates) if number in no.facts["parts"]]
    text = gettext(
        "Nothing was approved: %(dates)s cannot be had so. Decide on those by themselves first.",
        dates=reasons.enumerated(dates),
    )
    flash(text, "problem")
