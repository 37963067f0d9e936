"""Deciding on requests: who may, once, in time, and with a reason."""

import pytest
from sqlalchemy import select

from booking.actions import approvals as act
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused, SlotTaken, WrongState
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import NOW, moment

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def room(here):
    return make.space(here, approval="always")


@pytest.fixture
def manager(here):
    return cast.manager(here)


@pytest.fixture
def member(app):
    return cast.member()


@pytest.fixture
def request_(room, member):
    return make.reservation(room, by=member)


def decide(verb, request_, by, now=NOW):
    if verb == "approve":
        act.approve(request_, atlas(), by=by, now=now)
    else:
        act.decline(request_, atlas(), by=by, now=now, why="Complet")


def expiries():
    return list(db.session.scalars(select(Occupancy.expires_at)))


def last(model):
    return db.session.scalars(select(model).order_by(model.id.desc())).first()


def test_an_approved_request_is_a_reservation(request_, manager):
    act.approve(request_, atlas(), by=manager, now=NOW)

    assert (request_.state, request_.expires_at, expiries()) == ("confirmed", None, [None])


def test_a_stranger_does_not_find_the_request(request_):
    with pytest.raises(NotFound):
        act.approve(request_, atlas(), by=cast.stranger(), now=NOW)
    with pytest.raises(NotFound):
        act.decline(request_, atlas(), by=cast.stranger(), now=NOW, why="Complet")


def test_the_manager_of_another_venue_does_not_find_it(request_):
    other = cast.other_manager()

    with pytest.raises(NotFound):
        act.approve(request_, atlas(), by=other, now=NOW)
    with pytest.raises(NotFound):
        act.decline(request_, atlas(), by=other, now=NOW, why="Complet")


def test_a_member_does_not_approve_what_they_asked_for(request_, member):
    with pytest.raises(NotAllowed):
        act.approve(request_, atlas(), by=member, now=NOW)


def test_a_blocked_manager_decides_nothing(request_, manager):
    manager.blocked_at = NOW

    with pytest.raises(NotAllowed):
        act.approve(request_, atlas(), by=manager, now=NOW)


def test_a_role_that_has_ended_decides_nothing(request_, manager):
    manager.roles[0].ends_at = NOW

    with pytest.raises(NotFound):
        act.approve(request_, atlas(), by=manager, now=NOW)


def test_an_administrator_decides_everywhere(request_):
    act.approve(request_, atlas(), by=cast.admin(), now=NOW)

    assert request_.state == "confirmed"


def test_the_member_is_told_of_the_approval(request_, manager, member):
    act.approve(request_, atlas(), by=manager, now=NOW)

    message = last(OutboxMessage)
    assert (message.kind, message.to) == ("reservation-approved", member.email)
    assert message.facts["status"] == "CONFIRMED"


def test_history_says_who_approved(request_, manager):
    act.approve(request_, atlas(), by=manager, now=NOW)

    line = last(History)
    assert (line.verb, line.before, line.after) == ("approve", "requested", "confirmed")
    assert (line.member_id, line.at) == (manager.id, NOW)


def test_a_declined_request_gives_its_units_back(request_, manager, room):
    act.decline(request_, atlas(), by=manager, now=NOW, why="Complet")

    assert (request_.state, expiries()) == ("declined", [])
    assert make.reservation(room).state == "requested"


def test_the_member_reads_why(request_, manager):
    act.decline(request_, atlas(), by=manager, now=NOW, why="  Travaux\x07 ce jour-là ")

    message = last(OutboxMessage)
    assert message.kind == "reservation-declined"
    assert message.facts["why"] == last(History).why == "Travaux ce jour-là"


@pytest.mark.parametrize("why", ["", "  \n", "\x00\u202e"])
def test_a_request_is_not_declined_without_a_reason(request_, manager, why):
    with pytest.raises(Refused) as no:
        act.decline(request_, atlas(), by=manager, now=NOW, why=why)

    assert no.value.refusals[0].code == "reason-missing"


@pytest.mark.parametrize("again", ["approve", "decline"])
def test_a_request_is_decided_once(request_, manager, again):
    act.approve(request_, atlas(), by=manager, now=NOW)

    with pytest.raises(WrongState):
        decide(again, request_, manager)


@pytest.mark.parametrize("late", ["approve", "decline"])
def test_a_request_whose_time_has_run_out_is_not_decided(request_, manager, late):
    with pytest.raises(WrongState) as no:
        decide(late, request_, manager, moment("mon 9"))

    assert no.value.facts == {"state": "expired", "verb": late}


def test_a_request_that_another_has_decided_meanwhile_is_seen_as_it_is_now(request_, manager):
    table = type(request_).__table__
    changed = table.update().where(table.c.id == request_.id).values(state="declined")
    db.session.execute(changed)
    assert request_.state == "requested"

    with pytest.raises(WrongState):
        act.approve(request_, atlas(), by=manager, now=NOW)


def test_an_approved_request_still_keeps_others_away(request_, manager, room):
    act.approve(request_, atlas(), by=manager, now=NOW)

    with pytest.raises(SlotTaken):
        make.reservation(room, "mon 10-12", now=moment("mon 9:30"))
