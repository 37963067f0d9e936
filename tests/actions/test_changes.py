"""Changing a reservation: every part of it, by the same rules, and asked again where it must be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from booking.actions import approvals, occupancy, presence, reservations
from booking.actions import changes as act
from booking.actions.changes import Wanted
from booking.db import db
from booking.errors import Changed, NotAllowed, NotFound, Refused, SlotTaken, WrongState
from booking.models.reservations import History, Reservation
from booking.models.venues import Venue
from booking.queries.reservations import by_code, change_of
from booking.queries.venues import atlas
from tests import cast, make
from tests.look import codes, story, taken, told
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)


def wanted(made, at=None, space=None, version=None, **details):
    """The reservation as it is, but for what is said."""
    space = space or atlas().by_id(made.space_id)
    when = period(at, space.zone) if at else reservations.Period(made.starts_at, made.ends_at)
    return Wanted(space, when, replace(act.details_of(made, atlas()), **details), version)


def change(made, *, by, now=NOW, **what):
    return act.change(made, atlas(), wanted(made, **what), by=by, now=now)


def last_changed(made):
    """What the last line of its history says was changed."""
    query = db.session.query(History).filter_by(reservation_id=made.id)
    return query.order_by(History.id.desc()).first().changed


# At once


@pytest.mark.parametrize(
    ("column", "what", "value"),
    [
        ("starts_at", {"at": "tue 10-11"}, moment("tue 10")),
        ("people", {"people": 4}, 4),
        ("layout", {"layout": "u"}, "u"),
        ("activity", {"activity": "meeting"}, "meeting"),
        ("named", {"named": ("Ana", " ", "Bo")}, ["Ana", "Bo"]),
        ("title", {"title": " Nouveau\ntitre "}, "Nouveau titre"),
        ("note", {"note": "Bonjour"}, "Bonjour"),
    ],
)
def test_every_part_can_be_changed_and_history_says_what_it_was(column, what, value):
    room, member = make.space(capacity=8, layouts={"u": 6}), cast.member()
    made = make.reservation(room, by=member)
    before = getattr(made, column)

    assert change(made, by=member, **what) is made

    assert getattr(made, column) == value
    assert last_changed(made)[column] == [act.as_json(before), act.as_json(value)]


def test_another_space_is_taken_and_the_first_is_free():
    here, member = make.venue(), cast.member()
    first, other = make.space(here), make.space(here)
    made = make.reservation(first, by=member)

    change(made, by=member, space=other)

    assert (made.space_id, made.space.slug) == (other.id, other.slug)
    assert [unit for unit, *_ in taken(made)] == other.units
    assert make.reservation(first).state == "confirmed"


def test_more_people_take_more_desks_and_keep_theirs():
    desks, member = make.pool(size=3, capacity_per_unit=1), cast.member()
    made = make.reservation(desks, by=member, unit_id=desks.units[1])

    change(made, by=member, people=2)

    assert [unit for unit, *_ in taken(made)] == desks.units[:2]


def test_another_desk_is_chosen_at_the_same_time():
    desks, member = make.pool(size=3), cast.member()
    made = make.reservation(desks, by=member)

    change(made, by=member, unit_id=desks.units[2])

    assert [unit for unit, *_ in taken(made)] == [desks.units[2]]
    assert last_changed(made) == {"unit_id": [desks.units[0], desks.units[2]]}


def test_extras_come_and_go():
    here, member = make.venue(), cast.member()
    room = make.space(here)
    beamers = make.extra(here, "beamer", stock=2)
    made = make.reservation(room, by=member)

    change(made, by=member, extras={"beamer": 2})
    assert {unit for unit, *_ in taken(made)} == {*room.units, *beamers.units}
    change(made, by=member, extras={})

    assert [unit for unit, *_ in taken(made)] == room.units
    assert last_changed(made) == {"extras": [{"beamer": 2}, {}]}


def test_what_stays_as_it_is_is_no_change():
    member = cast.member()
    made = make.reservation(make.space(), by=member, title="Point")

    assert change(made, by=member) is made
    assert (made.sequence, len(story(made))) == (0, 1)


def test_the_change_is_told():
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    change(made, by=member, people=2)

    assert told("reservation-moved") == [("reservation-moved", member.email)]


# Who may


def test_a_stranger_does_not_find_it():
    made = make.reservation(make.space())

    with pytest.raises(NotFound):
        change(made, by=cast.stranger(), people=2)


def test_a_blocked_member_changes_nothing():
    member = cast.member()
    made = make.reservation(make.space(), by=member)
    member.blocked_at = NOW

    with pytest.raises(NotAllowed):
        change(made, by=member, people=2)


def test_a_manager_changes_what_is_at_their_venue_and_is_not_asked():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here, ask_above=2))

    assert change(made, by=manager, people=5) is made
    assert (made.state, made.people) == ("confirmed", 5)


def test_a_manager_makes_an_exception_for_the_member_with_a_reason():
    here = make.venue()
    manager, made = cast.manager(here), make.reservation(make.space(here, longest=120))

    with pytest.raises(Refused) as no:
        change(made, by=manager, at="mon 9-13")
    change(made, by=manager, at="mon 9-13", exception="Jury")

    assert (codes(no), made.broken) == (["too-long"], ["too-long"])
    assert story(made)[-1][4] == "Jury"


# When


def test_the_second_of_two_is_told_that_it_has_changed():
    member = cast.member()
    made = make.reservation(make.space(capacity=8), by=member)
    seen = made.sequence
    change(made, by=member, people=3, version=seen)

    with pytest.raises(Changed) as no:
        change(made, by=member, people=4, version=seen)

    assert (no.value.facts, made.people) == ({"since": seen}, 3)


def test_what_gives_time_back_keeps_the_deadline_and_what_takes_more_does_not():
    member = cast.member()
    made = make.reservation(make.space(cancel_notice=180), by=member)
    late = moment("mon 8")

    for less in ("mon 9-10", "mon 10-12", "tue 9-11"):
        with pytest.raises(Refused) as no:
            change(made, by=member, now=late, at=less)
        assert codes(no) == ["cancel-too-late"]
    change(made, by=member, now=late, at="mon 9-12")

    assert made.ends_at == moment("mon 12")


def test_a_start_that_stays_needs_no_notice():
    member = cast.member()
    made = make.reservation(make.space(notice=120), by=member)

    change(made, by=member, now=moment("mon 8:30"), at="mon 9-12")
    with pytest.raises(Refused) as no:
        change(made, by=member, now=moment("mon 8:30"), at="mon 8:45-12")

    assert codes(no) == ["too-late"]


def test_what_runs_is_extended_while_it_is_free():
    room, member = make.space(buffer_after=15), cast.member()
    made = make.reservation(room, by=member)
    make.reservation(room, "mon 13-14")
    now = moment("mon 10")

    with pytest.raises(SlotTaken), db.session.begin_nested():
        change(made, by=member, now=now, at="mon 9-13")
    db.session.refresh(made)
    change(made, by=member, now=now, at="mon 9-12")

    assert taken(made) == [(room.units[0], moment("mon 9"), moment("mon 12:15"), None)]


@pytest.mark.parametrize("what", [{"at": "mon 10-12"}, {"at": "mon 9-9:30"}])
def test_of_what_runs_the_past_is_not_changed(what):
    here = make.venue()
    made = make.reservation(make.space(here))

    with pytest.raises(Refused) as no:
        change(made, by=cast.manager(here), now=moment("mon 10"), **what)

    assert "running" in codes(no) or "past" in codes(no)


def test_what_is_over_is_not_changed():
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    with pytest.raises(WrongState):
        change(made, by=member, now=moment("mon 11"), people=2)


# Leaving early


def test_who_leaves_early_frees_the_rest_but_for_the_time_to_tidy():
    room, member = make.space(buffer_after=15), cast.member()
    made = make.reservation(room, by=member)

    presence.leave(made, atlas(), by=member, now=moment("mon 9:59") + timedelta(seconds=30))

    assert (made.state, made.ends_at) == ("confirmed", moment("mon 10"))
    assert taken(made) == [(room.units[0], moment("mon 9"), moment("mon 10:15"), None)]
    assert last_changed(made) == {
        "ends_at": [moment("mon 11").isoformat(), moment("mon 10").isoformat()]
    }


@pytest.mark.parametrize("at", ["mon 8:59", "mon 11"])
def test_one_leaves_only_where_one_is(at):
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    with pytest.raises(WrongState):
        presence.leave(made, atlas(), by=member, now=moment(at))


def test_a_stranger_lets_nobody_leave():
    made = make.reservation(make.space())

    with pytest.raises(NotFound):
        presence.leave(made, atlas(), by=cast.stranger(), now=moment("mon 10"))


# Asked again


@pytest.fixture
def approved():
    """A member's reservation that a manager has granted: (reservation, member, manager)."""
    here = make.venue()
    room, member, manager = make.space(here, approval="always"), cast.member(), cast.manager(here)
    made = make.reservation(room, by=member, people=4)
    approvals.approve(made, atlas(), by=manager, now=NOW)
    return made, member, manager


def test_where_a_manager_decides_the_old_place_stays_until_they_do(approved):
    made, member, manager = approved
    before = taken(made)

    asked = change(made, by=member, at="tue 9-11")

    assert (made.state, taken(made)) == ("confirmed", before)
    assert (asked.state, asked.replaces_id, asked.expires_at) == (
        "requested",
        made.id,
        moment("mon 9"),
    )
    assert taken(asked) == [(before[0][0], moment("tue 9"), moment("tue 11"), moment("mon 9"))]
    assert told("request-received")[-1] == ("request-received", manager.email)


def test_a_change_that_overlaps_takes_only_what_is_not_had_already(approved):
    made, member, _ = approved

    asked = change(made, by=member, at="mon 10-12")

    assert [row[1:3] for row in taken(asked)] == [(moment("mon 11"), moment("mon 12"))]
    with pytest.raises(SlotTaken), db.session.begin_nested():
        make.reservation(atlas().by_id(made.space_id), "mon 11-12")


def test_once_granted_the_reservation_has_it_and_the_old_place_is_free(approved):
    made, member, manager = approved
    asked = change(made, by=member, at="mon 10-12", people=5, title="Jury")

    approvals.approve(asked, atlas(), by=manager, now=NOW)

    assert (asked.state, taken(asked)) == ("granted", [])
    assert (made.state, made.people, made.title) == ("confirmed", 5, "Jury")
    assert [row[1:] for row in taken(made)] == [(moment("mon 10"), moment("mon 12"), None)]
    assert story(made)[-1][:4] == ("move", "confirmed", "confirmed", manager.id)
    assert set(last_changed(made)) == {"starts_at", "ends_at", "people", "title"}
    assert told("reservation-moved") == [("reservation-moved", member.email)]


def test_once_declined_everything_is_as_it_was(approved):
    made, member, manager = approved
    before = taken(made)
    asked = change(made, by=member, at="mon 10-12")

    approvals.decline(asked, atlas(), by=manager, now=NOW, why="Complet")

    assert (asked.state, taken(asked)) == ("declined", [])
    assert (made.state, taken(made)) == ("confirmed", before)


def test_a_change_nobody_answers_ends_and_the_old_place_stays(approved):
    made, member, _ = approved
    before, asked = taken(made), change(made, by=member, at="tue 9-11")

    occupancy.expire(asked, moment("mon 9"))

    assert (asked.state, made.state, taken(made)) == ("expired", "confirmed", before)


def test_another_change_takes_the_place_of_the_one_that_waits(approved):
    made, member, _ = approved
    first = change(made, by=member, at="tue 9-11")

    second = change(made, by=member, at="wed 9-11")

    assert (first.state, taken(first)) == ("withdrawn", [])
    assert change_of(made) is second


def test_who_cancels_cancels_the_change_that_waits_too(approved):
    made, member, _ = approved
    asked = change(made, by=member, at="tue 9-11")

    reservations.cancel(made, atlas(), by=member, now=NOW)

    assert (made.state, asked.state, taken(asked)) == ("cancelled", "withdrawn", [])


@pytest.mark.parametrize("less", [{"at": "mon 9-10"}, {"people": 2}, {"title": "Jury"}])
def test_who_wants_less_asks_nobody(approved, less):
    made, member, _ = approved

    assert change(made, by=member, **less) is made


def test_a_request_that_waits_anyway_is_changed_at_once():
    member = cast.member()
    made = make.reservation(make.space(approval="always"), by=member)

    assert change(made, by=member, at="tue 9-11", people=2) is made
    assert (made.state, made.expires_at) == ("requested", moment("tue 9"))


def test_a_request_for_a_change_is_not_changed_itself(approved):
    made, member, _ = approved
    asked = change(made, by=member, at="tue 9-11")

    with pytest.raises(WrongState):
        change(asked, by=member, at="wed 9-11")


def test_where_requests_compete_a_change_holds_nothing():
    here = make.venue()
    room = make.space(here, approval="always", competing=True)
    member, manager = cast.member(), cast.manager(here)
    made = make.reservation(room, by=member)
    approvals.approve(made, atlas(), by=manager, now=NOW)

    asked = change(made, by=member, at="tue 9-11")
    assert taken(asked) == []
    approvals.approve(asked, atlas(), by=manager, now=NOW)

    assert [row[1] for row in taken(made)] == [moment("tue 9")]


def test_a_change_counts_once_in_a_quota():
    here, member = make.venue(), cast.member()
    quotas = [{"most": 2, "of": "reservations", "per": "week", "by": "member"}]
    room = make.space(here, approval="always", quotas=quotas)
    made = make.reservation(room, by=member)
    approvals.approve(made, atlas(), by=cast.manager(here), now=NOW)

    change(made, by=member, at="tue 9-11")

    assert make.reservation(room, "wed 9-11", by=member).state == "requested"


def test_what_waits_gives_way_also_while_one_only_looks(approved):
    made, member, _ = approved
    change(made, by=member, at="tue 9-11")
    nearly = wanted(made, at="tue 10-12")

    assert act.look(made, atlas(), nearly, by=member, now=NOW).asks == ["always"]
    assert change(made, by=member, at="tue 10-12").state == "requested"


def test_the_people_of_a_change_are_counted_once_when_it_is_granted():
    here = make.venue()
    here.ceiling = 10
    room = make.space(here, approval="always", capacity=20)
    member, manager = cast.member(), cast.manager(here)
    made = make.reservation(room, by=member, people=6)
    approvals.approve(made, atlas(), by=manager, now=NOW)
    asked = change(made, by=member, at="tue 9-11")

    approvals.approve(asked, atlas(), by=manager, now=NOW)

    assert (asked.state, made.starts_at) == ("granted", moment("tue 9"))


def test_beyond_the_ceiling_a_change_is_granted_with_a_reason_only(approved):
    made, member, manager = approved
    asked = change(made, by=member, at="tue 9-11", people=6)
    db.session.get_one(Venue, atlas().by_id(made.space_id).venue.id).ceiling = 5
    db.session.flush()

    with pytest.raises(Refused) as no, db.session.begin_nested():
        approvals.approve(asked, atlas(), by=manager, now=NOW)
    asked = by_code(asked.code, by=manager, now=NOW)
    approvals.approve(asked, atlas(), by=manager, now=NOW, why="Jury")

    assert (codes(no), made.people) == (["over-ceiling"], 6)


def test_the_database_knows_one_change_at_a_time(approved):
    made, member, _ = approved
    asked = change(made, by=member, at="tue 9-11")
    values = {c.name: getattr(asked, c.name) for c in Reservation.__table__.columns}
    values |= {"code": "AAA-AAAA", "uid": "other"}
    del values["id"]

    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(Reservation.__table__.insert().values(**values))
