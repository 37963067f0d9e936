"""Requests that compete for a place: nobody holds it, one gets it, the others are told."""

import pytest

from booking.actions import approvals
from booking.actions import reservations as act
from booking.db import db
from booking.errors import Refused, SlotTaken, WrongState
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def stage(here):
    return make.space(here, units=["a", "b"], approval="always", competing=True)


@pytest.fixture
def manager(here):
    return cast.manager(here)


def approve(row, by, why=""):
    return approvals.approve(row, atlas(), by=by, now=NOW, why=why)


def reread(row):
    db.session.flush()
    return db.session.scalars(with_place().where(Reservation.id == row.id)).one()


def taken():
    return db.session.query(Occupancy).count()


def test_competing_requests_hold_nothing(stage):
    one, other = make.reservation(stage), make.reservation(stage, "mon 10-12")

    assert (one.state, other.state, taken()) == ("requested", "requested", 0)


def test_a_competing_request_needs_a_place_that_is_free(stage, manager):
    approve(make.reservation(stage), manager)

    with pytest.raises(SlotTaken):
        make.reservation(stage, "mon 10-12")


def test_the_one_that_is_approved_takes_the_place_and_declines_the_others(stage, manager):
    one, other, later = (
        make.reservation(stage, at) for at in ("mon 9-11", "mon 10-12", "mon 11-12")
    )

    declined = approve(one, manager)

    assert declined == [other]
    assert [row.state for row in (one, other, later)] == ["confirmed", "declined", "requested"]
    assert taken() == 2
    line = db.session.query(History).filter_by(reservation_id=other.id, verb="outbid").one()
    assert line.member_id == manager.id


def test_those_who_lose_are_told_what_else_is_free(stage, manager):
    one, other = make.reservation(stage), make.reservation(stage)

    approve(one, manager)

    (mail,) = db.session.query(OutboxMessage).filter_by(kind="reservation-outbid")
    assert mail.to == other.member.email
    ways = mail.facts["alternatives"]
    assert ways
    assert ways[0]["path"].endswith(stage.slug)


def test_buffers_count_among_rivals(here, manager):
    stage = make.space(here, approval="always", competing=True, buffer_after=30)
    one, other = make.reservation(stage, "mon 9-11"), make.reservation(stage, "mon 11-12")

    assert approve(one, manager) == [other]


def test_a_pool_with_room_left_declines_nobody(here, manager):
    desks = make.pool(here, size=2, approval="always", competing=True)
    one, other = make.reservation(desks), make.reservation(desks)

    assert approve(one, manager) == []
    assert approve(other, manager) == []


def test_whoever_reserves_a_part_at_once_wins_too(here, stage):
    half = make.space(here, units=["a"])
    asked = make.reservation(stage)

    make.reservation(half, "mon 10-11")

    assert reread(asked).state == "declined"
    assert db.session.query(History).filter_by(verb="outbid").one().member_id is None


def test_one_that_comes_too_late_is_not_approved(stage, manager, here):
    asked = make.reservation(stage, "mon 9-11")
    row = make.reservation(stage, "mon 12-14")
    approve(row, manager)
    db.session.query(Occupancy).update({"starts_at": asked.starts_at, "ends_at": asked.ends_at})

    with pytest.raises(SlotTaken):
        approve(asked, manager)


def test_a_declined_rival_cannot_be_approved(stage, manager):
    one, other = make.reservation(stage), make.reservation(stage)
    approve(one, manager)

    with pytest.raises(WrongState):
        approve(other, manager)


def test_a_competing_request_can_be_withdrawn_and_moved(stage):
    member = cast.member()
    asked = make.reservation(stage, by=member)

    make.moved(asked, atlas(), make.period("tue 9-11"), by=member, now=NOW)
    act.cancel(asked, atlas(), by=member, now=NOW)

    assert (asked.state, taken()) == ("withdrawn", 0)


@pytest.fixture
def crowded(here):
    """A request that would fill the venue beyond its ceiling."""
    here.ceiling = 10
    db.session.flush()
    one, other = make.space(here), make.space(here)
    make.reservation(one, people=6)
    return make.reservation(other, people=6)


def test_beyond_the_ceiling_approving_wants_a_reason(crowded, manager):
    with pytest.raises(Refused) as no:
        approve(crowded, manager)

    assert [(one.code, one.facts) for one in no.value.refusals] == [
        ("over-ceiling", {"ceiling": 10, "present": 6})
    ]


def test_the_reason_is_kept(crowded, manager):
    approve(crowded, manager, "La moitié viendra plus tard")

    line = db.session.query(History).filter_by(reservation_id=crowded.id, verb="approve").one()
    assert line.why == "La moitié viendra plus tard"


def test_a_visitor_is_told_of_what_one_may_ask_for_without_an_account(here):
    more = {"units": ["a"], "approval": "always", "competing": True}
    stage = make.space(here, "scene", visitors=True, **more)
    for slug, visitors in (("salle", False), ("studio", True)):
        make.space(here, slug, visitors=visitors)
    lost = make.reservation(stage, by=make.visitor())

    approve(make.reservation(stage), cast.manager(here))

    message = db.session.query(OutboxMessage).filter_by(kind="reservation-outbid").one()
    paths = {way["path"].partition("/")[2] for way in message.facts["alternatives"]}
    assert (reread(lost).state, paths) == ("declined", {"scene", "studio"})
