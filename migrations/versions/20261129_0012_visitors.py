"""Visitors: a policy that lets them ask, what they ask for, and the links in their mails.

Revision: 0012, after 0008; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policy", sa.Column("visitors", sa.Boolean(), nullable=True))
    op.add_column("mail_token", sa.Column("password_hash", sa.String(length=200), nullable=True))
    op.create_table(
        "visitor_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(length=20), nullable=True),
        sa.Column("activity", sa.String(length=20), nullable=True),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_visitor_wish_period"),
        sa.CheckConstraint("people > 0", name="ck_visitor_wish_people"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_visitor_wish_space_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name="fk_visitor_wish_unit_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visitor_wish"),
        sa.UniqueConstraint("token_hash", name="uq_visitor_wish_token_hash"),
    )
    op.create_index("ix_visitor_wish_space_id", "visitor_wish", ["space_id"])
    op.create_table(
        "visitor_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name="fk_visitor_link_reservation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visitor_link"),
        sa.UniqueConstraint("token_hash", name="uq_visitor_link_token_hash"),
    )
    op.create_index("ix_visitor_link_reservation_id", "visitor_link", ["reservation_id"])


def downgrade() -> None:
    """Nobody can confirm a wish any more, and no account waits for a password."""
    mails = "DELETE FROM outbox WHERE kind = 'visitor-wished' AND sent_at IS NULL"
    op.execute(sa.text(mails))
    op.execute(sa.text("DELETE FROM mail_token WHERE password_hash IS NOT NULL"))
    op.drop_table("visitor_link")
    op.drop_table("visitor_wish")
    with op.batch_alter_table("mail_token") as batch:
        batch.drop_column("password_hash")
    with op.batch_alter_table("policy") as batch:
        batch.drop_column("visitors")
