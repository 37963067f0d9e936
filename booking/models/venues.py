"""Places: the network, its operators, their venues, what one reserves there, and the units."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, Words
from booking.rules.network import KINDS, OFFERS


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a CHECK: the column holds one of the values."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Network(Base):
    """Everything one installation serves; one row. `version` changes whenever a place does."""

    __tablename__ = "network"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Words]
    demo: Mapped[bool] = mapped_column(default=False)
    version: Mapped[str] = mapped_column(String(36), default="")


class Operator(Base):
    """The legal entity that runs venues and answers for personal data."""

    __tablename__ = "operator"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    legal_form: Mapped[str | None] = mapped_column(String(200))
    public_body: Mapped[bool] = mapped_column(default=False)


class Venue(Base):
    """A place with an address, a time zone and opening hours.

    `holidays` is the country (FR, or FR-57 with its part) whose public holidays close it;
    `school_zone` (A, B, C) is shown, and closes nothing. `day_parts`: [{slug, name: Words, opens,
    closes}], minutes of wall time: the periods people ask for by name. `demo_fields` names the
    columns whose values are invented for the demonstration.
    """

    __tablename__ = "venue"
    __table_args__ = (CheckConstraint("ceiling > 0", name="ceiling"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Words]
    summary: Mapped[Words]
    description: Mapped[Words]
    address: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(20))
    city: Mapped[str] = mapped_column(String(100))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    timezone: Mapped[str] = mapped_column(String(64))
    ceiling: Mapped[int | None]
    step_free: Mapped[bool | None]
    phone: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    access: Mapped[Words | None]
    holidays: Mapped[str | None] = mapped_column(String(10))
    school_zone: Mapped[str | None] = mapped_column(String(1))
    day_parts: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    demo_fields: Mapped[list[str]] = mapped_column(default=list)
    sources: Mapped[list[str]] = mapped_column(default=list)

    operator: Mapped[Operator] = relationship(lazy="raise_on_sql")


class Unit(Base):
    """The smallest physical thing that can be taken."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("venue_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[Words]
    position: Mapped[int] = mapped_column(default=0)


class Training(Base):
    """What a venue teaches before it lets people use a machine."""

    __tablename__ = "training"
    __table_args__ = (UniqueConstraint("venue_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[Words]


class Space(Base):
    """What people reserve. Prices are integer cents, excluding VAT; per unit in a pool.

    `equipment`: what stays there, in words; a word of rules/network.FEATURES under "is" where it
    can be searched for. `training_id`: what one has to have learnt. `step_free`: None means as
    the venue.
    """

    __tablename__ = "space"
    __table_args__ = (
        UniqueConstraint("venue_id", "slug"),
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("offer", OFFERS), name="offer"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("capacity_per_unit > 0", name="capacity_per_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[Words]
    description: Mapped[Words]
    kind: Mapped[str] = mapped_column(String(20))
    offer: Mapped[str] = mapped_column(String(10))
    capacity: Mapped[int | None]
    capacity_per_unit: Mapped[int | None]
    area_m2: Mapped[int | None]
    step_free: Mapped[bool | None]
    training_id: Mapped[int | None] = mapped_column(ForeignKey("training.id"))
    layouts: Mapped[dict[str, int]] = mapped_column(default=dict)
    equipment: Mapped[list[Words]] = mapped_column(default=list)
    price_hour: Mapped[int | None]
    price_half_day: Mapped[int | None]
    price_day: Mapped[int | None]
    vat_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    position: Mapped[int] = mapped_column(default=0)
    demo_fields: Mapped[list[str]] = mapped_column(default=list)
    sources: Mapped[list[str]] = mapped_column(default=list)

    venue: Mapped[Venue] = relationship(lazy="raise_on_sql")


class SpaceUnit(Base):
    """Which units a space takes. Two spaces that share a unit exclude each other.

    `column` and `row` say where the unit stands on the plan of the room, from 0; both or none.
    """

    __tablename__ = "space_unit"
    __table_args__ = (Index("ix_space_unit_unit_id", "unit_id"),)

    space_id: Mapped[int] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True
    )
    column: Mapped[int | None]
    row: Mapped[int | None]
