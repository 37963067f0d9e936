"""Two baskets that want the same rooms in opposite order never wait for each other in a circle.

They run on connections of their own, without the second run that a request would get.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import current_app
from sqlalchemy.exc import DBAPIError

from booking.actions import baskets as act
from booking.actions import reservations
from booking.actions.baskets import Line
from booking.actions.reservations import Details
from booking.db import DEADLOCK, db, sqlstate, transaction
from booking.errors import NotTogether
from booking.models.members import Member
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import NOW, period

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.own_transactions]
ROUNDS = 8
HOURS = [f"{day} {hour}-{hour + 1}" for day in ("mon", "tue") for hour in range(8, 12)]


@pytest.fixture
def members():
    """Two members, by id, at a venue of two rooms."""
    with transaction():
        here = make.venue("quay")
        make.space(here, "red")
        make.space(here, "blue")
        return [cast.member().id, cast.other_member().id]


def both(members, at):
    """What became of the two, at the same instant: "had", "refused" or "deadlock"."""
    app, start = current_app._get_current_object(), threading.Barrier(2, timeout=30)

    def run(number, order):
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    places, by = atlas(), db.session.get_one(Member, number)
                    rooms = [places.space("quay", slug) for slug in order]
                    lines = [Line(room, period(at), Details()) for room in rooms]
                    act.reserve_all(lines, by=by, now=NOW)
                return "had"
            except NotTogether:
                return "refused"
            except DBAPIError as error:
                return "deadlock" if sqlstate(error) == DEADLOCK else repr(error)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        orders = (("red", "blue"), ("blue", "red"))
        sent = [pool.submit(run, n, order) for n, order in zip(members, orders, strict=True)]
        return sorted(one.result(timeout=60) for one in sent)


def slowly(monkeypatch):
    """After each line there is time for the other basket to come."""
    placed = reservations.placed

    def slow(*args, **named):
        made = placed(*args, **named)
        time.sleep(0.2)
        return made

    monkeypatch.setattr(reservations, "placed", slow)


def test_one_has_its_day_and_the_other_is_told(members):
    assert [both(members, at) for at in HOURS] == [["had", "refused"]] * ROUNDS


def test_however_slow_they_are_they_do_not_block_each_other(members, monkeypatch):
    slowly(monkeypatch)

    assert both(members, "mon 9-10") == ["had", "refused"]


def test_control_locking_line_by_line_ends_in_a_deadlock(members, monkeypatch):
    if db.engine.dialect.name == "sqlite":
        return  # Its writers come one after the other: there is nothing to lock.
    slowly(monkeypatch)
    monkeypatch.setattr(act, "units_of", lambda line: [])

    assert "deadlock" in both(members, "mon 9-10")
