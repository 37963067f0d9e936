"""Queries read what one transaction has written; nothing of it is kept."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import event

from booking.db import db, transaction


class Over(Exception):
    """The test has ended."""


@pytest.fixture(autouse=True)
def writing(app) -> Iterator[None]:
    """The transaction of the test."""
    with suppress(Over), transaction():
        yield
        raise Over


@pytest.fixture
def counting():
    """Collects the statements sent to the database inside the block."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            sent.append(statement)

        db.session.flush()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return count
