"""The application by a clock that a test moves: so many seconds ahead as a file says."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from booking import app, clock

FACTORY = "tests.support.moved:create_app"
CLOCK = "TEST_CLOCK_FILE"


def create_app() -> Flask:
    """The application of this whole process. Raises RuntimeError outside of tests."""
    made = app.create_app()
    if not made.testing:
        raise RuntimeError("a clock that is moved is for tests alone")
    ahead = Path(os.environ[CLOCK])
    clock.now = lambda: datetime.now(UTC) + timedelta(seconds=float(ahead.read_text()))
    return made
