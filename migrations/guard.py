"""The database's own no to two overlapping rows of one unit (docs/decisions/002).

It has one name on both databases. On PostgreSQL it is an exclusion constraint, on SQLite two
triggers. A rebuild of the table (Alembic's batch mode) silently drops them: env.py calls
`ensure` after every run, so that no migration can lose them.
"""

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

NAME = "occupancy_no_overlap"

POSTGRESQL = f"""
ALTER TABLE occupancy ADD CONSTRAINT {NAME}
EXCLUDE USING gist (unit_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
"""

# Rows of one unit never overlap, so the latest that starts before the end is the only one that
# can reach into the period: one step in an index, however long the unit's history is.
SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON occupancy
WHEN NEW.starts_at < (
    SELECT ends_at FROM occupancy
    WHERE unit_id = NEW.unit_id AND id IS NOT {itself} AND starts_at < NEW.ends_at
    ORDER BY starts_at DESC LIMIT 1
)
BEGIN
    SELECT RAISE(ABORT, 'occupancy_no_overlap');
END
"""
TRIGGERS = {
    NAME: SQLITE.format(name=NAME, event="INSERT", itself="NEW.id"),
    f"{NAME}_update": SQLITE.format(name=f"{NAME}_update", event="UPDATE", itself="OLD.id"),
}


GUARDS = {"postgresql": {NAME: POSTGRESQL}, "sqlite": TRIGGERS}
THERE = {
    "postgresql": "SELECT conname FROM pg_constraint WHERE conrelid = 'occupancy'::regclass",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'occupancy'",
}


def ensure(connection: Connection) -> None:
    """Puts the guard in place where it is missing; does nothing where all is well.

    PostgreSQL needs the right to create the extension btree_gist, the first time.
    """
    if not inspect(connection).has_table("occupancy"):
        return
    dialect = connection.dialect.name
    there = {row[0] for row in connection.exec_driver_sql(THERE[dialect])}
    for name, statement in GUARDS[dialect].items():
        if name in there:
            continue
        if dialect == "postgresql":
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
        connection.exec_driver_sql(statement)
