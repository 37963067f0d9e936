"""The rules of a venue or a space, kept as they were given; rules/policies.py reads them."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.venues import one_of
from booking.rules.policies import ALWAYS, NEVER


class Policy(Base):
    """What a venue says for all its spaces, or a space for itself; empty means: nothing said.

    Where both speak the stricter one holds (rules/policies.strictest). All lengths in minutes,
    the horizon in days. `who`: slugs of organisations, or "residents"; none means everybody.
    `quotas`: [{most, of: reservations | minutes, per: day | week | month, by: member |
    organisation}]. `ask_above`: people above which a manager is asked. `nights`: one reservation
    may last over closed hours. `competing`: requests do not hold their place. `waitlist_hold`: how
    long the first in line has for an answer; 0 is no waitlist. `check_in`: minutes after the start
    until which one must have checked in. `ask_after_absences`: so many no-shows make a manager be
    asked. `visitors`: one may ask without an account.
    """

    __tablename__ = "policy"
    __table_args__ = (
        CheckConstraint("(venue_id IS NULL) <> (space_id IS NULL)", name="owner"),
        CheckConstraint(one_of("approval", (NEVER, ALWAYS)), name="approval"),
        CheckConstraint(
            "buffer_before BETWEEN 0 AND 1440 AND buffer_after BETWEEN 0 AND 1440", name="buffers"
        ),
        CheckConstraint("shortest > 0 AND longest > 0 AND longest <= 44640", name="lengths"),
        CheckConstraint("grid > 0", name="grid"),
        CheckConstraint("named_people BETWEEN 0 AND 20", name="named_people"),
        CheckConstraint("waitlist_hold BETWEEN 0 AND 10080", name="waitlist_hold"),
        CheckConstraint("check_in BETWEEN 1 AND 1440", name="check_in"),
        CheckConstraint("ask_after_absences BETWEEN 1 AND 100", name="ask_after_absences"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int | None] = mapped_column(
        ForeignKey("venue.id", ondelete="CASCADE"), unique=True
    )
    space_id: Mapped[int | None] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), unique=True
    )
    approval: Mapped[str | None] = mapped_column(String(10))
    ask_outside_hours: Mapped[bool | None]
    ask_above: Mapped[int | None]
    ask_strangers: Mapped[bool | None]
    competing: Mapped[bool | None]
    who: Mapped[list[str] | None]
    buffer_before: Mapped[int | None]
    buffer_after: Mapped[int | None]
    notice: Mapped[int | None]
    horizon: Mapped[int | None]
    shortest: Mapped[int | None]
    longest: Mapped[int | None]
    grid: Mapped[int | None]
    nights: Mapped[bool | None]
    cancel_notice: Mapped[int | None]
    quotas: Mapped[list[dict[str, Any]] | None]
    named_people: Mapped[int | None]
    activities: Mapped[list[str] | None]
    waitlist_hold: Mapped[int | None]
    check_in: Mapped[int | None]
    ask_after_absences: Mapped[int | None]
    visitors: Mapped[bool | None]
