"""Guests of a reservation, and the passes they were sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.reservations import Reservation
from booking.models.venues import one_of
from booking.rules.guests import ANSWERS


class Guest(Base):
    """Somebody who was invited to a reservation; forgotten with the address 30 days after its end.

    `code` is read out or typed at the door. `told`: the time and place that was mailed last, as
    JSON values; None where nothing was, or the invitation was taken back. `times`: how often an
    invitation was asked for. `ahead`: how far the SEQUENCE of their calendar entry is before the
    reservation's. `removed_at`: the host does not expect them any more.
    """

    __tablename__ = "guest"
    __table_args__ = (
        CheckConstraint(f"answer IS NULL OR {one_of('answer', ANSWERS)}", name="answer"),
        CheckConstraint("arrived_at IS NULL OR removed_at IS NULL", name="arrived"),
        UniqueConstraint("reservation_id", "email", name="uq_guest_reservation_id_email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(8), unique=True)
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    times: Mapped[int] = mapped_column(default=0)
    ahead: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    reservation: Mapped[Reservation] = relationship(lazy="raise_on_sql")


class DoorPass(Base):
    """The link of one mail to a guest, of which only the digest is here. All of a guest's lead to
    the same page, so that an older mail is as good as the last."""

    __tablename__ = "door_pass"

    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)

    guest: Mapped[Guest] = relationship(lazy="raise_on_sql")
