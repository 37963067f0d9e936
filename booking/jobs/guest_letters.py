"""What mails to guests, and about them, say beside what those to members do."""

from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext

from booking.actions.guest_messages import ARRIVED, CANCELLED, INVITED, MOVED
from booking.outside import ical
from booking.rules.guests import COMING, DECLINED

CALENDARS = {INVITED: "REQUEST", MOVED: "REQUEST", CANCELLED: "CANCEL"}
KINDS = frozenset({*CALENDARS, ARRIVED})
ATTENDANCE = {COMING: "ACCEPTED", DECLINED: "DECLINED", None: "NEEDS-ACTION"}


def link_of(facts: dict[str, Any]) -> str:
    """The guest's page; nothing where the mail has no pass."""
    token = facts.get("token")
    if not token:
        return ""
    return str(current_app.config["BASE_URL"]) + url_for("guests.door_pass", token=token)


def about(kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Links of a mail of that kind; guests do not see the reservation itself."""
    base = str(current_app.config["BASE_URL"])
    if kind == ARRIVED:
        at = datetime.fromisoformat(facts["at"])
        return {"at": at, "guests_url": base + url_for("guests.index", code=facts["code"])}
    return {"url": link_of(facts), "legal_url": base + url_for("pages.legal")}


def entry_for(event: ical.Event, facts: dict[str, Any]) -> ical.Event:
    """The guest's own entry: the same event for calendars, and nothing that is the host's alone."""
    door = gettext("Code for the door: %(code)s", code=facts["code"])
    return event._replace(
        url=link_of(facts) or None,
        description="" if facts.get("removed") or not link_of(facts) else door,
        attendance=ATTENDANCE[facts.get("answer")],
    )
