"""A space that required some training names which one.

Revision: 0003, after 0002; 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    training = sa.table(
        "training",
        sa.column("id", sa.Integer),
        sa.column("venue_id", sa.Integer),
        sa.column("slug", sa.String),
        sa.column("name", sa.JSON),
    )
    # After a way back to 0002 a space still knows its training, under that training's own name.
    query = "SELECT id, venue_id, slug FROM space WHERE requires_training AND training_id IS NULL"
    for space_id, venue_id, slug in bind.execute(sa.text(query)).all():
        name = {"fr": "Habilitation", "en": "Training"}
        bind.execute(training.insert().values(venue_id=venue_id, slug=slug, name=name))
        found = sa.select(training.c.id).where(
            training.c.venue_id == venue_id, training.c.slug == slug
        )
        made = bind.scalar(found)
        bind.execute(
            sa.text("UPDATE space SET training_id = :made WHERE id = :space"),
            {"made": made, "space": space_id},
        )
    with op.batch_alter_table("space") as batch:
        batch.drop_column("requires_training")


def downgrade() -> None:
    with op.batch_alter_table("space") as batch:
        batch.add_column(
            sa.Column("requires_training", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(sa.text("UPDATE space SET requires_training = (training_id IS NOT NULL)"))
