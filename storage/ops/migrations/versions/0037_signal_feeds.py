"""Feeds of news that are read for signals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal_feeds",
        sa.Column("signal_feed_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("about", sa.String(length=253), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("rules", json_type(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("last_modified", sa.String(length=100), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("matched_count", sa.Integer(), nullable=False),
        sa.Column("kept_count", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_signal_feeds_organization_id"
        ),
        sa.PrimaryKeyConstraint("signal_feed_id", name="pk_signal_feeds"),
        sa.UniqueConstraint("organization_id", "url", name="uq_signal_feeds_url"),
    )
    op.create_index("ix_signal_feeds_due", "signal_feeds", ["next_at"])
    op.create_index("ix_signal_feeds_organization_id", "signal_feeds", ["organization_id"])


def downgrade() -> None:
    op.drop_table("signal_feeds")
