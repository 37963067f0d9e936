"""The database: base class, column types, and the one way to write (docs/decisions/002).

SQLite and PostgreSQL keep the same promise by different means. On SQLite every writing
transaction starts with BEGIN IMMEDIATE, so that its first look already holds the write lock;
readers use a plain BEGIN and never block. On PostgreSQL actions lock the rows they need.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    JSON,
    DateTime,
    Engine,
    Executable,
    Insert,
    Integer,
    MetaData,
    Table,
    bindparam,
    event,
    insert,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached, registry
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MS = 20_000
DEADLOCK, SERIALIZATION = "40P01", "40001"

conclusions: list[Callable[[], None]] = []
"""What each transaction does last, before it is kept; registered when the application starts."""
Words = dict[str, str]
Answer = TypeVar("Answer")


class Base(DeclarativeBase):
    """All tables; every constraint has a name, so that migrations can change it."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            Words: JSON,
            list[str]: JSON,
            list[Words]: JSON,
            dict[str, Any]: JSON,
            dict[str, int]: JSON,
            list[dict[str, Any]]: JSON,
            list[list[int]]: JSON,
            list[list[str]]: JSON,
        },
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware values only, stores UTC, gives aware UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Nothing to do on PostgreSQL, whose connections speak UTC (see `prepare_connection`): a
        page reads hundreds of instants."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Unlucky(Exception):
    """What was drawn by lot is somebody's already: the whole transaction has to be run again."""


class Numbers(TypeDecorator[list[int]]):
    """Several numbers as one value of a statement: an array, on SQLite a JSON text."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = postgresql.ARRAY(Integer) if dialect.name == "postgresql" else JSON()
        return dialect.type_descriptor(kind)


class Among(FunctionElement[int]):
    """Whether a column holds one of the numbers of a parameter: `among(Unit.id, "units")`.

    The statement is the same for any count of them, so that it is put together, and thought about
    by the database, once; with IN it would be another one for each count.
    """

    inherit_cache = True
    name = "among"
    type = Integer()  # Of a Boolean SQLite would be asked "= 1", and not look into an index.


def among(column: Any, parameter: str) -> Among:
    """See Among. The parameter's value is a list of whole numbers."""
    return Among(column, bindparam(parameter, type_=Numbers))


@compiles(Among, "postgresql")
def in_an_array(element: Among, compiler: Any, **given: Any) -> str:
    column, numbers = (compiler.process(one, **given) for one in element.clauses)
    return f"{column} = ANY ({numbers})"


@compiles(Among, "sqlite")
def in_a_list(element: Among, compiler: Any, **given: Any) -> str:
    column, numbers = (compiler.process(one, **given) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"


class Gathered(FunctionElement[list[int]]):
    """The numbers of a column, of all rows in one piece: `Gathered(Unit.id)` is one list, and no
    row for each of them. It is empty, or None, where there are no rows."""

    inherit_cache = True
    name = "gathered"
    type = Numbers()


@compiles(Gathered, "postgresql")
def as_an_array(element: Gathered, compiler: Any, **given: Any) -> str:
    return f"array_agg({compiler.process(element.clauses, **given)})"


@compiles(Gathered, "sqlite")
def as_a_list(element: Gathered, compiler: Any, **given: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **given)})"


class Session(FlaskSession):
    """Flask-SQLAlchemy's session, which knows whether it only looks (see `only_look`)."""

    def get_bind(self, *args: Any, **given: Any) -> Engine | Connection:
        engine = super().get_bind(*args, **given)
        looks = self.info.get("looks") and not self.info.get("writing")
        return at_once(engine) if looks and isinstance(engine, Engine) else engine


@lru_cache(64)
def at_once(engine: Engine) -> Engine:
    """The engine without a transaction around what it is asked, on PostgreSQL."""
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": Session})


def only_look() -> None:
    """Outside of `transaction` this session looks and never writes.

    PostgreSQL shows each statement what is kept at that moment, in a transaction or not: without
    one it is spared BEGIN and ROLLBACK. On SQLite a reader's BEGIN holds one view for the page.
    """
    db.session().info["looks"] = True


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside is kept together, or nothing is.

    Ends the read that came before, so that what is inside sees the latest state; on SQLite
    it waits for the write lock at once. Commits at the end, rolls back on any exception.
    Raises RuntimeError when nested: an edge opens exactly one.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transactions do not nest")
    session.rollback()
    session.info["writing"] = True
    notes().clear()
    try:
        session.connection(execution_options={"writes": True})
        yield
        conclude()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def notes() -> list[Any]:
    """What this transaction has written down for its end; the next one begins without."""
    found: list[Any] = db.session().info.setdefault("notes", [])
    return found


def conclude() -> None:
    """What comes of the notes, at once and not only at the end: who would take what is free now
    comes after those it was promised to. Does nothing while it is at it."""
    info = db.session().info
    if not notes() or info.get("concluding"):
        return
    info["concluding"] = True
    try:
        for conclusion in conclusions:
            conclusion()
    finally:
        info["concluding"] = False


def read(statement: Executable, values: dict[str, Any] | None = None) -> Sequence[Any]:
    """What a statement of columns brings, in five sixths of what the session's own way takes: it
    makes no objects. What the session still holds back is sent first."""
    session = db.session()
    session.flush()
    return session.connection().execute(statement, values).all()


def append(table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Adds rows that nobody needs as objects, at a third of what the session's own way costs.

    What the session still holds back is sent first. Values that are left out are the usual ones.
    """
    db.session.flush()
    if rows:
        db.session.execute(inserting(table), rows[0] if len(rows) == 1 else rows)


def keep(rows: Sequence[Base]) -> None:
    """Writes new objects of one kind down and gives them their numbers, in half of the session's
    own time. They say every other value themselves: what is left out is empty."""
    table = type(rows[0])
    names = [column.name for column in table.__table__.columns if column.name != "id"]
    values = [{name: getattr(row, name) for name in names} for row in rows]
    numbers = db.session.scalars(numbering(table), values[0] if len(values) == 1 else values).all()
    for row, number, kept in zip(rows, numbers, values, strict=True):
        row.id = number  # type: ignore[attr-defined]
        for name in kept.keys() - vars(row).keys():
            setattr(row, name, None)  # Else it would be asked for when it is looked at.
        make_transient_to_detached(row)
    db.session.add_all(rows)


@lru_cache(64)
def numbering(table: type[Base]) -> ReturningInsert[tuple[int]]:
    """The statement that gives the numbers in the order of the rows."""
    kept = cast(Table, table.__table__)
    return insert(kept).returning(kept.c.id, sort_by_parameter_order=True)


@lru_cache(64)
def inserting(table: type[Base]) -> Insert:
    """The statement, which asks for no numbers back."""
    return insert(cast(Table, table.__table__)).inline()


def again(work: Callable[[], Answer], tries: int = 3) -> Answer:
    """The answer of `work`, run again when the database asked for it (deadlock, serialization),
    or bad luck did.

    `work` must be one whole transaction. Raises the last error after `tries` runs.
    """
    for left in range(tries - 1, -1, -1):
        try:
            return work()
        except (DBAPIError, Unlucky) as error:
            db.session.rollback()
            asked = isinstance(error, Unlucky) or sqlstate(error) in (DEADLOCK, SERIALIZATION)
            if not left or not asked:
                raise
            time.sleep(random.uniform(0.01, 0.05))
    raise AssertionError("unreachable")


def sqlstate(error: DBAPIError) -> str | None:
    """The five-letter SQLSTATE of PostgreSQL, None elsewhere."""
    return getattr(error.orig, "sqlstate", None)


@event.listens_for(Engine, "connect")
def prepare_connection(connection: Any, _record: Any) -> None:
    """PostgreSQL: instants come in UTC, whatever its own zone is, and need not be turned; no page
    is worth a second process, which costs more to start than any statement here takes.

    SQLite: foreign keys, WAL, patience; and no BEGIN by Python itself (see `begin`).
    """
    if not isinstance(connection, sqlite3.Connection):
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.commit()
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


@event.listens_for(Engine, "begin")
def begin(connection: Connection) -> None:
    """SQLite: a writer takes the lock before it looks; a reader never waits."""
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
