"""A space's rules against a wish: every broken one, with its numbers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.rules.hours import instant
from booking.rules.periods import Period
from booking.rules.policies import (
    Rules,
    Wish,
    brought_within,
    cancellable_until,
    fitting,
    reach,
    refusals,
    starts_on_grid,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2027, 3, 8)
NOW = datetime(2027, 3, 7, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EASY = Rules(
    approval="never",
    buffer_before=0,
    buffer_after=0,
    notice=60,
    horizon=30,
    shortest=30,
    longest=240,
    grid=15,
    cancel_notice=120,
    capacity=10,
)


def at(start, end, on=MONDAY):
    return Period(instant(on, round(start * 60), PARIS), instant(on, round(end * 60), PARIS))


OPEN = [at(8, 20)]


def broken(period, *, rules=EASY, people=1, opening=OPEN, now=NOW):
    return [one.code for one in refusals(rules, Wish(period, people, PARIS), opening, now)]


def test_a_wish_within_all_rules_is_not_refused():
    assert broken(at(9, 11)) == []


@pytest.mark.parametrize(
    ("period", "change", "code"),
    [
        (at(7, 9), {}, "closed"),
        (at(19, 21), {}, "closed"),
        (at(9.1, 11), {}, "off-grid"),
        (at(9, 10.9), {}, "off-grid"),
        (at(9, 9.25), {}, "too-short"),
        (at(9, 13.25), {}, "too-long"),
        (at(9, 11), {"now": at(8.5, 9).start}, "too-late"),
        (at(9, 11), {"rules": replace(EASY, horizon=0)}, "too-early"),
        (at(9, 11), {"people": 11}, "too-many"),
        (at(9, 11), {"now": at(10, 11).start}, "past"),
    ],
)
def test_each_rule_refuses_alone(period, change, code):
    assert broken(period, **change) == [code]


def test_all_broken_rules_are_told_at_once():
    codes = broken(at(7.1, 7.2), people=11, now=at(7, 8).start)

    assert codes == ["closed", "off-grid", "too-short", "too-late", "too-many"]


def test_what_is_past_is_not_also_too_late():
    assert "too-late" not in broken(at(9, 11), now=at(9, 10).start + MINUTE)


def test_a_start_at_this_very_instant_is_not_past():
    assert broken(at(9, 11), now=at(9, 10).start, rules=replace(EASY, notice=0)) == []


@pytest.mark.parametrize(("late", "codes"), [(0 * MINUTE, []), (MINUTE, ["too-late"])])
def test_the_notice_is_just_kept(late, codes):
    assert broken(at(9, 11), now=at(8, 9).start + late) == codes


@pytest.mark.parametrize(("early", "codes"), [(0 * MINUTE, []), (MINUTE, ["too-early"])])
def test_the_horizon_is_just_reached(early, codes):
    period = at(9, 11)

    assert broken(period, now=period.end - timedelta(days=30) - early) == codes


@pytest.mark.parametrize(("people", "codes"), [(10, []), (11, ["too-many"])])
def test_the_capacity_is_just_filled(people, codes):
    assert broken(at(9, 11), people=people) == codes


def test_an_unknown_capacity_refuses_nobody():
    assert broken(at(9, 11), people=5000, rules=replace(EASY, capacity=None)) == []


@pytest.mark.parametrize("period", [at(9, 9.5), at(9, 13)])
def test_the_shortest_and_the_longest_are_allowed(period):
    assert broken(period) == []


def test_a_wish_across_a_pause_is_refused():
    assert broken(at(11, 15), opening=[at(8, 12), at(14, 20)]) == ["closed"]


def test_where_nothing_is_open_everything_is_closed():
    assert broken(at(9, 11), opening=[]) == ["closed"]


def test_a_refusal_has_its_numbers_and_who_can_make_an_exception():
    (no,) = refusals(EASY, Wish(at(9, 9.25), 1, PARIS), OPEN, NOW)

    assert (no.facts, no.exception_by) == ({"shortest": 30}, "manager")


def test_nobody_makes_an_exception_for_too_many_people():
    (no,) = refusals(EASY, Wish(at(9, 11), 12, PARIS), OPEN, NOW)

    assert (no.facts, no.exception_by) == ({"people": 12, "capacity": 10}, None)


@pytest.mark.parametrize(
    ("start", "end", "grid", "fits"),
    [(9, 11, 60, True), (9.5, 11, 60, False), (9, 10.5, 45, True), (8, 10, 45, False)],
)
def test_start_and_end_lie_on_the_grid_of_the_wall_clock(start, end, grid, fits):
    assert starts_on_grid(replace(EASY, grid=grid), Wish(at(start, end), 1, PARIS)) is fits


def test_a_second_is_off_the_grid():
    period = at(9, 11).moved(timedelta(seconds=1))

    assert not starts_on_grid(EASY, Wish(period, 1, PARIS))


def test_the_reach_is_from_the_notice_to_the_horizon():
    assert reach(EASY, NOW) == (NOW + timedelta(hours=1), NOW + timedelta(days=30))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (at(9, 11), at(9, 11)),
        (at(9, 9.1), at(9, 9.5)),
        (at(9, 10.1), at(9, 10.25)),
        (at(9, 19), at(9, 13)),
    ],
)
def test_a_length_is_brought_to_the_nearest_allowed(wanted, fits):
    assert fitting(EASY, wanted) == fits


def test_a_member_may_cancel_until_the_notice_begins():
    assert cancellable_until(EASY, at(9, 11).start) == at(7, 8).start


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (at(14, 16), at(14, 16)),
        (at(9, 11, date(2027, 3, 1)), at(9, 11)),  # past: the same hour, the first day allowed
        (at(9, 11, date(2027, 5, 1)), at(9, 11, date(2027, 4, 6))),  # summer time has begun
        (at(14, 14.1), at(14, 14.5)),
    ],
)
def test_a_wish_is_brought_within_notice_and_horizon(wanted, found):
    assert brought_within(EASY, wanted, NOW) == found
