"""Closing and reopening places, and the hours of single dates: who may, and what it does."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.actions import approvals, occupancy, reservations
from booking.actions import hours as act
from booking.actions import network as network_act
from booking.actions.hours import Closing, DayHours
from booking.db import db
from booking.errors import InTheWay, NotAllowed, NotFound, Refused, SlotTaken
from booking.models.occupancy import Occupancy
from booking.models.venues import Network
from booking.queries import hours as find
from booking.queries.availability import LOOK_BACK, busy, taken
from booking.queries.venues import atlas, read_atlas
from booking.rules.network import NetworkPlan
from booking.rules.periods import Period, union
from tests import cast, make
from tests.look import codes, story, told
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
MONDAY = date(2027, 3, 8)
LABOUR_DAY = date(2027, 5, 1)
ASCENSION = date(2027, 5, 6)


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def room(here):
    return make.space(here, "salle")


@pytest.fixture
def manager(here):
    return cast.manager(here)


def venue_of(room):
    return read_atlas().by_id(room.id).venue


def close(covers, at, by, *, why="Travaux", cancelling=(), now=NOW):
    wanted = at if isinstance(at, Period) else period(at)
    return act.close(Closing(covers, wanted, why, cancelling), read_atlas(), by=by, now=now)


def close_room(room, at, by, **rest):
    return close((venue_of(room), room), at, by, **rest)


def rows(closure):
    """(unit, from, to) of what it has, in order."""
    query = select(Occupancy).where(Occupancy.closure_id == closure.id)
    query = query.order_by(Occupancy.unit_id, Occupancy.starts_at)
    return [(row.unit_id, row.starts_at, row.ends_at) for row in db.session.scalars(query)]


def set_hours(covers, on, spans, by, why="", **rest):
    return act.set_hours(covers, DayHours(on, spans, why), by=by, now=NOW, **rest)


# Closing


def test_a_closure_takes_the_units_of_its_space(room, manager):
    made = close_room(room, "mon 9-18", manager)

    assert rows(made) == [(room.units[0], moment("mon 9"), moment("mon 18"))]
    assert (made.why, made.member_id, made.space_id) == ("Travaux", manager.id, room.id)


def test_only_who_decides_there_may_close(room):
    for by in (cast.member(), cast.other_manager()):
        with pytest.raises(NotAllowed):
            close_room(room, "mon 9-18", by)


def test_what_is_closed_cannot_be_reserved(room, manager):
    close_room(room, "mon 9-18", manager)

    with pytest.raises(SlotTaken):
        make.reservation(room, "mon 17-19")


def test_a_venue_is_closed_with_all_that_it_has(here, room, manager):
    desks = make.pool(here, size=2)
    projector = make.unit(here, "projector")

    made = close((venue_of(room), None), "mon 9-18", manager)

    assert {unit for unit, _, _ in rows(made)} == {*room.units, *desks.units, projector.id}


def test_closing_a_hall_closes_its_halves(here, manager):
    half = make.space(here, units=("a",))
    hall = make.space(here, units=("a", "b"))

    close_room(hall, "mon 9-18", manager)

    with pytest.raises(SlotTaken):
        make.reservation(half, "mon 9-11")


def test_a_long_closure_has_rows_that_queries_find(room, manager):
    whole = Period(moment("mon 0"), moment("mon 0") + timedelta(days=366))

    made = close_room(room, whole, manager)

    assert all(end - start < LOOK_BACK for _, start, end in rows(made))
    last = Period(whole.end - timedelta(hours=1), whole.end)
    assert [row.closed for row in taken(room.units, last, NOW)] == ["Travaux"]


def test_a_closure_longer_than_a_leap_year_or_without_a_reason_or_over_is_refused(room, manager):
    with pytest.raises(Refused) as no:
        close_room(room, Period(NOW - timedelta(days=400), NOW), manager, why=" ")

    assert codes(no) == ["why-missing", "past", "closure-too-long"]


def test_what_stands_in_the_way_is_named_and_stays(room, manager):
    made = make.reservation(room, "mon 9-11")

    with pytest.raises(InTheWay) as no, db.session.begin_nested():
        close_room(room, "mon 10-18", manager)

    assert no.value.facts == {"codes": [made.code]}
    assert made.state == "confirmed"


def test_a_request_that_keeps_its_place_stands_in_the_way(here, manager):
    hall = make.space(here, approval="always")
    make.reservation(hall, "mon 9-11")

    with pytest.raises(InTheWay):
        close_room(hall, "mon 10-18", manager)


def test_a_request_that_has_run_out_does_not(here, manager):
    hall = make.space(here, approval="always")
    request = make.reservation(hall, "mon 9-11")

    close_room(hall, "mon 8-18", manager, now=moment("mon 9"))

    assert request.state == "expired"


def test_what_is_over_does_not_stand_in_the_way_and_keeps_its_time(room, manager):
    make.reservation(room, "mon 9-11")

    made = close_room(room, "mon 8-18", manager, now=moment("mon 11"))

    assert [(start, end) for _, start, end in rows(made)] == [
        (moment("mon 8"), moment("mon 9")),
        (moment("mon 11"), moment("mon 18")),
    ]


def test_a_buffer_alone_does_not_stand_in_the_way(here, manager):
    room = make.space(here, buffer_after=30)
    make.reservation(room, "mon 9-11")

    made = close_room(room, "mon 11-18", manager)

    assert rows(made) == [(room.units[0], moment("mon 11:30"), moment("mon 18"))]


def run_out(made, places, by):
    occupancy.expire(made, moment("mon 9"))


def given_back(made, places, by):
    reservations.cancel(made, places, by=by, now=NOW)


def turned_down(made, places, by):
    approvals.decline(made, places, by=by, now=NOW, why="Non")


def moved(made, places, by):
    make.moved(made, places, period("tue 9-11"), by=made.member, now=NOW)


@pytest.mark.parametrize(
    ("approval", "gone"),
    [("never", given_back), ("never", moved), ("always", run_out), ("always", turned_down)],
)
def test_a_closure_has_what_a_buffer_had_once_that_is_gone(here, manager, approval, gone):
    hall = make.space(here, units=["a", "b"], buffer_after=60, approval=approval)
    half = make.space(here, units=["a"])
    made = make.reservation(hall, "mon 9-11")
    close_room(hall, "mon 11-18", manager)
    close((venue_of(hall), None), "mon 11:30-14", manager)

    gone(made, read_atlas(), manager)

    assert merged(hall.units) == {unit: [period("mon 11-18")] for unit in hall.units}
    with pytest.raises(SlotTaken):
        make.reservation(half, "mon 11-12")


def merged(units):
    """When each is taken on Monday, in whole stretches."""
    return {unit: union(some) for unit, some in busy(units, period("mon 8-20"), NOW).items()}


def test_those_that_were_named_are_cancelled_with_the_reason(here, manager):
    hall, member = make.space(here, approval="always"), cast.member()
    room = make.space(here)
    request = make.reservation(hall, "mon 9-11", by=member)
    kept = make.reservation(room, "mon 14-16", by=member)
    names = [request.code, kept.code]

    close((venue_of(room), None), "mon 8-20", manager, cancelling=names)

    assert (request.state, kept.state) == ("declined", "cancelled")
    assert story(kept)[-1] == ("cancel", "confirmed", "cancelled", manager.id, "Travaux")
    assert told("reservation-declined") == [("reservation-declined", member.email)]
    assert told("reservation-cancelled") == [("reservation-cancelled", member.email)]


def test_what_came_after_the_list_was_read_is_not_cancelled(room, manager):
    seen = make.reservation(room, "mon 9-11")
    unseen = make.reservation(room, "mon 14-16")

    with pytest.raises(InTheWay) as no, db.session.begin_nested():
        close_room(room, "mon 8-18", manager, cancelling=[seen.code])

    assert no.value.facts == {"codes": [seen.code, unseen.code]}
    assert (seen.state, unseen.state) == ("confirmed", "confirmed")


def test_the_managers_own_are_cancelled_like_others(room, manager):
    own = make.reservation(room, "mon 9-11", by=manager)

    close_room(room, "mon 8-18", manager, cancelling=[own.code])

    assert own.state == "cancelled"


# Reopening


def test_a_closure_that_is_ended_gives_its_units_back(room, manager):
    made = close_room(room, "mon 9-18", manager)

    act.reopen(made, read_atlas(), by=manager, now=NOW)

    assert (made.ended_at, rows(made)) == (NOW, [])
    assert make.reservation(room, "mon 9-11").state == "confirmed"


def test_only_who_decides_there_may_reopen(room, manager):
    made = close_room(room, "mon 9-18", manager)

    for by in (cast.member(), cast.other_manager()):
        with pytest.raises(NotAllowed):
            act.reopen(made, read_atlas(), by=by, now=NOW)


@pytest.mark.parametrize("now", [NOW, moment("mon 18")])
def test_what_is_over_is_not_ended_again(room, manager, now):
    made = close_room(room, "mon 9-18", manager)
    if now == NOW:
        act.reopen(made, read_atlas(), by=manager, now=NOW)

    with pytest.raises(NotFound):
        act.reopen(made, read_atlas(), by=manager, now=now)


def test_what_another_closure_covers_stays_closed(room, manager):
    first = close_room(room, "mon 9-12", manager)
    second = close((venue_of(room), None), "mon 11-18", manager, why="Jour de fête")
    assert [(start, end) for _, start, end in rows(second)] == [
        (moment("mon 12"), moment("mon 18"))
    ]

    act.reopen(first, read_atlas(), by=manager, now=NOW)

    assert [(start, end) for _, start, end in rows(second)] == [
        (moment("mon 11"), moment("mon 12")),
        (moment("mon 12"), moment("mon 18")),
    ]


def test_a_unit_that_comes_later_is_closed_too(here, room, manager):
    made = close((venue_of(room), None), "mon 9-18", manager)
    later = make.space(here)

    act.renew(read_atlas(), NOW)

    assert {unit for unit, _, _ in rows(made)} == {*room.units, *later.units}


def test_loading_a_network_looks_after_what_is_closed(here, room, manager):
    close((venue_of(room), None), "mon 9-18", manager)
    later = make.space(here)
    plan = NetworkPlan(name=make.words("Réseau"), demo=False, operators=(), venues=())

    network_act.load(plan, now=NOW)

    assert busy(later.units, period("mon 9-18"), NOW) == {later.units[0]: [period("mon 9-18")]}


# The hours of a date


def test_a_date_has_hours_of_its_own(room, manager):
    row = set_hours((venue_of(room), None), MONDAY, [(600, 720), (480, 540)], manager, "Inventaire")

    hours = read_atlas().by_id(room.id).hours
    assert hours.spans_on(MONDAY) == [(480, 540), (600, 720)]
    assert hours.reason(MONDAY) == {"fr": "Inventaire", "en": "Inventaire"}
    assert row.member_id == manager.id


def test_only_who_decides_there_may_set_hours(room):
    for by in (cast.member(), cast.other_manager()):
        with pytest.raises(NotAllowed):
            set_hours((venue_of(room), None), MONDAY, [], by)


def test_what_is_said_again_replaces_what_was_said(room, manager):
    first = set_hours((venue_of(room), None), MONDAY, [], manager)

    assert set_hours((venue_of(room), None), MONDAY, [(480, 540)], manager) is first
    assert read_atlas().by_id(room.id).hours.spans_on(MONDAY) == [(480, 540)]


def test_a_space_goes_before_its_venue(here, room, manager):
    other = make.space(here)
    set_hours((venue_of(room), None), MONDAY, [], manager)
    set_hours((venue_of(room), room), MONDAY, [(480, 540)], manager)

    places = read_atlas()
    assert places.by_id(room.id).hours.spans_on(MONDAY) == [(480, 540)]
    assert places.by_id(other.id).hours.spans_on(MONDAY) == []


@pytest.mark.parametrize(
    "spans",
    [
        [(480, 600), (540, 660)],
        [(600, 540)],
        [(0, 1441)],
        [(n * 60, n * 60 + 30) for n in range(7)],
    ],
)
def test_hours_that_make_no_sense_are_refused(room, manager, spans):
    with pytest.raises(Refused) as no:
        set_hours((venue_of(room), None), MONDAY, spans, manager)

    assert codes(no) == ["spans-wrong"]


def test_yesterday_stays_as_it_was(room, manager):
    with pytest.raises(Refused) as no:
        set_hours((venue_of(room), None), date(2027, 3, 6), [], manager)

    assert codes(no) == ["past"]


def test_a_reservation_stays_and_is_listed_as_outside_the_hours(room, manager):
    made = make.reservation(room, "mon 9-11")
    make.reservation(room, "mon 14-16")

    set_hours((venue_of(room), None), MONDAY, [(720, 1200)], manager)

    places = read_atlas()
    found = find.displaced(places, places.by_id(room.id).venue, [MONDAY], NOW)
    assert [one.reservation.code for one in found] == [made.code]
    assert made.state == "confirmed"


def test_every_process_reads_the_places_anew(room, manager):
    db.session.add(Network(id=1, name=make.words("Réseau"), version="one"))
    db.session.flush()
    assert atlas().by_id(room.id).hours.spans_on(MONDAY) == [(480, 1200)]

    row = set_hours((venue_of(room), None), MONDAY, [], manager)
    assert atlas().by_id(room.id).hours.spans_on(MONDAY) == []

    act.clear_hours(row, by=manager, now=NOW)
    assert atlas().by_id(room.id).hours.spans_on(MONDAY) == [(480, 1200)]


def test_only_who_decides_there_may_clear_hours(room, manager):
    row = set_hours((venue_of(room), None), MONDAY, [], manager)

    for by in (cast.member(), cast.other_manager()):
        with pytest.raises(NotAllowed):
            act.clear_hours(row, by=by, now=NOW)


# Public holidays


@pytest.fixture
def here_in_france(app):
    return make.venue(holidays="FR")


@pytest.fixture
def in_france(here_in_france):
    return make.space(here_in_france)


def test_a_holiday_is_reopened_and_closed_again(here_in_france, in_france):
    manager = cast.manager(here_in_france)
    row = set_hours((venue_of(in_france), None), ASCENSION, [(480, 1200)], manager)
    assert read_atlas().by_id(in_france.id).hours.spans_on(ASCENSION) == [(480, 1200)]

    act.clear_hours(row, by=manager, now=NOW)

    hours = read_atlas().by_id(in_france.id).hours
    assert hours.spans_on(ASCENSION) == ()
    assert hours.reason(ASCENSION) == {"fr": "Ascension", "en": "Ascension Day"}


def test_the_first_of_may_is_confirmed_twice(here_in_france, in_france):
    covers, manager = (venue_of(in_france), in_france), cast.manager(here_in_france)

    with pytest.raises(Refused) as no:
        set_hours(covers, LABOUR_DAY, [(480, 1200)], manager)
    assert codes(no) == ["labour-day-unconfirmed"]

    assert set_hours(covers, LABOUR_DAY, [(480, 1200)], manager, confirmed=True).spans
    assert set_hours(covers, LABOUR_DAY, [], manager).spans == []


def test_where_no_holiday_closes_the_first_of_may_is_a_day_like_others(room, manager):
    assert set_hours((venue_of(room), None), LABOUR_DAY, [(480, 1200)], manager).spans


def test_a_refusal_names_the_holiday(in_france):
    start = make.moment("thu 9", week=date(2027, 5, 2))

    with pytest.raises(Refused) as no:
        make.reservation(in_france, Period(start, start + timedelta(hours=2)))

    (closed,) = no.value.refusals
    assert closed.facts["why"] == {"fr": "Ascension", "en": "Ascension Day"}
