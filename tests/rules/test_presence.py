"""When one may check in and must, and what a screen beside a door says."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.periods import Period
from booking.rules.policies import Rules
from booking.rules.presence import CLOSED, FREE, TAKEN, Glance, check_in_by, glance, window


def clock(text):
    """An instant of one day: "9:30"."""
    hour, _, minute = text.partition(":")
    return datetime(2027, 3, 8, int(hour), int(minute or 0), tzinfo=UTC)


def at(start, end):
    return Period(clock(start), clock(end))


def test_one_may_check_in_from_a_quarter_before_until_the_end():
    assert window(at("9", "11")) == at("8:45", "11")


@pytest.mark.parametrize(
    ("minutes", "now", "by"),
    [
        (None, "8", None),
        (15, "8", "9:15"),
        (15, "9:14", "9:15"),
        (15, "9:15", None),  # Whoever takes what runs already is there.
        (60, "8", "9:30"),  # At its end at the latest.
        (1440, "8", "9:30"),
    ],
)
def test_until_when_one_must_check_in(minutes, now, by):
    rules = Rules(check_in=minutes)

    assert check_in_by(rules, at("9", "9:30"), clock(now)) == (clock(by) if by else None)


DAY = [at("8", "12"), at("13", "18")]


@pytest.mark.parametrize(
    ("busy", "now", "expected"),
    [
        ({}, "9", Glance(FREE, 1, clock("12"))),
        ({}, "7", Glance(CLOSED, until=clock("8"))),
        ({}, "12", Glance(CLOSED, until=clock("13"))),
        ({}, "18", Glance(CLOSED)),
        ({1: [at("10", "11")]}, "9", Glance(FREE, 1, clock("10"), [at("10", "11")])),
        ({1: [at("10", "11")]}, "10", Glance(TAKEN, 0, clock("11"))),
        ({1: [at("10", "11")]}, "11", Glance(FREE, 1, clock("12"))),
        (
            {1: [at("9", "10"), at("10", "11"), at("11:30", "12")]},
            "9:30",
            Glance(TAKEN, 0, clock("11"), [at("11:30", "12")]),
        ),
        ({1: [at("11", "14")]}, "11:30", Glance(TAKEN, 0, clock("12"))),
        ({1: [at("14", "15")]}, "9", Glance(FREE, 1, clock("12"))),
    ],
)
def test_what_a_room_is_doing(busy, now, expected):
    assert glance([1], 1, busy, DAY, clock(now)) == expected


def test_a_hall_is_taken_when_half_of_it_is():
    seen = glance([1, 2], 2, {2: [at("9", "10")]}, DAY, clock("9"))

    assert (seen.state, seen.until) == (TAKEN, clock("10"))


def test_desks_are_free_while_one_of_them_is():
    busy = {1: [at("8", "11")], 2: [at("9", "10")], 3: [at("9:30", "12")]}

    assert glance([1, 2, 3], 1, busy, DAY, clock("9")) == Glance(
        FREE, 1, clock("9:30"), [at("9:30", "10")]
    )
    assert glance([1, 2, 3], 1, busy, DAY, clock("9:45")) == Glance(TAKEN, 0, clock("10"))


def test_hours_that_meet_are_one():
    opening = [at("8", "12"), at("12", "18")]

    assert glance([1], 1, {}, opening, clock("9")).until == clock("18")


def test_a_screen_is_told_the_next_opening_of_several():
    late = [period.moved(timedelta(days=1)) for period in DAY]

    assert glance([1], 1, {}, [*late, *DAY], clock("19")).until == clock("8") + timedelta(days=1)
