"""Which named periods of a venue can be had: free, taken, closed, or against a rule."""

from datetime import date, timedelta

import pytest

from booking.actions import hours
from booking.actions.hours import Closing
from booking.queries.availability import taken
from booking.queries.day_parts import chances
from booking.queries.venues import read_atlas
from tests import cast, make
from tests.make import NOW, period, words

pytestmark = pytest.mark.usefixtures("app")
MONDAY = date(2027, 3, 8)
PARTS = [
    {"slug": "matin", "name": words("Matin"), "opens": 480, "closes": 720},
    {"slug": "apres-midi", "name": words("Après-midi"), "opens": 840, "closes": 1080},
    {"slug": "nuit", "name": words("Nuit"), "opens": 1200, "closes": 1440},
]


@pytest.fixture
def here(app):
    return make.venue(day_parts=PARTS)


def words_of(space, on=MONDAY):
    """What stands against each."""
    rows = taken(space.units, period("mon 0-24").widened(timedelta(days=8), timedelta(days=8)), NOW)
    return [chance.against for chance in chances(space, on, rows, NOW)]


def test_what_nothing_stands_against_is_free_and_what_is_closed_is_not(here):
    assert words_of(make.space(here)) == [None, None, "closed"]


def test_what_is_taken_in_part_is_taken(here):
    room = make.space(here)
    make.reservation(room, "mon 9-10")

    assert words_of(room) == ["taken", None, "closed"]


def test_buffers_count(here):
    room = make.space(here, buffer_after=60)
    make.reservation(room, "mon 12-13:30")

    assert words_of(room) == ["taken", "taken", "closed"]


def test_one_free_desk_is_enough(here):
    desks = make.pool(here, size=2)
    make.reservation(desks, "mon 9-10")

    assert words_of(desks) == [None, None, "closed"]


def test_a_closure_says_closed(here):
    room = make.space(here)
    closing = Closing((room.venue, room), period("mon 8-12"), "Travaux")
    hours.close(closing, read_atlas(), by=cast.manager(here), now=NOW)

    assert words_of(room) == ["closed", None, "closed"]


def test_rules_about_time_count(here):
    assert words_of(make.space(here, longest=120))[0] == "too-long"
    assert words_of(make.space(here), date(2027, 3, 1))[0] == "past"
