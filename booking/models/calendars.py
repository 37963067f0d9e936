"""Calendar addresses that a token opens."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.members import Member
from booking.models.venues import one_of

MINE, REQUESTS = "mine", "requests"
FEED_KINDS = (MINE, REQUESTS)


class Feed(Base):
    """A private calendar address: of one member's reservations, or of requests to decide."""

    __tablename__ = "feed"
    __table_args__ = (CheckConstraint(one_of("kind", FEED_KINDS), name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")
