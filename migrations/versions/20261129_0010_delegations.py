"""Members let others reserve for them.

Revision: 0010, after 0008; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["member.id"],
            name="fk_delegation_member_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["member.id"],
            name="fk_delegation_delegate_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delegation"),
        sa.UniqueConstraint("member_id", "email", name="uq_delegation_member_id_email"),
    )
    op.create_index("ix_delegation_delegate_id", "delegation", ["delegate_id"])


def downgrade() -> None:
    told = "DELETE FROM outbox WHERE kind IN ('delegation-made', 'delegation-ended')"
    op.execute(sa.text(f"{told} AND sent_at IS NULL"))
    op.drop_table("delegation")
