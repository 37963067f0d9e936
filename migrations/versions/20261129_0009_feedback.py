"""What people say after a reservation, the links that ask them, and who is not asked.

Revision: 0009, after 0008; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DRAWN = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PURPOSE = "ck_mail_token_purpose"


def upgrade() -> None:
    op.add_column(
        "member", sa.Column("feedback", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("series", sa.Column("asked_on", sa.Date(), nullable=True))
    with op.batch_alter_table("mail_token") as batch:
        batch.drop_constraint(PURPOSE, type_="check")
        batch.create_check_constraint(PURPOSE, "purpose IN ('confirm', 'reset', 'quiet')")
    op.create_table(
        "feedback_link",
        sa.Column("id", DRAWN, autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.CheckConstraint("used OR space_id IS NOT NULL", name="ck_feedback_link_space"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_feedback_link_space_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_feedback_link"),
        sa.UniqueConstraint("token_hash", name="uq_feedback_link_token_hash"),
    )
    op.create_index("ix_feedback_link_space_id", "feedback_link", ["space_id"])
    op.create_table(
        "feedback_answer",
        sa.Column("id", DRAWN, autoincrement=False, nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("welcome", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 5", name="ck_feedback_answer_place"),
        sa.CheckConstraint("welcome BETWEEN 1 AND 5", name="ck_feedback_answer_welcome"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_feedback_answer_space_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_feedback_answer"),
    )
    op.create_index("ix_feedback_answer_space_id_month", "feedback_answer", ["space_id", "month"])


def downgrade() -> None:
    """Nobody could write these mails or take an answer any more."""
    op.execute(sa.text("DELETE FROM outbox WHERE kind = 'feedback-asked' AND sent_at IS NULL"))
    op.drop_table("feedback_answer")
    op.drop_table("feedback_link")
    op.execute(sa.text("DELETE FROM mail_token WHERE purpose = 'quiet'"))
    with op.batch_alter_table("mail_token") as batch:
        batch.drop_constraint(PURPOSE, type_="check")
        batch.create_check_constraint(PURPOSE, "purpose IN ('confirm', 'reset')")
    op.drop_column("series", "asked_on")
    op.drop_column("member", "feedback")
