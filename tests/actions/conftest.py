"""Every test of an action runs inside one transaction, as at an edge, that is never kept."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy.exc import InternalError

from booking.db import transaction
from tests.look import everybody_is_counted


class Over(Exception):
    """The test has ended: nothing it wrote is kept."""


@pytest.fixture(autouse=True)
def writing(request: pytest.FixtureRequest) -> Iterator[None]:
    """The transaction, unless the test is marked `own_transactions`."""
    if request.node.get_closest_marker("own_transactions"):
        yield
        return
    request.getfixturevalue("app")
    with suppress(Over), transaction():
        yield
        with suppress(InternalError):  # Where the database has said no, it answers nothing more.
            assert everybody_is_counted()
        raise Over
