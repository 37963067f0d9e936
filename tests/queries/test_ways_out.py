"""The ways out of a no: near in time first, then near in space, and every one can be had."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.actions import reservations
from booking.db import db
from booking.errors import SlotTaken
from booking.models.venues import Space
from booking.queries.venues import atlas
from booking.queries.ways_out import Look, alternatives
from booking.rules.hours import shifted
from booking.rules.periods import Period
from booking.rules.policies import Wish
from tests import make
from tests.make import NOW, PARIS, SUNDAY, moment, period

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)
MARSEILLE, AIX, TOULON = (43.30, 5.37), (43.53, 5.45), (43.12, 5.93)


def ways_out(space, at, *, people=1, now=NOW, limit=3, extras=None):
    places = atlas()
    wish = Wish(period(at, space.zone), people, space.zone, extras=extras or {})
    return alternatives(places, places.by_id(space.id), wish, Look(now), limit)


def test_first_the_nearest_times_in_the_same_space():
    room = make.space()
    make.reservation(room, "mon 11-13")

    found = ways_out(room, "mon 11-13")

    assert [(one.space.id, one.period) for one in found] == [
        (room.id, period("mon 9-11")),
        (room.id, period("mon 13-15")),
    ]


def test_a_free_afternoon_does_not_hide_the_morning():
    """Both nearest times lie after it; the first one before it is told all the same."""
    room = make.space()
    make.reservation(room, "mon 10-13")

    found = ways_out(room, "mon 12-13")

    assert [one.period for one in found] == [period("mon 13-14"), period("mon 9-10")]


def test_where_nothing_before_can_be_had_two_after_are_told():
    """The notice leaves nothing before."""
    room = make.space(notice=21 * 60)
    make.reservation(room, "mon 9-11")

    found = ways_out(room, "mon 9-11")

    assert [one.period for one in found] == [period("mon 11-13"), period("mon 13-15")]


def test_what_somebody_may_not_have_is_no_time_before():
    """Then the next one before is told, and not a second one after."""
    room = make.space()
    make.reservation(room, "mon 12-13")
    make.reservation(room, "mon 10-11")
    places, barred = atlas(), period("mon 11-12")
    wish = Wish(period("mon 12-13"), 1, PARIS)
    look = Look(NOW, allowed=lambda offer: offer.period != barred)

    found = alternatives(places, places.by_id(room.id), wish, look)

    assert [one.period for one in found] == [period("mon 13-14"), period("mon 9-10")]


def test_days_that_only_the_shortest_stay_reaches_are_looked_at_too():
    """An hour is wished for where one stays two days at least: Saturday is taken."""
    room = make.space(nights=True, shortest=2880, longest=5760, grid=60)
    make.reservation(room, Period(moment("tue 8"), moment("thu 10")))
    make.reservation(room, Period(moment("sat 9"), moment("mon 9", week=SUNDAY + 7 * DAY)))

    found = [one.period for one in ways_out(room, "wed 8-9")]

    assert Period(moment("thu 10"), moment("sat 10")) not in found
    assert not any(one.overlaps(period("sat 9-10")) for one in found)


def test_then_an_equal_space_at_the_wanted_time():
    here = make.venue()
    room, other = make.space(here), make.space(here)
    make.pool(here)
    make.reservation(room, "mon 11-13")

    found = ways_out(room, "mon 11-13")

    assert (found[2].space.id, found[2].period) == (other.id, period("mon 11-13"))
    assert len(found) == 3


def test_the_same_venue_comes_before_others_and_near_before_far():
    venues = {
        s: make.venue(s, lat=p[0], lon=p[1])
        for s, p in {"toulon": TOULON, "marseille": MARSEILLE, "aix": AIX}.items()
    }
    for venue in venues.values():
        make.space(venue)
    room = make.space(venues["marseille"])
    make.reservation(room, "mon 11-13")

    found = ways_out(room, "mon 11-13", limit=5)[2:]

    assert [one.space.venue.slug for one in found] == ["marseille", "aix", "toulon"]


def test_the_own_venue_comes_first_also_where_nobody_can_place_it():
    there = make.venue("aix", lat=AIX[0], lon=AIX[1])
    here = make.venue("nowhere")
    make.space(there)
    other, room = make.space(here), make.space(here)
    make.reservation(room, "mon 11-13")

    assert ways_out(room, "mon 11-13")[2].space.id == other.id


def test_too_many_people_are_shown_larger_spaces_only():
    here = make.venue()
    small, large = make.space(here, capacity=4), make.space(here, capacity=10)

    found = ways_out(small, "mon 9-11", people=6)

    assert [(one.space.id, one.period) for one in found] == [(large.id, period("mon 9-11"))]


def test_if_nothing_else_helps_other_spaces_at_other_times():
    here = make.venue()
    small, large = make.space(here, capacity=4), make.space(here, capacity=10)
    make.reservation(large, "mon 9-11")

    found = ways_out(small, "mon 9-11", people=6)

    assert [(one.space.id, one.period) for one in found] == [(large.id, period("mon 11-13"))]


def test_where_nothing_helps_there_is_no_way_out():
    assert ways_out(make.space(capacity=4), "mon 9-11", people=6) == []


def test_a_length_that_is_too_long_is_brought_to_the_longest():
    room = make.space(longest=120)

    found = ways_out(room, "mon 9-15")

    assert found[0].period == period("mon 9-11")


def test_what_is_too_early_or_past_is_not_proposed():
    room = make.space(notice=24 * 60)

    found = ways_out(room, "mon 9-11")

    assert found
    assert all(one.period.start >= NOW + DAY for one in found)


def test_a_notice_beyond_the_horizon_leaves_nothing_and_breaks_nothing():
    room = make.space(notice=3 * 24 * 60, horizon=1)

    assert ways_out(room, "mon 9-11") == []


@settings(
    max_examples=12,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    taken=st.lists(
        st.tuples(st.sampled_from(["mon", "tue", "wed"]), st.integers(8, 18), st.integers(1, 3)),
        max_size=8,
    ),
    wanted=st.tuples(st.sampled_from(["mon", "tue", "wed"]), st.integers(7, 19)),
    people=st.integers(1, 3),
    projectors=st.integers(0, 2),
)
def test_whatever_is_proposed_can_be_had(taken, wanted, people, projectors):
    """Every way out of a no is one: reserving it works, in the same transaction."""
    here = make.venue()
    make.extra(here, "projector", stock=2)
    room = make.space(here, buffer_before=15, buffer_after=45, shortest=60)
    desks = make.pool(here, size=2, capacity_per_unit=2)
    extras = {"projector": projectors} if projectors else {}
    for number, (day, hour, length) in enumerate(taken):
        try:
            at = f"{day} {hour}-{min(hour + length, 20)}"
            make.reservation((room, desks)[number % 2], at, extras={"projector": 1})
        except SlotTaken:
            continue
    day, hour = wanted
    for space in (room, desks):
        at = f"{day} {hour}-{hour + 1}"
        for offer in ways_out(space, at, people=people, extras=extras):
            rest = {slug: n for slug, n in extras.items() if slug not in offer.without}
            with db.session.begin_nested() as trial:
                details = reservations.Details(people=people, extras=rest)
                by = make.member()
                reservations.reserve(offer.space, offer.period, details, by=by, now=NOW)
                trial.rollback()


def told(offers):
    return [(one.space.slug, one.period, one.without) for one in offers]


def test_where_only_an_extra_is_missing_the_same_without_it_comes_first():
    here = make.venue()
    make.extra(here, "projector", stock=2)
    room, other = make.space(here, "room"), make.space(here, "other", kind="studio")
    make.reservation(other, "mon 9-11", extras={"projector": 1})

    found = ways_out(room, "mon 9-11", extras={"projector": 2})

    assert told(found)[:2] == [
        ("room", period("mon 9-11"), ("projector",)),
        ("room", period("mon 11-13"), ()),
    ]


def test_a_taken_place_is_not_offered_without_an_extra():
    here = make.venue()
    make.extra(here, "projector", stock=1)
    room = make.space(here, "room")
    make.reservation(room, "mon 9-11", extras={"projector": 1})

    found = ways_out(room, "mon 9-11", extras={"projector": 1})

    assert told(found)[0] == ("room", period("mon 11-13"), ())
    assert all(one.without == () for one in found)


def test_a_space_of_a_venue_without_such_an_extra_is_no_way_out():
    here, there = make.venue("here"), make.venue("there")
    make.extra(here, "projector", stock=1)
    room = make.space(here, "room")
    make.space(there, "far")
    make.reservation(room, "mon 9-11")

    assert {one.space.slug for one in ways_out(room, "mon 9-11", extras={"projector": 1})} == {
        "room"
    }


def test_where_nothing_has_the_extra_the_ways_say_that_it_is_missing():
    here, there = make.venue("here"), make.venue("there")
    make.extra(here, "catering")
    room = make.space(here, "room", capacity=4)
    make.space(there, "far", capacity=10)

    found = ways_out(room, "mon 9-11", people=6, extras={"catering": 6})

    assert told(found) == [("far", period("mon 9-11"), ("catering",))]


def test_the_nearest_times_are_those_at_which_the_extras_are_free_too():
    here = make.venue()
    make.extra(here, "projector", stock=1)
    room, other = (
        make.space(here, "room", buffer_after=30),
        make.space(here, "other", kind="studio"),
    )
    make.reservation(room, "mon 9-11")
    make.reservation(other, "mon 11-13", extras={"projector": 1})

    found = ways_out(room, "mon 9-11", extras={"projector": 1})

    assert [one.period for one in found] == [period("mon 13-15"), period("sun 18-20")]


def test_the_zone_of_the_world_is_paris():
    assert make.space().zone == PARIS


def test_too_many_people_for_any_room_are_offered_another_kind_of_space():
    here = make.venue()
    room, hall = make.space(here, capacity=10), make.space(here, kind="event_hall", capacity=80)

    found = ways_out(room, "mon 6-7", people=60)

    assert [(one.space.id, one.period) for one in found] == [(hall.id, period("mon 8-9"))]


def test_before_the_notice_the_first_days_after_it_are_offered_at_the_same_hour():
    hall = make.space(notice=7 * 24 * 60)

    found = ways_out(hall, "mon 9-11")

    assert [one.period for one in found][:1] == [period("mon 9-11").moved(7 * DAY)]


def test_beyond_the_horizon_the_last_days_within_it_are_offered():
    room = make.space(horizon=30)

    found = ways_out(room, "mon 9-11", now=NOW - 60 * DAY)

    assert found
    assert all(one.period.end <= NOW - 30 * DAY for one in found)


def test_what_is_past_is_answered_with_what_is_ahead():
    room = make.space()

    found = ways_out(room, "mon 9-11", now=NOW + 20 * DAY)

    assert found
    assert all(one.period.start > NOW + 20 * DAY for one in found)


def test_over_closed_days_the_last_open_one_before_is_told_too():
    """On Monday morning nothing is left before, and on Saturday and Sunday it is closed."""
    weekdays = [(weekday, 9 * 60, 18 * 60) for weekday in range(5)]
    room = make.space(make.venue(hours=weekdays))
    thursday = NOW - 3 * DAY
    make.reservation(room, "mon 9-11", now=thursday)

    found = ways_out(room, "mon 9-11", now=thursday)

    assert [one.period for one in found] == [
        period("mon 11-13"),
        period("fri 9-11", week=SUNDAY - 7 * DAY),
    ]


@pytest.mark.parametrize("span", [1, 7, 25])
def test_a_quota_that_is_used_up_leaves_other_dates(span):
    """Of the dates that somebody may not have, however many, none hides those beyond."""
    room = make.space()
    wished = shifted(period("mon 9-11"), span, PARIS)
    places, wish = atlas(), Wish(period("mon 9-11"), 1, PARIS)
    look = Look(NOW, allowed=lambda offer: offer.period.start >= wished.start)

    found = alternatives(places, places.by_id(room.id), wish, look)

    assert found[0].period == wished


def test_a_wish_longer_than_the_day_is_offered_the_whole_day():
    room = make.space(make.venue(hours=[(weekday, 9 * 60, 17 * 60) for weekday in range(7)]))

    found = ways_out(room, "mon 8-20")

    assert [one.period for one in found] == [period("mon 9-17"), period("sun 9-17").moved(2 * DAY)]


def test_beyond_the_horizon_closed_days_hide_no_open_one_before_them():
    """The last day within it is a Sunday, and open is on Tuesdays only."""
    room = make.space(make.venue(hours=[(1, 8 * 60, 20 * 60)]), horizon=7)

    found = ways_out(room, "wed 9-11", now=NOW - 10 * DAY)

    assert [one.period for one in found] == [period("tue 9-11", week=SUNDAY - 7 * DAY)]


def test_a_place_full_for_two_weeks_is_offered_after_them():
    room = make.space(longest=31 * 24 * 60, nights=True)
    make.reservation(room, Period(moment("mon 8"), moment("mon 9") + 15 * DAY))

    found = ways_out(room, "mon 9-11")

    assert found[0].period == period("sun 18-20")
    assert found[1].period.start >= moment("mon 9") + 15 * DAY


def test_a_length_of_the_day_is_no_reason_to_stay_shorter_than_allowed():
    """Six hours it is open, and eight one has to stay: there is none."""
    room = make.space(make.venue(hours=[(0, 9 * 60, 15 * 60)]), shortest=480)

    assert ways_out(room, "mon 9-15") == []


def test_what_lacks_nothing_comes_before_what_is_nearer():
    """The room is step-free and has a screen; the one beside it has neither."""
    here, there = make.venue("here"), make.venue("there")
    room, _plain, equal = (
        make.space(here, "room"),
        make.space(here, "plain"),
        make.space(there, "eq"),
    )
    for one in (room, equal):
        row = db.session.get(Space, one.id)
        row.step_free, row.equipment = True, [{"fr": "écran", "en": "screen", "is": "screen"}]
    make.changed()
    make.reservation(atlas().by_id(room.id), "mon 9-11")

    found = ways_out(room, "mon 9-11", limit=4)

    assert [one.space.slug for one in found if one.space.id != room.id] == ["eq", "plain"]


def test_a_machine_is_replaced_by_machines_alone():
    here = make.venue()
    laser, printer = make.space(here, kind="machine"), make.space(here, kind="machine")
    make.space(here)
    look = Look(NOW, allowed=lambda offer: offer.space.id != laser.id)
    places, wish = atlas(), Wish(period("mon 9-11"), 1, PARIS)

    found = alternatives(places, places.by_id(laser.id), wish, look)
    nothing = alternatives(
        places,
        places.by_id(laser.id),
        wish,
        Look(NOW, allowed=lambda offer: offer.space.space.kind != "machine"),
    )

    assert {one.space.id for one in found} == {printer.id}
    assert nothing == []
