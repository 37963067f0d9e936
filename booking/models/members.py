"""People, what they may do, and where they are signed in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base, UtcDateTime
from booking.models.venues import Venue, one_of
from booking.rules.roles import ROLES

CONFIRM, RESET, QUIET = "confirm", "reset", "quiet"


class Member(Base):
    """A person, mostly with an account. The address is lower case; unconfirmed ones cannot reserve.

    Without a password they are a visitor: they asked for a place and proved their address by a
    mailed link (docs/decisions/019). `feedback`: whether a mail may ask them how it was.
    """

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="fr")
    phone: Mapped[str | None] = mapped_column(String(40))
    organisation: Mapped[str | None] = mapped_column(String(120))
    feedback: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    roles: Mapped[list["Role"]] = relationship(
        lazy="selectin", foreign_keys="Role.member_id", back_populates="member"
    )

    @property
    def visitor(self) -> bool:
        """Whether they have no account that one could sign in to."""
        return self.password_hash is None


class Role(Base):
    """What a member may do at a venue, or everywhere when the venue is empty."""

    __tablename__ = "role"
    __table_args__ = (
        CheckConstraint(one_of("name", ROLES), name="name"),
        Index("uq_role_member_venue_name", "member_id", "venue_id", "name", unique=True),
        Index(
            "uq_role_member_everywhere",
            "member_id",
            "name",
            unique=True,
            sqlite_where=text("venue_id IS NULL"),
            postgresql_where=text("venue_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    venue_id: Mapped[int | None] = mapped_column(
        ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(20))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(
        lazy="raise_on_sql", foreign_keys=[member_id], back_populates="roles"
    )
    venue: Mapped[Venue | None] = relationship(lazy="raise_on_sql")


class SignIn(Base):
    """One browser that is signed in. Its cookie carries a token; only the digest is here."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")


class MailToken(Base):
    """A link in a mail that acts once: it confirms an address, resets a password or ends mails that
    ask how it was.

    `password_hash`: what a visitor chose who wants an account; theirs once the link has acted.
    """

    __tablename__ = "mail_token"
    __table_args__ = (CheckConstraint(one_of("purpose", (CONFIRM, RESET, QUIET)), name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")
