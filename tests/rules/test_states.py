"""The whole table of states, cell by cell."""

import pytest

from booking.errors import WrongState
from booking.rules import states

VERBS = sorted({verb for _, verb in states.TABLE} | {"forget"})
PAIRS = [(state, verb) for state in (states.NEW, *states.STATES) for verb in VERBS]
TAKEN_BACK = {"restore", "excuse"}
ENDS = set(states.STATES) - {was for was, verb in states.TABLE if verb not in TAKEN_BACK}


@pytest.mark.parametrize(("state", "verb"), PAIRS)
def test_a_verb_leads_where_the_table_says_or_nowhere(state, verb):
    if (state, verb) in states.TABLE:
        assert states.move(state, verb) == states.TABLE[state, verb]
    else:
        with pytest.raises(WrongState) as no:
            states.move(state, verb)
        assert no.value.facts == {"state": state, "verb": verb}


@pytest.mark.parametrize(("state", "verb"), PAIRS)
def test_a_state_knows_its_verbs(state, verb):
    assert states.knows(state, verb) is ((state, verb) in states.TABLE)


def test_every_state_can_be_reached():
    assert set(states.TABLE.values()) == set(states.STATES)


def test_every_state_but_the_ends_leads_on():
    ends = {"done", "declined", "withdrawn", "expired", "cancelled", "no_show", "granted"}
    assert ends == ENDS


def test_only_what_was_given_back_by_oneself_comes_back():
    pairs = states.TABLE.items()
    restored = {before: after for (before, verb), after in pairs if verb == "restore"}
    assert restored == {"cancelled": "confirmed", "withdrawn": "requested"}


def test_no_end_keeps_its_units():
    assert not ENDS & states.KEEPING


def test_every_state_that_is_no_end_keeps_its_units():
    assert set(states.STATES) - ENDS == states.KEEPING


def test_an_absence_can_be_excused_and_nothing_else():
    pairs = states.TABLE.items()
    excused = {before: after for (before, verb), after in pairs if verb == "excuse"}
    assert excused == {"no_show": "done"}


def test_what_expires_knows_how_to():
    assert {before for before, verb in states.TABLE if verb == "expire"} == states.EXPIRING


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("held", "TENTATIVE"),
        ("requested", "TENTATIVE"),
        ("confirmed", "CONFIRMED"),
        ("checked_in", "CONFIRMED"),
        ("done", "CONFIRMED"),
        ("declined", "CANCELLED"),
        ("withdrawn", "CANCELLED"),
        ("expired", "CANCELLED"),
        ("cancelled", "CANCELLED"),
        ("no_show", "CANCELLED"),
        ("granted", "CANCELLED"),
    ],
)
def test_what_a_calendar_shows(state, status):
    assert states.ical_status(state) == status
