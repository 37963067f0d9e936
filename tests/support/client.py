"""A test client whose requests share nothing with the test around them."""

from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.db import db


class Client(FlaskClient):
    """Every request has its own application context and session, as on a server.

    Flask would reuse the context that the test has pushed, and with it the signed-in member of
    the request before, and rows that were never committed.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """The answer. What the test has not committed is lost; it reads afresh afterwards."""
        db.session.rollback()
        return Context().run(super().open, *args, **kwargs)
