"""One row that others wait for, where the database alone would let two act on the same sight.

Order of locks: units and reservations (actions/occupancy.py), network, member, organisation, venue.
"""

from functools import lru_cache

from sqlalchemy import Select, bindparam, select

from booking.db import Base, read


def lock(table: type[Base], row_id: int) -> None:
    """Nobody else has this row until the transaction ends. On SQLite nobody writes anyway."""
    read(locking(table), {"row": row_id})


@lru_cache(16)
def locking(table: type[Base]) -> Select[tuple[int]]:
    """The statement, put together once."""
    column = table.__table__.c.id
    return select(column).where(column == bindparam("row")).with_for_update(key_share=True)
