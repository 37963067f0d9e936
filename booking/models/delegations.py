"""Who reserves for whom, because the member said so."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.members import Member


class Delegation(Base):
    """A member lets somebody reserve for them, until `ends_at` if there is an end.

    `email` is the address they named, and all that they are shown: `delegate_id` is empty where it
    was nobody's then, which must not be told.
    """

    __tablename__ = "delegation"
    __table_args__ = (UniqueConstraint("member_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    delegate_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(lazy="raise_on_sql", foreign_keys=[member_id])
    delegate: Mapped[Member | None] = relationship(lazy="raise_on_sql", foreign_keys=[delegate_id])
