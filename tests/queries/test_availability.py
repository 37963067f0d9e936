"""What is taken, what is left, and the ways out of a no."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from booking.db import append, db
from booking.models.occupancy import Occupancy
from booking.queries import availability as find
from booking.queries import search
from booking.queries.search import Question
from booking.queries.venues import atlas
from booking.queries.ways_out import Look, alternatives
from booking.rules.periods import Period
from booking.rules.policies import Wish
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARSEILLE, AIX, TOULON = (43.30, 5.37), (43.53, 5.45), (43.12, 5.93)


def results(at, *, kind=None, venue=None, people=1, now=NOW):
    """The answer for the whole network."""
    places = atlas()
    question = Question(kind, places.venue(venue) if venue else None, people)
    asked = {one.id: period(at, one.zone) for one in places.venues}
    return search.results(
        search.matching(places, question), asked, question, now, range(60)
    ).answers


def slugs(found):
    return [(one.space.venue.slug, one.space.slug) for one in found]


def ways_out(space, at, *, people=1, now=NOW, limit=3):
    places = atlas()
    wish = Wish(period(at, space.zone), people, space.zone)
    return alternatives(places, places.by_id(space.id), wish, Look(now), limit)


def fill(space, *days):
    """Every hour is taken, by a reservation of its own."""
    for day in days:
        for hour in range(8, 20):
            make.reservation(space, f"{day} {hour}-{hour + 1}")


# What is taken


def plan_of(query, values):
    """How the database would answer it, with indexes wherever it has one that helps."""
    postgres = db.engine.dialect.name == "postgresql"
    if postgres:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    compiled = query.compile(db.engine)
    sent = compiled.construct_params(values)
    how = ("EXPLAIN " if postgres else "EXPLAIN QUERY PLAN ") + str(compiled)
    connection = db.session.connection()
    processors = compiled._bind_processors
    sent = {key: processors.get(key, lambda same: same)(value) for key, value in sent.items()}
    ordered = sent if not compiled.positiontup else tuple(sent[k] for k in compiled.positiontup)
    return "\n".join(str(row) for row in connection.exec_driver_sql(how, ordered))


@pytest.mark.parametrize("query", [find.BUSY, find.TAKEN], ids=["busy", "taken"])
def test_long_rows_are_found_by_their_own_index_and_all_others_look_back_a_day(query):
    """The words of the query are those of the index, on either database."""
    room, kept = make.space(units=("a", "b", "c", "d")), make.reservation(make.space())
    times = [moment("mon 0") + timedelta(hours=n) for n in range(500)]
    append(
        Occupancy,
        [
            {"unit_id": unit, "reservation_id": kept.id, "starts_at": at, "ends_at": at + HOUR}
            for unit in room.units
            for at in times
        ],
    )
    db.session.execute(text("ANALYZE occupancy"))  # Of an empty table, the planner only guesses.

    plan = plan_of(query, find.asked(room.units, period("wed 9-10"), NOW))

    assert "ix_occupancy_long" in plan
    assert re.search("ix_occupancy_(unit_id_starts_at|starts_at_ends_at_unit_id)", plan)


@pytest.mark.parametrize("days", [1, 2, 30])
@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_however_long_a_row_is_it_is_seen_once_at_every_hour_of_it(days, minutes):
    room = make.space(
        make.venue(hours=[(n, 0, 1440) for n in range(7)]), longest=31 * 24 * 60, horizon=365
    )
    start = moment("mon 9")
    whole = Period(start, start + timedelta(days=days, minutes=minutes))
    made = make.reservation(room, whole)

    for hours in range(0, 24 * days, 7):
        asked = Period(start, start + timedelta(minutes=15)).moved(timedelta(hours=hours))
        if asked.start < made.ends_at:
            assert find.busy(room.units, asked, NOW) == {
                room.units[0]: [Period(made.starts_at, made.ends_at)]
            }
            assert len(find.taken(room.units, asked, NOW)) == 1


def test_what_is_taken_says_by_what():
    room, member = make.space(buffer_after=30), cast.member()
    made = make.reservation(room, by=member, title="Comité")

    (found,) = find.taken(room.units, period("mon 10-12"), NOW)

    assert (found.unit_id, found.code, found.member_id) == (room.units[0], made.code, member.id)
    assert (found.state, found.title) == ("confirmed", "Comité")
    assert (found.reserved, found.period.end) == (period("mon 9-11"), moment("mon 11:30"))


@pytest.mark.parametrize("at", ["mon 8-9", "mon 11-12", "tue 9-11"])
def test_what_only_touches_does_not_count(at):
    room = make.space()
    make.reservation(room, "mon 9-11")

    assert find.taken(room.units, period(at), NOW) == []
    assert find.busy(room.units, period(at), NOW) == {}


def test_other_units_do_not_count():
    make.reservation(make.space())

    assert find.busy(make.space().units, period("mon 9-11"), NOW) == {}


def test_an_expired_request_takes_nothing():
    room = make.space(approval="always")
    make.reservation(room, "mon 9-11")

    assert find.busy(room.units, period("mon 9-11"), moment("mon 8:59")) != {}
    assert find.busy(room.units, period("mon 9-11"), moment("mon 9")) == {}
    assert find.taken(room.units, period("mon 9-11"), moment("mon 9")) == []


def test_the_longest_reservation_is_still_seen_on_its_last_day():
    """31 days and a day of buffer to both sides: the longest a policy allows."""
    open_always = [(n, 0, 1440) for n in range(7)]
    room = make.space(
        make.venue(hours=open_always),
        longest=44640,
        horizon=365,
        buffer_before=1440,
        buffer_after=1440,
    )
    start = moment("tue 0")
    month = find.Period(start, start + 31 * DAY - timedelta(hours=1))
    make.reservation(room, month)

    last = find.Period(month.end + DAY - timedelta(hours=1), month.end + DAY)
    assert find.busy(room.units, last, NOW) != {}


# Searching


def test_free_spaces_come_first():
    here = make.venue("quay")
    make.reservation(make.space(here, "taken", capacity=4))
    make.space(here, "free", capacity=40)

    assert slugs(results("mon 9-11")) == [("quay", "free"), ("quay", "taken")]


def test_near_comes_before_far():
    for slug, (lat, lon) in {"toulon": TOULON, "aix": AIX, "marseille": MARSEILLE}.items():
        make.space(make.venue(slug, lat=lat, lon=lon), "room")

    found = results("mon 9-11", venue="marseille")

    assert [venue for venue, _ in slugs(found)] == ["marseille", "aix", "toulon"]
    assert found[0].kilometres == 0


def test_what_nobody_can_place_comes_last():
    make.space(make.venue("nowhere"), "room")
    make.space(make.venue("aix", lat=AIX[0], lon=AIX[1]), "room")
    make.space(make.venue("marseille", lat=MARSEILLE[0], lon=MARSEILLE[1]), "room")

    found = results("mon 9-11", venue="marseille")

    assert [venue for venue, _ in slugs(found)] == ["marseille", "aix", "nowhere"]


def test_a_venue_that_nobody_can_place_is_still_nearest_to_itself():
    make.space(make.venue("aix", lat=AIX[0], lon=AIX[1]), "room")
    make.space(make.venue("nowhere"), "room")

    assert slugs(results("mon 9-11", venue="nowhere"))[0] == ("nowhere", "room")


def test_instant_comes_before_on_request_and_small_before_large():
    here = make.venue("quay")
    make.space(here, "asked", approval="always", capacity=4)
    make.space(here, "large", capacity=40)
    make.space(here, "small", capacity=8)

    assert [slug for _, slug in slugs(results("mon 9-11"))] == ["small", "large", "asked"]


def test_only_the_kind_asked_for_is_found():
    make.pool(slug="desks")
    make.space(slug="room")

    assert [slug for _, slug in slugs(results("mon 9-11", kind="open_space"))] == ["desks"]


def test_what_is_too_small_is_not_found():
    make.space(slug="small", capacity=4)
    make.space(slug="large", capacity=5)
    make.space(slug="unknown")

    assert {slug for _, slug in slugs(results("mon 9-11", people=5))} == {"large", "unknown"}


def test_a_pool_without_enough_desks_is_not_free():
    desks = make.pool(size=3, capacity_per_unit=1)
    make.reservation(desks, people=2)

    assert [one.free for one in results("mon 9-11", people=2)] == [False]
    assert [one.free for one in results("mon 9-11", people=1)] == [True]


def test_a_taken_space_says_when_it_is_free():
    room = make.space()
    make.reservation(room, "mon 9-11")

    (found,) = results("mon 9-11")

    assert (found.free, found.reasons) == (False, [])
    assert found.alternatives == [period("mon 11-13"), period("sun 18-20")]


def test_a_refused_space_says_why_and_when():
    make.space()

    (found,) = results("mon 7-9")

    assert [one.code for one in found.reasons] == ["closed"]
    assert found.alternatives[0] == period("mon 8-10")


def test_each_venue_is_asked_by_its_own_clock():
    make.space(make.venue("lisbon", timezone="Europe/Lisbon"), "room")
    make.space(make.venue("paris"), "room")

    found = {one.space.venue.slug: one.period.start for one in results("mon 9-11")}

    assert found["lisbon"] - found["paris"] == timedelta(hours=1)


def test_the_times_proposed_for_tomorrow_are_free_too():
    """The afternoon of the next day is far away, and must not be proposed unseen."""
    room = make.space()
    fill(room, "mon", "tue", "wed")

    (found,) = results("tue 9-10")

    assert found.alternatives == []


def test_the_times_proposed_for_yesterday_are_free_too():
    room = make.space()
    fill(room, "mon", "tue", "wed")

    found = [one.period for one in ways_out(room, "tue 18-20")]

    assert found == [period("sun 18-20"), period("thu 18-20")]


def test_a_search_asks_as_often_in_three_venues_as_in_one(counting):
    room = make.space()
    make.reservation(room)
    with counting() as few:
        results("mon 9-11")
    for _ in range(2):
        here = make.venue()
        make.reservation(make.space(here))
        make.pool(here)

    with counting() as many:
        results("mon 9-11")

    assert len(many) == len(few) == 14


def test_a_board_asks_as_often_for_many_spaces_as_for_one(counting):
    here = make.venue()
    first = make.space(here)
    with counting() as few:
        find.taken(first.units, period("mon 8-20"), NOW)
    spaces = [make.space(here) for _ in range(5)]
    for space in spaces:
        make.reservation(space)

    with counting() as many:
        find.taken([u for s in spaces for u in s.units], period("mon 8-20"), NOW)

    assert len(many) == len(few) == 1
