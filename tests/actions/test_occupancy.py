"""The promise: no unit is ever taken twice. The database has the last word, and is heard."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.actions import occupancy
from booking.db import db
from booking.errors import SlotTaken, WrongState
from booking.models.occupancy import GUARD, Occupancy
from booking.models.reservations import Reservation
from booking.queries.venues import atlas
from migrations import guard
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def room(app):
    return make.space()


@pytest.fixture
def there(room):
    """A reservation of the room, Monday from 9 to 11."""
    return make.reservation(room, "mon 9-11")


def row(reservation, at, unit):
    """A row as no action would write it."""
    return {
        "unit_id": unit,
        "reservation_id": reservation.id,
        "starts_at": period(at).start,
        "ends_at": period(at).end,
    }


def insert(values):
    with db.session.begin_nested():
        db.session.execute(Occupancy.__table__.insert().values(values))


def rows():
    return len(db.session.scalars(select(Occupancy)).all())


def drop_guard():
    """What a careless migration would do."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"ALTER TABLE occupancy DROP CONSTRAINT {guard.NAME}"))
    else:
        for name in guard.TRIGGERS:
            db.session.execute(text(f"DROP TRIGGER {name}"))


@pytest.fixture
def unguarded(there):
    """The guard is gone for this test; its transaction is rolled back, and so is this."""
    drop_guard()


def nothing_is_taken(monkeypatch):
    """Actions look, and see every unit free, as they would under an older snapshot."""
    monkeypatch.setattr(occupancy, "left_by_others", lambda units, around, now: {})


OVERLAPS = ["mon 8-10", "mon 9-10", "mon 9-11", "mon 9:30-10", "mon 8-12", "mon 10-12"]


@pytest.mark.parametrize("at", OVERLAPS)
def test_the_database_refuses_a_second_row_over_the_first(there, room, at):
    with pytest.raises(IntegrityError, match=GUARD):
        insert(row(there, at, room.units[0]))


@pytest.mark.parametrize("at", ["mon 8-9", "mon 11-12"])
def test_rows_may_touch(there, room, at):
    insert(row(there, at, room.units[0]))

    assert rows() == 2


def test_rows_of_different_units_may_overlap(there):
    insert(row(there, "mon 9-11", make.space().units[0]))

    assert rows() == 2


@pytest.mark.parametrize("at", OVERLAPS)
def test_the_database_refuses_to_move_a_row_over_another(there, room, at):
    insert(row(there, "tue 9-11", room.units[0]))
    later = update(Occupancy).where(Occupancy.starts_at == moment("tue 9"))
    wanted = period(at)

    with pytest.raises(IntegrityError, match=GUARD), db.session.begin_nested():
        db.session.execute(later.values(starts_at=wanted.start, ends_at=wanted.end))


def test_the_database_refuses_to_give_a_row_to_a_unit_that_is_taken(there, room):
    other = make.space().units[0]
    insert(row(there, "mon 10-12", other))
    change = update(Occupancy).where(Occupancy.unit_id == other).values(unit_id=room.units[0])

    with pytest.raises(IntegrityError, match=GUARD), db.session.begin_nested():
        db.session.execute(change)


def test_a_row_may_be_moved_over_its_own_old_time(there):
    wanted = period("mon 10-12")

    db.session.execute(update(Occupancy).values(starts_at=wanted.start, ends_at=wanted.end))

    assert db.session.scalars(select(Occupancy)).one().starts_at == wanted.start


def test_a_row_may_be_changed_otherwise(there):
    db.session.execute(update(Occupancy).values(expires_at=NOW))

    assert rows() == 1


def test_an_expired_row_still_counts_for_the_database(there, room):
    """Whoever wants its unit removes it first (docs/decisions/002); nobody writes over it."""
    db.session.execute(update(Occupancy).values(expires_at=NOW))

    with pytest.raises(IntegrityError, match=GUARD):
        insert(row(there, "mon 10-12", room.units[0]))


def test_a_row_ends_after_it_starts(there, room):
    values = row(there, "tue 9-11", room.units[0])
    values["ends_at"] = values["starts_at"]

    with pytest.raises(DBAPIError):
        insert(values)


def test_when_only_the_database_says_no_the_place_is_taken(there, room, monkeypatch):
    nothing_is_taken(monkeypatch)

    with pytest.raises(SlotTaken), db.session.begin_nested():
        make.reservation(room, "mon 10-12")

    assert rows() == 1


def test_when_only_the_database_says_no_to_a_move_the_place_is_taken(there, room, monkeypatch):
    member = cast.member()
    made = make.reservation(room, "tue 9-11", by=member)
    nothing_is_taken(monkeypatch)

    with pytest.raises(SlotTaken), db.session.begin_nested():
        make.moved(made, atlas(), period("mon 10-12"), by=member, now=NOW)


def test_control_without_the_guard_the_same_room_is_taken_twice(unguarded, room, monkeypatch):
    nothing_is_taken(monkeypatch)

    make.reservation(room, "mon 10-12")

    assert rows() == 2


def test_control_without_the_guard_rows_may_overlap(unguarded, there, room):
    insert(row(there, "mon 10-12", room.units[0]))

    assert rows() == 2


def test_control_the_look_alone_also_refuses(unguarded, room):
    with pytest.raises(SlotTaken):
        make.reservation(room, "mon 10-12")


def test_another_error_of_the_database_is_not_taken_for_the_guard(there):
    with pytest.raises(IntegrityError), db.session.begin_nested():
        occupancy.take(there, [987_654_321], period("tue 9-11"))


def test_what_expires_gives_its_units_back_and_tells_why(app):
    made = make.reservation(make.space(approval="always"))

    occupancy.expire(made, moment("mon 9"))

    assert (made.state, rows()) == ("expired", 0)


def test_what_is_confirmed_does_not_expire(there):
    with pytest.raises(WrongState):
        occupancy.expire(there, moment("mon 9"))


def test_what_the_worker_has_expired_meanwhile_is_not_expired_again(app):
    """The worker has the row already; its units are only just being given back."""
    space, table = make.space(approval="always"), Reservation.__table__
    old = make.reservation(space, "mon 9-11")
    db.session.execute(table.update().where(table.c.id == old.id).values(state="expired"))

    occupancy.expire_holds(space.units, period("mon 9-12"), moment("mon 9:30"))

    db.session.refresh(old)
    assert (old.state, old.sequence) == ("expired", 0)


def test_a_deleted_reservation_takes_its_rows_with_it(there):
    db.session.execute(text("DELETE FROM history"))
    db.session.execute(delete(Reservation).where(Reservation.id == there.id))

    assert rows() == 0
