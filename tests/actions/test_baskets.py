"""A basket: several places together, all or nothing."""

import pytest
from sqlalchemy import select

from booking.actions import baskets as act
from booking.actions import occupancy
from booking.actions.baskets import Line
from booking.actions.reservations import Details
from booking.db import db
from booking.errors import NotAllowed, NotTogether, Refused, SlotTaken
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from tests import cast, make
from tests.look import codes, taken, told
from tests.make import NOW, period

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def here(app):
    return make.venue("quay")


def line(space, at="mon 9-11", **details):
    return Line(space, period(at, space.zone), Details(**details))


def reserve(*lines, by=None):
    return act.reserve_all(lines, by=by or cast.member(), now=NOW)


def refused(*lines):
    """The reasons by number of line; nothing is left behind."""
    before = len(db.session.scalars(select(Reservation)).all())
    with pytest.raises(NotTogether) as no, db.session.begin_nested():
        reserve(*lines)
    assert len(db.session.scalars(select(Reservation)).all()) == before
    return no.value.facts["parts"]


def test_all_lines_are_reserved_under_one_code(here):
    made = reserve(line(make.space(here)), line(make.pool(here), people=1))

    assert [one.state for one in made] == ["confirmed", "confirmed"]
    assert made[0].basket == made[1].basket is not None
    assert all(taken(one) for one in made)


def test_who_is_not_confirmed_reserves_nothing(here):
    with pytest.raises(NotAllowed):
        reserve(line(make.space(here)), by=cast.unconfirmed())


def test_who_is_blocked_reserves_nothing(here):
    with pytest.raises(NotAllowed):
        reserve(line(make.space(here)), by=cast.blocked())


def test_one_line_alone_is_a_reservation_like_any_other(here):
    member = cast.member()
    (made,) = reserve(line(make.space(here)), by=member)

    assert made.basket is None
    assert told() == [("reservation-confirmed", member.email)]


def test_if_one_line_is_taken_nothing_is_reserved(here):
    room, free = make.space(here), make.space(here)
    make.reservation(room, "mon 10-12")

    parts = refused(line(free), line(room))

    assert [(n, type(no)) for n, no in parts.items()] == [(1, SlotTaken)]
    assert told("basket-reserved") == []


def test_every_line_that_fails_says_why(here):
    room, small = make.space(here), make.space(here, capacity=2)
    make.reservation(room, "mon 10-12")

    parts = refused(line(room), line(small, people=3), line(small, "tue 9-10"))

    assert (type(parts[0]), type(parts[1])) == (SlotTaken, Refused)
    assert [refusal.code for refusal in parts[1].refusals] == ["too-many"]
    assert 2 not in parts


def test_two_lines_do_not_take_the_same_unit(here):
    room = make.space(here)

    parts = refused(line(room), line(room, "mon 10-12"))

    assert parts[1].facts == {"place": True, "own": True}


def test_a_hall_and_its_half_do_not_go_together(here):
    hall, half = make.space(here, units=["a", "b"]), make.space(here, units=["a"])

    assert list(refused(line(hall), line(half))) == [1]


def test_two_lines_share_the_stock_of_an_extra(here):
    make.extra(here, "projector", stock=3)
    two = {"projector": 2}

    parts = refused(line(make.space(here), extras=two), line(make.space(here), extras=two))

    assert parts[1].facts["extras"][0]["left"] == 1
    assert parts[1].facts["own"]


def test_what_others_have_taken_is_not_blamed_on_the_basket(here):
    room = make.space(here)
    make.reservation(room, "mon 9-10")

    parts = refused(line(room), line(room, "mon 9-11"))

    assert [no.facts for no in parts.values()] == [{"place": True}, {"place": True}]


def test_two_lines_take_two_desks_of_a_pool(here):
    desks = make.pool(here, size=2)

    made = reserve(line(desks), line(desks))

    assert [taken(one)[0][0] for one in made] == desks.units


def test_the_same_room_may_be_had_twice_in_a_day(here):
    room = make.space(here)

    assert len(reserve(line(room, "mon 9-10"), line(room, "mon 10-12"))) == 2


def test_a_request_among_reservations_waits_and_the_others_are_confirmed(here):
    manager = cast.manager(here)
    member = cast.member()

    made = reserve(line(make.space(here)), line(make.space(here, approval="always")), by=member)

    assert [one.state for one in made] == ["confirmed", "requested"]
    assert told() == [
        ("basket-reserved", member.email),
        ("request-received", manager.email),
    ]


def test_one_mail_tells_of_all(here):
    make.extra(here, "projector", stock=1)
    made = reserve(line(make.space(here), extras={"projector": 1}), line(make.space(here)))

    facts = db.session.scalars(select(OutboxMessage.facts)).one()["reservations"]
    assert [one["code"] for one in facts] == [one.code for one in made]
    assert [len(one["extras"]) for one in facts] == [1, 0]


@pytest.mark.parametrize("others", [0, 1])
def test_the_manager_reads_why_an_exception_is_asked_for(here, others):
    cast.manager(here)
    strict = make.space(here, shortest=60)
    rest = [line(make.space(here)) for _ in range(others)]

    reserve(line(strict, "mon 9-9:30", exception="Visite du préfet"), *rest)

    query = select(OutboxMessage.facts).where(OutboxMessage.kind == "request-received")
    assert db.session.scalars(query).one()["why"] == "Visite du préfet"


def test_mails_know_which_requests_compete(here):
    kept = make.space(here, approval="always")
    rival = make.space(here, approval="always", competing=True)

    reserve(line(kept), line(rival), line(make.space(here)))

    facts = db.session.scalars(select(OutboxMessage.facts)).one()["reservations"]
    assert [one["competing"] for one in facts] == [False, True, False]


def test_lines_at_two_venues_go_together(here):
    elsewhere = make.space(make.venue())

    made = reserve(line(make.space(here)), line(elsewhere))

    assert made[1].space_id == elsewhere.id


def test_an_expired_request_does_not_stand_in_the_way(here):
    room = make.space(here, approval="always")
    old = make.reservation(room, "mon 9-11")

    made = act.reserve_all(
        [line(room, "mon 10-12"), line(make.space(here), "mon 10-12")],
        by=cast.member(),
        now=make.moment("mon 9:30"),
    )

    assert (old.state, made[0].state) == ("expired", "requested")


def test_when_only_the_database_says_no_nothing_is_reserved(here, monkeypatch):
    room = make.space(here)
    make.reservation(room, "mon 10-12")
    monkeypatch.setattr(occupancy, "left_by_others", lambda units, around, now: {})
    monkeypatch.setattr(act, "busy", lambda units, around, now: {})

    assert list(refused(line(make.space(here)), line(room))) == [1]


def test_all_units_are_locked_at_once_before_anything_is_looked_at(here, monkeypatch):
    """Two baskets in opposite order then never wait for each other."""
    first, second = make.space(here), make.space(here)
    locked = []
    lock = occupancy.lock
    monkeypatch.setattr(occupancy, "lock", lambda units: (locked.append(units), lock(units)))

    reserve(line(second), line(first))

    assert locked[0] == sorted([*first.units, *second.units])
    assert all(set(later) <= set(locked[0]) for later in locked)


def test_looking_takes_nothing_and_says_what_each_line_would_be_answered(here):
    room = make.space(here)
    make.reservation(room, "mon 9-11")

    found = act.look([line(room), line(make.space(here))], by=make.member(), now=NOW)

    assert [no and no.code for no in found.answers] == ["slot-taken", None]
    assert len(db.session.scalars(select(Reservation)).all()) == 1


def test_a_line_knows_what_the_others_would_take(here):
    rooms = [make.space(here) for _ in range(3)]

    found = act.look([line(room) for room in rooms], by=make.member(), now=NOW)

    assert found.others(1).keys() == {rooms[0].units[0], rooms[2].units[0]}


QUOTA = {"most": 120, "of": "minutes", "per": "day", "by": "member"}


def look(*lines):
    return act.look(lines, by=cast.member(), now=NOW)


def rules_of(no):
    return no and [broken.code for broken in no.refusals]


def test_lines_use_up_a_quota_together(here):
    room = make.space(here, quotas=[QUOTA])

    found = look(line(room, "mon 9-11"), line(room, "mon 14-15"), line(room, "tue 9-11"))

    assert [rules_of(no) for no in found.answers] == [None, ["quota-used"], None]
    assert found.answers[1].refusals[0].facts["used"] == 120


def test_a_line_that_cannot_be_had_uses_up_nothing(here):
    room = make.space(here, quotas=[QUOTA])
    make.reservation(room, "mon 9-11", by=cast.other_member())

    found = look(line(room, "mon 9-11"), line(room, "mon 14-16"))

    assert [no is None for no in found.answers] == [False, True]


def test_each_organisation_has_a_quota_of_its_own(here):
    room, member = make.space(here, quotas=[QUOTA | {"by": "organisation"}]), cast.member()
    for slug in ("cabestan", "mistral"):
        make.membership(member, make.organisation(slug))
    room = make.read_atlas().by_id(room.id)
    wishes = [("cabestan", "mon 9-11"), ("mistral", "mon 11-13"), ("cabestan", "mon 14-15")]

    lines = [line(room, at, organisation=slug) for slug, at in wishes]

    answers = act.look(lines, by=member, now=NOW).answers
    assert [rules_of(no) for no in answers] == [None, None, ["quota-used"]]


def crowded(here, **policy):
    """Two rooms of a venue that holds ten people."""
    here.ceiling = 10
    return make.space(here, **policy), make.space(here, **policy)


def test_lines_fill_a_venue_together(here):
    one, other = crowded(here)
    day = [line(one, people=6), line(other, people=6)]

    assert look(*day).asks == [[], ["ceiling"]]
    assert [made.state for made in reserve(*day)] == ["confirmed", "requested"]


def test_lines_one_after_the_other_do_not_fill_it(here):
    one, other = crowded(here)

    found = look(line(one, "mon 9-10", people=6), line(one, "mon 10-11", people=6))
    long = look(
        line(one, "mon 9-10", people=5),
        line(one, "mon 10-11", people=5),
        line(other, "mon 9-11", people=5),
    )

    assert found.asks == [[], []]
    assert long.asks == [[], [], []]


def test_who_competes_for_a_place_is_not_there_yet(here):
    one, other = crowded(here, approval="always", competing=True)
    day = [line(one, people=6), line(other, people=6)]

    assert look(*day).asks == [["always"], ["always"]]
    assert [made.asks for made in reserve(*day)] == [["always"], ["always"]]


def test_a_broken_rule_and_a_taken_place_are_told_together(here):
    room = make.space(here, shortest=60)
    make.reservation(room, "mon 9-11")

    (no,) = look(line(room, "mon 9-9:30")).answers

    assert rules_of(no) == ["too-short"]
    assert no.facts["taken"].facts == {"place": True}


def test_what_is_too_much_for_one_space_is_refused_as_ever(here):
    parts = refused(line(make.space(here, capacity=4), people=9), line(make.space(here)))

    assert codes(type("No", (), {"value": parts[0]})) == ["too-many"]
