"""The one way to write: transactions, instants, locks, and doing it again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from booking.db import again, db, keep, only_look, transaction
from booking.models.members import Member
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")


class Mishap(Exception):
    """Something goes wrong in the middle."""


def names():
    """The members another reader sees."""
    with db.engine.connect() as connection:
        return list(connection.execute(select(Member.name)).scalars())


@pytest.fixture
def statements():
    """What is sent to the database, in order."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_transaction_keeps_everything():
    with transaction():
        make.member("Nine")

    assert names() == ["Nine"]


def test_nothing_is_kept_before_its_end():
    with transaction():
        make.member("Nine")
        assert names() == []


def fail(error):
    with transaction():
        make.member("Nine")
        raise error


@pytest.mark.parametrize("error", [Mishap, SystemExit, KeyboardInterrupt])
def test_a_transaction_that_fails_keeps_nothing(error):
    with pytest.raises(error):
        fail(error)

    assert names() == []


def test_transactions_do_not_nest():
    with (
        transaction(),
        pytest.raises(RuntimeError, match="do not nest"),
        transaction(),
    ):
        pass


def test_what_was_written_before_a_nested_one_was_refused_is_kept():
    with transaction():
        make.member("Nine")
        with pytest.raises(RuntimeError):
            transaction().__enter__()

    assert names() == ["Nine"]


def test_after_a_failure_the_next_transaction_works():
    with pytest.raises(Mishap):
        fail(Mishap)
    with transaction():
        make.member("Nine")

    assert names() == ["Nine"]


def test_a_transaction_sees_what_others_have_kept_since_the_last_look():
    with transaction():
        row = make.member("Nine")
    assert row.name == "Nine"
    with db.engine.execution_options(writes=True).begin() as other:
        other.execute(Member.__table__.update().values(name="Zoé"))

    with transaction():
        assert db.session.scalars(select(Member.name)).one() == "Zoé"


def test_an_instant_comes_back_as_it_was_in_utc():
    east = timezone(timedelta(hours=5, minutes=45))
    now = datetime(2027, 3, 7, 16, 45, 0, 123456, tzinfo=east)
    with transaction():
        make.member().confirmed_at = now

    db.session.expire_all()
    kept = db.session.scalars(select(Member.confirmed_at)).one()
    assert (kept, kept.tzinfo) == (now, UTC)


def test_a_naive_datetime_is_refused():
    with pytest.raises(StatementError, match="naive"), transaction():
        make.member().confirmed_at = NOW.replace(tzinfo=None)


def test_a_naive_datetime_is_refused_in_a_question_too():
    naive = NOW.replace(tzinfo=None)

    with pytest.raises(StatementError, match="naive"):
        db.session.scalars(select(Member).where(Member.created_at > naive)).all()


@pytest.mark.one_database
def test_a_writer_takes_the_lock_before_it_looks(statements):
    with transaction():
        db.session.scalars(select(Member)).all()

    assert statements[0] == "BEGIN IMMEDIATE"


@pytest.mark.one_database
def test_a_reader_takes_no_lock(statements):
    db.session.scalars(select(Member)).all()

    assert statements[0] == "BEGIN"


@pytest.mark.one_database
def test_a_reader_does_not_wait_for_a_writer():
    with transaction():
        make.member("Nine")
        assert names() == []


@pytest.mark.one_database
def test_two_writers_do_not_write_at_once():
    with transaction(), db.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout = 1")
        other.rollback()
        with pytest.raises(OperationalError, match="locked"):
            other.execution_options(writes=True).begin()
        other.rollback()
        other.exec_driver_sql("PRAGMA busy_timeout = 20000")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("pragma", "value"), [("foreign_keys", 1), ("journal_mode", "wal"), ("busy_timeout", 20000)]
)
def test_every_connection_is_prepared(pragma, value):
    assert db.session.execute(text(f"PRAGMA {pragma}")).scalar() == value


class Broken(Exception):
    """What a driver raises, with the SQLSTATE of PostgreSQL."""

    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def failing(sqlstate, times):
    """Work that fails so many times; and how often it was run."""
    runs = []

    def work():
        runs.append(1)
        if len(runs) <= times:
            raise DBAPIError("UPDATE", {}, Broken(sqlstate))
        return "done"

    return work, runs


@pytest.mark.one_database
@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_work_is_done_again_when_the_database_asks_for_it(sqlstate):
    work, runs = failing(sqlstate, times=2)

    assert (again(work), len(runs)) == ("done", 3)


@pytest.mark.one_database
def test_work_is_not_done_again_for_ever():
    work, runs = failing("40P01", times=99)

    with pytest.raises(DBAPIError):
        again(work)

    assert len(runs) == 3


@pytest.mark.one_database
@pytest.mark.parametrize("sqlstate", ["23505", None])
def test_work_that_failed_otherwise_is_not_done_again(sqlstate):
    work, runs = failing(sqlstate, times=1)

    with pytest.raises(DBAPIError):
        again(work)

    assert len(runs) == 1


@pytest.mark.one_database
def test_what_a_failed_run_wrote_is_not_kept():
    runs = []

    def work():
        with transaction():
            make.member(f"run {len(runs)}")
            runs.append(1)
            if len(runs) == 1:
                raise DBAPIError("UPDATE", {}, Broken("40001"))

    again(work)

    assert names() == ["run 1"]


def at_once():
    """Whether each statement of this session is on its own, as the driver has it."""
    return getattr(db.session.connection().connection.driver_connection, "autocommit", False)


def test_who_only_looks_needs_no_transaction_until_one_begins(app):
    postgres = db.engine.dialect.name == "postgresql"
    assert at_once() is False
    db.session.rollback()

    only_look()

    assert bool(at_once()) is postgres
    with transaction():
        assert at_once() is False
        make.member("Nine")
        assert names() == []
    assert bool(at_once()) is postgres
    with pytest.raises(Mishap):
        fail(Mishap)
    assert names() == ["Nine"]


def member(n):
    given = {"email": f"{n}@demo.example", "name": f"Membre {n}", "language": "fr"}
    return Member(**given, feedback=True, created_at=NOW)


@pytest.mark.parametrize("many", [1, 3])
def test_objects_that_are_kept_have_their_numbers_and_go_on_as_any_other(many):
    rows = [member(n) for n in range(many)]
    with transaction():
        keep(rows)
        rows[-1].name = "Autre nom"

    found = db.session.execute(select(Member.id, Member.name).order_by(Member.id)).all()

    assert [row.id for row in rows] == [number for number, _ in found]
    assert [name for _, name in found] == [row.name for row in rows]
    assert rows[0].roles == []
    assert all(row in db.session for row in rows)


def test_nothing_is_asked_for_of_what_was_left_out(statements):
    row = member(1)
    with transaction():
        keep([row])
        before = len(statements)

        assert (row.phone, row.blocked_at) == (None, None)
        assert len(statements) == before
