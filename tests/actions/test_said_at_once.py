"""Two managers say the same for the first time, at the same moment: one row, and nobody fails.

The first has written and not yet committed when the second begins. Each control takes the lock
away: then the second has looked before the first's row was there.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, SAWarning
from sqlalchemy.orm.exc import StaleDataError

from booking.actions import grants, organisations, roles, trainings
from booking.actions import hours as act
from booking.actions.hours import DayHours
from booking.db import db, transaction
from booking.errors import NotFound
from booking.models.hours import SpecialHours
from booking.models.members import Member, Role
from booking.models.organisations import Membership, Trained
from booking.models.venues import Network, Training, Venue
from booking.queries import hours as find
from booking.queries.venues import read_atlas
from tests import cast, make
from tests.actions.test_meanwhile import wait_until_it_waits
from tests.make import NOW

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.own_transactions]
MONDAY = date(2027, 3, 8)
BROKEN = (IntegrityError, StaleDataError, SAWarning)


@pytest.fixture
def facts():
    """Who says what of whom, as plain values: each transaction reads its own rows."""
    with transaction():
        db.session.add(Network(id=1, name="Quais", version="1"))
        here, member, admin = make.venue("quay"), cast.member(), cast.admin()
        make.organisation("firm", here)
        laser = make.training(here)
        return SimpleNamespace(venue=here.id, email=member.email, admin=admin.id, laser=laser.id)


def admin(facts):
    return db.session.get_one(Member, facts.admin)


def train(facts):
    training = db.session.get_one(Training, facts.laser)
    trainings.train(facts.email, training, by=admin(facts), now=NOW)


def join(facts):
    firm = read_atlas().organisations["firm"]
    organisations.join(facts.email, firm, by=admin(facts), now=NOW)


def appoint(facts):
    here = db.session.get_one(Venue, facts.venue)
    roles.grant(facts.email, "manager", here, by=admin(facts), now=NOW)


def set_day(facts, opens=600):
    covers = (read_atlas().venue("quay"), None)
    return act.set_hours(covers, DayHours(MONDAY, [(opens, 720)]), by=admin(facts), now=NOW)


def clear_day(facts):
    act.clear_hours(find.special_day(facts.day, facts.venue), by=admin(facts), now=NOW)


SAID = [(train, grants, Trained), (join, grants, Membership), (appoint, roles, Role)]
SAID += [(set_day, act, SpecialHours)]


def at_once(first, second):
    """What `second` ends with (None: all is well), begun while `first` is not yet kept."""
    app = current_app._get_current_object()

    def run():
        with app.app_context():
            try:
                with transaction():
                    second()
            except (NotFound, *BROKEN) as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            first()
            outcome = pool.submit(run)
            wait_until_it_waits()
        return outcome.result(timeout=30)


def unlocked(monkeypatch, module):
    monkeypatch.setattr(module, "lock", lambda table, row_id: None)


def count(table):
    db.session.rollback()
    query = select(func.count()).select_from(table)
    return db.session.scalar(query.where(table.member_id != 0))


@pytest.mark.parametrize(("say", "module", "table"), SAID)
def test_said_twice_at_once_it_is_written_down_once(say, module, table, facts):
    before = count(table)

    assert at_once(partial(say, facts), partial(say, facts)) is None

    assert count(table) == before + 1


@pytest.mark.parametrize(("say", "module", "table"), SAID)
def test_control_without_the_lock_the_second_fails(say, module, table, facts, monkeypatch):
    if db.engine.dialect.name == "sqlite":
        return  # Its writers come one after the other: there is nothing to lock.
    unlocked(monkeypatch, module)

    assert isinstance(at_once(partial(say, facts), partial(say, facts)), IntegrityError)


@pytest.fixture
def day(facts):
    with transaction():
        facts.day = set_day(facts, opens=540).id


def test_hours_are_cleared_once(facts, day):
    assert isinstance(at_once(partial(clear_day, facts), partial(clear_day, facts)), NotFound)

    assert count(SpecialHours) == 0


def test_hours_that_are_just_cleared_are_set_anew(facts, day):
    assert at_once(partial(clear_day, facts), partial(set_day, facts)) is None

    assert count(SpecialHours) == 1


@pytest.mark.parametrize("second", [clear_day, set_day])
def test_control_without_the_lock_it_looks_for_what_is_gone(second, facts, day, monkeypatch):
    if db.engine.dialect.name == "sqlite":
        return
    unlocked(monkeypatch, act)

    assert isinstance(at_once(partial(clear_day, facts), partial(second, facts)), BROKEN)
