"""The application without what keeps the waitlist in order: for the controls of its races, and
out of reach elsewhere.

`unordered` lets everybody act on the entry and the reservation they saw a moment ago; `late`
does not pass on what is free in the transaction that frees it.
"""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask

from booking import db
from booking.actions import occupancy, waitlist
from booking.models.waitlist import Waiting
from tests.races import unguarded

PAUSE = 0.3  # seconds


def unordered() -> Flask:
    """Nothing is locked, neither units nor entries, and there is a pause before anybody acts."""
    made = unguarded.create_app()
    waitlist.find.locked = seen
    waitlist.find.near = a_while_ago(waitlist.find.near)
    occupancy.look_again = a_while_ago(lambda *_: None)
    return made


def seen(entry_id: int) -> Waiting | None:
    """The entry as it was when it was looked at first."""
    return db.db.session.get(Waiting, entry_id)


def a_while_ago(look: Callable[..., Any]) -> Callable[..., Any]:
    """What was there before the pause."""

    def looked(*args: Any, **rest: Any) -> Any:
        found = look(*args, **rest)
        time.sleep(PAUSE)
        return found

    return looked


def late() -> Flask:
    """What is freed is free for everybody until a worker comes by. Raises RuntimeError outside of
    tests."""
    made = unguarded.app.create_app()
    if not made.testing:
        raise RuntimeError("without its order the waitlist is for tests alone")
    db.conclusions.clear()
    return made
