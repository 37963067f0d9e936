"""Series of reservations, and the date of its series that each stands for.

Revision: 0007, after 0006; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_series_member_id"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_series_space_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("code", name="uq_series_code"),
        sa.UniqueConstraint("member_id", "token", name="uq_series_member_id_token"),
    )
    with op.batch_alter_table("reservation") as batch:
        batch.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("series_on", sa.Date(), nullable=True))
        moved = sa.Column("moved", sa.Boolean(), server_default=sa.false(), nullable=False)
        batch.add_column(moved)
        batch.create_foreign_key("fk_reservation_series_id", "series", ["series_id"], ["id"])
    op.create_index("uq_reservation_series", "reservation", ["series_id", "series_on"], unique=True)


def downgrade() -> None:
    """Mails of series that were not sent yet are forgotten: nobody could write them any more."""
    op.execute(sa.text("DELETE FROM outbox WHERE kind LIKE 'series-%' AND sent_at IS NULL"))
    op.drop_index("uq_reservation_series", "reservation")
    with op.batch_alter_table("reservation") as batch:
        batch.drop_constraint("fk_reservation_series_id", type_="foreignkey")
        batch.drop_column("moved")
        batch.drop_column("series_on")
        batch.drop_column("series_id")
    op.drop_table("series")
