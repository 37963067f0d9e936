"""The foundation: places, members, reservations, occupancy and its guard, outbox, calendars.

Revision: 0001, after ; 2026-11-22 04:15:04.054500+00:00
"""

import sqlalchemy as sa
from alembic import op

from migrations import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("organisation", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_member"),
        sa.UniqueConstraint("email", name="uq_member_email"),
    )
    op.create_table(
        "network",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=36), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_network_single"),
        sa.PrimaryKeyConstraint("id", name="pk_network"),
    )
    op.create_table(
        "operator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("legal_form", sa.String(length=200), nullable=True),
        sa.Column("public_body", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operator"),
        sa.UniqueConstraint("slug", name="uq_operator_slug"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
    )
    op.create_index("ix_outbox_sent_at_next_try_at", "outbox", ["sent_at", "next_try_at"])

    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('mine', 'requests')", name="ck_feed_kind"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_feed_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("token_hash", name="uq_feed_token_hash"),
    )
    op.create_index("ix_feed_member_id", "feed", ["member_id"])

    op.create_table(
        "mail_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('confirm', 'reset')", name="ck_mail_token_purpose"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_mail_token_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mail_token"),
        sa.UniqueConstraint("token_hash", name="uq_mail_token_token_hash"),
    )
    op.create_index("ix_mail_token_member_id", "mail_token", ["member_id"])

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_sign_in_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_token_hash"),
    )
    op.create_index("ix_sign_in_member_id", "sign_in", ["member_id"])

    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=True),
        sa.Column("step_free", sa.Boolean(), nullable=True),
        sa.Column("phone", sa.String(length=120), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("access", sa.JSON(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("demo_fields", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.CheckConstraint("ceiling > 0", name="ck_venue_ceiling"),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name="fk_venue_operator_id"),
        sa.PrimaryKeyConstraint("id", name="pk_venue"),
        sa.UniqueConstraint("slug", name="uq_venue_slug"),
    )
    op.create_index("ix_venue_operator_id", "venue", ["operator_id"])

    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= opens AND opens < closes AND closes <= 1440", name="ck_opening_hours_span"
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="ck_opening_hours_weekday"),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_opening_hours_venue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opening_hours"),
    )
    op.create_index("ix_opening_hours_venue_id", "opening_hours", ["venue_id"])

    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name IN ('manager', 'administrator')", name="ck_role_name"),
        sa.ForeignKeyConstraint(["granted_by_id"], ["member.id"], name="fk_role_granted_by_id"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_role_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name="fk_role_venue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
    )
    op.create_index("ix_role_venue_id", "role", ["venue_id"])
    op.create_index(
        "uq_role_member_everywhere",
        "role",
        ["member_id", "name"],
        unique=True,
        sqlite_where=sa.text("venue_id IS NULL"),
        postgresql_where=sa.text("venue_id IS NULL"),
    )
    op.create_index(
        "uq_role_member_venue_name", "role", ["member_id", "venue_id", "name"], unique=True
    )

    op.create_table(
        "space",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("offer", sa.String(length=10), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("capacity_per_unit", sa.Integer(), nullable=True),
        sa.Column("area_m2", sa.Integer(), nullable=True),
        sa.Column("layouts", sa.JSON(), nullable=False),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("price_hour", sa.Integer(), nullable=True),
        sa.Column("price_half_day", sa.Integer(), nullable=True),
        sa.Column("price_day", sa.Integer(), nullable=True),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("requires_training", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("demo_fields", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('open_space', 'meeting_room', 'event_hall', 'studio', 'showroom',"
            " 'machine', 'office', 'phone_booth')",
            name="ck_space_kind",
        ),
        sa.CheckConstraint("offer IN ('whole', 'pool')", name="ck_space_offer"),
        sa.CheckConstraint("capacity > 0", name="ck_space_capacity"),
        sa.CheckConstraint("capacity_per_unit > 0", name="ck_space_capacity_per_unit"),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_space_venue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_space"),
        sa.UniqueConstraint("venue_id", "slug", name="uq_space_venue_id_slug"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_unit_venue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("venue_id", "code", name="uq_unit_venue_id_code"),
    )
    op.create_table(
        "policy",
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("approval", sa.String(length=10), nullable=False),
        sa.Column("buffer_before", sa.Integer(), nullable=False),
        sa.Column("buffer_after", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("horizon", sa.Integer(), nullable=False),
        sa.Column("shortest", sa.Integer(), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("grid", sa.Integer(), nullable=False),
        sa.Column("cancel_notice", sa.Integer(), nullable=False),
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
    op.create_table(
        "reservation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'requested', 'confirmed', 'checked_in', 'done', 'declined',"
            " 'withdrawn', 'expired', 'cancelled', 'no_show')",
            name="ck_reservation_state",
        ),
        sa.CheckConstraint("people > 0", name="ck_reservation_people"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_reservation_period"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_reservation_member_id"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_reservation_space_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
        sa.UniqueConstraint("code", name="uq_reservation_code"),
        sa.UniqueConstraint("uid", name="uq_reservation_uid"),
    )
    op.create_index("ix_reservation_member_id_starts_at", "reservation", ["member_id", "starts_at"])
    op.create_index("ix_reservation_space_id_starts_at", "reservation", ["space_id", "starts_at"])
    op.create_index("ix_reservation_state_expires_at", "reservation", ["state", "expires_at"])

    op.create_table(
        "space_unit",
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_space_unit_space_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name="fk_space_unit_unit_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", "unit_id", name="pk_space_unit"),
    )
    op.create_index("ix_space_unit_unit_id", "space_unit", ["unit_id"])

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=False),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_history_member_id"),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name="fk_history_reservation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
    )
    op.create_index("ix_history_reservation_id", "history", ["reservation_id"])

    op.create_table(
        "occupancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name="ck_occupancy_period"),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name="fk_occupancy_reservation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_occupancy_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_occupancy"),
    )
    op.create_index("ix_occupancy_reservation_id", "occupancy", ["reservation_id"])
    op.create_index(
        "ix_occupancy_starts_at_ends_at_unit_id", "occupancy", ["starts_at", "ends_at", "unit_id"]
    )
    op.create_index("ix_occupancy_unit_id_starts_at", "occupancy", ["unit_id", "starts_at"])
    guard.ensure(op.get_bind())


def downgrade() -> None:
    op.drop_table("occupancy")
    op.drop_table("history")
    op.drop_table("space_unit")
    op.drop_table("reservation")
    op.drop_table("policy")
    op.drop_table("unit")
    op.drop_table("space")
    op.drop_table("role")
    op.drop_table("opening_hours")
    op.drop_table("venue")
    op.drop_table("sign_in")
    op.drop_table("mail_token")
    op.drop_table("feed")
    op.drop_table("outbox")
    op.drop_table("operator")
    op.drop_table("network")
    op.drop_table("member")
    op.drop_table("heartbeat")
