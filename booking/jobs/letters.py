"""Mails: what the outbox holds as its reader will see it, with their calendar entries."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_babel import force_locale

from booking import words
from booking.actions import messages
from booking.jobs import guest_letters
from booking.models.outbox import OutboxMessage
from booking.outside import ical, mail
from booking.queries.venues import network
from booking.rules.periods import Period
from booking.rules.presence import EARLY

CALENDARS = {
    "reservation-confirmed": "REQUEST",
    "reservation-requested": "REQUEST",
    "reservation-approved": "REQUEST",
    "reservation-moved": "REQUEST",
    "reservation-declined": "CANCEL",
    "reservation-outbid": "CANCEL",
    "reservation-withdrawn": "CANCEL",
    "reservation-expired": "CANCEL",
    "reservation-cancelled": "CANCEL",
    "reservation-released": "CANCEL",
    **guest_letters.CALENDARS,
}
SERIES = frozenset(messages.SERIES.values())
LINKS = {
    "confirm-address": "account.confirm",
    "reset-password": "account.reset",
    "waitlist-offered": "waitlist.offer",
    "feedback-asked": "feedback.answer",
    messages.WISHED: "visitors.show",
}
"""Where a mail leads whose token opens that page."""
PAGES = {"delegation-made": "delegations.index", "delegation-ended": "delegations.index"}
NONE: Mapping[str, str] = {}


def letter_of(message: OutboxMessage, tokens: Mapping[str, str] = NONE) -> mail.Letter:
    """The message in its reader's language. `tokens` open reservations of somebody who cannot sign
    in, by their codes: their mails link there."""
    sender = current_app.config["MAIL_FROM"]
    found = network()
    with in_language(message.language):
        name = words.said(found.name) if found else ""
        facts = with_links(facts_for(message), tokens)
        # Not `render_template`: the context of pages looks up a reader, and there is none.
        template = current_app.jinja_env.get_template(f"mail/{message.kind}.txt")
        text = template.render(network_name=name, **facts)
    subject, _, body = text.lstrip().partition("\n")
    return mail.Letter(
        sender=(name, sender),
        to=(message.name, message.to),
        subject=subject,
        text=body.strip() + "\n",
        message_id=f"<{message.message_id}@{host()}>",
        date=message.created_at,
        calendar=calendar_of(message, tokens),
        entries=entries_of(message, tokens),
    )


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """What is rendered inside speaks this language, and its links carry no trace of a request."""
    base = current_app.config["BASE_URL"]
    with current_app.test_request_context(base_url=base), force_locale(language):
        yield


def host() -> str:
    """The name behind the @ of Message-IDs and UIDs."""
    return current_app.config["BASE_URL"].split("://", 1)[1].split(":")[0]  # type: ignore[no-any-return]


def facts_for(message: OutboxMessage) -> dict[str, Any]:
    """The message's facts as its template wants them, links built from the configured address."""
    facts = dict(message.facts)
    facts |= {"name": message.name, "language": message.language}
    facts["base_url"] = current_app.config["BASE_URL"]
    facts["home_zone"] = ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"])
    for fact, meaning in MEANINGS.items():
        if fact in facts:
            facts |= meaning(facts)
    if message.kind in LINKS:
        path = url_for(LINKS[message.kind], token=facts.get("token", ""))
        facts["url"] = facts["base_url"] + path
    if message.kind in PAGES:
        facts["url"] = facts["base_url"] + url_for(PAGES[message.kind])
    if message.kind in guest_letters.KINDS:
        facts |= guest_letters.about(message.kind, facts)
    return facts


def with_links(facts: dict[str, Any], tokens: Mapping[str, str]) -> dict[str, Any]:
    """The facts with the links for somebody who cannot sign in, in place of those for members.
    `visitor`: that there are such links."""
    base = current_app.config["BASE_URL"]
    urls = {code: base + url_for("visitors.show", token=token) for code, token in tokens.items()}
    if facts.get("code") in urls:
        facts["url"] = urls[facts["code"]]
    for one in (*facts.get("reservations", ()), *facts.get("dates", ())):
        one["url"] = urls.get(one["code"], one["url"])
    return facts | {"visitor": bool(urls)}


def way_out(way: dict[str, Any], people: int) -> dict[str, Any]:
    """What is offered instead, with its period and the address of the filled-in form."""
    zone = ZoneInfo(way["zone"])
    start, end = (datetime.fromisoformat(way[key]) for key in ("starts_at", "ends_at"))
    walls = [moment.astimezone(zone) for moment in (start, end)]
    times = {key: f"{wall:%H:%M}" for key, wall in zip(("from", "to"), walls, strict=True)}
    form = {"space": way["path"], "on": walls[0].date().isoformat(), **times, "people": people}
    url = current_app.config["BASE_URL"] + url_for("reservations.new", **form)
    return {**way, "period": Period(start, end), "timezone": zone, "url": url}


def wished(wish: dict[str, Any]) -> dict[str, Any]:
    """What a visitor asks for, as its mail says it."""
    start, end = (datetime.fromisoformat(wish[key]) for key in ("starts_at", "ends_at"))
    return wish | {"period": Period(start, end), "timezone": ZoneInfo(wish["zone"])}


def about(facts: dict[str, Any]) -> dict[str, Any]:
    """What a reservation's facts mean: its period, its extras in words, its links."""
    base = current_app.config["BASE_URL"]
    start, end = (datetime.fromisoformat(facts[key]) for key in ("starts_at", "ends_at"))
    extras = [(one["count"], one["name"]) for one in facts.get("extras", ())]
    return {
        "period": Period(start, end),
        "timezone": ZoneInfo(facts["zone"]),
        "beside": words.pieces(extras),
        "state_text": words.STATES[facts["state"]],
        "check_in": arrival(facts, start),
        "here_url": here_url(facts),
        "url": base + url_for("reservations.show", code=facts["code"]),
        "desk_url": base + url_for("desk.request", code=facts["code"]),
    }


def about_series(facts: dict[str, Any]) -> dict[str, Any]:
    """What the facts of a series mean: its dates, each with its place, and its links."""
    base = current_app.config["BASE_URL"]
    dates = [about(facts["places"][one["place"]] | one) | one for one in facts["dates"]]
    for one in dates:
        one["place"] = facts["places"][one["place"]]
    return {
        "dates": dates,
        "place": dates[0]["place"],
        "url": base + url_for("series.show", code=facts["code"]),
        "desk_url": base + url_for("desk.index"),
    }


def about_all(facts: dict[str, Any]) -> dict[str, Any]:
    """What the facts of several reservations mean, and where they stand."""
    url = current_app.config["BASE_URL"] + url_for("reservations.index")
    return {"reservations": [one | about(one) for one in facts["reservations"]], "url": url}


def about_feedback(facts: dict[str, Any]) -> dict[str, Any]:
    """Until when one may answer, and the link that ends these mails."""
    quiet = url_for("feedback.stop", token=facts.get("quiet_token", ""))
    return {
        "last_on": date.fromisoformat(facts["last_on"]),
        "quiet_url": current_app.config["BASE_URL"] + quiet,
    }


MEANINGS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "wish": lambda facts: wished(facts["wish"]),
    "starts_at": lambda facts: about(facts) if "code" in facts else {},
    "until": lambda facts: {"until": datetime.fromisoformat(facts["until"])},
    "alternatives": lambda facts: {
        "alternatives": [way_out(way, facts["people"]) for way in facts["alternatives"]]
    },
    "reservations": about_all,
    "dates": about_series,
    "last_on": about_feedback,
}
"""What some facts mean, by the one that tells of them; in this order."""


def series_entries(
    message: OutboxMessage, tokens: Mapping[str, str] = NONE
) -> list[tuple[str, bytes]]:
    """All dates of a series in one file, each with its own UID, as in every feed; those that end in
    another, which takes them out. Requests for a change have none: what they would change stays in
    the calendar until then."""
    facts = message.facts
    told = [one for one in facts["dates"] if not one["replaces"]]
    events = [event_from(facts["places"][one["place"]] | one, message, tokens) for one in told]
    ended = [event for event in events if event.status == "CANCELLED"]
    kept = [event for event in events if event.status != "CANCELLED"]
    name = facts["title"] or words.said(facts["places"][facts["dates"][0]["place"]]["space"])
    files = []
    if kept:
        calendar = ical.Calendar(name, "", kept[0].zone, kept)
        files.append((f"{facts['code']}.ics", ical.feed(calendar)))
    if ended:
        files.append((f"{facts['code']}-cancelled.ics", ical.cancellations(ended)))
    return files


def arrival(facts: dict[str, Any], start: datetime) -> tuple[datetime, datetime] | None:
    """From when one may check in and by when one must; None where nobody has to."""
    by = facts.get("check_in_by")
    return (start - EARLY, datetime.fromisoformat(by)) if by else None


def here_url(facts: dict[str, Any]) -> str:
    """The page that the QR code at the space opens; none for a message that is older than it."""
    venue, _, space = facts.get("path", "").partition("/")
    path = url_for("presence.here", slug=venue, space_slug=space) if space else ""
    return path and current_app.config["BASE_URL"] + path


def space_url(facts: dict[str, Any]) -> str:
    """The page of the space, for everybody."""
    venue, _, space = facts["path"].partition("/")
    path = url_for("venues.space", slug=venue, space_slug=space)
    return str(current_app.config["BASE_URL"]) + path


def calendar_of(
    message: OutboxMessage, tokens: Mapping[str, str] = NONE
) -> tuple[str, bytes] | None:
    """The calendar entry that goes with the message: an invitation, or its cancellation. A request
    for a change has none: the reservation's own stays until it is changed."""
    method, facts = CALENDARS.get(message.kind), message.facts
    if method is None or facts.get("replaces"):
        return None
    with in_language(message.language):
        event = event_from(facts, message, tokens)
    body = ical.invitation(event) if method == "REQUEST" else ical.cancellation(event)
    return method, body


def entries_of(message: OutboxMessage, tokens: Mapping[str, str] = NONE) -> list[tuple[str, bytes]]:
    """The entries of a message that tells of several reservations, each named by its code."""
    with in_language(message.language):
        if message.kind in SERIES:
            return series_entries(message, tokens)
        return [
            (f"{facts['code']}.ics", ical.invitation(event_from(facts, message, tokens)))
            for facts in message.facts.get("reservations", ())
        ]


def event_from(
    facts: dict[str, Any], message: OutboxMessage, tokens: Mapping[str, str] = NONE
) -> ical.Event:
    """The reservation as it was when the message was written.

    Calendars are shared: the entry of who cannot sign in leads to the space, and never carries
    their link.
    """
    at = {
        k: datetime.fromisoformat(facts[k])
        for k in ("starts_at", "ends_at", "created_at", "updated_at")
    }
    space, venue = words.said(facts["space"]), words.said(facts["venue"])
    lat, lon = facts["geo"]
    event = ical.Event(
        uid=f"{facts['uid']}@{host()}",
        zone=facts["zone"],
        summary=space + (f" – {facts['title']}" if facts["title"] else ""),
        status=facts["status"],
        sequence=facts["sequence"],
        location=f"{space}, {venue}, {facts['address']}",
        geo=(lat, lon) if lat is not None and lon is not None else None,
        url=space_url(facts) if facts["code"] in tokens else about(facts)["url"],
        organizer=(venue, current_app.config["MAIL_FROM"]),
        attendee=(message.name, message.to),
        **at,
    )
    guest = message.kind in guest_letters.KINDS
    return guest_letters.entry_for(event, facts) if guest else event
