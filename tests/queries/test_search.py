"""Searching by what a space is, and for any time in a window of days."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random

import pytest
from sqlalchemy import update

from booking.actions import approvals, changes
from booking.actions import reservations as act
from booking.actions.changes import Wanted
from booking.actions.reservations import Details
from booking.errors import Conflict, Refused
from booking.models.occupancy import Occupancy
from booking.models.policies import Policy
from booking.models.venues import Venue
from booking.queries import any_time as sometime
from booking.queries import policies, readers
from booking.queries import search as find
from booking.queries.any_time import AnyTime
from booking.queries.availability import people_anywhere, people_at
from booking.queries.readers import Reader
from booking.queries.search import Question
from booking.queries.venues import atlas
from booking.rules.hours import open_around
from booking.rules.periods import Period, union
from booking.rules.policies import Wish, refusals
from tests import make
from tests.make import NOW, period

pytestmark = pytest.mark.usefixtures("app")
MONDAY, HOUR, DAY = date(2027, 3, 8), timedelta(hours=1), timedelta(days=1)


def space(at=None, slug="", *, equipment=(), step_free=None, **more):
    made = make.space(at, slug, **more)
    row = make.db.session.get_one(type(made.space), made.id)
    row.equipment = [{"fr": one, "en": one, "is": one} for one in equipment]
    row.step_free = step_free
    make.db.session.flush()
    return made


def matching(**question):
    return [one.slug for one in find.matching(atlas(), Question(**question))]


def any_time(length=2 * HOUR, days=1, opens=9, closes=18, weekdays=(), **question):
    question = Question(**question)
    dates = sometime.dates_between(MONDAY, MONDAY + timedelta(days=days - 1), weekdays)
    wanted = AnyTime(length, dates, opens * 60, closes * 60)
    return sometime.results_any_time(
        find.matching(atlas(), question), wanted, question, NOW, range(60)
    ).answers


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"features": frozenset({"screen"})}, ["both", "screen"]),
        ({"features": frozenset({"screen", "sound"})}, ["both"]),
        ({"layout": "u", "people": 8}, ["screen"]),
        ({"layout": "u", "people": 9}, []),
        ({"step_free": True}, ["both"]),
    ],
)
def test_a_space_is_found_by_what_it_has(question, found):
    here = make.venue()
    space(here, "both", equipment=["screen", "sound"], step_free=True)
    space(here, "screen", equipment=["screen"], layouts={"u": 8}, step_free=False)
    space(here, "bare")

    assert sorted(matching(**question)) == found


def test_a_space_is_as_step_free_as_its_venue_unless_it_says_so():
    here = make.venue(step_free=True)
    space(here, "ground"), space(here, "loft", step_free=False)

    assert matching(step_free=True) == ["ground"]


def test_one_venue_only_or_near_it_first():
    make.space(make.venue("far", lat=43.5, lon=5.0), "far")
    make.space(make.venue("near", lat=43.3, lon=5.4), "near")
    near = atlas().venue("near")

    assert matching(venue=near) == ["near", "far"]
    assert matching(venue=near, only=True) == ["near"]


def test_a_space_that_was_named_is_the_only_answer():
    here = make.venue()
    room = make.space(here, "red")
    make.space(here, "blue")

    assert matching(space=atlas().by_id(room.id)) == ["red"]


def test_any_time_gives_the_earliest_three():
    room = make.space()
    make.reservation(room, "mon 9-10")

    (found,) = any_time()

    assert found.free
    assert [found.period, *found.alternatives] == [
        period("mon 10-12"),
        period("mon 12-14"),
        period("mon 14-16"),
    ]


def test_any_time_looks_at_every_day_of_the_window_and_no_other():
    room = make.space(shortest=60)
    for hour in range(9, 18):
        make.reservation(room, f"mon {hour}-{hour + 1}")

    (found,) = any_time(days=3, weekdays=(0, 2))

    assert [found.period, *found.alternatives][0] == period("wed 9-11")


def test_any_time_keeps_to_the_hours_asked_for():
    make.space()

    (found,) = any_time(opens=10, closes=13)

    assert [found.period, *found.alternatives] == [period("mon 10-12")]


def test_where_no_time_is_free_the_nearest_are_told():
    room = make.space()
    make.reservation(room, "mon 9-18")

    (found,) = any_time()

    assert not found.free
    assert found.alternatives == [period("mon 18-20"), period("sun 18-20")]


def test_a_length_the_space_does_not_allow_is_told():
    make.space(longest=60)

    (found,) = any_time()

    assert [one.code for one in found.reasons] == ["too-long"]


def test_spaces_with_room_come_first():
    here = make.venue()
    full = make.space(here, "a")
    make.space(here, "b")
    make.reservation(full, "mon 8-20")

    assert [one.space.slug for one in any_time()] == ["b", "a"]


def test_confirmed_at_once_leaves_out_what_is_asked_for():
    here = make.venue()
    make.space(here, "now"), make.space(here, "asked", approval="always")

    assert [one.space.slug for one in any_time(instant=True)] == ["now"]
    question = Question(instant=True)
    asked = {venue.id: period("mon 9-11") for venue in atlas().venues}
    spaces = find.matching(atlas(), question)
    found = find.results(spaces, asked, question, NOW, range(60)).answers
    assert [one.space.slug for one in found] == ["now"]


@pytest.mark.parametrize(("groups", "asks"), [(frozenset(), ["stranger"]), ({"residents"}, [])])
def test_a_resident_is_not_asked_what_strangers_are(groups, asks):
    here = make.venue()
    make.space(here, ask_strangers=True)

    (found,) = any_time(reader=Reader(1, {here.id: frozenset(groups)}))

    assert found.asks == asks


def test_any_time_asks_as_often_for_many_spaces_as_for_one(counting):
    here = make.venue()
    make.space(here)
    with counting() as few:
        any_time()
    for _ in range(5):
        make.reservation(make.space(here))

    with counting() as many:
        any_time()

    assert len(many) == len(few)


def test_no_network_no_answers():
    assert any_time() == []


def pages(spaces, size=3, at="mon 9-11"):
    """Every page of an answer: (its spaces, what is said of free ones, whether more follows)."""
    asked, found = {venue.id: period(at) for venue in atlas().venues}, []
    while not found or found[-1][2]:
        page = range(len(found) * size, (len(found) + 1) * size)
        one = find.results(spaces, asked, Question(), NOW, page)
        found.append(([a.space.slug for a in one.answers], (one.free, one.many), one.more))
    return found


@pytest.mark.parametrize("at_a_time", [1, 3, 60])
def test_pages_go_on_where_the_one_before_ended(monkeypatch, at_a_time):
    """Free ones first, each once, none left out; however many are looked at together."""
    monkeypatch.setattr(find, "AT_A_TIME", at_a_time)
    here = make.venue()
    for slug in "abcdefgh":
        made = make.space(here, slug, buffer_before=15 if slug in "bdfh" else 0)
        if slug in "ade":
            make.reservation(made)
    spaces = sorted(atlas().spaces(), key=lambda one: one.slug)

    assert pages(spaces) == [
        (["b", "c", "f"], (3, True), True),
        (["g", "h", "a"], (5, False), True),
        (["d", "e"], (5, False), False),
    ]


def test_what_is_full_of_free_spaces_needs_no_look_at_all_others(counting, monkeypatch):
    monkeypatch.setattr(find, "AT_A_TIME", 2)
    here = make.venue()
    for slug in "abcdefgh":
        make.space(here, slug, buffer_before=15)
    spaces = atlas().spaces()
    asked = {here.id: period("mon 9-11")}

    with counting() as sent:
        find.results(spaces, asked, Question(), NOW, range(3))

    assert len(sent) == 1 + 2


def test_any_time_has_pages_too():
    here = make.venue()
    for slug in "abcde":
        make.space(here, slug)
    wanted = AnyTime(HOUR, (MONDAY,), 9 * 60, 18 * 60)
    spaces = find.matching(atlas(), Question())

    first, last = (
        sometime.results_any_time(spaces, wanted, Question(), NOW, page)
        for page in (range(3), range(3, 6))
    )

    assert [len(first.answers), first.free, first.more] == [3, 5, True]
    assert [len(last.answers), last.free, last.more] == [2, 5, False]


def test_who_asks_does_not_change_what_fits():
    make.space()
    places = atlas()
    one, other = (Question(reader=Reader(1, {1: frozenset({name})})) for name in ("a", "b"))

    assert find.matching(places, one) is find.matching(places, other)


# The most people a venue may hold


def at_a_time(at="mon 9-11", **question):
    """Every answer at one time, by the slug of the space."""
    question = Question(**question)
    asked = {venue.id: period(at) for venue in atlas().venues}
    found = find.results(find.matching(atlas(), question), asked, question, NOW, range(60))
    return {one.space.slug: one for one in found.answers}


@pytest.fixture
def crowded():
    """A venue for 10 in which 6 are on Monday from 9 to 11, and a room that is free then."""
    here = make.venue(ceiling=10)
    make.reservation(make.space(here, "taken"), people=6)
    make.space(here, "room")
    return here


@pytest.mark.parametrize(
    ("at", "people", "asks"),
    [
        ("mon 9-11", 4, []),
        ("mon 9-11", 5, ["ceiling"]),
        ("mon 10-12", 5, ["ceiling"]),
        ("mon 11-13", 5, []),
        ("mon 8-9", 10, []),
    ],
)
def test_beyond_the_ceiling_of_its_venue_a_free_space_is_on_request(crowded, at, people, asks):
    found = at_a_time(at, people=people)["room"]

    assert (found.free, found.asks) == (True, asks)


def test_people_who_come_one_after_the_other_are_not_there_together(crowded):
    make.reservation(make.space(crowded, "next"), "mon 11-13", people=6)

    assert at_a_time("mon 10-12", people=4)["room"].asks == []


def test_confirmed_at_once_leaves_out_what_is_beyond_the_ceiling(crowded):
    make.space(slug="elsewhere")

    assert list(at_a_time(people=5, instant=True)) == ["elsewhere"]
    assert "room" in at_a_time(people=4, instant=True)


def test_nearest_times_at_once_keep_below_the_ceiling(crowded):
    """What is taken at noon is free at 9 and at 14; at 9 it would be too many."""
    noon = make.space(crowded, "noon")
    make.reservation(noon, "mon 11-13", people=1)

    (near, *_) = at_a_time("mon 11-13", people=5, instant=True)["noon"].alternatives

    assert near == period("mon 13-15")
    assert period("mon 9-11") in at_a_time("mon 11-13", people=5)["noon"].alternatives


def test_any_time_says_that_the_first_time_is_beyond_the_ceiling(crowded):
    found = {one.space.slug: one for one in any_time(people=5)}["room"]
    later = {one.space.slug: one for one in any_time(people=5, opens=11)}["room"]

    assert (found.period, found.asks, found.alternatives) == (period("mon 9-11"), ["ceiling"], [])
    assert (later.asks, len(later.alternatives)) == ([], 2)


def test_any_time_at_once_begins_where_there_is_room_for_all(crowded):
    found = {one.space.slug: one for one in any_time(people=5, instant=True)}["room"]

    assert (found.period, found.asks) == (period("mon 11-13"), [])
    assert "room" not in {one.space.slug for one in any_time(people=5, closes=11, instant=True)}


def sent_for(counting, **question):
    """How many statements a search at one time takes, and one at any time."""
    places, question = atlas(), Question(**question)
    asked = {venue.id: period("mon 9-11") for venue in places.venues}
    spaces, wanted = find.matching(places, question), AnyTime(HOUR, (MONDAY,), 540, 1080)
    with counting() as exact:
        find.results(spaces, asked, question, NOW, range(60))
    with counting() as some_time:
        sometime.results_any_time(spaces, wanted, question, NOW, range(60))
    return len(exact), len(some_time)


@pytest.mark.parametrize(("instant", "near"), [(False, 0), (True, 1)])
def test_ceilings_cost_a_statement_at_any_time_and_none_at_one_time(counting, instant, near):
    """But for the nearest times, where only what is at once is looked for."""
    make.space(), make.reservation(make.space())
    exact, some_time = sent_for(counting, instant=instant)
    for count in (1, 3):
        for _ in range(count):
            here = make.venue(ceiling=10)
            make.reservation(make.space(here)), make.space(here)

        assert sent_for(counting, instant=instant) == (exact + near, some_time + 1)


@pytest.mark.parametrize(
    ("people", "more", "asks"),
    [(3, 0, []), (4, 0, []), (5, 1, ["ceiling"])],
)
def test_who_comes_when_is_asked_only_where_all_are_too_many(counting, crowded, people, more, asks):
    """How many come at all is known with what is taken."""
    with counting() as sent:
        found = at_a_time(people=people)["room"]
    make.db.session.get_one(Venue, crowded.id).ceiling = None
    make.changed(), atlas()
    with counting() as without:
        at_a_time(people=people)

    assert (found.asks, len(sent) - len(without)) == (asks, more)


@pytest.mark.parametrize("taken", ["abc", "a"])
def test_people_count_once_however_many_units_they_take(taken):
    here = make.venue(ceiling=10)
    make.reservation(make.space(here, units=taken), people=6)
    make.space(here, "room")

    asks = [at_a_time(people=people)["room"].asks for people in (4, 5)]

    assert asks == [[], ["ceiling"]]
    assert sum(people_anywhere(period("mon 9-11"), NOW).values()) == 6


def test_who_would_come_by_a_change_counts_beside_those_who_come(crowded):
    """Two rooms joined are asked for by who has one of them, and one person more."""
    row = make.reservation(make.space(crowded, units="a"), "mon 11-12", people=2)
    joined = make.space(crowded, units="ab", approval="always")
    wanted = Wanted(joined, period("mon 11-12"), Details(3))
    changes.change(row, atlas(), wanted, by=row.member, now=NOW)

    assert at_a_time("mon 11-12", people=5)["room"].asks == []
    assert at_a_time("mon 11-12", people=6)["room"].asks == ["ceiling"]


def test_who_would_stay_longer_counts_where_they_are_not_yet(crowded):
    """The room is asked for from 13 to 16 by who has it from 14 to 15, with more people."""
    room = make.space(crowded, "longer", approval="always")
    row = make.reservation(room, "mon 14-15", people=2)
    approvals.approve(row, atlas(), by=make.manager(crowded), now=NOW)
    wanted = Wanted(room, period("mon 13-16"), Details(7))
    changes.change(row, atlas(), wanted, by=row.member, now=NOW)

    asks = {at: at_a_time(at, people=4)["room"].asks for at in ("mon 13-14", "mon 15-16")}

    assert asks == {"mon 13-14": ["ceiling"], "mon 15-16": ["ceiling"]}


def test_where_nobody_said_how_many_come_they_are_counted(crowded):
    """As a web process of the version before writes it, which knows nothing of it."""
    make.db.session.execute(update(Occupancy).values(people=None))

    assert at_a_time(people=4)["room"].asks == []
    assert at_a_time(people=5)["room"].asks == ["ceiling"]


def test_all_who_could_be_there_are_never_fewer_than_who_are():
    """Random venues, with halls in parts and pools, at random times: as if each were looked at."""
    seen = Counter()
    for seed in range(6):
        here = crowd(Random(seed))
        for hour, people in product(range(9, 17), (1, 5, 20, 60)):
            when = period(f"mon {hour}-{hour + 2}")
            there = people_anywhere(when, NOW)
            said = policies.too_full([here], people, when, NOW, there)
            crowded = policies.crowds(policies.guests([here], when, NOW)[here.id], when)
            over = [at for at, count in crowded if count + people > here.venue.ceiling]
            assert said == ({here.id: union(over)} if over else {}), (seed, hour, people)
            here_alone = {unit: people for unit, people in there.items() if unit in here.units}
            assert here_alone == people_at(here.units, when, NOW)
            seen[bool(said), policies.at_most(here, there) + people > here.venue.ceiling] += 1
    assert seen.keys() == {(True, True), (False, True), (False, False)}


def crowd(dice):
    """A venue of random spaces and reservations, as full as it may be."""
    row = make.venue(ceiling=dice.choice([20, 40, 80, 120]))
    sizes = [{"capacity": dice.randint(1, 30)} for _ in range(3)]
    hall = [("ab", dice.randint(20, 60)), ("a", dice.randint(5, 40)), ("b", dice.randint(5, 40))]
    sizes += [{"units": units, "capacity": most} for units, most in hall]
    pool = {"units": "cdef", "offer": "pool"}
    sizes += [pool | {"capacity_per_unit": 3}, pool | {"capacity": 7}][: dice.randint(1, 2)]
    for size in sizes:
        make.space(row, **size)
    here = atlas().venue(row.slug)
    for _ in range(40):
        one, start = dice.choice(here.spaces), dice.randint(9, 17)
        people = dice.randint(1, one.rules.capacity or 12)
        with suppress(Conflict, Refused):
            make.reservation(one, f"mon {start}-{start + dice.randint(1, 3)}", people=people)
    return here


# Rules about persons


def reader(who, **more):
    return readers.known(who, atlas(), NOW, **more)


def quota(per="day", scope="space", **more):
    return {"most": 1, "of": "reservations", "per": per, "by": "member", "scope": scope} | more


def told(result):
    """Whether it is free, which rules are in the way, and when else it could be had."""
    return result.free, [one.code for one in result.reasons], result.alternatives


@pytest.fixture(params=[at_a_time, lambda **q: {one.space.slug: one for one in any_time(**q)}])
def searched(request):
    """Both kinds of search, as answers by the slug of the space."""
    return request.param


def test_without_the_training_a_machine_is_not_free_and_comes_last(searched):
    here, who = make.venue(), make.member()
    make.space(here, "laser", training_id=make.training(here).id)
    make.space(here, "room")

    assert list(searched(reader=reader(who))) == ["room", "laser"]
    assert told(searched(reader=reader(who))["laser"]) == (False, ["training-missing"], [])
    assert list(searched(reader=reader(who), instant=True)) == ["room"]
    assert searched()["laser"].free


def test_with_the_training_it_is_free(searched):
    here, who = make.venue(), make.member()
    laser = make.training(here)
    make.space(here, "laser", training_id=laser.id)
    make.trained(who, laser)

    assert searched(reader=reader(who), instant=True)["laser"].free


def test_what_is_for_residents_is_free_for_them_alone(searched):
    here, who = make.venue(), make.member()
    make.space(here, "room", who=["residents"])

    assert told(searched(reader=reader(who))["room"]) == (False, ["not-for-you"], [])

    make.membership(who, make.organisation("firm", here))
    assert searched(reader=reader(who))["room"].free


def test_a_training_that_ends_leaves_the_times_before_it():
    here, who = make.venue(), make.member()
    laser = make.training(here)
    make.space(here, "laser", training_id=laser.id)
    make.trained(who, laser, until=make.moment("mon 13"))

    early = any_time(reader=reader(who))[0]
    late = at_a_time("mon 13-15", reader=reader(who))["laser"]

    assert [early.period, *early.alternatives] == [period("mon 9-11"), period("mon 11-13")]
    assert told(late) == (False, ["training-ends"], [period("mon 11-13"), period("mon 9-11")])


@pytest.mark.parametrize("scope", ["space", "venue"])
def test_a_quota_that_is_used_up_is_told_with_the_nearest_day(scope):
    """The venue's quota counts what was reserved in another of its spaces."""
    here, who = make.venue(), make.member()
    rules = {"quotas": [quota()]}
    if scope == "venue":
        make.added(Policy(venue_id=here.id, **rules))
        make.reservation(make.space(here, "other"), "mon 14-15", by=who)
        make.space(here, "room")
    else:
        make.reservation(make.space(here, "room", **rules), "mon 14-15", by=who)

    found = at_a_time(reader=reader(who))["room"]

    assert (found.free, [(one.code, one.facts["used"]) for one in found.reasons]) == (
        False,
        [("quota-used", 1)],
    )
    assert found.alternatives == [period("sun 18-20"), period("tue 8-10")]
    assert "room" not in at_a_time(reader=reader(who), instant=True)
    assert at_a_time("tue 9-11", reader=reader(who))["room"].free
    assert at_a_time(reader=reader(make.member()))["room"].free


def test_any_time_begins_on_the_day_on_which_the_quota_is_not_used_up():
    who = make.member()
    make.reservation(make.space(slug="room", quotas=[quota()]), "mon 14-15", by=who)

    (found,) = any_time(days=3, reader=reader(who))
    assert [found.period, *found.alternatives] == [
        period("tue 9-11"),
        period("tue 11-13"),
        period("tue 13-15"),
    ]
    (none,) = any_time(reader=reader(who))
    assert told(none)[:2] == (False, ["quota-used"])
    assert any_time(reader=reader(who), instant=True) == []


def test_however_many_times_are_free_on_the_day_of_a_used_up_quota_the_next_is_found():
    who = make.member()
    make.reservation(make.space(slug="room", quotas=[quota()]), "mon 19-20", by=who)

    found = at_a_time("mon 12-12:30", reader=reader(who))["room"]

    assert sorted(found.alternatives) == [period("sun 19:30-20"), period("tue 8-8:30")]


def test_minutes_count_with_those_that_are_asked_for():
    who = make.member()
    hours = quota(most=180, of="minutes", per="week")
    make.reservation(make.space(slug="room", quotas=[hours]), "tue 14-16", by=who)

    assert at_a_time("mon 9-10", reader=reader(who))["room"].free
    assert not at_a_time("mon 9-11", reader=reader(who))["room"].free


def test_what_was_given_back_uses_nothing_up():
    who = make.member()
    room = make.space(slug="room", quotas=[quota()])
    act.cancel(make.reservation(room, "mon 14-15", by=who), atlas(), by=who, now=NOW)

    assert at_a_time(reader=reader(who))["room"].free


def test_of_a_reader_quotas_cost_a_statement_a_search_however_many_there_are(counting):
    here, who = make.venue(), make.member()
    make.space(here), make.reservation(make.space(here))
    visitor, none = sent_for(counting), sent_for(counting, reader=reader(who))
    make.space(here, quotas=[quota()])
    more = tuple(count + 1 for count in visitor)
    one = sent_for(counting, reader=reader(who))
    for per in ("day", "week", "month"):
        make.reservation(make.space(here, quotas=[quota(per)]), by=who)

    assert (none, one) == (visitor, more)
    assert sent_for(counting, reader=reader(who)) == one
    assert sent_for(counting) == visitor


# What is in the way of any time


def reasons(**wanted):
    (found,) = any_time(**wanted)
    return [one.code for one in found.reasons]


@pytest.mark.parametrize(
    ("rules", "wanted", "codes"),
    [
        ({}, {"opens": 20, "closes": 23}, ["closed"]),
        ({"notice": 3 * 1440}, {}, ["too-late"]),
        ({"horizon": 1}, {"opens": 12}, ["too-early"]),
        ({"horizon": 1}, {"opens": 20, "closes": 23}, ["closed", "too-early"]),
        ({"grid": 60}, {"length": timedelta(minutes=90)}, ["off-grid"]),
        ({"shortest": 180}, {}, ["too-short"]),
        ({"longest": 60, "notice": 3 * 1440}, {}, ["too-long", "too-late"]),
        # Before eight it is closed, from then on it ends too late: each start breaks a rule.
        ({"horizon": 1}, {"opens": 7, "closes": 13, "length": 5 * HOUR}, ["closed", "too-early"]),
    ],
)
def test_where_no_time_is_allowed_all_rules_in_the_way_are_told(rules, wanted, codes):
    make.space(**rules)

    assert reasons(**wanted) == codes


def test_where_only_others_are_in_the_way_no_rule_is():
    make.reservation(make.space(notice=60), "mon 9-18")

    assert reasons() == []


def test_closed_on_all_days_is_told_with_the_days():
    make.space(make.venue(hours=[(3, 480, 1200)]))

    (found,) = any_time(days=3)

    (closed,) = found.reasons
    assert closed.facts["shut"] == [(MONDAY + timedelta(days=n), None) for n in range(3)]
    assert closed.facts["open"] == []


def test_the_nearest_times_break_no_rule_and_are_free():
    """Also of a space that is to be had for days only: what takes it on the last of them counts."""
    always = [(weekday, 0, 1440) for weekday in range(7)]
    room = make.space(make.venue(hours=always), shortest=3 * 1440, longest=6 * 1440, nights=True)
    late = make.moment("wed 21")
    taken = make.reservation(room, Period(late, late + 3 * DAY))

    (found,) = any_time()

    assert found.alternatives
    for one in found.alternatives:
        assert one.end <= taken.starts_at or one.start >= taken.ends_at
        wish = Wish(one, 1, room.zone)
        assert not refusals(room.rules, wish, open_around(room.hours, one, room.zone), NOW)


def test_a_window_begins_where_the_clocks_begin_to_show_it():
    """On 28 March 2027 clocks go from 2 to 3: a window from 2:30 on begins with 3:00."""
    on = date(2027, 3, 28)

    windows = [
        list(sometime.windows_of(make.PARIS, AnyTime(HOUR, (on,), opens, closes)))
        for opens, closes in ((150, 300), (60, 150), (130, 170))
    ]

    three, one = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)
    assert windows == [[Period(three, three + 2 * HOUR)], [Period(one, three)], []]
