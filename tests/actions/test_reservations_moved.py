"""Moving a reservation: another time, by the same rules and the same gate."""

from datetime import timedelta

import pytest

from booking.actions import reservations as act
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused, SlotTaken, WrongState
from booking.queries.venues import atlas
from tests import cast, make
from tests.look import codes, story, taken, told
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


def test_a_member_moves_their_reservation():
    room, member = make.space(), cast.member()
    made = make.reservation(room, "mon 9-11", by=member)

    make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)

    assert (made.state, made.starts_at) == ("confirmed", moment("tue 9"))
    assert taken(made) == [(room.units[0], moment("tue 9"), moment("tue 11"), None)]


def test_a_stranger_does_not_find_what_they_would_move():
    made = make.reservation(make.space())

    with pytest.raises(NotFound):
        make.moved(made, atlas(), period("tue 9-11"), by=cast.stranger(), now=NOW)


def test_the_manager_of_another_venue_does_not_find_it_either():
    made = make.reservation(make.space())

    with pytest.raises(NotFound):
        make.moved(made, atlas(), period("tue 9-11"), by=cast.other_manager(), now=NOW)


def test_a_manager_moves_what_is_at_their_venue():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here))

    make.moved(made, atlas(), period("tue 9-11"), by=manager, now=NOW)

    assert story(made)[-1] == ("move", "confirmed", "confirmed", manager.id, "")


def test_a_blocked_member_moves_nothing():
    member = cast.member()
    made = make.reservation(make.space(), by=member)
    member.blocked_at = NOW

    with pytest.raises(NotAllowed):
        make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)


def test_a_move_may_overlap_the_old_time():
    member = cast.member()
    made = make.reservation(make.space(), "mon 9-11", by=member)

    make.moved(made, atlas(), period("mon 10-12"), by=member, now=NOW)

    assert made.starts_at == moment("mon 10")


def test_a_move_keeps_the_rules():
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    with pytest.raises(Refused) as no:
        make.moved(made, atlas(), period("mon 7-9"), by=member, now=NOW)

    assert codes(no) == ["closed"]


def test_a_move_to_taken_time_leaves_everything_as_it_was():
    room, member = make.space(), cast.member()
    make.reservation(room, "tue 9-11")
    made = make.reservation(room, "mon 9-11", by=member)
    before = taken(made)

    with pytest.raises(SlotTaken), db.session.begin_nested():
        make.moved(made, atlas(), period("tue 10-12"), by=member, now=NOW)

    db.session.refresh(made)
    assert (made.starts_at, taken(made)) == (moment("mon 9"), before)


def test_a_moved_request_waits_until_its_new_start():
    member = cast.member()
    made = make.reservation(make.space(approval="always"), by=member)

    make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)

    assert (made.state, made.expires_at) == ("requested", moment("tue 9"))
    assert taken(made)[0][3] == moment("tue 9")


def test_an_expired_request_cannot_be_moved_back_to_life():
    member = cast.member()
    made = make.reservation(make.space(approval="always"), by=member)

    with pytest.raises(WrongState):
        make.moved(made, atlas(), period("tue 9-11"), by=member, now=moment("mon 9"))


def test_what_is_cancelled_cannot_be_moved():
    member = cast.member()
    made = make.reservation(make.space(), by=member)
    act.cancel(made, atlas(), by=member, now=NOW)

    with pytest.raises(WrongState):
        make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)


def test_every_change_raises_the_sequence_of_the_calendar_entry():
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)
    act.cancel(made, atlas(), by=member, now=NOW + MINUTE)

    assert (made.sequence, made.updated_at) == (2, NOW + MINUTE)


def test_a_move_is_told_to_the_member():
    member = cast.member()
    made = make.reservation(make.space(), "mon 9-11", by=member)

    make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)

    assert told("reservation-moved") == [("reservation-moved", member.email)]


def test_a_member_does_not_move_what_they_could_no_longer_cancel():
    room, member = make.space(cancel_notice=24 * 60), cast.member()
    made = make.reservation(room, "mon 9-11", by=member)

    with pytest.raises(Refused) as no:
        make.moved(made, atlas(), period("tue 9-11"), by=member, now=moment("sun 9") + MINUTE)

    assert codes(no) == ["cancel-too-late"]


def test_a_manager_moves_after_the_deadline_what_is_their_own_too():
    here = make.venue()
    room, manager = make.space(here, cancel_notice=24 * 60), cast.manager(here)
    made = make.reservation(room, "mon 9-11", by=manager)

    make.moved(made, atlas(), period("tue 9-11"), by=manager, now=moment("sun 9") + MINUTE)

    assert made.starts_at == moment("tue 9")


def test_a_move_keeps_the_desk_where_it_is_free_then_too():
    desks, member = make.space(units=["a", "b", "c"], offer="pool"), cast.member()
    made = make.reservation(desks, "mon 9-11", by=member, unit_id=desks.units[2])

    make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)

    assert [row[0] for row in taken(made)] == [desks.units[2]]
