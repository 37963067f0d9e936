"""Who waits for a place that is taken, and how long an offer of one holds.

Revision: 0006, after 0005; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'offered', 'taken', 'left', 'passed', 'ended')"


def upgrade() -> None:
    with op.batch_alter_table("policy") as batch:
        batch.add_column(sa.Column("waitlist_hold", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            "ck_policy_waitlist_hold", "waitlist_hold BETWEEN 0 AND 10080"
        )
    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("layout", sa.String(length=20), nullable=True),
        sa.Column("activity", sa.String(length=20), nullable=True),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name="ck_waiting_period"),
        sa.CheckConstraint("people > 0", name="ck_waiting_people"),
        sa.CheckConstraint(STATES, name="ck_waiting_state"),
        sa.CheckConstraint(
            "state <> 'offered' OR reservation_id IS NOT NULL", name="ck_waiting_offered"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_waiting_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_waiting_venue_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_waiting_space_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_waiting_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name="fk_waiting_reservation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_waiting"),
        sa.UniqueConstraint("reservation_id", name="uq_waiting_reservation_id"),
        sa.UniqueConstraint("token_hash", name="uq_waiting_token_hash"),
    )
    op.create_index(
        "ix_waiting_venue_id_state_ends_at", "waiting", ["venue_id", "state", "ends_at"]
    )
    op.create_index("ix_waiting_member_id_state", "waiting", ["member_id", "state"])
    op.create_index("ix_waiting_space_id", "waiting", ["space_id"])


def downgrade() -> None:
    """Nobody can answer an offer any more: what was held for it is free."""
    held = "SELECT id FROM reservation WHERE state = 'held'"
    op.execute(sa.text(f"DELETE FROM occupancy WHERE reservation_id IN ({held})"))
    op.execute(sa.text("UPDATE reservation SET state = 'withdrawn' WHERE state = 'held'"))
    kinds = "'waitlist-offered', 'waitlist-passed'"
    op.execute(sa.text(f"DELETE FROM outbox WHERE kind IN ({kinds}) AND sent_at IS NULL"))
    op.drop_table("waiting")
    with op.batch_alter_table("policy") as batch:
        batch.drop_constraint("ck_policy_waitlist_hold", type_="check")
        batch.drop_column("waitlist_hold")
