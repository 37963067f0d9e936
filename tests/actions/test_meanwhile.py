"""What an action does when another transaction is changing the same reservation right now.

The other one (the worker, on its own connection) has ended a request and not yet committed.
The action's clock is a moment older: by its own watch the request still stands.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import current_app
from sqlalchemy import select, text

from booking.actions import approvals
from booking.actions import reservations as act
from booking.db import db, transaction
from booking.errors import WrongState
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.reservations import History, Reservation
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import moment, period

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.own_transactions]
BEFORE, AFTER = moment("mon 8:59"), moment("mon 9:01")


@pytest.fixture
def request_id():
    with transaction():
        here = make.venue("quay")
        make.space(here, "hall", units=["a"], approval="always")
        make.space(here, "half", units=["a"])
        return make.reservation(atlas().space("quay", "hall"), "mon 9-11").id


@pytest.fixture
def admin_id():
    with transaction():
        return cast.admin().id


@pytest.fixture
def member_id():
    with transaction():
        return cast.member().id


def expire(connection, number):
    """What the worker writes, as plain statements."""
    reservation, rows = Reservation.__table__, Occupancy.__table__
    changed = reservation.update().where(reservation.c.id == number)
    connection.execute(changed.values(state="expired"))
    connection.execute(rows.delete().where(rows.c.reservation_id == number))


def wait_until_it_waits():
    """The action has met the other's lock. SQLite does not tell: there it may come later too."""
    if db.engine.dialect.name == "sqlite":
        return
    # In this database alone: other tests have theirs in the same server, and wait as well.
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 10
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(query):
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


def while_it_expires(number, action):
    """The outcome of `action`, run in a thread while the worker has not yet committed."""
    app = current_app._get_current_object()

    def run():
        with app.app_context():
            try:
                with transaction():
                    return action()
            except WrongState as no:
                return no
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        with db.engine.execution_options(writes=True).begin() as worker:
            expire(worker, number)
            outcome = pool.submit(run)
            wait_until_it_waits()
        return outcome.result(timeout=30)


def person(number):
    return db.session.get_one(Member, number)


def reservation(number):
    return db.session.scalars(with_place().where(Reservation.id == number)).one()


def states():
    db.session.rollback()
    return sorted(db.session.scalars(select(Reservation.state)))


def approve(number, by):
    approvals.approve(reservation(number), atlas(), by=person(by), now=BEFORE)


def decline(number, by):
    approvals.decline(reservation(number), atlas(), by=person(by), now=BEFORE, why="Complet")


def cancel(number, by):
    row = reservation(number)
    act.cancel(row, atlas(), by=row.member, now=BEFORE)


def move(number, by):
    row = reservation(number)
    make.moved(row, atlas(), period("mon 12-13"), by=row.member, now=BEFORE)


@pytest.mark.parametrize("change", [approve, decline, cancel, move])
def test_a_request_that_is_just_ending_is_not_changed_any_more(change, request_id, admin_id):
    outcome = while_it_expires(request_id, partial(change, request_id, admin_id))

    assert isinstance(outcome, WrongState)
    assert states() == ["expired"]


def test_a_request_that_is_just_ending_is_not_ended_twice(request_id, member_id):
    def reserve():
        half = atlas().space("quay", "half")
        return make.reservation(half, "mon 10-11", by=person(member_id), now=AFTER).state

    assert while_it_expires(request_id, reserve) == "confirmed"

    assert states() == ["confirmed", "expired"]
    assert "expire" not in db.session.scalars(select(History.verb)).all()
