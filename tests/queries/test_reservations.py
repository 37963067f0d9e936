"""Reservations for their owner, a manager, the worker: who sees what, in which order."""

from datetime import timedelta

import pytest

from booking.actions import approvals
from booking.actions import reservations as act
from booking.errors import NotFound
from booking.queries import reservations as find
from booking.queries.venues import atlas
from booking.rules.periods import Period
from tests import cast, make
from tests.make import NOW, moment

pytestmark = pytest.mark.usefixtures("app")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), str])
def test_the_owner_finds_it_however_the_code_is_typed(typed):
    member = cast.member()
    made = make.reservation(make.space(), by=member)

    assert find.by_code(typed(made.code), by=member, now=NOW) is made


@pytest.mark.parametrize("who", [cast.stranger, cast.other_manager])
def test_who_has_no_business_there_does_not_find_it(who):
    made = make.reservation(make.space())

    with pytest.raises(NotFound):
        find.by_code(made.code, by=who(), now=NOW)


def test_its_manager_and_every_administrator_find_it():
    here = make.venue()
    made = make.reservation(make.space(here))

    for by in (cast.manager(here), cast.admin()):
        assert find.by_code(made.code, by=by, now=NOW) is made


def test_a_role_that_has_ended_finds_nothing():
    here = make.venue()
    made, manager = make.reservation(make.space(here)), cast.manager(here)
    manager.roles[0].ends_at = NOW

    with pytest.raises(NotFound):
        find.by_code(made.code, by=manager, now=NOW)


@pytest.mark.parametrize("code", ["", "R7K-3QFH", "'; --", "\x00"])
def test_a_code_that_nobody_has_is_not_found(code):
    with pytest.raises(NotFound):
        find.by_code(code, by=cast.admin(), now=NOW)


def test_what_is_coming_is_told_soonest_first():
    room, member = make.space(), cast.member()
    made = [make.reservation(room, at, by=member) for at in ("wed 9-11", "mon 9-11", "tue 9-11")]
    make.reservation(room, "mon 12-13")

    assert find.coming(member, NOW) == [made[1], made[2], made[0]]


def test_a_reservation_is_coming_until_it_ends():
    member = cast.member()
    made = make.reservation(make.space(), "mon 9-11", by=member)

    assert find.coming(member, moment("mon 11") - SECOND) == [made]
    assert find.coming(member, moment("mon 11")) == []
    assert find.gone(member, moment("mon 11")) == ([made], False)


def test_what_is_cancelled_is_gone_at_once():
    member = cast.member()
    made = make.reservation(make.space(), by=member)
    act.cancel(made, atlas(), by=member, now=NOW)

    assert (find.coming(member, NOW), find.gone(member, NOW)) == ([], ([made], False))


def test_what_is_gone_is_told_latest_first_page_by_page(monkeypatch):
    monkeypatch.setattr(find, "PAGE", 2)
    room, member = make.space(), cast.member()
    made = [make.reservation(room, at, by=member) for at in ("mon 9-11", "tue 9-11", "wed 9-11")]
    now = moment("sat 9")

    assert find.gone(member, now) == ([made[2], made[1]], True)
    assert find.gone(member, now, page=2) == ([made[0]], False)


def test_history_names_who_did_what():
    here, member = make.venue(), cast.member()
    made, manager = make.reservation(make.space(here), by=member), cast.manager(here)
    act.cancel(made, atlas(), by=manager, now=NOW)

    lines = find.history(made)

    assert [(line.verb, line.member) for line in lines] == [
        ("reserve", member),
        ("cancel", manager),
    ]


def test_units_are_told_in_their_order():
    desks = make.pool(size=3, capacity_per_unit=1)
    made = make.reservation(desks, people=2, unit_id=desks.units[2])

    assert [unit.id for unit in find.units_of(made)] == [desks.units[0], desks.units[2]]


def test_requests_wait_at_their_venues_only():
    here, there = make.venue(), make.venue()
    one = make.reservation(make.space(here, approval="always"))
    other = make.reservation(make.space(there, approval="always"))
    make.reservation(make.space(here))

    assert find.pending({here.id}, NOW) == [one]
    assert find.pending(None, NOW) == [one, other]
    assert find.pending(set(), NOW) == []


@pytest.mark.parametrize(("now", "count"), [(moment("mon 9") - SECOND, 1), (moment("mon 9"), 0)])
def test_an_expired_request_waits_no_longer(now, count):
    make.reservation(make.space(approval="always"), "mon 9-11")

    assert (len(find.pending(None, now)), find.pending_count(None, now)) == (count, count)


def test_a_decided_request_waits_no_longer():
    made = make.reservation(make.space(approval="always"))
    approvals.approve(made, atlas(), by=cast.admin(), now=NOW)

    assert find.pending_count(None, NOW) == 0


def test_the_worker_finds_what_has_run_out_longest_first():
    space = make.space(approval="always")
    later, sooner = (make.reservation(space, at) for at in ("mon 12-13", "mon 9-11"))
    make.reservation(make.space(), "mon 9-11")

    assert find.expired(moment("mon 9") - SECOND) == []
    assert find.expired(moment("mon 12")) == [sooner.id, later.id]


def test_what_was_decided_does_not_run_out():
    made = make.reservation(make.space(approval="always"))
    approvals.approve(made, atlas(), by=cast.admin(), now=NOW)

    assert find.expired(moment("tue 9")) == []


def test_a_feed_shows_what_overlaps_its_window_in_any_state():
    room, member = make.space(), cast.member()
    one, two = (make.reservation(room, at, by=member) for at in ("mon 9-11", "mon 12-13"))
    make.reservation(room, "mon 14-15", by=member)
    act.cancel(two, atlas(), by=member, now=NOW)

    window = Period(moment("mon 10"), moment("mon 14"))

    assert find.for_member_feed(member.id, window) == [one, two]


def test_a_record_counts_what_was_kept():
    room, member = make.space(), cast.member()
    make.reservation(make.space(), by=member)  # At another operator's venue.
    made = [make.reservation(room, at, by=member) for at in ("mon 9-11", "tue 9-11", "wed 9-11")]
    act.cancel(made[0], atlas(), by=member, now=NOW)
    made[1].state = "no_show"

    here = room.venue.venue.operator_id
    later = made[1].starts_at + timedelta(days=90)
    assert find.records([member.id], NOW)[member.id, here] == (1, 1)
    assert find.records([member.id], later)[member.id, here] == (1, 0)
