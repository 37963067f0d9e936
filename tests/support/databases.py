"""Databases for tests: empty ones, migrated ones, and emptied ones."""

from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, make_url

from booking.db import Base, db

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def create(server: str, name: str) -> str:
    """A new empty database of a PostgreSQL server; `server` and the answer are URLs."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def migrate(app: Flask) -> None:
    """Runs every migration on the database of `app`, as an operator does."""
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()


def empty() -> None:
    """Deletes all rows of all tables, in one transaction of its own. Needs an app context."""
    with db.engine.execution_options(writes=True).begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
