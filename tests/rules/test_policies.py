"""A space's rules against a wish: every broken one, with its numbers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.rules.hours import instant
from booking.rules.periods import Period
from booking.rules.policies import (
    Asker,
    Quota,
    Rules,
    Terms,
    Wish,
    asks,
    brought_within,
    cancellable_until,
    fitting,
    on_grid,
    reach,
    refusals,
    strictest,
    within_opening,
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
    assert on_grid(at(start, end), grid, PARIS) is fits


def test_a_second_is_off_the_grid():
    period = at(9, 11).moved(timedelta(seconds=1))

    assert not on_grid(period, EASY.grid, PARIS)


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


WHO = frozenset({"quai", "residents"})


def verdict(wish, *, asker=None, **rules):
    asker = asker or Asker()
    return [one.code for one in refusals(replace(EASY, **rules), wish, OPEN, NOW, asker)]


def wish(people=1, period=None, **more):
    return Wish(period or at(9, 11), people, PARIS, **more)


@pytest.mark.parametrize(
    ("venue", "space", "expected"),
    [
        ({}, {}, {}),
        ({"notice": 60}, {}, {"notice": 60}),
        ({}, {"notice": 60}, {"notice": 60}),
        ({"notice": 60}, {"notice": 30}, {"notice": 60}),
        ({"horizon": 30}, {"horizon": 90}, {"horizon": 30}),
        ({"shortest": 60}, {"shortest": 30}, {"shortest": 60}),
        ({"longest": 240}, {"longest": 480}, {"longest": 240}),
        ({"longest": 60}, {"shortest": 120}, {"longest": 60, "shortest": 60}),
        ({"grid": 15}, {"grid": 20}, {"grid": 60}),
        ({"buffer_after": 30}, {"buffer_after": 10}, {"buffer_after": 30}),
        ({"cancel_notice": 60}, {"cancel_notice": 90}, {"cancel_notice": 90}),
        ({"approval": "always"}, {"approval": "never"}, {"approval": "always"}),
        ({"approval": "never"}, {"approval": "always"}, {"approval": "always"}),
        ({"ask_above": 50}, {"ask_above": 20}, {"ask_above": 20}),
        ({"ask_strangers": True}, {"ask_strangers": False}, {"ask_strangers": True}),
        ({"ask_outside_hours": True}, {"ask_outside_hours": False}, {}),
        ({"ask_outside_hours": True}, {}, {"ask_outside_hours": True}),
        ({"nights": False}, {"nights": True}, {}),
        ({}, {"nights": True}, {"nights": True}),
        ({"named_people": 2}, {"named_people": 1}, {"named_people": 2}),
        ({"check_in": 15}, {"check_in": 30}, {"check_in": 15}),
        ({}, {"check_in": 30}, {"check_in": 30}),
        ({"ask_after_absences": 3}, {"ask_after_absences": 2}, {"ask_after_absences": 2}),
        ({"visitors": True}, {"visitors": False}, {}),
        ({"visitors": False}, {"visitors": True}, {}),
        ({}, {"visitors": True}, {"visitors": True}),
        ({"competing": True}, {"competing": False}, {}),
        ({"competing": True}, {}, {"competing": True}),
        ({"waitlist_hold": 30}, {"waitlist_hold": 45}, {"waitlist_hold": 30}),
        ({"waitlist_hold": 120}, {}, {"waitlist_hold": 120}),
        ({"waitlist_hold": 30}, {"waitlist_hold": 0}, {"waitlist_hold": 0}),
        (
            {"activities": ("work", "filming")},
            {"activities": ("filming", "meeting")},
            {"activities": ("filming",)},
        ),
        (
            {"who": ("quai",)},
            {"who": ("residents",)},
            {"who": (frozenset({"quai"}), frozenset({"residents"}))},
        ),
    ],
)
def test_where_venue_and_space_speak_the_stricter_one_holds(venue, space, expected):
    assert strictest(Terms(**venue), Terms(**space)) == Rules(**expected)


def test_quotas_of_both_hold_each_where_it_counts():
    one = Quota(3, "reservations", "week", "member")

    rules = strictest(Terms(quotas=(one,)), Terms(quotas=(one,)))

    assert [quota.scope for quota in rules.quotas] == ["venue", "space"]


@pytest.mark.parametrize(
    ("people", "layout", "code"),
    [
        (8, "u", []),
        (9, "u", ["too-many-for-layout"]),
        (10, "theatre", []),
        (11, "theatre", ["too-many-for-layout"]),
        (11, None, ["too-many"]),
        (1, "cabaret", ["no-such-layout"]),
    ],
)
def test_a_set_up_holds_fewer_than_the_space(people, layout, code):
    found = verdict(wish(people, layout=layout), layouts={"u": 8, "theatre": 10})

    assert found == code


@pytest.mark.parametrize(
    ("activity", "code"),
    [(None, ["activity-missing"]), ("work", ["activity-not-allowed"]), ("filming", [])],
)
def test_a_space_may_be_for_some_uses_only(activity, code):
    assert verdict(wish(activity=activity), activities=("filming",)) == code


@pytest.mark.parametrize(
    ("named", "code"),
    [((), ["names-missing"]), (("Ada", "Ada"), ["names-missing"]), (("Ada", "Régis"), [])],
)
def test_a_dangerous_machine_wants_two_different_names(named, code):
    assert verdict(wish(named=named), named_people=2) == code


@pytest.mark.parametrize(
    ("groups", "who", "code"),
    [
        ((), (), []),
        ((), ({"quai"},), ["not-for-you"]),
        (("quai",), ({"quai", "autre"},), []),
        (("quai",), ({"quai"}, {"residents"}), ["not-for-you"]),
        (("quai", "residents"), ({"quai"}, {"residents"}), []),
    ],
)
def test_every_group_of_the_rules_must_know_the_member(groups, who, code):
    asker = Asker(groups=frozenset(groups))

    assert verdict(wish(), asker=asker, who=tuple(frozenset(one) for one in who)) == code


@pytest.mark.parametrize(
    ("trained", "code"),
    [
        ({}, ["training-missing"]),
        ({6: None}, ["training-missing"]),
        ({7: None}, []),
        ({7: at(9, 11).end}, []),
        ({7: at(9, 10.75).end}, ["training-ends"]),
    ],
)
def test_a_training_must_hold_until_the_end(trained, code):
    assert verdict(wish(), asker=Asker(trained=trained), training_id=7) == code


@pytest.mark.parametrize(
    ("of", "most", "used", "code"),
    [
        ("reservations", 3, 2, []),
        ("reservations", 3, 3, ["quota-used"]),
        ("minutes", 240, 120, []),
        ("minutes", 240, 121, ["quota-used"]),
        ("minutes", 119, 0, ["quota-used"]),
    ],
)
def test_a_quota_counts_what_was_used_and_what_is_wanted(of, most, used, code):
    quota = Quota(most, of, "week", "member")

    assert verdict(wish(), asker=Asker(used={quota: used}), quotas=(quota,)) == code


@pytest.mark.parametrize(("acts_for", "code"), [(None, []), (5, ["quota-used"])])
def test_an_organisation_s_quota_counts_for_those_who_act_for_it(acts_for, code):
    quota = Quota(1, "reservations", "day", "organisation")
    asker = Asker(used={quota: 1}, acts_for=acts_for)

    assert verdict(wish(), asker=asker, quotas=(quota,)) == code


@pytest.mark.parametrize(
    ("rules", "people", "groups", "why"),
    [
        ({}, 8, (), []),
        ({"approval": "always"}, 8, (), ["always"]),
        ({"ask_above": 8}, 8, (), []),
        ({"ask_above": 7}, 8, (), ["above"]),
        ({"ask_strangers": True}, 8, ("quai",), ["stranger"]),
        ({"ask_strangers": True}, 8, ("quai", "residents"), []),
        ({"approval": "always", "ask_above": 7}, 8, (), ["always", "above"]),
    ],
)
def test_when_a_manager_is_asked(rules, people, groups, why):
    asker = Asker(groups=frozenset(groups))

    assert asks(replace(EASY, **rules), wish(people), OPEN, asker) == why


@pytest.mark.parametrize(
    ("most", "absences", "why"),
    [(3, 2, []), (3, 3, ["absences"]), (1, 1, ["absences"]), (None, 9, [])],
)
def test_after_several_absences_a_manager_is_asked(most, absences, why):
    rules = replace(EASY, ask_after_absences=most)

    assert asks(rules, wish(), OPEN, Asker(absences=absences)) == why
    assert asks(rules, wish(), OPEN) == []


@pytest.mark.parametrize(
    ("visitors", "visitor", "codes", "why"),
    [
        (False, True, ["no-visitors"], ["visitor"]),
        (True, True, [], ["visitor"]),
        (False, False, [], []),
        (True, False, [], []),
    ],
)
def test_a_visitor_asks_where_that_is_allowed_and_never_has_it_at_once(
    visitors, visitor, codes, why
):
    rules, asker = replace(EASY, visitors=visitors), Asker(visitor=visitor)

    assert [one.code for one in refusals(rules, wish(), OPEN, NOW, asker)] == codes
    assert asks(rules, wish(), OPEN, asker) == why


@pytest.mark.parametrize(
    ("period", "rules", "code", "why"),
    [
        (at(19, 21), {}, ["closed"], []),
        (at(19, 21), {"ask_outside_hours": True}, [], ["outside-hours"]),
        (at(9, 11), {"ask_outside_hours": True}, [], []),
    ],
)
def test_outside_hours_it_is_refused_or_asked_for(period, rules, code, why):
    wanted = wish(period=period)

    assert verdict(wanted, **rules) == code
    assert asks(replace(EASY, **rules), wanted, OPEN) == why


@pytest.mark.parametrize(
    ("on", "opening", "labour_day", "excepted_by"),
    [
        (date(2027, 5, 1), [], True, [None]),
        (date(2027, 5, 1), [at(8, 20, date(2027, 5, 1))], True, []),
        (date(2027, 5, 1), [], False, []),
        (date(2027, 5, 2), [], True, []),
    ],
)
def test_on_the_first_of_may_nobody_may_ask_before_it_is_opened(
    on, opening, labour_day, excepted_by
):
    """The manager opens the day, and confirms that twice: no request comes round it."""
    rules = replace(EASY, ask_outside_hours=True, labour_day=labour_day, horizon=90)

    found = refusals(rules, Wish(at(9, 11, on), 1, PARIS), opening, NOW)

    assert [one.exception_by for one in found] == excepted_by


@pytest.mark.parametrize(
    ("length", "rules", "found"),
    [
        (12, {}, 9),
        (4, {}, 4),
        (12, {"grid": 120}, 8),
        (12, {"shortest": 600}, 12),
        (12, {"nights": True}, 12),
    ],
)
def test_a_wish_is_brought_within_the_hours_of_the_day(length, rules, found):
    wanted = at(8, 8 + length)

    fit = within_opening(replace(EASY, **rules), wanted, [at(9, 18), at(18.5, 20)])

    assert fit == at(8, 8 + found)


TWO_DAYS = [at(8, 20), at(8, 20, date(2027, 3, 9))]


@pytest.mark.parametrize(
    ("start", "end", "nights", "closed"),
    [
        (9, 24 + 11, True, False),
        (9, 24 + 11, False, True),
        (9, 24 + 20, True, False),
        (7, 24 + 11, True, True),
        (9, 24 + 21, True, True),
        (9, 20, True, False),
        (20, 24 + 8, True, True),
    ],
)
def test_over_night_start_and_end_must_be_open(start, end, nights, closed):
    day, hour = divmod(end, 24)
    last = instant(MONDAY + timedelta(days=day), hour * 60, PARIS)
    period = Period(instant(MONDAY, start * 60, PARIS), last)
    rules = replace(EASY, nights=nights, longest=3000)

    codes = [one.code for one in refusals(rules, Wish(period, 1, PARIS), TWO_DAYS, NOW)]

    assert ("closed" in codes) is closed


def test_a_search_leaves_the_rules_about_persons_for_later():
    rules = replace(EASY, named_people=2, training_id=1, who=(WHO,), activities=("filming",))

    assert refusals(rules, wish(), OPEN, NOW) == []
