"""A member's calendar addresses: given out once, listed, revoked."""

from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from booking import clock, reasons
from booking.actions import calendars as act
from booking.db import transaction
from booking.errors import NotFound, Refused
from booking.models.calendars import FEED_KINDS
from booking.queries import calendars as find
from booking.rules.access import MEMBERS, open_to
from booking.web.session import member

bp = Blueprint("calendars", __name__)


@dataclass(frozen=True)
class Address:
    """One calendar address in every form a program may want."""

    https: str

    @property
    def webcal(self) -> str:
        return "webcal://" + self.https.split("://", 1)[1]

    @property
    def google(self) -> str:
        return f"https://calendar.google.com/calendar/r?cid={quote(self.webcal, safe='')}"

    @property
    def outlook(self) -> str:
        url = quote(self.https, safe="")
        return f"https://outlook.live.com/calendar/0/addfromweb?url={url}"


def address(path: str) -> Address:
    """The whole address of a feed's path: built from the configured one only."""
    return Address(current_app.config["BASE_URL"] + path)


@bp.get("/account/calendars")
@open_to(MEMBERS)
def index() -> ResponseReturnValue:
    return page(None)


@bp.post("/account/calendars")
@open_to(MEMBERS)
def issue() -> ResponseReturnValue:
    kind = request.form.get("kind", "")
    if kind not in FEED_KINDS:
        raise NotFound(what="feed")
    try:
        with transaction():
            token = act.issue(kind, by=member(), now=clock.now())
    except Refused as no:
        for broken in no.refusals:
            flash(reasons.refusal(broken, ZoneInfo("UTC")), "problem")
        return page(None), 422
    return page(address(url_for("feeds.token", token=token)))


@bp.post("/account/calendars/<id:feed_id>/revoke")
@open_to(MEMBERS)
def revoke(feed_id: int) -> ResponseReturnValue:
    with transaction():
        act.revoke(feed_id, by=member(), now=clock.now())
    flash(gettext("This calendar address no longer works."), "ok")
    return redirect(url_for(".index"))


def page(made: Address | None) -> str:
    """The addresses that work, and the new one, shown this once."""
    return render_template(
        "calendars/index.html",
        made=made,
        feeds=find.feeds(member()),
        decides=act.manages(member(), clock.now()),
    )
