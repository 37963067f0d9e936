"""What a reservation may take beside its space: a projector, a technician, a meal."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, Words


class Extra(Base):
    """Something of a venue. Its units are its stock: none at all means that it never runs out.

    `on_request`: whoever wants it asks for the whole reservation. `spaces`: slugs of the venue's
    spaces that may have it; none means all. The price, cents excluding VAT, is for one piece and
    the whole reservation.
    """

    __tablename__ = "extra"
    __table_args__ = (
        UniqueConstraint("venue_id", "slug"),
        CheckConstraint("price >= 0", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[Words]
    description: Mapped[Words]
    on_request: Mapped[bool] = mapped_column(default=False)
    price: Mapped[int | None]
    vat_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    spaces: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    demo_fields: Mapped[list[str]] = mapped_column(default=list)


class ExtraUnit(Base):
    """One piece of the stock: a unit like any other, under the same promise."""

    __tablename__ = "extra_unit"

    extra_id: Mapped[int] = mapped_column(
        ForeignKey("extra.id", ondelete="CASCADE"), primary_key=True
    )
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ReservationExtra(Base):
    """How many pieces of an extra a reservation has."""

    __tablename__ = "reservation_extra"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    reservation_id: Mapped[int] = mapped_column(
        ForeignKey("reservation.id", ondelete="CASCADE"), primary_key=True
    )
    extra_id: Mapped[int] = mapped_column(ForeignKey("extra.id"), primary_key=True, index=True)
    count: Mapped[int]

    extra: Mapped[Extra] = relationship(lazy="raise_on_sql")
