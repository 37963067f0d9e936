"""What becomes of a series afterwards: nothing dropped comes back, nothing moved is lost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.actions import approvals, presence, reservations
from booking.actions import series_cancels as cancels
from booking.actions import series_changes as act
from booking.actions.series_changes import CANCEL, LEAVE, Shift
from booking.db import db
from booking.errors import Changed, NotFound, NotTogether, Refused, SlotTaken, WrongState
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.queries.availability import busy
from booking.queries.venues import atlas
from booking.rules.periods import Period
from booking.rules.series import Repeat, Walls
from tests import cast, make
from tests.look import story, taken, told
from tests.make import NOW, PARIS, moment, period

pytestmark = pytest.mark.usefixtures("app")
WEEK = timedelta(days=7)
DAILY = Repeat("daily", count=4)


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def room(here):
    return make.space(here)


@pytest.fixture
def me(app):
    return cast.member()


def week(number):
    return make.SUNDAY + number * WEEK


def walls(rows):
    return [f"{row.starts_at.astimezone(PARIS):%m-%d %H:%M}" for row in rows if is_alive(row)]


def is_alive(row):
    return row.state in ("confirmed", "requested") and row.replaces_id is None


def steps(made, shift, *, since=None, actions=None):
    rows = cancels.coming(cancels.from_on(make.dates(made), since), NOW)
    rows = [row for row in rows if row.series_on]
    found = act.steps_for(made, rows, shift, atlas())
    return [
        replace(step, action=(actions or {}).get(number, step.action))
        for number, step in enumerate(found)
    ]


def change(made, shift, *, by, **how):
    wanted = steps(made, shift, **how)
    return act.change(made, wanted, atlas(), by=by, now=NOW)


def cancel(made, by, rows=None, now=NOW):
    rows = cancels.coming(make.dates(made), now) if rows is None else rows
    return cancels.cancel(made, rows, atlas(), by=by, now=now)


def units(space, rows):
    """What is taken of the space, as "03-08 09:00"."""
    whole = Period(moment("sun 0"), moment("sun 0", week=week(30)))
    found = busy(space.units, whole, NOW).get(space.units[0], [])
    return [f"{one.start.astimezone(PARIS):%m-%d %H:%M}" for one in found]


def test_all_are_moved_and_their_old_places_are_free(room, me):
    made = make.series(room, by=me)

    change(made, Shift(walls=Walls(840, 960)), by=me)

    expected = ["03-08 14:00", "03-15 14:00", "03-22 14:00", "03-29 14:00"]
    assert walls(make.dates(made)) == expected == units(room, make.dates(made))
    assert story(make.dates(made)[0])[-1][:3] == ("move", "confirmed", "confirmed")


def test_dates_that_are_moved_have_the_delay_of_their_new_time(here, me):
    made = make.series(make.space(here, check_in=15), by=me)

    change(made, Shift(walls=Walls(840, 960)), by=me)

    late = {row.check_in_by - row.starts_at for row in make.dates(made)}
    assert late == {timedelta(minutes=15)}


def test_a_date_at_which_somebody_is_already_stays(room, me):
    made = make.series(room, by=me)
    first = make.dates(made)[0]
    presence.check_in(first, by=me, now=moment("mon 8:50"))

    rows = cancels.coming(make.dates(made), moment("mon 8:50"))

    assert [row.id for row in rows] == [row.id for row in make.dates(made)[1:]]


def test_this_and_following_leaves_those_before(room, me):
    made = make.series(room, by=me)

    change(made, Shift(walls=Walls(840, 960)), since=date(2027, 3, 22), by=me)

    expected = ["03-08 09:00", "03-15 09:00", "03-22 14:00", "03-29 14:00"]
    assert walls(make.dates(made)) == expected == units(room, make.dates(made))


def test_a_move_keeps_the_wall_time_across_a_clock_change(room, me):
    made = make.series(room, by=me)

    change(made, Shift(days=-1), since=date(2027, 3, 22), by=me)

    assert walls(make.dates(made))[2:] == ["03-21 09:00", "03-28 09:00"]


@pytest.mark.parametrize(("made_at", "moved_to"), [("mon 1-6", 150), ("mon 2:30-6", 210)])
def test_a_second_move_knows_what_was_asked_where_clocks_had_changed_it(me, made_at, moved_to):
    room = make.space(make.venue(hours=[(day, 0, 1440) for day in range(7)]))
    made = make.series(room, made_at, Repeat("daily", count=21), by=me)
    since = date(2027, 3, 26)
    change(made, Shift(walls=Walls(moved_to, 360)), since=since, by=me)

    change(made, Shift(days=2), since=since, by=me)

    wall = f"{moved_to // 60:02d}:30"
    expected = ["03-28 03:30", f"03-29 {wall}", f"03-30 {wall}"]
    assert walls(make.dates(made))[-3:] == expected


def test_a_daily_series_moves_onto_its_own_next_day(room, me):
    made = make.series(room, repeat=DAILY, by=me)

    change(made, Shift(days=1), by=me)

    expected = ["03-09 09:00", "03-10 09:00", "03-11 09:00", "03-12 09:00"]
    assert walls(make.dates(made)) == expected == units(room, make.dates(made))


@pytest.mark.parametrize("since", [None, date(2027, 3, 8), date(2027, 3, 15)])
def test_what_was_dropped_before_it_was_made_never_comes_back(room, me, since):
    made = make.series(room, by=me, but=[date(2027, 3, 22)])

    change(made, Shift(walls=Walls(840, 960)), since=since, by=me)

    assert not [wall for wall in walls(make.dates(made)) if wall.startswith("03-22")]
    assert len(make.dates(made)) == 3


@pytest.mark.parametrize("since", [None, date(2027, 3, 8), date(2027, 3, 22)])
def test_what_was_cancelled_by_itself_never_comes_back(room, me, since):
    made = make.series(room, by=me)
    gone = make.dates(made)[2]
    reservations.cancel(gone, atlas(), by=me, now=NOW)

    change(made, Shift(walls=Walls(840, 960), words={"title": "Cercle"}), since=since, by=me)

    assert gone.state == "cancelled"
    assert len(walls(make.dates(made))) == 3 == len(units(room, make.dates(made)))


@pytest.mark.parametrize("since", [None, date(2027, 3, 8), date(2027, 3, 22)])
def test_what_was_moved_by_itself_keeps_its_time(room, me, since):
    made = make.series(room, by=me)
    own = make.dates(made)[2]
    make.moved(own, atlas(), period("wed 17-18", week=week(2)), by=me, now=NOW)

    change(made, Shift(walls=Walls(840, 960), words={"title": "Cercle"}), since=since, by=me)

    assert walls([own]) == ["03-24 17:00"]
    assert own.title == "Cercle"
    assert "03-24 17:00" in units(room, [])


def test_what_was_only_renamed_by_itself_moves_along(room, me):
    made = make.series(room, by=me)
    make.dates(made)[1].title = "Jury"

    change(made, Shift(walls=Walls(840, 960)), by=me)

    assert walls(make.dates(made))[1] == "03-15 14:00"
    assert make.dates(made)[1].title == "Jury"


def test_two_moves_one_after_the_other(room, me):
    made = make.series(room, by=me)

    change(made, Shift(days=1), by=me)
    change(made, Shift(days=1, walls=Walls(600, 660)), since=date(2027, 3, 22), by=me)

    expected = ["03-09 09:00", "03-16 09:00", "03-24 10:00", "03-31 10:00"]
    assert walls(make.dates(made)) == expected


def test_one_that_cannot_be_moved_leaves_all_as_they_were(room, me):
    made = make.series(room, by=me)
    make.reservation(room, period("mon 14-15", week=week(1)))
    before = walls(make.dates(made))

    with pytest.raises(NotTogether) as no, db.session.begin_nested():
        change(made, Shift(walls=Walls(840, 960)), by=me)

    assert list(no.value.facts["parts"]) == [1]
    assert walls(make.dates(made)) == before


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (LEAVE, ["03-08 14:00", "03-15 09:00", "03-22 14:00", "03-29 14:00"]),
        (CANCEL, ["03-08 14:00", "03-22 14:00", "03-29 14:00"]),
    ],
)
def test_one_that_cannot_be_moved_stays_or_is_given_back(room, me, action, expected):
    made = make.series(room, by=me)
    make.reservation(room, period("mon 14-15", week=week(1)))

    change(made, Shift(walls=Walls(840, 960)), actions={1: action}, by=me)

    assert walls(make.dates(made)) == expected


def test_another_room_takes_them_all(here, room, me):
    other = make.space(here)
    made = make.series(room, by=me)

    change(made, Shift(space=other), by=me)

    assert {row.space_id for row in make.dates(made)} == {other.id}
    assert (units(room, []), len(units(other, []))) == ([], 4)


def test_where_a_manager_decides_each_change_waits_beside_what_is(here, me):
    space, boss = make.space(here, approval="always"), make.manager(here)
    made = make.series(space, by=me)
    for row in make.dates(made):
        approvals.approve(row, atlas(), by=boss, now=NOW)

    change(made, Shift(walls=Walls(600, 720)), by=me)

    rows = make.dates(made)
    asked = [row for row in rows if row.replaces_id]
    assert [row.state for row in asked] == ["requested"] * 4
    assert walls(rows)[0] == "03-08 09:00"
    assert told()[-2:] == [("series-changed", me.email), ("series-request-received", boss.email)]


def test_a_manager_moves_them_at_once(here, me):
    space, boss = make.space(here, approval="always"), make.manager(here)
    made = make.series(space, by=me)
    for row in make.dates(made):
        approvals.approve(row, atlas(), by=boss, now=NOW)

    change(made, Shift(walls=Walls(600, 720)), by=boss)

    assert walls(make.dates(made))[0] == "03-08 10:00"


def test_what_another_window_did_is_not_overwritten(room, me):
    made = make.series(room, by=me)
    wanted = steps(made, Shift(walls=Walls(840, 960)))
    seen = act.version_of([step.row for step in wanted])
    make.moved(make.dates(made)[2], atlas(), period("wed 17-18", week=week(2)), by=me, now=NOW)

    with pytest.raises(Changed):
        act.change(made, wanted, atlas(), by=me, now=NOW, version=seen)


def test_it_is_too_late_for_the_first(here, me):
    space = make.space(here, cancel_notice=24 * 60)
    made = make.series(space, "mon 9-11", by=me)

    with pytest.raises(NotTogether) as no:
        change(made, Shift(walls=Walls(840, 960)), by=me)

    (late,) = no.value.facts["parts"].values()
    assert late.refusals[0].code == "cancel-too-late"


def test_nobody_else_moves_it(room, me):
    made = make.series(room, by=me)

    with pytest.raises(NotFound):
        change(made, Shift(days=1), by=cast.stranger())


def test_one_mail_tells_of_what_was_changed(room, me):
    made = make.series(room, by=me)

    change(made, Shift(walls=Walls(840, 960)), since=date(2027, 3, 22), by=me)

    mail = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()[-1]
    assert (mail.kind, len(mail.facts["dates"])) == ("series-changed", 2)
    assert [one["sequence"] for one in mail.facts["dates"]] == [1, 1]


def test_all_are_given_back(room, me):
    made = make.series(room, by=me)

    assert len(cancel(made, me)) == 4
    assert {row.state for row in make.dates(made)} == {"cancelled"}
    assert units(room, []) == []


def test_requests_are_withdrawn_by_their_member_and_cancelled_by_nobody(here, me):
    made = make.series(make.space(here, approval="always"), by=me)

    cancel(made, me)

    assert {row.state for row in make.dates(made)} == {"withdrawn"}


def test_a_holiday_is_released_and_the_rest_stays(room, me):
    made = make.series(room, repeat=DAILY, by=me)
    rows = cancels.between(make.dates(made), atlas(), date(2027, 3, 9), date(2027, 3, 10))

    cancel(made, me, rows)

    assert walls(make.dates(made)) == ["03-08 09:00", "03-11 09:00"]


def test_a_holiday_means_the_dates_on_which_they_really_are(room, me):
    made = make.series(room, by=me)
    make.moved(make.dates(made)[0], atlas(), period("wed 9-11", week=week(1)), by=me, now=NOW)

    found = cancels.between(make.dates(made), atlas(), date(2027, 3, 15), date(2027, 3, 17))

    assert walls(found) == ["03-17 09:00", "03-15 09:00"]


def test_what_it_is_too_late_for_stays(here, me):
    made = make.series(make.space(here, cancel_notice=24 * 60), by=me)

    assert len(cancel(made, me)) == 3
    assert walls(make.dates(made)) == ["03-08 09:00"]


def test_where_nothing_can_be_given_back_nothing_is(here, me):
    made = make.series(make.space(here, cancel_notice=24 * 60), by=me)

    with pytest.raises(Refused) as no:
        cancel(made, me, make.dates(made)[:1])

    assert no.value.refusals[0].code == "no-dates"


def test_nobody_else_gives_it_back(room, me):
    made = make.series(room, by=me)

    with pytest.raises(NotFound):
        cancel(made, cast.stranger())


def test_a_change_that_waited_ends_with_its_date(here, me):
    space, boss = make.space(here, approval="always"), make.manager(here)
    made = make.series(space, by=me)
    for row in make.dates(made):
        approvals.approve(row, atlas(), by=boss, now=NOW)
    change(made, Shift(walls=Walls(600, 720)), by=me)

    cancel(made, me, [row for row in make.dates(made) if row.series_on])

    assert {row.state for row in make.dates(made)} == {"cancelled", "withdrawn"}
    assert units(space, []) == []


def test_it_is_taken_back_within_ten_seconds_and_nobody_is_told(room, me):
    made = make.series(room, by=me)
    before = {row.id: taken(row) for row in make.dates(made)}
    cancel(made, me)

    back = cancels.restore(made, make.dates(made), atlas(), by=me, now=NOW + timedelta(seconds=9))

    assert len(back) == 4
    assert {row.id: taken(row) for row in make.dates(made)} == before
    assert [kind for kind, _ in told()] == ["series-reserved"]


def test_only_what_was_given_back_last_is_taken_back(room, me):
    made = make.series(room, by=me)
    reservations.cancel(make.dates(made)[0], atlas(), by=me, now=NOW)
    later = NOW + timedelta(seconds=1)
    cancel(made, me, now=later)

    cancels.restore(made, make.dates(made), atlas(), by=me, now=later)

    assert [row.state for row in make.dates(made)] == ["cancelled"] + ["confirmed"] * 3


@pytest.mark.parametrize(("seconds", "other"), [(10, False), (1, True)])
def test_later_or_by_somebody_else_it_is_not(room, me, seconds, other):
    made = make.series(room, by=me)
    cancel(made, me)
    by, now = (cast.admin() if other else me), NOW + timedelta(seconds=seconds)

    with pytest.raises(WrongState):
        cancels.restore(made, make.dates(made), atlas(), by=by, now=now)


def test_somebody_was_quicker(room, me):
    made = make.series(room, by=me)
    cancel(made, me)
    make.reservation(room, period("mon 10-11", week=week(3)))

    with pytest.raises(SlotTaken), db.session.begin_nested():
        cancels.restore(made, make.dates(made), atlas(), by=me, now=NOW)

    assert {row.state for row in db.session.scalars(select(Reservation))} == {
        "cancelled",
        "confirmed",
    }


def test_one_date_of_many_is_not_taken_back_by_itself(room, me):
    """The one mail would still tell of all."""
    made = make.series(room, by=me)
    cancel(made, me)

    with pytest.raises(WrongState):
        reservations.restore(make.dates(made)[0], atlas(), by=me, now=NOW)
