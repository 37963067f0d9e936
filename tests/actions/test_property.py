"""Whatever people do in whatever order, no unit is taken twice and every row tells the truth.

Dice play members, managers, the worker and the clock on a small world; after every step an
oracle that shares no code with the actions compares all rows. The same seed is the same day.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from booking.actions import approvals, occupancy
from booking.actions import reservations as act
from booking.actions.reservations import Details
from booking.db import db, transaction
from booking.errors import Refused, SlotTaken, WrongState
from booking.models.extras import ReservationExtra
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.models.venues import Network
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from booking.rules import states
from booking.rules.periods import Period, minus
from migrations import guard
from tests import make

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.own_transactions]
HOUR = timedelta(hours=1)
MORNING = make.moment("mon 8")
NO = (Refused, SlotTaken, WrongState)
# slug -> buffer before, buffer after (minutes), units it takes for one person
SPACES = {
    "hall": (0, 0, 2),
    "left": (0, 0, 1),
    "right": (0, 0, 1),
    "desks": (0, 0, 1),
    "studio": (30, 60, 1),
    "stage": (0, 30, 2),
}
PROJECTORS = 2
ASKED = ("right", "stage")
WAITS = (Reservation.state == "requested",)
KEEPING = {"held", "requested", "confirmed", "checked_in"}


@dataclass(frozen=True)
class World:
    """Who acts: two members and an administrator, by id."""

    people: tuple[int, int]
    admin: int


@pytest.fixture
def world(app):
    """A hall of two halves, which a stage on request shares; three desks; a room with buffers;
    two projectors for all of them."""
    with transaction():
        here = make.venue("quay")
        make.space(here, "hall", units=["a", "b"])
        make.space(here, "left", units=["a"])
        make.space(here, "right", units=["b"], approval="always")
        make.space(here, "stage", units=["a", "b"], approval="always", buffer_after=30)
        make.space(here, "studio", units=["s"], buffer_before=30, buffer_after=60)
        make.pool(here, "desks", size=3, capacity_per_unit=1)
        make.extra(here, "projector", stock=PROJECTORS)
        make.added(Network(id=1, name=make.words("Network"), version=str(uuid4())))
        return World((make.member().id, make.member().id), make.admin().id)


class Desk:
    """One venue over one long Monday; `now` only ever moves on."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.now, self.dice = world, make.NOW, Random(seed)
        self.sequences: dict[int, int] = {}
        with transaction():
            empty()

    def step(self):
        """Somebody does something; mostly they reserve."""
        verbs = {
            self.reserve: 8,
            self.move: 3,
            self.cancel: 2,
            self.approve: 2,
            self.grant: 2,
            self.decline: 1,
            self.time_passes: 1,
            self.the_worker_looks: 1,
        }
        (verb,) = self.dice.choices(list(verbs), list(verbs.values()))
        print(self.now, verb.__name__, self.do(verb))  # Shown when the test fails.

    def do(self, action):
        """One transaction, as at an edge; a no of the house leaves nothing behind."""
        try:
            with transaction():
                return action()
        except NO as no:
            return no.code

    def period(self):
        start, length = self.dice.randint(0, 9), self.dice.randint(1, 3)
        return Period(MORNING + start * HOUR, MORNING + (start + length) * HOUR)

    def one_of(self, *conditions):
        """Any reservation there is of that sort; None where there is none."""
        found = db.session.scalars(with_place().where(*conditions).order_by(Reservation.id)).all()
        return self.dice.choice(found) if found else None

    def reserve(self):
        space = atlas().space("quay", self.dice.choice(sorted(SPACES)))
        chosen = space.pool and self.dice.random() < 0.5
        unit = self.dice.choice(space.units) if chosen else None
        projectors = self.dice.choice([0, 0, 1, 2])
        extras = {"projector": projectors} if projectors else {}
        details = Details(people=self.dice.randint(1, 3), unit_id=unit, extras=extras)
        by = db.session.get_one(Member, self.dice.choice(self.world.people))
        return act.reserve(space, self.period(), details, by=by, now=self.now).code

    def move(self):
        if row := self.one_of():
            self.moves(row)

    def moves(self, row):
        make.moved(row, atlas(), self.period(), by=row.member, now=self.now)

    def cancel(self):
        if row := self.one_of():
            act.cancel(row, atlas(), by=row.member, now=self.now)

    def approve(self):
        if row := self.one_of(Reservation.state == "requested"):
            admin = db.session.get_one(Member, self.world.admin)
            approvals.approve(row, atlas(), by=admin, now=self.now)

    def grant(self):
        """A change of what was granted before, asked for and granted."""
        on_request = Reservation.space_id.in_([atlas().space("quay", one).id for one in ASKED])
        if row := self.one_of(Reservation.state == "confirmed", on_request):
            self.moves(row)
            if asked := self.one_of(Reservation.replaces_id == row.id, *WAITS):
                admin = db.session.get_one(Member, self.world.admin)
                approvals.approve(asked, atlas(), by=admin, now=self.now)

    def decline(self):
        if row := self.one_of(Reservation.state == "requested"):
            admin = db.session.get_one(Member, self.world.admin)
            approvals.decline(row, atlas(), by=admin, now=self.now, why="Complet")

    def time_passes(self):
        self.now = max(self.now, MORNING - HOUR) + self.dice.randint(1, 3) * HOUR

    def the_worker_looks(self):
        if row := self.one_of(Reservation.expires_at <= self.now):
            occupancy.expire(row, self.now)

    def check(self):
        """The tables tell the truth."""
        held, reservations, history = rows(Occupancy), rows(Reservation), rows(History)
        no_unit_is_taken_twice(held)
        what_keeps_its_units_has_its_rows(held, reservations)
        every_history_is_a_chain_through_the_table(history, reservations)
        lines = Counter(line.reservation_id for line in history)
        for one in reservations:
            assert one.sequence == lines[one.id] - 1 >= self.sequences.get(one.id, 0)
            self.sequences[one.id] = one.sequence


def no_unit_is_taken_twice(held):
    for one, other in combinations(held, 2):
        apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
        assert apart or one.unit_id != other.unit_id, "a unit is taken twice"


def what_keeps_its_units_has_its_rows(held, reservations):
    extras = db.session.execute(select(ReservationExtra.__table__)).all()
    slugs = {space.id: space.slug for space in atlas().spaces()}
    for one in reservations:
        slug = slugs[one.space_id]
        before, after, units = SPACES[slug]
        mine = [row for row in held if row.reservation_id == one.id]
        if one.replaces_id is not None:
            has_what_the_other_has_not(one, mine, held)
            continue
        wanted = one.people if slug == "desks" else units
        wanted += sum(beside.count for beside in extras if beside.reservation_id == one.id)
        assert len({row.unit_id for row in mine}) == len(mine)
        assert len(mine) == (wanted if one.state in KEEPING else 0)
        for row in mine:
            assert row.starts_at == one.starts_at - timedelta(minutes=before)
            assert row.ends_at == one.ends_at + timedelta(minutes=after)
            assert row.expires_at == one.expires_at
            assert (row.expires_at is None) == (one.state != "requested")
    assert {row.reservation_id for row in held} <= {one.id for one in reservations}


def has_what_the_other_has_not(asked, mine, held):
    """A request for a change: each of its units is its own or the reservation's at every instant
    that is wanted, and nothing beside that is its own."""
    before, after, _ = SPACES[{space.id: space.slug for space in atlas().spaces()}[asked.space_id]]
    around = Period(
        asked.starts_at - timedelta(minutes=before), asked.ends_at + timedelta(minutes=after)
    )
    assert asked.state in KEEPING or not mine
    for unit in {row.unit_id for row in mine}:
        both = [
            Period(row.starts_at, row.ends_at)
            for row in held
            if row.unit_id == unit and row.reservation_id in (asked.id, asked.replaces_id)
        ]
        assert minus([around], both) == []
    for row in mine:
        assert around.holds(Period(row.starts_at, row.ends_at))
        assert row.expires_at == asked.expires_at is not None


def every_history_is_a_chain_through_the_table(history, reservations):
    for one in reservations:
        state = "new"
        for line in history:
            if line.reservation_id == one.id:
                assert line.before == state
                state = states.TABLE[line.before, line.verb]
                assert line.after == state
        assert one.state == state


def rows(model):
    """All rows as they are in the database now, oldest first."""
    table = model.__table__
    return db.session.execute(select(table).order_by(table.c.id)).all()


def empty() -> None:
    """Nothing is reserved, and nothing ever was."""
    for model in (Occupancy, History, OutboxMessage, ReservationExtra, Reservation):
        db.session.execute(model.__table__.delete())


@contextmanager
def without_guard() -> Iterator[None]:
    """The database forgets its rule for a while."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text(f"ALTER TABLE occupancy DROP CONSTRAINT {guard.NAME}"))
        else:
            for name in guard.TRIGGERS:
                db.session.execute(text(f"DROP TRIGGER {name}"))
    try:
        yield
    finally:
        with transaction():
            empty()
            guard.ensure(db.session.connection())


def play(world, seed):
    """One day of sixty steps, checked after each; returns which verbs it brought about."""
    desk = Desk(world, seed)
    for _ in range(60):
        desk.step()
        desk.check()
    return {line.verb for line in rows(History)}


def test_whatever_happens_no_unit_is_taken_twice(world):
    seen = set().union(*(play(world, seed) for seed in range(8)))

    assert seen == {
        "reserve",
        "request",
        "move",
        "cancel",
        "withdraw",
        "approve",
        "decline",
        "expire",
        "grant",
    }


def test_control_without_guard_and_look_the_oracle_finds_a_unit_taken_twice(world, monkeypatch):
    monkeypatch.setattr(occupancy, "left_by_others", lambda units, around, now: {})

    with without_guard(), pytest.raises(AssertionError, match="taken twice"):
        play(world, 0)
