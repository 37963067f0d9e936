"""Giving a place back: by the member in time, by a manager always."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import approvals
from booking.actions import reservations as act
from booking.db import db
from booking.errors import NotFound, Refused, WrongState
from booking.models.outbox import OutboxMessage
from booking.queries.venues import atlas
from tests import cast, make
from tests.look import story, taken, told
from tests.make import NOW, moment

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


def test_a_member_cancels_and_the_room_is_free_again():
    room, member = make.space(), cast.member()
    made = make.reservation(room, by=member)

    act.cancel(made, atlas(), by=member, now=NOW)

    assert (made.state, taken(made)) == ("cancelled", [])
    assert make.reservation(room).state == "confirmed"


@pytest.mark.parametrize("who", [cast.stranger, cast.other_manager])
def test_who_has_no_business_there_does_not_find_what_they_would_cancel(who):
    made = make.reservation(make.space())

    with pytest.raises(NotFound):
        act.cancel(made, atlas(), by=who(), now=NOW)


def test_the_member_is_told_that_it_is_cancelled():
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    act.cancel(made, atlas(), by=member, now=NOW)

    assert told()[-1] == ("reservation-cancelled", member.email)


def test_a_manager_cancels_with_a_reason():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here))

    act.cancel(made, atlas(), by=manager, now=NOW, why=" Fuite\x00 d’eau ")

    assert story(made)[-1] == ("cancel", "confirmed", "cancelled", manager.id, "Fuite d’eau")
    message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert message.facts["why"] == "Fuite d’eau"


def test_an_administrator_cancels_anywhere():
    made = make.reservation(make.space())

    act.cancel(made, atlas(), by=cast.admin(), now=NOW)

    assert made.state == "cancelled"


def test_a_manager_whose_role_has_ended_cancels_nothing():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here))
    manager.roles[0].ends_at = NOW

    with pytest.raises(NotFound):
        act.cancel(made, atlas(), by=manager, now=NOW)


@pytest.mark.parametrize(("late", "allowed"), [(0 * MINUTE, True), (MINUTE, False)])
def test_a_member_cancels_until_the_deadline(late, allowed):
    member = cast.member()
    made = make.reservation(make.space(cancel_notice=120), "mon 9-11", by=member)
    now = moment("mon 7") + late

    if allowed:
        act.cancel(made, atlas(), by=member, now=now)
        assert made.state == "cancelled"
    else:
        with pytest.raises(Refused) as no:
            act.cancel(made, atlas(), by=member, now=now)
        assert no.value.refusals[0].facts == {"until": moment("mon 7"), "cancel_notice": 120}


def test_a_manager_cancels_after_the_deadline():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here, cancel_notice=120))

    act.cancel(made, atlas(), by=manager, now=moment("mon 8:30"))

    assert made.state == "cancelled"


def test_a_member_withdraws_a_request():
    member = cast.member()
    made = make.reservation(make.space(approval="always", cancel_notice=9999), by=member)

    act.cancel(made, atlas(), by=member, now=NOW)

    assert (made.state, taken(made)) == ("withdrawn", [])
    assert told()[-1] == ("reservation-withdrawn", member.email)


def test_a_manager_declines_a_request_and_does_not_cancel_it():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here, approval="always"))

    with pytest.raises(WrongState):
        act.cancel(made, atlas(), by=manager, now=NOW)


def test_an_expired_request_cannot_be_withdrawn():
    member = cast.member()
    made = make.reservation(make.space(approval="always"), by=member)

    with pytest.raises(WrongState):
        act.cancel(made, atlas(), by=member, now=moment("mon 9"))


def test_cancelling_twice_is_a_conflict():
    member = cast.member()
    made = make.reservation(make.space(), by=member)
    act.cancel(made, atlas(), by=member, now=NOW)

    with pytest.raises(WrongState):
        act.cancel(made, atlas(), by=member, now=NOW)


def test_a_late_cancellation_of_what_is_cancelled_is_a_conflict_and_no_refusal():
    member, here = cast.member(), make.venue()
    made = make.reservation(make.space(here, cancel_notice=120), by=member)
    act.cancel(made, atlas(), by=cast.manager(here), now=NOW)

    with pytest.raises(WrongState):
        act.cancel(made, atlas(), by=member, now=moment("mon 8:30"))


def test_an_approved_request_is_cancelled_like_any_reservation():
    here, member = make.venue(), cast.member()
    made = make.reservation(make.space(here, approval="always"), by=member)
    approvals.approve(made, atlas(), by=cast.manager(here), now=NOW)

    act.cancel(made, atlas(), by=member, now=NOW)

    assert [after for _, _, after, _, _ in story(made)] == ["requested", "confirmed", "cancelled"]


def test_what_is_over_is_not_cancelled_even_by_a_manager():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here), "mon 9-11")

    with pytest.raises(WrongState):
        act.cancel(made, atlas(), by=manager, now=moment("mon 11"))

    assert made.state == "confirmed"
