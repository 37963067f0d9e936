"""Checking in: how long a policy waits, and until when a reservation does.

Revision: 0008, after 0007; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_reservation_unfinished": ("ends_at", "state IN ('confirmed', 'checked_in')"),
    "ix_reservation_awaited": ("check_in_by", "state = 'confirmed'"),
}
CHECKS = {
    "ck_policy_check_in": "check_in BETWEEN 1 AND 1440",
    "ck_policy_ask_after_absences": "ask_after_absences BETWEEN 1 AND 100",
}


def upgrade() -> None:
    with op.batch_alter_table("policy") as batch:
        for name in ("check_in", "ask_after_absences"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name, condition in CHECKS.items():
            batch.create_check_constraint(name, condition)
    with op.batch_alter_table("reservation") as batch:
        batch.add_column(sa.Column("check_in_by", sa.DateTime(timezone=True), nullable=True))
    for name, (column, condition) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "reservation", [column], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    released = "DELETE FROM outbox WHERE kind = 'reservation-released' AND sent_at IS NULL"
    op.execute(sa.text(released))
    for name in INDEXES:
        op.drop_index(name, "reservation")
    with op.batch_alter_table("reservation") as batch:
        batch.drop_column("check_in_by")
    with op.batch_alter_table("policy") as batch:
        for name in CHECKS:
            batch.drop_constraint(name, type_="check")
        for name in ("ask_after_absences", "check_in"):
            batch.drop_column(name)
