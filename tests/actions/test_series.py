"""Series: every date at once or none, whatever becomes of single dates afterwards."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from booking.actions import occupancy
from booking.actions import series as act
from booking.actions.reservations import Details
from booking.actions.series import Line, Plan
from booking.db import db
from booking.errors import NotAllowed, NotTogether, Refused, SlotTaken
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.models.series import Series
from booking.queries.extras import counts_of
from booking.queries.venues import atlas
from booking.rules.series import Repeat, Walls, dates_of, period_on, walls_of
from tests import cast, make
from tests.look import taken, told
from tests.make import NOW, PARIS, period

pytestmark = pytest.mark.usefixtures("app")
LISBON = ZoneInfo("Europe/Lisbon")


@pytest.fixture
def room(app):
    return make.space()


def walls(rows, zone=PARIS):
    return [f"{row.starts_at.astimezone(zone):%m-%d %H:%M}" for row in rows]


def plan(space, at="mon 9-11", repeat=None, token="form", **details):
    first, times = walls_of(period(at, space.zone), space.zone)
    repeat = repeat or Repeat("weekly", count=4)
    lines = [
        Line(on, space, period_on(on, times, space.zone), Details(**details))
        for on in dates_of(repeat, first).dates
    ]
    return Plan(space, repeat, first, times, lines, (), token)


def refused(wanted, by=None):
    """The reasons by number of line; nothing is left behind."""
    before = len(db.session.scalars(select(Reservation)).all())
    with pytest.raises(NotTogether) as no, db.session.begin_nested():
        act.make(wanted, by=by or cast.member(), now=NOW)
    assert len(db.session.scalars(select(Reservation)).all()) == before
    assert db.session.scalars(select(Series)).all() == []
    return no.value.facts["parts"]


def test_every_date_is_a_reservation_with_its_units_and_its_history(room):
    rows = make.dates(make.series(room, title="Cercle"))

    assert walls(rows) == ["03-08 09:00", "03-15 09:00", "03-22 09:00", "03-29 09:00"]
    assert {row.state for row in rows} == {"confirmed"}
    assert all(taken(row) for row in rows)
    lines = db.session.scalars(select(History)).all()
    assert [(line.verb, line.after) for line in lines] == [("reserve", "confirmed")] * 4


@pytest.mark.parametrize(("zone", "hour"), [("Europe/Paris", 8), ("Europe/Lisbon", 9)])
def test_the_wall_time_of_the_venue_is_kept_across_a_clock_change(zone, hour):
    space = make.space(make.venue(timezone=zone))

    rows = make.dates(make.series(space, "sat 9-11"))

    assert {wall[-5:] for wall in walls(rows, space.zone)} == {"09:00"}
    assert [row.starts_at.hour for row in rows] == [hour, hour, hour, hour - 1]


def test_one_date_that_is_taken_refuses_all(room):
    make.reservation(room, period("mon 10-12", week=make.SUNDAY + timedelta(days=7)))

    parts = refused(plan(room))

    assert list(parts) == [1]
    assert isinstance(parts[1], SlotTaken)


def test_a_closed_date_refuses_all_with_its_reason():
    space = make.space(make.venue(hours=[(0, 480, 1200)]))

    parts = refused(plan(space, repeat=Repeat("daily", count=2)))

    assert [(n, no.refusals[0].code) for n, no in parts.items()] == [(1, "closed")]


def test_a_time_that_clocks_leave_out_is_refused():
    space = make.space(make.venue(hours=[(day, 0, 1440) for day in range(7)]))
    wanted = plan(space, "sun 1-2", Repeat("daily", count=1))
    gap = date(2027, 3, 28)
    line = Line(gap, space, period_on(gap, Walls(150, 180), PARIS), Details())

    parts = refused(Plan(space, wanted.repeat, gap, Walls(150, 180), [line], (), "gap"))

    assert parts[0].refusals[0].code == "no-such-time"


def test_two_dates_of_one_series_cannot_have_one_place(room):
    wanted = plan(room, repeat=Repeat("weekly", count=2))
    first, second = wanted.lines
    twice = Plan(
        room,
        wanted.repeat,
        wanted.first,
        wanted.walls,
        [first, Line(second.on, room, first.period, Details(), moved=True)],
        (),
        "twice",
    )

    parts = refused(twice)

    assert parts[1].facts["own"] is True


def test_a_quota_counts_along_the_series():
    quota = {"most": 2, "of": "reservations", "per": "month", "by": "member", "scope": "space"}
    space = make.space(quotas=[quota])

    parts = refused(plan(space, repeat=Repeat("weekly", count=5)))

    assert [(n, no.refusals[0].code) for n, no in parts.items()] == [
        (2, "quota-used"),
        (3, "quota-used"),
    ]
    assert parts[2].refusals[0].facts["used"] == 2


def test_what_was_reserved_before_counts_too():
    quota = {"most": 240, "of": "minutes", "per": "week", "by": "member", "scope": "space"}
    space, me = make.space(quotas=[quota]), cast.member()
    make.reservation(space, "tue 9-12", by=me)

    parts = refused(plan(space), by=me)

    assert list(parts) == [0]


def test_a_full_venue_asks_for_the_dates_on_which_it_is_full():
    here = make.venue(ceiling=5)
    make.reservation(make.space(here), people=4)

    rows = make.dates(make.series(make.space(here), people=2))

    assert [row.state for row in rows] == ["requested"] + ["confirmed"] * 3


def test_where_a_manager_decides_each_date_is_a_request():
    space = make.space(approval="always")

    rows = make.dates(make.series(space))

    assert [row.state for row in rows] == ["requested"] * 4
    assert [row.expires_at for row in rows] == [row.starts_at for row in rows]
    assert all(taken(row) for row in rows)


def test_requests_that_compete_keep_no_place():
    space = make.space(approval="always", competing=True)

    assert not any(taken(row) for row in make.dates(make.series(space)))


def test_extras_are_taken_on_every_date(app):
    here = make.venue()
    beamer = make.extra(here, "beamer", stock=1)
    space = make.space(here)

    rows = make.dates(make.series(atlas().by_id(space.id), extras={"beamer": 1}))

    assert [counts_of(row.id) for row in rows] == [{"beamer": 1}] * 4
    assert all(beamer.units[0] in [unit for unit, *_ in taken(row)] for row in rows)


def test_a_hold_that_ran_out_stands_in_no_way(room):
    asked = make.reservation(make.space(approval="always"))
    row = make.reservation(room)
    row.state, row.expires_at = "requested", NOW - timedelta(minutes=1)
    for own in db.session.query(occupancy.Occupancy).filter_by(reservation_id=row.id):
        own.expires_at = row.expires_at
    db.session.flush()

    make.series(room)

    assert (row.state, asked.state) == ("expired", "requested")


def test_one_mail_tells_of_all(room):
    me = cast.member()
    made = make.series(room, by=me)

    (mail,) = db.session.scalars(select(OutboxMessage)).all()
    assert (mail.kind, mail.to, mail.facts["code"]) == ("series-reserved", me.email, made.code)
    assert len(mail.facts["dates"]) == 4


def test_managers_get_one_mail_for_all_requests():
    here = make.venue()
    boss, space = make.manager(here), make.space(here, approval="always")
    make.series(space)

    kinds = db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert kinds == ["series-reserved", "series-request-received"]
    assert told("series-request-received") == [("series-request-received", boss.email)]


def test_the_same_form_makes_a_series_once(room):
    me = cast.member()
    first = act.make(plan(room), by=me, now=NOW)
    again = act.make(plan(room), by=me, now=NOW)

    assert (first[1], again[1]) == (True, False)
    assert first[0] is again[0]
    assert len(make.dates(first[0])) == 4


def test_the_form_of_somebody_else_is_another(room):
    act.make(plan(room), by=cast.member(), now=NOW)

    with pytest.raises(NotTogether):
        act.make(plan(room), by=cast.other_member(), now=NOW)


def test_without_any_date_there_is_no_series(room):
    empty = plan(room)
    with pytest.raises(Refused, match="refused") as no:
        act.make(Plan(room, empty.repeat, empty.first, empty.walls, []), by=cast.member(), now=NOW)

    assert no.value.refusals[0].code == "no-dates"


@pytest.mark.parametrize("who", [cast.unconfirmed, cast.blocked])
def test_who_may_not_reserve_makes_no_series(room, who):
    with pytest.raises(NotAllowed):
        act.make(plan(room), by=who(), now=NOW)


def test_a_series_has_at_most_366_dates_and_they_are_all_made():
    space = make.space(horizon=400)

    made = make.series(space, repeat=Repeat("daily", count=366))

    assert len(make.dates(made)) == 366
