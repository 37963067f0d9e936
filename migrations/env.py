"""How migrations meet the database: on the application's own engine and tables."""

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from booking import models  # noqa: F401 - registers every table
from booking.db import Base, db
from migrations import guard


def run() -> None:
    """Upgrades or downgrades. On SQLite foreign keys rest while tables are rebuilt."""
    with db.engine.connect().execution_options(writes=True) as connection:
        foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            guard.ensure(connection)
        connection.commit()
        foreign_keys(connection, "ON")


def foreign_keys(connection: Connection, switch: str) -> None:
    """SQLite takes this pragma outside a transaction only, so it goes to the driver itself."""
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys = {switch}")


if context.is_offline_mode():
    raise SystemExit("Migrations look at the database they change: run them online, without --sql.")
run()
