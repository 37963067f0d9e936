"""The periods people ask for by name: what they mean on a date, and which are offered for all."""

from datetime import date, timedelta

import pytest

from booking.rules.day_parts import Part, parts_of, usual
from tests.make import PARIS, period, words

MORNING = Part("matin", words("Matin"), 8 * 60, 12 * 60)
DAY = Part("journee", words("Journée"), 8 * 60, 18 * 60)


def test_a_part_is_a_period_of_its_date():
    assert MORNING.on(date(2027, 3, 8), PARIS) == period("mon 8-12")


def test_a_part_may_end_at_midnight():
    night = Part("soir", words("Soir"), 20 * 60, 1440)

    assert night.on(date(2027, 3, 8), PARIS) == period("mon 20-24")


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2027, 3, 28), 3), (date(2027, 10, 31), 5), (date(2027, 3, 27), 4)]
)
def test_a_night_is_shorter_or_longer_where_clocks_change(on, hours):
    night = Part("nuit", words("Nuit"), 0, 4 * 60)

    found = night.on(on, PARIS)

    assert found
    assert found.length == timedelta(hours=hours)


def test_where_clocks_leave_nothing_there_is_no_period():
    gap = Part("heure", words("Heure"), 2 * 60, 2 * 60)

    assert gap.on(date(2027, 3, 28), PARIS) is None


def test_a_row_is_read():
    kept = [{"slug": "matin", "name": words("Matin"), "opens": 480, "closes": 720}]

    assert parts_of(kept) == [MORNING]


def test_for_several_venues_the_hours_of_most_count():
    early = Part("matin", words("Matin"), 7 * 60, 12 * 60)

    assert usual([[early], [MORNING, DAY], [MORNING]]) == [MORNING, DAY]


def test_where_no_hours_are_those_of_more_the_first_count():
    early = Part("matin", words("Matin"), 7 * 60, 12 * 60)

    assert usual([[early], [MORNING]]) == [early]
    assert usual([]) == []
