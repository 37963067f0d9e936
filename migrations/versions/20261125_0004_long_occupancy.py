"""An index of the few occupancies that are a day long or longer.

Revision: 0004, after 0003; 2026-11-25
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_occupancy_long",
        "occupancy",
        ["starts_at", "ends_at", "unit_id"],
        postgresql_where=sa.text("ends_at - starts_at >= interval '1 day'"),
        sqlite_where=sa.text("strftime('%s', ends_at) - strftime('%s', starts_at) >= 86400"),
    )


def downgrade() -> None:
    op.drop_index("ix_occupancy_long", "occupancy")
