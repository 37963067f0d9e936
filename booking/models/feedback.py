"""What people answered after a reservation, and the links that take an answer.

No row here leads to a reservation or a member, neither by a key nor by its order or its time:
numbers are drawn by lot, and of an answer there is no day, only a month.
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base

# On SQLite only an INTEGER is the row's own number, else there would be another one that counts.
DRAWN = BigInteger().with_variant(Integer, "sqlite")


class Link(Base):
    """The link in a mail that takes one answer; only the digest of its token is here.

    Once it has, `space_id` is empty and `last_on`, the last day on which it is known, that of some
    month.
    """

    __tablename__ = "feedback_link"
    __table_args__ = (CheckConstraint("used OR space_id IS NOT NULL", name="space"),)

    id: Mapped[int] = mapped_column(DRAWN, primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    space_id: Mapped[int | None] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), index=True
    )
    last_on: Mapped[date]
    used: Mapped[bool] = mapped_column(default=False, server_default=false())


class Answer(Base):
    """Marks from 1 to 5 and some words about a space. `month`: the first day of that in which it
    was given."""

    __tablename__ = "feedback_answer"
    __table_args__ = (
        CheckConstraint("place BETWEEN 1 AND 5", name="place"),
        CheckConstraint("welcome BETWEEN 1 AND 5", name="welcome"),
        Index("ix_feedback_answer_space_id_month", "space_id", "month"),
    )

    id: Mapped[int] = mapped_column(DRAWN, primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    month: Mapped[date]
    place: Mapped[int]
    welcome: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")
