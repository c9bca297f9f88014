"""Pairs that may be one, and companies that became one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("companies", sa.Column("merged_into_id", sa.String(length=36), nullable=True))
    op.create_index(
        "ix_companies_merged",
        "companies",
        ["merged_into_id"],
        sqlite_where=sa.text("merged_into_id is not null"),
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_table(
        "company_merges",
        sa.Column("company_merge_id", sa.String(length=36), nullable=False),
        sa.Column("survivor_id", sa.String(length=36), nullable=False),
        sa.Column("merged_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("choices", json_type(), nullable=False),
        sa.Column("changed", json_type(), nullable=False),
        sa.Column("moved", json_type(), nullable=False),
        sa.Column("added", json_type(), nullable=False),
        sa.Column("report", json_type(), nullable=False),
        sa.Column("merged_by", sa.String(length=80), nullable=False),
        sa.Column("merged_at", UTCDateTime(), nullable=False),
        sa.Column("undone_by", sa.String(length=80), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["survivor_id"], ["companies.company_id"], name="fk_company_merges_survivor_id"),
        sa.ForeignKeyConstraint(["merged_id"], ["companies.company_id"], name="fk_company_merges_merged_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_company_merges_organization_id"
        ),
        sa.PrimaryKeyConstraint("company_merge_id", name="pk_company_merges"),
    )
    op.create_index("ix_company_merges_organization_id", "company_merges", ["organization_id"])
    op.create_index("ix_company_merges_survivor", "company_merges", ["survivor_id", "status"])
    op.create_index("ix_company_merges_merged", "company_merges", ["merged_id", "status"])
    op.create_table(
        "duplicate_proposals",
        sa.Column("duplicate_proposal_id", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=10), nullable=False),
        sa.Column("left_id", sa.String(length=36), nullable=False),
        sa.Column("right_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("evidence", json_type(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=40), nullable=False),
        sa.Column("merge_id", sa.String(length=36), nullable=True),
        sa.Column("batch_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_duplicate_proposals_organization_id"
        ),
        sa.PrimaryKeyConstraint("duplicate_proposal_id", name="pk_duplicate_proposals"),
        sa.UniqueConstraint(
            "organization_id", "entity", "left_id", "right_id",
            name="uq_duplicate_proposals_organization_id_entity_left_id_right_id",
        ),
    )  # fmt: skip
    op.create_index("ix_duplicate_proposals_organization_id", "duplicate_proposals", ["organization_id"])
    op.create_index(
        "ix_duplicate_proposals_queue",
        "duplicate_proposals",
        ["organization_id", "entity", "status", "probability", "duplicate_proposal_id"],
    )
    op.create_index("ix_duplicate_proposals_left", "duplicate_proposals", ["left_id"])
    op.create_index("ix_duplicate_proposals_right", "duplicate_proposals", ["right_id"])


def downgrade() -> None:
    op.drop_table("duplicate_proposals")
    op.drop_table("company_merges")
    op.drop_index("ix_companies_merged", "companies")
    with op.batch_alter_table("companies") as batch_op:
        batch_op.drop_column("merged_into_id")
