"""How many people a reservation brings is said beside what it takes.

Revision: 0014, after 0013; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Of one unit of each reservation; of each unit, where it asks for a change of another one; a
# closure brings nobody. A web process of the version before may run on: its rows say nothing.
FILL = """
UPDATE occupancy SET people = coalesce(
    (
        SELECT people FROM reservation
        WHERE reservation.id = occupancy.reservation_id AND (
            reservation.replaces_id IS NOT NULL
            OR occupancy.unit_id = (
                SELECT min(other.unit_id) FROM occupancy AS other
                WHERE other.reservation_id = occupancy.reservation_id
            )
        )
    ),
    0
)
"""


def upgrade() -> None:
    op.add_column("occupancy", sa.Column("people", sa.Integer(), nullable=True))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("occupancy", "people")
