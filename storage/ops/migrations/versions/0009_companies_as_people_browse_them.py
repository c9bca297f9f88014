"""Companies as people browse them, and searches for more like some of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ORDERS = {
    "seen": "last_seen_at",
    "visits": "session_count",
    "quality": "quality",
    "name": "name",
    "lookalike": "lookalike_rank",
}


def upgrade() -> None:
    op.create_table(
        "company_summaries",
        sa.Column("company_id", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=True),
        sa.Column("industry", sa.String(length=200), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("contact_count", sa.Integer(), nullable=False),
        sa.Column("visitor_count", sa.Integer(), nullable=False),
        sa.Column("session_count", sa.Integer(), nullable=False),
        sa.Column("page_view_count", sa.Integer(), nullable=False),
        sa.Column("deal_count", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(), nullable=True),
        sa.Column("last_seen_at", UTCDateTime(), nullable=True),
        sa.Column("first_channel", sa.String(length=60), nullable=True),
        sa.Column("network_type", sa.String(length=20), nullable=True),
        sa.Column("network_confidence", sa.String(length=10), nullable=True),
        sa.Column("page_paths", json_type(), nullable=False),
        sa.Column("activity", sa.Integer(), nullable=False),
        sa.Column("richness", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("lookalike_rank", sa.Integer(), nullable=True),
        sa.Column("lookalike_score", sa.Float(), nullable=True),
        sa.Column("lookalike_summary", sa.Text(), nullable=False),
        sa.Column("lookalike_reasons", json_type(), nullable=False),
        sa.Column("closest_company_id", sa.String(length=300), nullable=True),
        sa.Column("refreshed_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_company_summaries_organization_id"
        ),
        sa.PrimaryKeyConstraint("company_id", "organization_id", name="pk_company_summaries"),
    )
    op.create_index("ix_company_summaries_organization_id", "company_summaries", ["organization_id"])
    for name, column in ORDERS.items():
        op.create_index(f"ix_company_summaries_{name}", "company_summaries", ["organization_id", column, "company_id"])
    op.create_table(
        "lookalike_searches",
        sa.Column("lookalike_search_id", sa.String(length=36), nullable=False),
        sa.Column("asked", json_type(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answer", json_type(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_lookalike_searches_organization_id"
        ),
        sa.PrimaryKeyConstraint("lookalike_search_id", name="pk_lookalike_searches"),
    )
    op.create_index("ix_lookalike_searches_newest", "lookalike_searches", ["organization_id", "created_at"])
    op.create_index("ix_lookalike_searches_organization_id", "lookalike_searches", ["organization_id"])


def downgrade() -> None:
    op.drop_table("lookalike_searches")
    op.drop_table("company_summaries")
