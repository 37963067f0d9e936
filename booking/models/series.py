"""Series: reservations made from one repeat rule. Each of them is a reservation like any other."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.members import Member
from booking.models.venues import Space


class Series(Base):
    """What was asked for. Its reservations are all made at once, and never again from the rule.

    `rule`: see rules/series.as_json; `first_on` its first date; `opens`, `closes`, `days`: wall
    times, see rules/series.Walls. `left_out`: [ISO date, why] of what was passed over or dropped
    before it was made. `token`: of the form it was sent with; the same form makes it once.
    `asked_on`: when its member was last asked how it was.
    """

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("member_id", "token"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    rule: Mapped[dict[str, Any]]
    first_on: Mapped[date]
    opens: Mapped[int]
    closes: Mapped[int]
    days: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[list[list[str]]]
    token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_on: Mapped[date | None]

    space: Mapped[Space] = relationship(lazy="raise_on_sql")
    member: Mapped[Member] = relationship(lazy="raise_on_sql")
