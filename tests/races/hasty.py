"""The application that takes a visitor's wish away without looking whether it was there: for the
control of its race, and out of reach elsewhere."""

import time

from flask import Flask
from sqlalchemy import delete

from booking import db
from booking.actions import visitors
from booking.models.visitors import VisitorWish
from tests.races import unguarded

PAUSE = 0.3  # seconds


def create_app() -> Flask:
    """The application of this whole process. Raises RuntimeError outside of tests."""
    made = unguarded.create_app()
    visitors.use = taken_away
    return made


def taken_away(wish: VisitorWish) -> None:
    """Whether it was there or not, a moment after it was seen."""
    time.sleep(PAUSE)
    db.db.session.execute(delete(VisitorWish).where(VisitorWish.id == wish.id))
