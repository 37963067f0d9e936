"""What calendar addresses show."""

import pytest

from booking.actions import calendars as act
from booking.queries import calendars as find
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")


def test_addresses_are_told_latest_first():
    manager = cast.manager(make.venue())
    for kind in ("mine", "requests"):
        act.issue(kind, by=manager, now=NOW)

    assert [feed.kind for feed in find.feeds(manager)] == ["requests", "mine"]


def test_a_busy_calendar_shows_the_buffers_too():
    room = make.space(buffer_before=30)
    make.reservation(room, "mon 9-11")

    found = find.occupied(room.units, period("mon 8-20"), NOW)

    assert found == [(room.units[0], moment("mon 8:30"), moment("mon 11"))]


def test_a_busy_calendar_does_not_show_what_has_expired():
    room = make.space(approval="always")
    make.reservation(room, "mon 9-11")

    assert find.occupied(room.units, period("mon 8-20"), moment("mon 9")) == []
