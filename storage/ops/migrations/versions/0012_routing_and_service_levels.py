"""Routing and service levels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rep_duties",
        sa.Column("rep_duty_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("duty", json_type(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_rep_duties_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_rep_duties_user_id"),
        sa.PrimaryKeyConstraint("rep_duty_id", name="pk_rep_duties"),
        sa.UniqueConstraint("organization_id", "user_id", name="uq_rep_duties_organization_id_user_id"),
    )
    with op.batch_alter_table("rep_duties") as batch_op:
        batch_op.create_index("ix_rep_duties_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_rep_duties_user_id", ["user_id"], unique=False)

    op.create_table(
        "routing_turns",
        sa.Column("routing_turn_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("turns", json_type(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_routing_turns_organization_id"
        ),
        sa.PrimaryKeyConstraint("routing_turn_id", name="pk_routing_turns"),
        sa.UniqueConstraint("organization_id", "rule", name="uq_routing_turns_organization_id_rule"),
    )
    with op.batch_alter_table("routing_turns") as batch_op:
        batch_op.create_index("ix_routing_turns_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_notifications_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_notifications_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_notifications_user_id"),
        sa.PrimaryKeyConstraint("notification_id", name="pk_notifications"),
    )
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.create_index("ix_notifications_contact_id", ["contact_id"], unique=False)
        batch_op.create_index("ix_notifications_organization_id", ["organization_id"], unique=False)
        batch_op.create_index(
            "ix_notifications_person", ["organization_id", "user_id", "created_at", "notification_id"], unique=False
        )
        batch_op.create_index("ix_notifications_user_id", ["user_id"], unique=False)

    op.create_table(
        "service_clocks",
        sa.Column("service_clock_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("terms", json_type(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("touched_at", UTCDateTime(), nullable=True),
        sa.Column("paused", json_type(), nullable=False),
        sa.Column("done_acts", json_type(), nullable=False),
        sa.Column("owner_user_id", sa.String(length=36), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("next_look_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_service_clocks_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_service_clocks_organization_id"
        ),
        sa.PrimaryKeyConstraint("service_clock_id", name="pk_service_clocks"),
    )
    with op.batch_alter_table("service_clocks") as batch_op:
        batch_op.create_index("ix_service_clocks_contact", ["contact_id", "is_closed"], unique=False)
        batch_op.create_index("ix_service_clocks_due", ["is_closed", "next_look_at", "service_clock_id"], unique=False)
        batch_op.create_index(
            "ix_service_clocks_open", ["organization_id", "is_closed", "next_look_at", "service_clock_id"], unique=False
        )
        batch_op.create_index("ix_service_clocks_organization_id", ["organization_id"], unique=False)

    with op.batch_alter_table("contacts") as batch_op:
        batch_op.create_index(
            "ix_contacts_owner",
            ["organization_id", "owner_user_id", "lifecycle_stage"],
            unique=False,
            sqlite_where=sa.text("owner_user_id is not null"),
            postgresql_where=sa.text("owner_user_id is not null"),
        )


def downgrade() -> None:
    with op.batch_alter_table("contacts") as batch_op:
        batch_op.drop_index("ix_contacts_owner")

    with op.batch_alter_table("service_clocks") as batch_op:
        batch_op.drop_index("ix_service_clocks_organization_id")
        batch_op.drop_index("ix_service_clocks_open")
        batch_op.drop_index("ix_service_clocks_due")
        batch_op.drop_index("ix_service_clocks_contact")

    op.drop_table("service_clocks")
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.drop_index("ix_notifications_user_id")
        batch_op.drop_index("ix_notifications_person")
        batch_op.drop_index("ix_notifications_organization_id")
        batch_op.drop_index("ix_notifications_contact_id")

    op.drop_table("notifications")
    with op.batch_alter_table("routing_turns") as batch_op:
        batch_op.drop_index("ix_routing_turns_organization_id")

    op.drop_table("routing_turns")
    with op.batch_alter_table("rep_duties") as batch_op:
        batch_op.drop_index("ix_rep_duties_user_id")
        batch_op.drop_index("ix_rep_duties_organization_id")

    op.drop_table("rep_duties")
