"""Free time: which units, from when, and where the nearest lies."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.availability import (
    Place,
    free_units,
    fullness,
    nearest,
    next_midnight,
    on_grid,
    starts,
    starts_over_nights,
    units_needed,
    widened,
)
from booking.rules.hours import instant
from booking.rules.periods import Period

PARIS, LORD_HOWE = ZoneInfo("Europe/Paris"), ZoneInfo("Australia/Lord_Howe")
MONDAY, TUESDAY = date(2027, 3, 8), date(2027, 3, 9)
HOUR, NOTHING = timedelta(hours=1), timedelta()


def at(start, end, on=MONDAY, zone=PARIS):
    """Hours on the wall."""
    return Period(instant(on, round(start * 60), zone), instant(on, round(end * 60), zone))


DAY = [at(8, 20)]
ROOM = Place([1], 1, 15, PARIS)


@pytest.mark.parametrize(
    ("people", "per_unit", "offer", "units", "needed"),
    [
        (1, None, "whole", 2, 2),
        (40, 4, "whole", 3, 3),
        (1, None, "pool", 9, 1),
        (7, None, "pool", 9, 1),
        (4, 4, "pool", 9, 1),
        (5, 4, "pool", 9, 2),
        (0, 4, "pool", 9, 1),
    ],
)
def test_how_many_units_people_take(people, per_unit, offer, units, needed):
    assert units_needed(people, per_unit, offer, units) == needed


def test_free_units_keep_their_order():
    busy = {2: [at(9, 10)], 3: [at(11, 12)]}

    assert free_units([3, 2, 1], busy, at(9.5, 11)) == [3, 1]


def test_without_buffers_neighbours_may_touch():
    assert widened({1: [at(9, 10)]}, NOTHING, NOTHING) == {1: [at(9, 10)]}


def test_a_block_keeps_away_what_its_buffers_would_reach():
    kept = widened({1: [at(12, 13)]}, before=HOUR, after=HOUR / 2)

    assert kept == {1: [at(11.5, 14)]}


@pytest.mark.parametrize(
    ("minute", "grid", "expected"),
    [(540, 15, 540), (541, 15, 555), (554, 15, 555), (541, 60, 600), (541, 90, 630), (50, 45, 90)],
)
def test_the_first_instant_on_the_grid(minute, grid, expected):
    assert on_grid(instant(MONDAY, minute, PARIS), grid, PARIS) == instant(MONDAY, expected, PARIS)


def test_seconds_are_off_the_grid():
    late = instant(MONDAY, 540, PARIS) + timedelta(seconds=1)

    assert on_grid(late, 15, PARIS) == instant(MONDAY, 555, PARIS)


def test_the_grid_is_that_of_the_wall_clock():
    """Kathmandu is 5:45 ahead of UTC: its full hours are nobody else's."""
    zone = ZoneInfo("Asia/Kathmandu")

    assert on_grid(instant(MONDAY, 541, zone), 60, zone) == instant(MONDAY, 600, zone)


SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


@pytest.mark.parametrize(
    ("on", "zone", "minute", "grid", "expected"),
    [
        (SPRING, PARIS, 90, 120, "04:00"),
        (AUTUMN, PARIS, 90, 120, "02:00"),
        (AUTUMN, PARIS, 150, 120, "02:00"),
        (date(2027, 4, 4), LORD_HOWE, 105, 60, "02:00"),
        (date(2027, 10, 3), LORD_HOWE, 90, 60, "03:00"),
    ],
)
def test_the_grid_is_that_of_the_wall_clock_also_where_it_changes(on, zone, minute, grid, expected):
    late = instant(on, minute, zone) + timedelta(seconds=30)

    assert f"{on_grid(late, grid, zone).astimezone(zone):%H:%M:%S}" == f"{expected}:00"


@pytest.mark.parametrize(
    ("on", "zone", "grid", "hours"),
    [
        (SPRING, PARIS, 120, [0, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]),
        (AUTUMN, PARIS, 120, [0, 2, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]),
        (date(2027, 4, 4), LORD_HOWE, 240, [0, 4, 8, 12, 16, 20]),
        (date(2027, 10, 3), LORD_HOWE, 240, [0, 4, 8, 12, 16, 20]),
    ],
)
def test_starts_are_on_the_grid_all_day_when_clocks_change(on, zone, grid, hours):
    """And none is missing after the change."""
    found = [one.astimezone(zone) for one in starts([at(0, 24, on, zone)], HOUR, grid, zone)]

    assert [(one.hour, one.minute) for one in found] == [(hour, 0) for hour in hours]


def test_starts_leave_room_for_the_length():
    found = starts([at(9, 10.5)], HOUR, 15, PARIS)

    assert found == [instant(MONDAY, minute, PARIS) for minute in (540, 555, 570)]


def test_no_start_where_the_length_does_not_fit():
    assert starts([at(9, 10)], 2 * HOUR, 15, PARIS) == []


def test_over_a_night_the_last_start_of_the_day_counts_too():
    """Half an hour before closing is on the grid, though less than its hour is left of the day."""
    found = starts_over_nights([at(8, 18.5), at(8, 18, TUESDAY)], 15 * HOUR, 60, PARIS)

    assert found[-1] == instant(MONDAY, 18 * 60, PARIS)


def test_the_nearest_times_lie_on_both_sides():
    busy = {1: [at(11, 13)]}

    assert nearest(ROOM, busy, DAY, at(11, 12.5)) == [at(9.5, 11), at(13, 14.5)]


@pytest.mark.parametrize(
    ("busy", "limit", "found"),
    [
        ([at(10, 13)], 1, [at(13, 14)]),
        ([at(10, 13)], 2, [at(13, 14), at(9, 10)]),
        ([at(10, 13)], 3, [at(13, 14), at(14, 15), at(9, 10)]),
        ([at(10, 13)], 4, [at(13, 14), at(14, 15), at(9, 10), at(8, 9)]),
        ([at(8, 13)], 2, [at(13, 14), at(14, 15)]),
        ([at(8, 9), at(10, 13)], 4, [at(13, 14), at(14, 15), at(9, 10), at(15, 16)]),
        ([at(12, 20)], 2, [at(11, 12), at(10, 11)]),
        ([at(8, 20)], 2, []),
    ],
)
def test_half_of_the_nearest_times_are_earlier(busy, limit, found):
    assert nearest(ROOM, {1: busy}, DAY, at(12, 13), limit) == found


def test_the_nearest_times_do_not_overlap():
    found = nearest(ROOM, {}, DAY, at(10, 12), limit=4)

    assert not any(a.overlaps(b) for a in found for b in found if a is not b)


def test_the_same_unit_must_be_free_all_along():
    """At every instant one of two desks is free, and yet nobody can sit there for two hours."""
    desks = Place([1, 2], 1, 60, PARIS)
    busy = {1: [at(8, 9), at(10, 11)], 2: [at(9, 10), at(11, 12)]}

    assert nearest(desks, busy, [at(8, 12)], at(9, 11)) == []


def test_as_many_units_as_needed_must_be_free():
    desks = Place([1, 2, 3], 2, 60, PARIS)
    busy = {1: [at(8, 12)], 2: [at(8, 10)]}

    assert nearest(desks, busy, [at(8, 12)], at(8, 10)) == [at(10, 12)]


def test_nothing_is_near_where_nothing_is_open():
    assert nearest(ROOM, {}, [], at(10, 12)) == []


@pytest.mark.parametrize(
    ("busy", "percent"),
    [
        ({}, 0),
        ({1: [at(8, 20)]}, 50),
        ({1: [at(8, 20)], 2: [at(7, 21)]}, 100),
        ({1: [at(8, 11), at(10, 11)]}, 12),
        ({1: [at(20, 22)]}, 0),
    ],
)
def test_fullness_counts_open_unit_time(busy, percent):
    assert fullness([1, 2], busy, DAY) == percent


@pytest.mark.parametrize(("units", "opening"), [([], DAY), ([1], [])])
def test_what_cannot_be_had_is_full(units, opening):
    assert fullness(units, {}, opening) == 100


def test_the_next_midnight_is_the_venues():
    now = datetime(2027, 3, 27, 23, 30, tzinfo=UTC)

    assert next_midnight(now, PARIS) == datetime(2027, 3, 28, 22, tzinfo=UTC)


DATES = st.sampled_from([MONDAY, date(2027, 3, 28), date(2027, 10, 31), date(2027, 4, 4)])
BLOCKS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 12)), max_size=5)


@given(
    on=DATES,
    zone=st.sampled_from([PARIS, LORD_HOWE]),
    grid=st.sampled_from([15, 45, 60, 120]),
    steps=st.integers(1, 3),
    start=st.integers(0, 18),
    blocks=st.lists(BLOCKS, min_size=2, max_size=2),
)
def test_the_nearest_times_are_open_free_and_on_the_grid(on, zone, grid, steps, start, blocks):
    opening = [at(0, 24, on, zone)]
    length = timedelta(minutes=grid * steps)
    base = opening[0].start
    quarter = timedelta(minutes=15)
    busy = {
        unit: [Period(base + a * quarter, base + (a + n) * quarter) for a, n in some]
        for unit, some in enumerate(blocks)
    }
    wanted = Period(base + start * HOUR, base + start * HOUR + length)

    for found in nearest(Place([0, 1], 1, grid, zone), busy, opening, wanted, 5):
        assert found.length == length
        assert opening[0].holds(found)
        assert any(not any(found.overlaps(b) for b in busy[unit]) for unit in (0, 1))
        for edge in (found.start.astimezone(zone), found.end.astimezone(zone)):
            assert (edge.hour * 60 + edge.minute) % grid == 0
