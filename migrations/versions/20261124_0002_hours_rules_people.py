"""Hours, rules, people and extras: single dates, closures, organisations, trainings, stock.

Revision: 0002, after 0001; 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("slug", name="uq_organisation_slug"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["member.id"], name="fk_membership_granted_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_membership_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_membership_organisation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    with op.batch_alter_table("membership") as batch:
        batch.create_index("ix_membership_organisation_id", ["organisation_id"], unique=False)
        batch.create_index(
            "uq_membership_member_organisation", ["member_id", "organisation_id"], unique=True
        )

    op.create_table(
        "extra",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("on_request", sa.Boolean(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("spaces", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("demo_fields", sa.JSON(), nullable=False),
        sa.CheckConstraint("price >= 0", name="ck_extra_price"),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_extra_venue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_extra"),
        sa.UniqueConstraint("venue_id", "slug", name="uq_extra_venue_id_slug"),
    )
    op.create_table(
        "resident",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_resident_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_resident_venue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "venue_id", name="pk_resident"),
    )
    op.create_table(
        "training",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_training_venue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_training"),
        sa.UniqueConstraint("venue_id", "slug", name="uq_training_venue_id_slug"),
    )
    op.create_table(
        "extra_unit",
        sa.Column("extra_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["extra_id"], ["extra.id"], name="fk_extra_unit_extra_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name="fk_extra_unit_unit_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("extra_id", "unit_id", name="pk_extra_unit"),
    )
    with op.batch_alter_table("extra_unit") as batch:
        batch.create_index("ix_extra_unit_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "trained",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["granted_by_id"], ["member.id"], name="fk_trained_granted_by_id"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_trained_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name="fk_trained_training_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trained"),
    )
    with op.batch_alter_table("trained") as batch:
        batch.create_index("ix_trained_training_id", ["training_id"], unique=False)
        batch.create_index("uq_trained_member_training", ["member_id", "training_id"], unique=True)

    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name="ck_closure_period"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_closure_member_id"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_closure_space_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_closure_venue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
    )
    with op.batch_alter_table("closure") as batch:
        batch.create_index("ix_closure_venue_id_ends_at", ["venue_id", "ends_at"], unique=False)

    op.create_table(
        "special_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_special_hours_member_id"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_special_hours_space_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_special_hours_venue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_special_hours"),
    )
    with op.batch_alter_table("special_hours") as batch:
        batch.create_index("uq_special_hours_space_id_on", ["space_id", "on"], unique=True)
        batch.create_index(
            "uq_special_hours_venue_id_on",
            ["venue_id", "on"],
            unique=True,
            sqlite_where=sa.text("space_id IS NULL"),
            postgresql_where=sa.text("space_id IS NULL"),
        )

    op.create_table(
        "reservation_extra",
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("extra_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name="ck_reservation_extra_count"),
        sa.ForeignKeyConstraint(["extra_id"], ["extra.id"], name="fk_reservation_extra_extra_id"),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name="fk_reservation_extra_reservation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reservation_id", "extra_id", name="pk_reservation_extra"),
    )
    with op.batch_alter_table("reservation_extra") as batch:
        batch.create_index("ix_reservation_extra_extra_id", ["extra_id"], unique=False)

    with op.batch_alter_table("occupancy") as batch:
        batch.add_column(sa.Column("closure_id", sa.Integer(), nullable=True))
        batch.alter_column("reservation_id", existing_type=sa.INTEGER(), nullable=True)
        batch.create_index("ix_occupancy_closure_id", ["closure_id"], unique=False)
        batch.create_check_constraint("owner", "(reservation_id IS NULL) <> (closure_id IS NULL)")
        batch.create_foreign_key(
            "fk_occupancy_closure_id", "closure", ["closure_id"], ["id"], ondelete="CASCADE"
        )

    with op.batch_alter_table("opening_hours") as batch:
        batch.add_column(sa.Column("space_id", sa.Integer(), nullable=True))
        batch.create_index("ix_opening_hours_space_id", ["space_id"], unique=False)
        batch.create_foreign_key(
            "fk_opening_hours_space_id", "space", ["space_id"], ["id"], ondelete="CASCADE"
        )

    widen_policies()

    with op.batch_alter_table("reservation") as batch:
        batch.add_column(sa.Column("organisation_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("layout", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("activity", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("named", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("asks", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("broken", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("basket", sa.String(length=8), nullable=True))
        batch.create_index("ix_reservation_basket", ["basket"], unique=False)
        batch.create_index("ix_reservation_organisation_id", ["organisation_id"], unique=False)
        batch.create_foreign_key(
            "fk_reservation_organisation_id", "organisation", ["organisation_id"], ["id"]
        )

    with op.batch_alter_table("space") as batch:
        batch.add_column(sa.Column("step_free", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("training_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_space_training_id", "training", ["training_id"], ["id"])

    with op.batch_alter_table("space_unit") as batch:
        batch.add_column(sa.Column("column", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("row", sa.Integer(), nullable=True))

    with op.batch_alter_table("venue") as batch:
        batch.add_column(sa.Column("holidays", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("school_zone", sa.String(length=1), nullable=True))
        batch.add_column(sa.Column("day_parts", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("venue") as batch:
        batch.drop_column("day_parts")
        batch.drop_column("school_zone")
        batch.drop_column("holidays")

    with op.batch_alter_table("space_unit") as batch:
        batch.drop_column("row")
        batch.drop_column("column")

    with op.batch_alter_table("space") as batch:
        batch.drop_constraint("fk_space_training_id", type_="foreignkey")
        batch.drop_column("training_id")
        batch.drop_column("step_free")

    with op.batch_alter_table("reservation") as batch:
        batch.drop_constraint("fk_reservation_organisation_id", type_="foreignkey")
        batch.drop_index("ix_reservation_organisation_id")
        batch.drop_index("ix_reservation_basket")
        batch.drop_column("basket")
        batch.drop_column("broken")
        batch.drop_column("asks")
        batch.drop_column("named")
        batch.drop_column("activity")
        batch.drop_column("layout")
        batch.drop_column("organisation_id")

    narrow_policies()

    op.execute("DELETE FROM opening_hours WHERE space_id IS NOT NULL")
    with op.batch_alter_table("opening_hours") as batch:
        batch.drop_constraint("fk_opening_hours_space_id", type_="foreignkey")
        batch.drop_index("ix_opening_hours_space_id")
        batch.drop_column("space_id")

    op.execute("DELETE FROM occupancy WHERE closure_id IS NOT NULL")
    with op.batch_alter_table("occupancy") as batch:
        batch.drop_constraint(op.f("ck_occupancy_owner"), type_="check")
        batch.drop_constraint("fk_occupancy_closure_id", type_="foreignkey")
        batch.drop_index("ix_occupancy_closure_id")
        batch.alter_column("reservation_id", existing_type=sa.INTEGER(), nullable=False)
        batch.drop_column("closure_id")

    with op.batch_alter_table("reservation_extra") as batch:
        batch.drop_index("ix_reservation_extra_extra_id")

    op.drop_table("reservation_extra")
    with op.batch_alter_table("special_hours") as batch:
        batch.drop_index(
            "uq_special_hours_venue_id_on",
            sqlite_where=sa.text("space_id IS NULL"),
            postgresql_where=sa.text("space_id IS NULL"),
        )
        batch.drop_index("uq_special_hours_space_id_on")

    op.drop_table("special_hours")
    with op.batch_alter_table("closure") as batch:
        batch.drop_index("ix_closure_venue_id_ends_at")

    op.drop_table("closure")
    with op.batch_alter_table("trained") as batch:
        batch.drop_index("uq_trained_member_training")
        batch.drop_index("ix_trained_training_id")

    op.drop_table("trained")
    with op.batch_alter_table("extra_unit") as batch:
        batch.drop_index("ix_extra_unit_unit_id")

    op.drop_table("extra_unit")
    op.drop_table("training")
    op.drop_table("resident")
    op.drop_table("extra")
    with op.batch_alter_table("membership") as batch:
        batch.drop_index("uq_membership_member_organisation")
        batch.drop_index("ix_membership_organisation_id")

    op.drop_table("membership")
    op.drop_table("organisation")


NUMBERS = ("buffer_before", "buffer_after", "notice", "horizon", "shortest", "longest", "grid")
GIVEN = ("approval", *NUMBERS, "cancel_notice")
COLUMNS = ", ".join(("space_id", *GIVEN))


def given(nullable: bool) -> list[sa.Column]:
    """The columns that both shapes of the table have."""
    numbers = [sa.Column(name, sa.Integer(), nullable=nullable) for name in GIVEN[1:]]
    return [sa.Column("approval", sa.String(length=10), nullable=nullable), *numbers]


def widen_policies() -> None:
    """Rules also of venues, each of which may stay unsaid: the table is made anew."""
    rows = op.get_bind().execute(sa.text(f"SELECT {COLUMNS} FROM policy")).mappings().all()
    op.drop_table("policy")
    table = op.create_table(
        "policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("space_id", sa.Integer(), nullable=True),
        *given(nullable=True),
        *[
            sa.Column(name, sa.Boolean(), nullable=True)
            for name in ("ask_outside_hours", "ask_strangers", "competing", "nights")
        ],
        *[sa.Column(name, sa.Integer(), nullable=True) for name in ("ask_above", "named_people")],
        *[sa.Column(name, sa.JSON(), nullable=True) for name in ("who", "quotas", "activities")],
        sa.CheckConstraint("(venue_id IS NULL) <> (space_id IS NULL)", name="ck_policy_owner"),
        sa.CheckConstraint("approval IN ('never', 'always')", name="ck_policy_approval"),
        sa.CheckConstraint(
            "buffer_before BETWEEN 0 AND 1440 AND buffer_after BETWEEN 0 AND 1440",
            name="ck_policy_buffers",
        ),
        sa.CheckConstraint(
            "shortest > 0 AND longest > 0 AND longest <= 44640", name="ck_policy_lengths"
        ),
        sa.CheckConstraint("grid > 0", name="ck_policy_grid"),
        sa.CheckConstraint("named_people BETWEEN 0 AND 20", name="ck_policy_named_people"),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_policy_venue_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_policy_space_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
        sa.UniqueConstraint("venue_id", name="uq_policy_venue_id"),
        sa.UniqueConstraint("space_id", name="uq_policy_space_id"),
    )
    if rows:
        op.bulk_insert(table, [dict(row) for row in rows])


USUAL = {"approval": "never", "horizon": 180, "shortest": 30, "longest": 720, "grid": 15}


def narrow_policies() -> None:
    """Rules of spaces alone: what a venue said is lost, what a space left unsaid is as usual."""
    query = f"SELECT {COLUMNS} FROM policy WHERE space_id IS NOT NULL"
    rows = op.get_bind().execute(sa.text(query)).mappings().all()
    op.drop_table("policy")
    table = op.create_table(
        "policy",
        sa.Column("space_id", sa.Integer(), nullable=False),
        *given(nullable=False),
        sa.CheckConstraint("approval IN ('never', 'always')", name="ck_policy_approval"),
        sa.CheckConstraint(
            "0 < shortest AND shortest <= longest AND longest <= 44640", name="ck_policy_lengths"
        ),
        sa.CheckConstraint(
            "buffer_before BETWEEN 0 AND 1440 AND buffer_after BETWEEN 0 AND 1440",
            name="ck_policy_buffers",
        ),
        sa.CheckConstraint("grid > 0", name="ck_policy_grid"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_policy_space_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", name="pk_policy"),
    )
    usual = dict.fromkeys(GIVEN, 0) | USUAL
    full = [
        {**row, **{name: usual[name] for name in GIVEN if row[name] is None}}
        for row in map(dict, rows)
    ]
    for row in full:  # The old table wants what is usual beside what was said to fit together.
        row["shortest"] = min(row["shortest"], row["longest"])
    if full:
        op.bulk_insert(table, full)
