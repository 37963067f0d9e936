"""What was changed of a reservation, and requests that would change one.

Revision: 0005, after 0004; 2026-11-25
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = (
    *("held", "requested", "confirmed", "checked_in", "done"),
    *("declined", "withdrawn", "expired", "cancelled", "no_show"),
)


def one_of(states: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(repr(state) for state in states)})"


def upgrade() -> None:
    with op.batch_alter_table("history") as batch:
        batch.add_column(sa.Column("changed", sa.JSON(), nullable=True))
    with op.batch_alter_table("reservation") as batch:
        batch.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_reservation_replaces_id", "reservation", ["replaces_id"], ["id"]
        )
        batch.drop_constraint("ck_reservation_state", type_="check")
        batch.create_check_constraint("ck_reservation_state", one_of((*BEFORE, "granted")))
    where = sa.text("state = 'requested'")
    op.create_index(
        "uq_reservation_replaces",
        "reservation",
        ["replaces_id"],
        unique=True,
        postgresql_where=where,
        sqlite_where=where,
    )


def downgrade() -> None:
    waiting = "SELECT id FROM reservation WHERE replaces_id IS NOT NULL AND state = 'requested'"
    op.execute(sa.text(f"DELETE FROM occupancy WHERE reservation_id IN ({waiting})"))
    op.execute(sa.text(f"UPDATE reservation SET state = 'withdrawn' WHERE id IN ({waiting})"))
    op.execute(sa.text("UPDATE reservation SET state = 'withdrawn' WHERE state = 'granted'"))
    op.execute(sa.text("UPDATE history SET after = 'withdrawn' WHERE after = 'granted'"))
    op.drop_index("uq_reservation_replaces", "reservation")
    with op.batch_alter_table("reservation") as batch:
        batch.drop_constraint("ck_reservation_state", type_="check")
        batch.create_check_constraint("ck_reservation_state", one_of(BEFORE))
        batch.drop_constraint("fk_reservation_replaces_id", type_="foreignkey")
        batch.drop_column("replaces_id")
    with op.batch_alter_table("history") as batch:
        batch.drop_column("changed")
