"""How far apart venues lie."""

import pytest

from booking.rules.distance import kilometres

MARSEILLE, AIX = (43.2965, 5.3698), (43.5297, 5.4474)


def test_marseille_and_aix_are_27_kilometres_apart():
    assert kilometres(MARSEILLE, AIX) == pytest.approx(26.7, abs=0.2)


def test_the_way_back_is_as_long():
    assert kilometres(AIX, MARSEILLE) == kilometres(MARSEILLE, AIX)


def test_a_place_is_no_way_from_itself():
    assert kilometres(AIX, AIX) == 0


def test_the_other_side_of_the_world_is_half_its_girth():
    assert kilometres((0, 0), (0, 180)) == pytest.approx(20015, abs=1)


def test_across_the_date_line_is_near():
    assert kilometres((0, 179.9), (0, -179.9)) == pytest.approx(22.2, abs=0.1)


@pytest.mark.parametrize("place", [(None, 5.0), (43.0, None), (None, None)])
def test_an_unknown_place_has_no_distance(place):
    assert kilometres(place, AIX) is None
