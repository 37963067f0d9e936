"""Taking back that one cancelled: for ten seconds, as if nothing had been."""

from datetime import timedelta

import pytest

from booking.actions import reservations as act
from booking.actions.reservations import UNDO
from booking.db import db
from booking.errors import NotFound, Refused, SlotTaken, WrongState
from booking.queries import outbox
from booking.queries.venues import atlas
from tests import cast, make
from tests.look import codes, story, taken, told
from tests.make import NOW, moment

pytestmark = pytest.mark.usefixtures("app")
SECOND = timedelta(seconds=1)


def cancelled(made, by):
    """The reservation, cancelled by them now."""
    act.cancel(made, atlas(), by=by, now=NOW)
    return made


def test_what_was_cancelled_is_as_before_and_its_history_says_so():
    member = cast.member()
    made = make.reservation(make.space(buffer_after=30), by=member)
    before = taken(made)

    act.restore(cancelled(made, member), atlas(), by=member, now=NOW + 9 * SECOND)

    assert (made.state, taken(made)) == ("confirmed", before)
    assert [line[:3] for line in story(made)[-2:]] == [
        ("cancel", "confirmed", "cancelled"),
        ("restore", "cancelled", "confirmed"),
    ]


def test_a_withdrawn_request_waits_again_until_its_start():
    member = cast.member()
    made = make.reservation(make.space(approval="always"), by=member)
    before = taken(made)

    act.restore(cancelled(made, member), atlas(), by=member, now=NOW)

    assert (made.state, taken(made)) == ("requested", before)


def test_a_competing_request_that_held_nothing_holds_nothing():
    member = cast.member()
    made = make.reservation(make.space(approval="always", competing=True), by=member)

    act.restore(cancelled(made, member), atlas(), by=member, now=NOW)

    assert (made.state, taken(made)) == ("requested", [])


def test_of_a_pool_the_same_desk_comes_back():
    desks, member = make.pool(), cast.member()
    made = make.reservation(desks, by=member, unit_id=desks.units[2])

    act.restore(cancelled(made, member), atlas(), by=member, now=NOW)

    assert [unit for unit, *_ in taken(made)] == [desks.units[2]]


def test_extras_come_back_too():
    here, member = make.venue(), cast.member()
    room = make.space(here)
    beamer = make.extra(here, "beamer", stock=2)
    made = make.reservation(atlas().by_id(room.id), by=member, extras={"beamer": 2})

    act.restore(cancelled(made, member), atlas(), by=member, now=NOW)

    assert {unit for unit, *_ in taken(made)} == {*room.units, *beamer.units}


def test_nobody_is_told_before_it_is_too_late_to_take_back():
    member = cast.member()
    cancelled(make.reservation(make.space(), by=member), member)

    kinds = [message.kind for message in outbox.waiting(NOW)]
    assert kinds == ["reservation-cancelled"]
    assert outbox.waiting(NOW + UNDO) == []


def test_what_was_taken_back_is_told_to_nobody():
    member, room = cast.member(), make.space()
    other = cancelled(make.reservation(room, "tue 9-11", by=member), member)
    made = cancelled(make.reservation(room, by=member), member)

    act.restore(made, atlas(), by=member, now=NOW)

    assert told("reservation-cancelled") == [("reservation-cancelled", member.email)]
    assert [m.facts["code"] for m in outbox.waiting(NOW)] == [other.code]


@pytest.mark.parametrize(("late", "allowed"), [(UNDO - SECOND, True), (UNDO, False)])
def test_it_is_possible_for_ten_seconds(late, allowed):
    member = cast.member()
    made = cancelled(make.reservation(make.space(), by=member), member)

    if allowed:
        act.restore(made, atlas(), by=member, now=NOW + late)
        assert made.state == "confirmed"
    else:
        with pytest.raises(Refused) as no:
            act.restore(made, atlas(), by=member, now=NOW + late)
        assert (codes(no), no.value.refusals[0].facts) == (["undo-too-late"], {"seconds": 10})


def test_who_was_quicker_keeps_the_place():
    member, room = cast.member(), make.space()
    made = cancelled(make.reservation(room, by=member), member)
    make.reservation(room)

    with pytest.raises(SlotTaken), db.session.begin_nested():
        act.restore(made, atlas(), by=member, now=NOW)

    db.session.refresh(made)
    assert (made.state, taken(made)) == ("cancelled", [])


def test_what_was_used_up_meanwhile_is_not_taken_back_beyond_the_quota():
    quotas = [{"most": 1, "of": "reservations", "per": "day", "by": "member"}]
    room, member = make.space(quotas=quotas), cast.member()
    made = cancelled(make.reservation(room, by=member), member)
    make.reservation(room, "mon 14-15", by=member)

    with pytest.raises(Refused) as no:
        act.restore(made, atlas(), by=member, now=NOW)

    assert codes(no) == ["quota-used"]


def test_a_venue_that_is_full_by_now_takes_nobody_back():
    here, member = make.venue(), cast.member()
    here.ceiling = 10
    room, other = make.space(here, capacity=20), make.space(here, capacity=20)
    made = cancelled(make.reservation(room, by=member, people=6), member)
    make.reservation(other, people=6)

    with pytest.raises(Refused) as no:
        act.restore(made, atlas(), by=member, now=NOW)

    assert codes(no) == ["over-ceiling"]


def test_notice_that_has_passed_meanwhile_stands_not_in_the_way():
    member = cast.member()
    made = make.reservation(make.space(notice=120), by=member)
    late = moment("mon 7") + SECOND
    act.cancel(made, atlas(), by=member, now=late)

    act.restore(made, atlas(), by=member, now=late)

    assert made.state == "confirmed"


def test_a_stranger_does_not_find_it():
    member = cast.member()
    made = cancelled(make.reservation(make.space(), by=member), member)

    with pytest.raises(NotFound):
        act.restore(made, atlas(), by=cast.stranger(), now=NOW)


def test_only_who_cancelled_takes_it_back():
    here, member = make.venue(), cast.member()
    made = cancelled(make.reservation(make.space(here), by=member), cast.manager(here))

    with pytest.raises(WrongState):
        act.restore(made, atlas(), by=member, now=NOW)


def test_a_manager_takes_their_own_cancelling_back():
    here, member = make.venue(), cast.member()
    manager = cast.manager(here)
    made = cancelled(make.reservation(make.space(here), by=member), manager)

    act.restore(made, atlas(), by=manager, now=NOW)

    assert (made.state, told("reservation-cancelled")) == ("confirmed", [])


def test_what_stands_cannot_be_taken_back():
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    with pytest.raises(WrongState):
        act.restore(made, atlas(), by=member, now=NOW)
