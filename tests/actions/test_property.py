"""Whatever people do in whatever order, no unit is taken twice and every row tells the truth.

Hypothesis plays members, managers and the clock on a small world; after every step an oracle
that shares no code with the actions compares all rows.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text

from booking.actions import approvals, occupancy
from booking.actions import reservations as act
from booking.actions.reservations import Details
from booking.db import db, transaction
from booking.errors import Refused, SlotTaken, WrongState
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.models.venues import Network
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from booking.rules import states
from booking.rules.periods import Period
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
KEEPING = {"held", "requested", "confirmed", "checked_in"}
PERIODS = st.tuples(st.integers(0, 9), st.integers(1, 3)).map(
    lambda pair: Period(MORNING + pair[0] * HOUR, MORNING + (pair[0] + pair[1]) * HOUR)
)


@dataclass(frozen=True)
class World:
    """Who acts: two members and an administrator, by id."""

    people: tuple[int, int]
    admin: int


@pytest.fixture
def world(app):
    """A hall of two halves, which a stage on request shares; three desks; a room with buffers."""
    with transaction():
        here = make.venue("quay")
        make.space(here, "hall", units=["a", "b"])
        make.space(here, "left", units=["a"])
        make.space(here, "right", units=["b"], approval="always")
        make.space(here, "stage", units=["a", "b"], approval="always", buffer_after=30)
        make.space(here, "studio", units=["s"], buffer_before=30, buffer_after=60)
        make.pool(here, "desks", size=3, capacity_per_unit=1)
        make.added(Network(id=1, name=make.words("Network"), version=str(uuid4())))
        return World((make.member().id, make.member().id), make.admin().id)


class Desk(RuleBasedStateMachine):
    """One venue over one long Monday; `now` only ever moves on."""

    made = Bundle("made")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.now = world, make.NOW
        self.sequences: dict[int, int] = {}
        with transaction():
            empty()

    def do(self, action) -> int | None:
        """One transaction, as at an edge; a no of the house leaves nothing behind."""
        try:
            with transaction():
                return action()
        except NO:
            return None

    def member(self, number):
        return db.session.get_one(make.Member, number)

    def reservation(self, number):
        return db.session.scalars(with_place().where(Reservation.id == number)).one()

    @rule(
        target=made,
        slug=st.sampled_from(sorted(SPACES)),
        period=PERIODS,
        who=st.integers(0, 1),
        people=st.integers(1, 3),
        chosen=st.one_of(st.none(), st.integers(0, 2)),
    )
    def reserve(self, slug, period, who, people, chosen):
        def action():
            space = atlas().space("quay", slug)
            unit = space.units[chosen] if slug == "desks" and chosen is not None else None
            details = Details(people=people, unit_id=unit)
            by = self.member(self.world.people[who])
            return act.reserve(space, period, details, by=by, now=self.now).id

        number = self.do(action)
        return multiple() if number is None else number

    @rule(number=made, period=PERIODS)
    def move(self, number, period):
        def action():
            row = self.reservation(number)
            act.move(row, atlas(), period, by=row.member, now=self.now)

        self.do(action)

    @rule(number=made)
    def cancel(self, number):
        def action():
            row = self.reservation(number)
            act.cancel(row, atlas(), by=row.member, now=self.now)

        self.do(action)

    @rule(number=made, yes=st.booleans())
    def decide(self, number, yes):
        def action():
            row, by = self.reservation(number), self.member(self.world.admin)
            decision = approvals.approve if yes else partial(approvals.decline, why="Complet")
            decision(row, atlas(), by=by, now=self.now)

        self.do(action)

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours):
        self.now = max(self.now, MORNING - HOUR) + hours * HOUR

    @rule(number=made)
    def the_worker_looks(self, number):
        def action():
            row = self.reservation(number)
            if row.expires_at is not None and row.expires_at <= self.now:
                occupancy.expire(row, self.now)

        self.do(action)

    @invariant()
    def the_tables_tell_the_truth(self):
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
    slugs = {space.id: space.slug for space in atlas().spaces()}
    for one in reservations:
        slug = slugs[one.space_id]
        before, after, units = SPACES[slug]
        mine = [row for row in held if row.reservation_id == one.id]
        wanted = one.people if slug == "desks" else units
        assert len({row.unit_id for row in mine}) == len(mine)
        assert len(mine) == (wanted if one.state in KEEPING else 0)
        for row in mine:
            assert row.starts_at == one.starts_at - timedelta(minutes=before)
            assert row.ends_at == one.ends_at + timedelta(minutes=after)
            assert row.expires_at == one.expires_at
            assert (row.expires_at is None) == (one.state != "requested")
    assert {row.reservation_id for row in held} <= {one.id for one in reservations}


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
    for model in (Occupancy, History, OutboxMessage, Reservation):
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
            guard.create(db.session.connection())


def play(world, examples):
    """So many days of fifteen steps each; always the same ones, so that a failure stays."""
    run_state_machine_as_test(
        partial(Desk, world),
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_no_unit_is_taken_twice(world):
    play(world, 40)


def test_control_without_guard_and_look_the_oracle_finds_a_unit_taken_twice(world, monkeypatch):
    monkeypatch.setattr(occupancy, "busy", lambda units, around, now: {})

    with without_guard(), pytest.raises(AssertionError, match="taken twice"):
        play(world, 100)
