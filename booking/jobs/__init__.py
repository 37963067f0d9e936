"""The worker: sends what the outbox holds and ends what has run out, over and over.

The tables are the queue, so nothing is lost with a process and several workers do no harm.
Every job handles one item per transaction and may be run again at any time.
"""

import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from threading import Event as Flag
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from booking import clock
from booking.actions import occupancy, presence, retention, visitors, waitlist
from booking.actions import outbox as act
from booking.db import again, db, transaction
from booking.errors import WrongState
from booking.jobs.letters import letter_of
from booking.models.reservations import Reservation
from booking.outside import mail
from booking.queries import outbox, reservations
from booking.queries import presence as find_presence
from booking.queries import waitlist as line
from booking.queries.reservations import with_place
from booking.queries.venues import atlas

log = structlog.get_logger()
PAUSE = 1.0  # seconds
BEAT, MINUTE, HOUR = timedelta(seconds=15), timedelta(minutes=1), timedelta(hours=1)


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
        tokens = visitors.links_for(message, now=clock.now()) if message else {}
    if message is None:
        return False
    try:
        letter = mail.composed(letter_of(message, tokens))
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
