"""Who waits for a place that is taken, and what became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.venues import one_of
from booking.rules.waitlist import STATES


class Waiting(Base):
    """A member in line for a period in one space or, without one, in any of the kind there.

    What is offered is a reservation that is `held` for them: `reservation_id`, until
    `offered_until`; the link in the mail carries a token of which only the digest is here. Of an
    entry that waits again all three are empty. All else is as in Reservation.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("state <> 'offered' OR reservation_id IS NOT NULL", name="offered"),
        Index("ix_waiting_venue_id_state_ends_at", "venue_id", "state", "ends_at"),
        Index("ix_waiting_member_id_state", "member_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"))
    space_id: Mapped[int | None] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    people: Mapped[int] = mapped_column(default=1)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    layout: Mapped[str | None] = mapped_column(String(20))
    activity: Mapped[str | None] = mapped_column(String(20))
    named: Mapped[list[str]] = mapped_column(default=list)
    extras: Mapped[dict[str, int]] = mapped_column(default=dict)
    title: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), unique=True)
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")
    reservation: Mapped[Reservation | None] = relationship(lazy="raise_on_sql")
