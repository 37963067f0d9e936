"""Guests of reservations and the passes they were sent.

Revision: 0011, after 0008; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INVITED = "verb IN ('invite', 'send_again')"
MAILS = "'guest-invited', 'guest-moved', 'guest-cancelled', 'guest-arrived'"


def upgrade() -> None:
    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("told", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer IS NULL OR answer IN ('coming', 'declined')", name="ck_guest_answer"
        ),
        sa.CheckConstraint("arrived_at IS NULL OR removed_at IS NULL", name="ck_guest_arrived"),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name="fk_guest_reservation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guest"),
        sa.UniqueConstraint("code", name="uq_guest_code"),
        sa.UniqueConstraint("reservation_id", "email", name="uq_guest_reservation_id_email"),
    )
    op.create_table(
        "door_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["guest_id"], ["guest.id"], name="fk_door_pass_guest_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_door_pass"),
        sa.UniqueConstraint("token_hash", name="uq_door_pass_token_hash"),
    )
    op.create_index("ix_door_pass_guest_id", "door_pass", ["guest_id"])
    where = sa.text(INVITED)
    op.create_index(
        "ix_history_invited",
        "history",
        ["member_id", "at"],
        postgresql_where=where,
        sqlite_where=where,
    )


def downgrade() -> None:
    """Guests are forgotten; no mail to them is sent any more. History keeps its lines."""
    op.drop_index("ix_history_invited", "history")
    op.execute(sa.text(f"DELETE FROM outbox WHERE kind IN ({MAILS}) AND sent_at IS NULL"))
    op.drop_table("door_pass")
    op.drop_table("guest")
