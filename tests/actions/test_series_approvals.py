"""One word for all that waits of a series."""

from datetime import timedelta

import pytest

from booking.actions import occupancy, series_changes
from booking.actions import series_approvals as act
from booking.actions.series_changes import Shift
from booking.errors import NotFound, NotTogether, Refused
from booking.queries import series as find
from booking.queries.venues import atlas
from booking.rules.series import Walls
from tests import cast, make
from tests.look import story, taken, told
from tests.make import NOW, PARIS

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def boss(here):
    return make.manager(here)


def asked(made, by):
    return find.asked([made], by=by, now=NOW)


def approve(made, by):
    return act.approve(made, asked(made, by), atlas(), by=by, now=NOW)


def test_all_are_granted_with_one_mail(here, boss):
    made = make.series(make.space(here, approval="always"))

    approve(made, boss)

    rows = make.dates(made)
    assert {row.state for row in rows} == {"confirmed"}
    assert all(row[3] is None for one in rows for row in taken(one))
    assert story(rows[0])[-1][:4] == ("approve", "requested", "confirmed", boss.id)
    assert [kind for kind, _ in told()][2:] == ["series-approved"]


def test_all_are_declined_with_one_reason_and_one_mail(here, boss):
    made = make.series(make.space(here, approval="always"))

    act.decline(made, asked(made, boss), atlas(), by=boss, now=NOW, why="Travaux")

    rows = make.dates(made)
    assert {row.state for row in rows} == {"declined"}
    assert not any(taken(row) for row in rows)
    assert {story(row)[-1][4] for row in rows} == {"Travaux"}
    assert [kind for kind, _ in told()][2:] == ["series-declined"]


def test_without_a_reason_nothing_is_declined(here, boss):
    made = make.series(make.space(here, approval="always"))

    with pytest.raises(Refused):
        act.decline(made, asked(made, boss), atlas(), by=boss, now=NOW, why=" ")


def test_one_that_cannot_be_had_any_more_stops_all(here, boss):
    space = make.space(here, approval="always", competing=True)
    made = make.series(space)
    week = make.SUNDAY + timedelta(days=7)
    winner = make.reservation(space, make.period("mon 9-11", week=week))
    winner.state = "confirmed"
    occupancy.take(winner, space.units, make.period("mon 9-11", week=week))

    with pytest.raises(NotTogether) as no:
        approve(made, boss)

    assert list(no.value.facts["parts"]) == [1]


def test_changes_of_a_series_are_granted_together_and_stay_of_it(here, boss):
    me = cast.member()
    made = make.series(make.space(here, approval="always"), by=me)
    approve(made, boss)
    rows = make.dates(made)
    steps = series_changes.steps_for(made, rows, Shift(walls=Walls(600, 720)), atlas())
    series_changes.change(made, steps, atlas(), by=me, now=NOW)

    approve(made, boss)

    rows = [row for row in make.dates(made) if row.series_on]
    assert {f"{row.starts_at.astimezone(PARIS):%H:%M}" for row in rows} == {"10:00"}
    assert {row.moved for row in rows} == {False}
    assert {row.state for row in make.dates(made)} == {"confirmed", "granted"}


def test_where_nothing_waits_nothing_is_decided(here, boss):
    made = make.series(make.space(here))

    with pytest.raises(NotFound):
        approve(made, boss)


def test_another_manager_sees_nothing_of_it(here):
    made = make.series(make.space(here, approval="always"))

    with pytest.raises(NotFound):
        approve(made, cast.other_manager())
