"""Who may do what, where, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.roles import ADMINISTRATOR, MANAGER, VERBS, Grant, live, may, reach, venues_for

NOW = datetime(2027, 3, 7, 11, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HERE, THERE = 1, 2


def manager(venue=HERE, ends_at=None):
    return Grant(MANAGER, venue, ends_at)


ADMIN = Grant(ADMINISTRATOR, None, None)


@pytest.mark.parametrize("verb", sorted(VERBS[MANAGER]))
def test_a_manager_decides_at_their_venue(verb):
    assert may([manager()], verb, HERE, NOW)


@pytest.mark.parametrize("verb", sorted(VERBS[MANAGER]))
def test_a_manager_decides_nowhere_else(verb):
    assert not may([manager()], verb, THERE, NOW)


@pytest.mark.parametrize("verb", ["grant_role", "load_network"])
def test_a_manager_does_not_run_the_network(verb):
    assert not may([manager()], verb, HERE, NOW)


@pytest.mark.parametrize("venue", [HERE, THERE, None])
@pytest.mark.parametrize("verb", sorted(VERBS[ADMINISTRATOR]))
def test_an_administrator_may_do_everything_everywhere(verb, venue):
    assert may([ADMIN], verb, venue, NOW)


def test_a_role_at_a_venue_does_not_hold_for_the_network():
    assert not may([Grant(ADMINISTRATOR, HERE, None)], "grant_role", None, NOW)


@pytest.mark.parametrize(
    ("grants", "reached"),
    [
        ([], False),
        ([manager()], True),
        ([manager(THERE)], False),
        ([manager(THERE), manager()], True),
        ([manager(ends_at=NOW)], False),
        ([ADMIN], True),
    ],
)
def test_a_role_reaches_its_own_venues(grants, reached):
    assert reach(grants, {HERE}, NOW) is reached


def test_what_is_at_home_nowhere_is_reached_by_roles_without_a_venue():
    assert reach([ADMIN], set(), NOW)
    assert not reach([manager()], set(), NOW)


def test_nobody_may_do_anything_without_a_role():
    assert not may([], "approve", HERE, NOW)


@pytest.mark.parametrize(("left", "holds"), [(SECOND, True), (0 * SECOND, False), (-SECOND, False)])
def test_a_role_ends_at_its_instant(left, holds):
    grant = manager(ends_at=NOW + left)

    assert may([grant], "approve", HERE, NOW) is holds
    assert live([grant], NOW) == ([grant] if holds else [])


@pytest.mark.parametrize(
    ("grants", "venues"),
    [
        ([], set()),
        ([manager(), manager(THERE)], {HERE, THERE}),
        ([manager(), ADMIN], None),
        ([manager(), manager(THERE, NOW)], {HERE}),
    ],
)
def test_the_venues_one_decides_for(grants, venues):
    assert venues_for(grants, "see_requests", NOW) == venues
