"""A drawn room: which seats stand where, and which are free when."""

from datetime import date

import pytest

from booking.db import db
from booking.models.venues import SpaceUnit
from booking.queries.venues import SpaceFacts, read_atlas
from booking.web import plans
from tests import make

pytestmark = pytest.mark.usefixtures("app")
MONDAY = date(2027, 3, 8)


def drawn_pool(**rest: object) -> SpaceFacts:
    """Three desks: the last stands above, the others side by side."""
    pool = make.pool(size=3, **rest)
    for unit, (column, row) in zip(pool.units, [(2, 1), (0, 1), (1, 0)], strict=True):
        pair = db.session.get(SpaceUnit, (pool.id, unit))
        assert pair
        pair.column, pair.row = column, row
    db.session.flush()
    return read_atlas().by_id(pool.id)


def test_seats_come_row_by_row():
    pool = drawn_pool()
    first, second, third = pool.units

    plan = plans.plan_of(pool, None, [first])

    assert plan
    assert [(seat.unit, seat.free) for seat in plan.seats] == [
        (third, False),
        (second, False),
        (first, True),
    ]


def test_a_room_nobody_drew_has_no_plan():
    pool = make.pool()

    assert plans.plan_of(pool, None, pool.units) is None
    assert plans.plan_on(pool, MONDAY, make.NOW) is None


@pytest.mark.parametrize(
    ("now", "hour"),
    [("sun 12", "mon 8-9"), ("mon 10:05", "mon 10:15-11:15"), ("mon 19:30", "mon 19:30-20")],
)
def test_the_hour_shown_is_the_first_open_one_that_is_not_over(now, hour):
    assert plans.hour_on(make.pool(), MONDAY, make.moment(now)) == make.period(hour)


@pytest.mark.parametrize("now", ["mon 20", "tue 9"])
def test_what_is_over_is_shown_for_no_hour(now):
    pool = drawn_pool()

    plan = plans.plan_on(pool, MONDAY, make.moment(now))

    assert plan
    assert (plan.period, plan.free) == (None, 0)


def test_a_seat_is_not_free_while_somebody_has_it_or_tidies_it():
    pool = drawn_pool(buffer_after=30)
    make.reservation(pool, "mon 9-10", unit_id=pool.units[1])

    at = {hour: plans.plan_on(pool, MONDAY, make.moment(f"mon {hour}")) for hour in ("9", "10:15")}

    assert [plan and plan.free for plan in at.values()] == [2, 2]
    late = plans.plan_on(pool, MONDAY, make.moment("mon 10:30"))
    assert late
    assert late.free == 3


@pytest.mark.parametrize(
    ("code", "short"), [("desk-12", "12"), ("desk-07", "7"), ("laser", ""), ("half-a", "")]
)
def test_a_seat_is_called_by_its_number(code, short):
    assert plans.short_of(code) == short
