"""What calendar addresses show."""

from datetime import timedelta

import pytest

from booking.actions import approvals, hours, reservations
from booking.actions import calendars as act
from booking.actions.hours import Closing
from booking.queries import calendars as find
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


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


# --- What tells one answer from another ---


@pytest.fixture
def room():
    """A room with reservations before and after the last one, which `change` changes."""
    room = make.space(approval="always")
    for at in ("mon 8-9", "mon 18-19"):
        make.reservation(room, at)
    return room


def state(room, now=NOW, at="mon 8-20"):
    """That of the room; checked to be the same when it is asked for again."""
    known = find.state_of(room.units, period(at), now)
    assert find.state_of(room.units, period(at), now) == known
    return known


def cancel(made, room):
    reservations.cancel(made, atlas(), by=made.member, now=NOW)


def move(made, room):
    """Its row is gone, and the new one is the last as the old one was."""
    make.moved(made, atlas(), period("mon 14-16"), by=made.member, now=NOW)


def make_way(made, room):
    cancel(made, room)
    make.reservation(room, "mon 11-12")


def make_room_beside(made, room):
    make.reservation(room, "mon 11-12")


def close(made, room):
    closing = Closing((room.venue, room), period("mon 14-16"), "Travaux")
    hours.close(closing, atlas(), by=cast.manager(room.venue.venue), now=NOW)


@pytest.mark.parametrize("change", [cancel, move, make_way, make_room_beside, close])
def test_every_change_of_what_is_taken_has_another_state(room, change):
    made = make.reservation(room, "mon 9-11")
    known = state(room)

    change(made, room)

    assert state(room) != known


def test_what_runs_out_has_another_state(room):
    known = state(room, moment("mon 8") - MINUTE)

    assert state(room, moment("mon 8")) != known


@pytest.mark.parametrize("at", ["mon 9-20", "mon 8-18"])
def test_what_leaves_the_window_has_another_state(room, at):
    assert state(room, at=at) != state(room)


def test_what_takes_no_other_time_has_the_same_state(room):
    made = make.reservation(room, "mon 9-11")
    known = state(room)

    approvals.approve(made, atlas(), by=cast.manager(room.venue.venue), now=NOW)

    assert state(room) == known


def test_another_room_has_no_part_in_it(room):
    known = state(room)

    make.reservation(make.space(), "mon 9-11")

    assert state(room) == known


def test_nothing_taken_is_a_state_too(room):
    assert state(room, at="tue 8-20") is None
