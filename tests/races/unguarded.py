"""The application with its guard off: for the controls of the races, and out of reach elsewhere.

No unit is locked, SQLite opens no transaction, and there is a pause between the look at what is
free and the taking of it. What the database itself forbids is not its business.
"""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from booking import app, db
from booking.actions import baskets, guests, occupancy, policies, rivals, series
from booking.models.reservations import Reservation
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
    rivals.outbid = nobody_else
    occupancy.look_again = seen_a_while_ago
    occupancy.left_by_others = seen_before_a_pause(occupancy.left_by_others)
    policies.lock = no_row_lock
    policies.find.used = a_while_ago(policies.find.used)
    policies.people_at = after_a_pause(policies.people_at)
    policies.find.present = a_while_ago(policies.find.present)
    baskets.busy = seen_before_a_pause(busy)
    series.busy = seen_before_a_pause(busy)
    series.lock = no_row_lock
    guests.lock = no_row_lock
    guests.taken = after_a_pause(guests.taken)
    return made


def no_lock(units: Sequence[int]) -> None:
    """Everybody may look at the same time."""


def nobody_else(*_: Any) -> list[Reservation]:
    """Whoever grants a request looks at no other."""
    return []


def seen_a_while_ago(
    reservation: Reservation, units: Sequence[int], verb: str, now: datetime
) -> None:
    """The reservation as it was before the pause, whoever has it in hand."""
    db.db.session.refresh(reservation, occupancy.CHANGING)
    time.sleep(PAUSE)


def no_row_lock(table: type[db.Base], row_id: int) -> None:
    """Everybody may count at the same time."""


def after_a_pause(count: Callable[..., Any]) -> Callable[..., Any]:
    """What was counted before the pause, also where there was nothing to count."""

    def counted(*args: Any, **rest: Any) -> Any:
        found = count(*args, **rest)
        time.sleep(PAUSE)
        return found

    return counted


def a_while_ago(count: Callable[..., Any]) -> Callable[..., Any]:
    """What was counted before the pause; no pause where there is nothing to count."""

    def counted(*args: Any, **rest: Any) -> Any:
        found = count(*args, **rest)
        if found != {}:
            time.sleep(PAUSE)
        return found

    return counted


def seen_before_a_pause(look: Callable[..., Busy]) -> Callable[..., Busy]:
    """What was taken before the pause."""

    def seen(units: Collection[int], period: Period, now: datetime) -> Busy:
        found = look(units, period, now)
        time.sleep(PAUSE)
        return found

    return seen
