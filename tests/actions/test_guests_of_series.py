"""Guests of one date of a series hear of what becomes of that date, and of nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import guests, series_approvals, series_cancels, series_changes
from booking.actions.series_changes import Shift
from booking.db import db
from booking.models.outbox import OutboxMessage
from booking.queries.venues import atlas
from booking.rules.series import Walls
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")


def mails():
    query = select(OutboxMessage.kind, OutboxMessage.to).where(OutboxMessage.kind.like("guest-%"))
    return [tuple(row) for row in db.session.execute(query.order_by(OutboxMessage.id))]


@pytest.fixture
def host():
    return cast.member()


def with_guests(made, host):
    """A guest at each of the first two dates, named by its number."""
    rows = make.dates(made)
    for number in (0, 1):
        guests.invite(rows[number], f"{number}@example.org", by=host, now=NOW)
    return rows


def test_a_series_that_is_moved_moves_the_guests_of_its_dates(host):
    made = make.series(make.space(), by=host, people=3)
    rows = with_guests(made, host)
    shift = Shift(walls=Walls(14 * 60, 16 * 60))
    found = series_changes.steps_for(made, rows, shift, atlas())

    series_changes.change(made, found, atlas(), by=host, now=NOW)

    assert mails()[2:] == [("guest-moved", "0@example.org"), ("guest-moved", "1@example.org")]


def test_dates_that_are_given_back_are_cancelled_and_may_be_taken_back(host):
    made = make.series(make.space(), by=host, people=3)
    rows = with_guests(made, host)
    series_cancels.cancel(made, rows[1:], atlas(), by=host, now=NOW)
    assert mails()[2:] == [("guest-cancelled", "1@example.org")]

    later = NOW + timedelta(seconds=1)
    series_cancels.restore(made, make.dates(made), atlas(), by=host, now=later)

    assert mails()[2:] == []


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_guests_of_a_series_that_was_asked_for_hear_of_the_yes_only(host, verb):
    here = make.venue()
    made = make.series(make.space(here, approval="always"), by=host, people=3)
    rows, desk = with_guests(made, host), cast.manager(here)
    assert mails() == []

    if verb == "approve":
        series_approvals.approve(made, rows, atlas(), by=desk, now=NOW)
    else:
        series_approvals.decline(made, rows, atlas(), by=desk, now=NOW, why="Travaux")

    yes = [("guest-invited", "0@example.org"), ("guest-invited", "1@example.org")]
    assert mails() == (yes if verb == "approve" else [])
