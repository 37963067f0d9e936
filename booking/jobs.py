"""The worker: sends what the outbox holds and ends what has run out, over and over.

The tables are the queue, so nothing is lost with a process and several workers do no harm.
Every job handles one item per transaction and may be run again at any time.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from threading import Event as Flag
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, current_app, url_for
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError

from booking import clock, words
from booking.actions import messages, occupancy, presence, retention, waitlist
from booking.actions import outbox as act
from booking.db import again, db, transaction
from booking.errors import WrongState
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.outside import ical, mail
from booking.queries import outbox, reservations
from booking.queries import presence as find_presence
from booking.queries import waitlist as line
from booking.queries.reservations import with_place
from booking.queries.venues import atlas, network
from booking.rules.periods import Period
from booking.rules.presence import EARLY

log = structlog.get_logger()
PAUSE = 1.0  # seconds
BEAT, MINUTE, HOUR = timedelta(seconds=15), timedelta(minutes=1), timedelta(hours=1)
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
}

SERIES = frozenset(messages.SERIES.values())


def run_forever(app: Flask, stop: Flag | None = None) -> None:
    """All jobs, every second, until told to stop (Ctrl-C, SIGTERM or `stop`)."""
    stop = stop or stopped_by_signals()
    with app.app_context():
        while not stop.is_set():
            if not once():
                stop.wait(PAUSE)


def stopped_by_signals() -> Flag:
    """A flag that Ctrl-C and SIGTERM raise; the item at hand is finished first."""
    flag = Flag()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: flag.set())
    return flag


def once() -> int:
    """One round of every job; returns how much there was to do."""
    done = 0
    for job in JOBS:
        try:
            done += job()
        except Exception:
            db.session.rollback()
            log.exception("job failed", job=job.__name__)
        finally:
            db.session.remove()
    return done


def beat() -> int:
    """The sign of life that /readyz looks at, now and then."""
    now = clock.now()
    if due("worker", BEAT, now):
        with transaction():
            act.beat("worker", now)
    return 0


def due(name: str, every: timedelta, now: datetime) -> bool:
    """Whether what is done `every` so often was last done longer ago."""
    last = outbox.last_beat(name)
    return last is None or now - last >= every


def tidy() -> int:
    """Once an hour, forgets what is old."""
    now = clock.now()
    if due("tidy", HOUR, now):
        with transaction():
            act.beat("tidy", now)
            retention.forget(now)
    return 0


def each(ids: Callable[[], Any], work: Callable[[int], bool]) -> int:
    """Runs `work` for every id, each in its own transactions; counts those it did."""
    return sum(1 for number in list(ids()) if again(lambda n=number: work(n)))  # type: ignore[misc]


def send_outbox() -> int:
    """Sends every message that is due."""
    return each(lambda: outbox.due(clock.now()), send_one)


def send_one(message_id: int) -> bool:
    """Claims, sends, marks: a crash in between sends it once more under the same Message-ID.

    A mail server that stalls holds the worker up for a moment each: it shows that it lives.
    """
    beat()
    with transaction():
        message = act.claim(message_id, clock.now())
    if message is None:
        return False
    try:
        letter = mail.composed(letter_of(message))
        mail.send([letter], current_app.config["MAIL_URL"])
    except DBAPIError:
        raise
    except Exception as problem:  # Whatever is wrong with one mail, the others go out.
        log.warning("mail not sent", kind=message.kind, problem=type(problem).__name__)
        with transaction():
            act.mark_failed(message_id, f"{type(problem).__name__}: {problem}", clock.now())
        return True
    with transaction():
        act.mark_sent(message_id, clock.now())
    log.info("mail sent", kind=message.kind, message_id=message.message_id, **shown(letter))
    return True


def shown(letter: EmailMessage) -> dict[str, str]:
    """What the log says of a mail kept in the demonstration's folder; of a real one, nothing."""
    if not current_app.config["MAIL_URL"].startswith("file:"):
        return {}
    return {"to": str(letter["To"]), "subject": str(letter["Subject"])}


def expire_requests() -> int:
    """Ends requests nobody answered in time."""
    return each(lambda: reservations.expired(clock.now()), expire_one)


def expire_one(reservation_id: int) -> bool:
    """Ends one of them, unless somebody decided meanwhile."""
    now = clock.now()
    with transaction():
        query = with_place().where(Reservation.id == reservation_id)
        row = db.session.scalars(query.with_for_update(skip_locked=True, of=Reservation)).first()
        if row is None or row.expires_at is None or row.expires_at > now:
            return False
        try:
            occupancy.expire(row, now)
        except WrongState:
            return False
    return True


def tend_waitlist() -> int:
    """Once a minute, ends what is waited for in vain and offers what happens to be free."""
    now = clock.now()
    if not due("waitlist", MINUTE, now):
        return 0
    with transaction():
        act.beat("waitlist", now)
    return each(line.everywhere, tend_one)


def tend_one(entry_id: int) -> bool:
    """One of those who wait."""
    with transaction():
        return waitlist.tend(entry_id, clock.now())


def release_missed() -> int:
    """Releases the places to which nobody came in time."""
    return each(lambda: find_presence.missed(clock.now()), miss_one)


def miss_one(reservation_id: int) -> bool:
    """Releases one of them, unless somebody came meanwhile."""
    with transaction():
        return presence.miss(find_presence.by_id(reservation_id), atlas(), now=clock.now())


def finish_over() -> int:
    """Reservations whose time is over are done."""
    return each(lambda: find_presence.over(clock.now()), finish_one)


def finish_one(reservation_id: int) -> bool:
    """One of them, unless it lasts longer by now."""
    with transaction():
        return presence.finish(find_presence.by_id(reservation_id), now=clock.now())


JOBS = (beat, send_outbox, expire_requests, release_missed, finish_over, tend_waitlist, tidy)
"""What a round consists of."""


def letter_of(message: OutboxMessage) -> mail.Letter:
    """The message in its reader's language."""
    sender = current_app.config["MAIL_FROM"]
    found = network()
    with in_language(message.language):
        name = words.said(found.name) if found else ""
        facts = facts_for(message)
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
        calendar=calendar_of(message),
        entries=entries_of(message),
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
    base = current_app.config["BASE_URL"]
    facts |= {"name": message.name, "base_url": base, "language": message.language}
    if "starts_at" in facts:
        facts |= about(facts)
    if "until" in facts:
        facts["until"] = datetime.fromisoformat(facts["until"])
    if "alternatives" in facts:
        facts["alternatives"] = [way_out(way, facts["people"]) for way in facts["alternatives"]]
    if "reservations" in facts:
        facts["reservations"] = [one | about(one) for one in facts["reservations"]]
        facts["url"] = base + url_for("reservations.index")
    if "dates" in facts:
        facts |= about_series(facts)
    links = {
        "confirm-address": "account.confirm",
        "reset-password": "account.reset",
        "waitlist-offered": "waitlist.offer",
    }
    if message.kind in links:
        facts["url"] = base + url_for(links[message.kind], token=facts.get("token", ""))
    return facts


def way_out(way: dict[str, Any], people: int) -> dict[str, Any]:
    """What is offered instead, with its period and the address of the filled-in form."""
    zone = ZoneInfo(way["zone"])
    start, end = (datetime.fromisoformat(way[key]) for key in ("starts_at", "ends_at"))
    walls = [moment.astimezone(zone) for moment in (start, end)]
    times = {key: f"{wall:%H:%M}" for key, wall in zip(("from", "to"), walls, strict=True)}
    form = {"space": way["path"], "on": walls[0].date().isoformat(), **times, "people": people}
    url = current_app.config["BASE_URL"] + url_for("reservations.new", **form)
    return {**way, "period": Period(start, end), "timezone": zone, "url": url}


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


def entry_of(facts: dict[str, Any], one: dict[str, Any], message: OutboxMessage) -> ical.Event:
    """One date of a series; it has its own UID, as in every feed."""
    return event_from(facts["places"][one["place"]] | one, message)


def series_entries(message: OutboxMessage) -> list[tuple[str, bytes]]:
    """All dates of a series in one file; those that end in another, which takes them out. Requests
    for a change have none: what they would change stays in the calendar until then."""
    facts = message.facts
    told = [one for one in facts["dates"] if not one["replaces"]]
    events = [entry_of(facts, one, message) for one in told]
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


def calendar_of(message: OutboxMessage) -> tuple[str, bytes] | None:
    """The calendar entry that goes with the message: an invitation, or its cancellation. A request
    for a change has none: the reservation's own stays until it is changed."""
    method, facts = CALENDARS.get(message.kind), message.facts
    if method is None or facts.get("replaces"):
        return None
    with in_language(message.language):
        event = event_from(facts, message)
    body = ical.invitation(event) if method == "REQUEST" else ical.cancellation(event)
    return method, body


def entries_of(message: OutboxMessage) -> list[tuple[str, bytes]]:
    """The entries of a message that tells of several reservations, each named by its code."""
    with in_language(message.language):
        if message.kind in SERIES:
            return series_entries(message)
        return [
            (f"{facts['code']}.ics", ical.invitation(event_from(facts, message)))
            for facts in message.facts.get("reservations", ())
        ]


def event_from(facts: dict[str, Any], message: OutboxMessage) -> ical.Event:
    """The reservation as it was when the message was written."""
    at = {
        k: datetime.fromisoformat(facts[k])
        for k in ("starts_at", "ends_at", "created_at", "updated_at")
    }
    space, venue = words.said(facts["space"]), words.said(facts["venue"])
    lat, lon = facts["geo"]
    return ical.Event(
        uid=f"{facts['uid']}@{host()}",
        zone=facts["zone"],
        summary=space + (f" – {facts['title']}" if facts["title"] else ""),
        status=facts["status"],
        sequence=facts["sequence"],
        location=f"{space}, {venue}, {facts['address']}",
        geo=(lat, lon) if lat is not None and lon is not None else None,
        url=about(facts)["url"],
        organizer=(venue, current_app.config["MAIL_FROM"]),
        attendee=(message.name, message.to),
        **at,
    )
