"""One unit taken for one period: the table the promise is kept in.

The database itself refuses two overlapping rows of one unit, by a guard called
``occupancy_no_overlap``: an exclusion constraint on PostgreSQL, two triggers on SQLite. It
lives in a migration, since no table definition can say it for both.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement

from booking.db import Base, UtcDateTime

GUARD = "occupancy_no_overlap"
A_DAY_OR_LONGER = {
    "postgresql": "{0}ends_at - {0}starts_at >= interval '1 day'",
    "sqlite": "strftime('%s', {0}ends_at) - strftime('%s', {0}starts_at) >= 86400",
}
"""As each database says it, with the name of the table before each column. A query must say it in
the very words of the index, or the index is not used. SQLite counts whole seconds, and may count
one second too many, never one too few."""


class Long(FunctionElement[int]):
    """Whether a row is a day long or longer. Few are, and they have an index of their own: so that
    queries look back one day for all others."""

    inherit_cache = True
    name = "long"
    type = Integer()  # As in `db.Among`.


@compiles(Long)
def say(_element: Long, compiler: Any, **_: Any) -> str:
    return A_DAY_OR_LONGER[compiler.dialect.name].format("occupancy.")


class Occupancy(Base):
    """Taken by a reservation or by a closure. `starts_at` and `ends_at` include the buffers. An
    expired row blocks nobody. No row is longer than 33 days: a long closure has several.
    What moves has a new row: of an old one only `expires_at` changes, and calendars count on it.

    `people` are those of the reservation, said of one of its units, so that who sums them up at
    any instant counts everybody who is there and nobody twice; a request for a change, which has
    what its reservation has not, says them of each and may be counted more than once. Where nobody
    said it (a version that does not know of it wrote the row), it is None.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("(reservation_id IS NULL) <> (closure_id IS NULL)", name="owner"),
        Index("ix_occupancy_unit_id_starts_at", "unit_id", "starts_at"),
        Index("ix_occupancy_starts_at_ends_at_unit_id", "starts_at", "ends_at", "unit_id"),
        Index(
            "ix_occupancy_long",
            *("starts_at", "ends_at", "unit_id"),
            postgresql_where=text(A_DAY_OR_LONGER["postgresql"].format("")),
            sqlite_where=text(A_DAY_OR_LONGER["sqlite"].format("")),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    reservation_id: Mapped[int | None] = mapped_column(
        ForeignKey("reservation.id", ondelete="CASCADE"), index=True
    )
    closure_id: Mapped[int | None] = mapped_column(
        ForeignKey("closure.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    people: Mapped[int | None]
