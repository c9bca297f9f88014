"""Imports, jobs, money and scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fx_rates",
        sa.Column("rate_on", sa.Date(), nullable=False),
        sa.Column("from_currency", sa.String(length=3), nullable=False),
        sa.Column("to_currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=18, scale=8, asdecimal=False), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("rate_on", "from_currency", "to_currency", name="pk_fx_rates"),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("utm_source", sa.String(length=200), nullable=True),
        sa.Column("utm_medium", sa.String(length=200), nullable=True),
        sa.Column("utm_campaign", sa.String(length=200), nullable=True),
        sa.Column("sequence_id", sa.String(length=36), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_campaigns_organization_id"
        ),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_campaigns"),
        sa.UniqueConstraint("organization_id", "name", name="uq_campaigns_organization_id_name"),
    )
    with op.batch_alter_table("campaigns") as batch_op:
        batch_op.create_index("ix_campaigns_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "client_costs",
        sa.Column("client_cost_id", sa.String(length=36), nullable=False),
        sa.Column("cost_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_client_costs_organization_id"
        ),
        sa.PrimaryKeyConstraint("client_cost_id", name="pk_client_costs"),
    )
    with op.batch_alter_table("client_costs") as batch_op:
        batch_op.create_index("ix_client_costs_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "contact_feature_snapshots",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("features", json_type(), nullable=False),
        sa.Column("as_of_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_contact_feature_snapshots_organization_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", name="pk_contact_feature_snapshots"),
    )
    with op.batch_alter_table("contact_feature_snapshots") as batch_op:
        batch_op.create_index("ix_contact_feature_snapshots_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "imports",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("dialect", json_type(), nullable=False),
        sa.Column("mapping", json_type(), nullable=False),
        sa.Column("duplicates", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("created_count", sa.Integer(), nullable=False),
        sa.Column("updated_count", sa.Integer(), nullable=False),
        sa.Column("skipped_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("detail", json_type(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_imports_organization_id"
        ),
        sa.PrimaryKeyConstraint("import_id", name="pk_imports"),
    )
    with op.batch_alter_table("imports") as batch_op:
        batch_op.create_index("ix_imports_content_hash", ["content_hash"], unique=False)
        batch_op.create_index("ix_imports_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("payload", json_type(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("unique_key", sa.String(length=200), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("run_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("leased_by", sa.String(length=80), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"], name="fk_jobs_organization_id"),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sa.UniqueConstraint("unique_key", name="uq_jobs_unique_key"),
    )
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.create_index("ix_jobs_due", ["status", "priority", "run_at", "job_id"], unique=False)
        batch_op.create_index("ix_jobs_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "quarantine_replays",
        sa.Column("quarantine_replay_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("quarantine_ids", json_type(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("replayed_count", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("target_id", sa.String(length=36), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_quarantine_replays_organization_id"
        ),
        sa.PrimaryKeyConstraint("quarantine_replay_id", name="pk_quarantine_replays"),
    )
    with op.batch_alter_table("quarantine_replays") as batch_op:
        batch_op.create_index("ix_quarantine_replays_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("entity_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("before", json_type(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name="fk_import_rows_import_id"),
        sa.PrimaryKeyConstraint("import_id", "row_number", name="pk_import_rows"),
    )
    with op.batch_alter_table("import_rows") as batch_op:
        batch_op.create_index("ix_import_rows_outcome", ["import_id", "outcome", "row_number"], unique=False)

    op.create_table(
        "spend",
        sa.Column("spend_id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", sa.String(length=36), nullable=True),
        sa.Column("spend_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_spend_campaign_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_spend_organization_id"
        ),
        sa.PrimaryKeyConstraint("spend_id", name="pk_spend"),
    )
    with op.batch_alter_table("spend") as batch_op:
        batch_op.create_index("ix_spend_day", ["organization_id", "spend_on"], unique=False)
        batch_op.create_index("ix_spend_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "scores",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("band", sa.String(length=10), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("fit_score", sa.Float(), nullable=False),
        sa.Column("engagement_score", sa.Float(), nullable=False),
        sa.Column("grade", sa.String(length=4), nullable=False),
        sa.Column("reasons", json_type(), nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("scored_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_scores_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_scores_organization_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", name="pk_scores"),
    )
    with op.batch_alter_table("scores") as batch_op:
        batch_op.create_index("ix_scores_best", ["organization_id", "score", "contact_id"], unique=False)
        batch_op.create_index("ix_scores_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "revenue_entries",
        sa.Column("revenue_entry_id", sa.String(length=36), nullable=False),
        sa.Column("deal_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_revenue_entries_deal_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_revenue_entries_organization_id"
        ),
        sa.PrimaryKeyConstraint("revenue_entry_id", name="pk_revenue_entries"),
    )
    with op.batch_alter_table("revenue_entries") as batch_op:
        batch_op.create_index("ix_revenue_entries_contact_id", ["contact_id"], unique=False)
        batch_op.create_index("ix_revenue_entries_deal_id", ["deal_id"], unique=False)
        batch_op.create_index("ix_revenue_entries_organization_id", ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("revenue_entries") as batch_op:
        batch_op.drop_index("ix_revenue_entries_organization_id")
        batch_op.drop_index("ix_revenue_entries_deal_id")
        batch_op.drop_index("ix_revenue_entries_contact_id")

    op.drop_table("revenue_entries")
    with op.batch_alter_table("scores") as batch_op:
        batch_op.drop_index("ix_scores_organization_id")
        batch_op.drop_index("ix_scores_best")

    op.drop_table("scores")
    with op.batch_alter_table("spend") as batch_op:
        batch_op.drop_index("ix_spend_organization_id")
        batch_op.drop_index("ix_spend_day")

    op.drop_table("spend")
    with op.batch_alter_table("import_rows") as batch_op:
        batch_op.drop_index("ix_import_rows_outcome")

    op.drop_table("import_rows")
    with op.batch_alter_table("quarantine_replays") as batch_op:
        batch_op.drop_index("ix_quarantine_replays_organization_id")

    op.drop_table("quarantine_replays")
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_index("ix_jobs_organization_id")
        batch_op.drop_index("ix_jobs_due")

    op.drop_table("jobs")
    with op.batch_alter_table("imports") as batch_op:
        batch_op.drop_index("ix_imports_organization_id")
        batch_op.drop_index("ix_imports_content_hash")

    op.drop_table("imports")
    with op.batch_alter_table("contact_feature_snapshots") as batch_op:
        batch_op.drop_index("ix_contact_feature_snapshots_organization_id")

    op.drop_table("contact_feature_snapshots")
    with op.batch_alter_table("client_costs") as batch_op:
        batch_op.drop_index("ix_client_costs_organization_id")

    op.drop_table("client_costs")
    with op.batch_alter_table("campaigns") as batch_op:
        batch_op.drop_index("ix_campaigns_organization_id")

    op.drop_table("campaigns")
    op.drop_table("fx_rates")
