"""Half-open periods: what overlaps, what is left, what is joined."""

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.periods import Period, minus, union

MONDAY = datetime(2027, 3, 8, tzinfo=UTC)


def at(start, end):
    """Hours of Monday, UTC."""
    return Period(MONDAY + timedelta(hours=start), MONDAY + timedelta(hours=end))


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        pytest.param((8, 10), False, id="before"),
        pytest.param((9, 11), True, id="over the start"),
        pytest.param((10, 11), True, id="same start, shorter"),
        pytest.param((10, 12), True, id="the same"),
        pytest.param((10.5, 11.5), True, id="inside"),
        pytest.param((9, 13), True, id="around"),
        pytest.param((11, 13), True, id="over the end"),
        pytest.param((12, 13), False, id="after"),
    ],
)
def test_the_eight_ways_two_periods_can_lie(other, overlaps):
    assert at(10, 12).overlaps(at(*other)) is overlaps
    assert at(*other).overlaps(at(10, 12)) is overlaps


@pytest.mark.parametrize("end", [10, 9])
def test_a_period_ends_after_it_starts(end):
    with pytest.raises(ValueError, match="ends after it starts"):
        at(10, end)


def test_a_period_needs_aware_instants():
    naive = MONDAY.replace(tzinfo=None)

    with pytest.raises(ValueError, match="aware"):
        Period(naive, naive + timedelta(hours=1))


def test_the_same_instants_in_another_zone_are_the_same_period():
    east = timezone(timedelta(hours=5))

    moved = Period(at(1, 2).start.astimezone(east), at(1, 2).end.astimezone(east))

    assert moved == at(1, 2)


@pytest.mark.parametrize(
    ("inner", "held"), [((10, 12), True), ((10.5, 11), True), ((9, 11), False), ((11, 13), False)]
)
def test_a_period_holds_what_lies_wholly_inside(inner, held):
    assert at(10, 12).holds(at(*inner)) is held


def test_a_cut_is_the_shared_part():
    assert at(10, 12).cut(at(11, 13)) == at(11, 12)


def test_neighbours_share_nothing():
    assert at(10, 12).cut(at(12, 13)) is None


def test_widening_adds_before_and_after():
    assert at(10, 12).widened(timedelta(hours=1), timedelta(hours=2)) == at(9, 14)


@pytest.mark.parametrize(
    ("periods", "joined"),
    [
        ([], []),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(3, 4), (1, 2)], [(1, 2), (3, 4)]),
        ([(1, 5), (2, 3)], [(1, 5)]),
    ],
)
def test_a_union_joins_what_overlaps_or_touches(periods, joined):
    assert union(at(*p) for p in periods) == [at(*p) for p in joined]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(8, 20)]),
        ([(7, 9)], [(9, 20)]),
        ([(10, 12)], [(8, 10), (12, 20)]),
        ([(18, 22)], [(8, 18)]),
        ([(7, 21)], []),
        ([(8, 9), (9, 20)], []),
        ([(20, 21)], [(8, 20)]),
    ],
)
def test_what_taken_time_leaves_of_a_day(taken, left):
    assert minus([at(8, 20)], [at(*t) for t in taken]) == [at(*f) for f in left]


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
        lambda pair: Period(
            MONDAY + timedelta(minutes=pair[0]), MONDAY + timedelta(minutes=pair[0] + pair[1])
        )
    ),
    max_size=6,
)


def minutes_in(periods):
    """Minute by minute, the slow and certain way."""
    whole = [MONDAY + timedelta(minutes=n) for n in range(90)]
    return {m for m in whole if any(p.start <= m < p.end for p in periods)}


@given(SPANS)
def test_a_union_covers_the_same_minutes(periods):
    assert minutes_in(union(periods)) == minutes_in(periods)


@given(SPANS, SPANS)
def test_minus_leaves_exactly_the_other_minutes(periods, taken):
    assert minutes_in(minus(periods, taken)) == minutes_in(periods) - minutes_in(taken)


@given(SPANS, SPANS)
def test_what_is_left_is_sorted_and_apart(periods, taken):
    left = minus(periods, taken)

    assert all(one.end < other.start for one, other in itertools.pairwise(left))
