"""The rules of a space, kept as numbers; rules/policies.py reads them."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.venues import one_of
from booking.rules.policies import ALWAYS, NEVER


class Policy(Base):
    """One per space. All lengths in minutes, the horizon in days."""

    __tablename__ = "policy"
    __table_args__ = (
        CheckConstraint(one_of("approval", (NEVER, ALWAYS)), name="approval"),
        CheckConstraint(
            "buffer_before BETWEEN 0 AND 1440 AND buffer_after BETWEEN 0 AND 1440", name="buffers"
        ),
        CheckConstraint(
            "0 < shortest AND shortest <= longest AND longest <= 44640", name="lengths"
        ),
        CheckConstraint("grid > 0", name="grid"),
    )

    space_id: Mapped[int] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    approval: Mapped[str] = mapped_column(String(10), default=NEVER)
    buffer_before: Mapped[int] = mapped_column(default=0)
    buffer_after: Mapped[int] = mapped_column(default=0)
    notice: Mapped[int] = mapped_column(default=0)
    horizon: Mapped[int] = mapped_column(default=180)
    shortest: Mapped[int] = mapped_column(default=30)
    longest: Mapped[int] = mapped_column(default=1440)
    grid: Mapped[int] = mapped_column(default=15)
    cancel_notice: Mapped[int] = mapped_column(default=0)
