"""The application with its guard off: for the controls of the races, and out of reach elsewhere.

No unit is locked, SQLite opens no transaction, and there is a pause between the look at what is
free and the taking of it. What the database itself forbids is not its business.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import Engine, event

from booking import app, db
from booking.actions import baskets, occupancy
from booking.queries.availability import Busy, busy
from booking.rules.periods import Period

PAUSE = 0.3  # seconds


def create_app() -> Flask:
    """The application of this whole process. Raises RuntimeError outside of tests."""
    made = app.create_app()
    if not made.testing:
        raise RuntimeError("without its guard the application is for tests alone")
    event.remove(Engine, "begin", db.begin)
    occupancy.lock = no_lock
    occupancy.busy = busy_a_while_ago
    baskets.busy = busy_a_while_ago
    return made


def no_lock(units: Sequence[int]) -> None:
    """Everybody may look at the same time."""


def busy_a_while_ago(units: Collection[int], period: Period, now: datetime) -> Busy:
    """What was taken before the pause."""
    found = busy(units, period, now)
    time.sleep(PAUSE)
    return found
