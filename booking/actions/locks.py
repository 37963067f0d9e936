"""One row that others wait for, where the database alone would let two act on the same sight.

Order of locks: units and reservations (actions/occupancy.py), network, member, organisation, venue.
"""

from sqlalchemy import select

from booking.db import Base, read


def lock(table: type[Base], row_id: int) -> None:
    """Nobody else has this row until the transaction ends. On SQLite nobody writes anyway."""
    column = table.__table__.c.id
    query = select(column).where(column == row_id)
    read(query.with_for_update(key_share=True))
