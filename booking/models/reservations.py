"""Reservations and everything that ever happened to them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.members import Member
from booking.models.organisations import Organisation
from booking.models.series import Series
from booking.models.venues import Space, one_of
from booking.rules.states import STATES


def only(condition: str) -> dict[str, Any]:
    """Where an index holds only some of the rows, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Reservation(Base):
    """One period in one space for one member.

    `starts_at` and `ends_at` are what the member asked for; buffers stand only in the
    occupancy. `expires_at`: when an unanswered request or hold gives its units back.
    `sequence` and `uid` are those of its iCalendar event. `organisation_id`: for whom the member
    acts. `named`: who must be there, where the policy wants names. `asks`: why a manager is asked;
    `broken`: the rules an exception was made or is asked for, both as codes. `basket`: the code
    that reservations made together share. `replaces_id`: the reservation that a request would
    change; it stays as it is until a manager says yes. `series_on`: the date of its series that it
    stands for, wherever it has been moved; a request for a change has none. `moved`: by itself, so
    that it keeps its own time and place when the series gets another. `check_in_by`: when it is
    released unless somebody has checked in; None where nobody has to. `sent_as` names the form that
    has made it, as long as it is alive: the same form makes it once.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint(one_of("state", STATES), name="state"),
        Index("ix_reservation_space_id_starts_at", "space_id", "starts_at"),
        Index("ix_reservation_member_id_starts_at", "member_id", "starts_at"),
        Index("ix_reservation_state_expires_at", "state", "expires_at"),
        Index(
            "ix_reservation_unfinished", "ends_at", **only("state IN ('confirmed', 'checked_in')")
        ),
        Index("ix_reservation_awaited", "check_in_by", **only("state = 'confirmed'")),
        Index(
            "uq_reservation_replaces",
            "replaces_id",
            unique=True,
            **only("state = 'requested'"),
        ),
        Index("uq_reservation_sent_as", "sent_as", unique=True),
        Index("uq_reservation_series", "series_id", "series_on", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    state: Mapped[str] = mapped_column(String(12))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    people: Mapped[int] = mapped_column(default=1)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    layout: Mapped[str | None] = mapped_column(String(20))
    activity: Mapped[str | None] = mapped_column(String(20))
    named: Mapped[list[str]] = mapped_column(default=list)
    asks: Mapped[list[str]] = mapped_column(default=list)
    broken: Mapped[list[str]] = mapped_column(default=list)
    basket: Mapped[str | None] = mapped_column(String(8), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_on: Mapped[date | None]
    moved: Mapped[bool] = mapped_column(default=False, server_default=false())
    title: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_in_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_as: Mapped[str | None] = mapped_column(String(64))

    space: Mapped[Space] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    member: Mapped[Member] = relationship(lazy="raise_on_sql")
    history: Mapped[list["History"]] = relationship(lazy="raise_on_sql", order_by="History.id")
    series: Mapped[Series | None] = relationship(lazy="raise_on_sql")
    replaces: Mapped["Reservation | None"] = relationship(lazy="raise_on_sql", remote_side=[id])


class History(Base):
    """One change of one reservation: only ever appended. No member means the system itself.

    `changed`: what was and what is, by column, as JSON values; `units`: the ids of those it gave
    back; `guests`: how many guests it is about, who are not named here.
    """

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_invited", "member_id", "at", **only("verb IN ('invite', 'send_again')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(
        ForeignKey("reservation.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    verb: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(String(12))
    after: Mapped[str] = mapped_column(String(12))
    why: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    member: Mapped[Member | None] = relationship(lazy="raise_on_sql")
