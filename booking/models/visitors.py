"""What people without an account ask for, and the links by which they see what became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, UtcDateTime


class VisitorWish(Base):
    """A wish that holds nothing: it waits for the link in the mail, and is gone with it.

    The link carries a token of which only the digest is here. All else is as in Reservation;
    `exception` is why rules should not hold this once.
    """

    __tablename__ = "visitor_wish"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("people > 0", name="people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="SET NULL"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    people: Mapped[int] = mapped_column(default=1)
    layout: Mapped[str | None] = mapped_column(String(20))
    activity: Mapped[str | None] = mapped_column(String(20))
    named: Mapped[list[str]] = mapped_column(default=list)
    extras: Mapped[dict[str, int]] = mapped_column(default=dict)
    title: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    exception: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VisitorLink(Base):
    """A mailed link to one reservation of somebody without an account: it shows it, and gives it
    back. Every mail has another one; only the digest of its token is here."""

    __tablename__ = "visitor_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(
        ForeignKey("reservation.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
