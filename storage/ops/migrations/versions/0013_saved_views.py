"""Saved views of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("saved_view_id", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("question", json_type(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("owner_user_id", sa.String(length=36), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_saved_views_organization_id"
        ),
        sa.PrimaryKeyConstraint("saved_view_id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_organization_id", "saved_views", ["organization_id"])
    op.create_index("ix_saved_views_list", "saved_views", ["organization_id", "entity", "name"])


def downgrade() -> None:
    op.drop_table("saved_views")
