"""The database's own no to two overlapping rows of one unit (DESIGN 2).

It has one name on both databases. On PostgreSQL it is an exclusion constraint. On SQLite it is
two triggers, which a rebuild of the table (Alembic's batch mode) silently drops: env.py calls
`ensure` after every run, so that no migration can lose them.
"""

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

NAME = "occupancy_no_overlap"

POSTGRESQL = f"""
ALTER TABLE occupancy ADD CONSTRAINT {NAME}
EXCLUDE USING gist (unit_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
"""

SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON occupancy
WHEN EXISTS (
    SELECT 1 FROM occupancy
    WHERE unit_id = NEW.unit_id AND id IS NOT {itself}
      AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
)
BEGIN
    SELECT RAISE(ABORT, 'occupancy_no_overlap');
END
"""
TRIGGERS = {
    NAME: SQLITE.format(name=NAME, event="INSERT", itself="NEW.id"),
    f"{NAME}_update": SQLITE.format(name=f"{NAME}_update", event="UPDATE", itself="OLD.id"),
}


def create(connection: Connection) -> None:
    """Puts the guard in place. PostgreSQL needs the right to create the extension btree_gist."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
        connection.exec_driver_sql(POSTGRESQL)
    else:
        ensure(connection)


def ensure(connection: Connection) -> None:
    """Puts back what a rebuild of the table has dropped; does nothing where all is well."""
    if connection.dialect.name != "sqlite" or not inspect(connection).has_table("occupancy"):
        return
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    there = {row[0] for row in connection.exec_driver_sql(query)}
    for name, statement in TRIGGERS.items():
        if name not in there:
            connection.exec_driver_sql(statement)
