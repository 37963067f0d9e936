"""A form that is sent twice reserves once.

Revision: 0013, after 0012; 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reservation", sa.Column("sent_as", sa.String(64), nullable=True))
    op.create_index("uq_reservation_sent_as", "reservation", ["sent_as"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_reservation_sent_as", table_name="reservation")
    op.drop_column("reservation", "sent_as")
