"""When venues and spaces are open, by the week and on single dates, and when they are closed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.members import Member


class OpeningHours(Base):
    """One span of a weekday (0 is Monday), minutes since midnight, wall time of the venue.

    With a space: that space's own hours, instead of the venue's.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    space_id: Mapped[int | None] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), index=True
    )
    weekday: Mapped[int]
    opens: Mapped[int]
    closes: Mapped[int]


class SpecialHours(Base):
    """The hours of one date, instead of the weekly ones and of a holiday's closing.

    `spans`: [[opens, closes]] in minutes of wall time, earliest first; none means closed all day.
    Without a space it holds for the whole venue; a space's own come before the venue's.
    """

    __tablename__ = "special_hours"
    __table_args__ = (
        Index("uq_special_hours_space_id_on", "space_id", "on", unique=True),
        Index(
            "uq_special_hours_venue_id_on",
            "venue_id",
            "on",
            unique=True,
            sqlite_where=text("space_id IS NULL"),
            postgresql_where=text("space_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    on: Mapped[date]
    spans: Mapped[list[list[int]]]
    why: Mapped[str] = mapped_column(String(200), default="")
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")


class Closure(Base):
    """Time when the units of a space, or of the whole venue, cannot be reserved: who says so, why.

    It takes units like a reservation does, by rows of occupancy; once it has ended it has none.
    """

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        Index("ix_closure_venue_id_ends_at", "venue_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(200))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")
