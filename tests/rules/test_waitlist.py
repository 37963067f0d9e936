"""Who is before whom, and until when an offer holds."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules import waitlist
from booking.rules.periods import Period
from booking.rules.waitlist import Turn, ahead, holds_until

NOON = datetime(2027, 3, 7, 12, tzinfo=UTC)


def hours(start, end):
    return Period(NOON + timedelta(hours=start), NOON + timedelta(hours=end))


def turn(number, period=None, units=(1,), since=0):
    at = NOON - timedelta(days=1) + timedelta(minutes=since)
    return Turn(number, at, period or hours(1, 2), frozenset(units))


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (turn(1), 1),
        (turn(1, hours(0, 3)), 1),
        (turn(1, hours(2, 3)), 0),
        (turn(1, hours(0, 1)), 0),
        (turn(1, units=(2,)), 0),
        (turn(1, units=(1, 2)), 1),
        (turn(9), 0),
        (turn(9, since=-1), 1),
        (turn(1, since=1), 0),
    ],
)
def test_who_came_first_for_the_same_is_before(other, count):
    assert ahead(turn(5), [other]) == count


def test_nobody_is_before_themselves():
    assert ahead(turn(5), [turn(5)]) == 0


@pytest.mark.parametrize(("hold", "start", "until"), [(60, 5, 1), (0, 5, 0), (600, 5, 5)])
def test_an_offer_never_holds_into_its_own_time(hold, start, until):
    wanted = NOON + timedelta(hours=until)
    assert holds_until(NOON, hold, NOON + timedelta(hours=start)) == wanted


def test_every_state_is_open_or_an_end():
    assert set(waitlist.STATES) > waitlist.OPEN
    assert {"waiting", "offered"} == waitlist.OPEN
