"""Providers of data that are connected, workflows, runs row by row, calls with their price, and where values came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrichment_budgets",
        sa.Column("enrichment_budget_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_budgets_organization_id"
        ),
        sa.PrimaryKeyConstraint("enrichment_budget_id", name="pk_enrichment_budgets"),
        sa.UniqueConstraint("organization_id", "scope", name="uq_enrichment_budgets_organization_id_scope"),
    )
    op.create_index("ix_enrichment_budgets_organization_id", "enrichment_budgets", ["organization_id"])
    op.create_table(
        "enrichment_calls",
        sa.Column("enrichment_call_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_run_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_row_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_connection_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_answer_id", sa.String(length=36), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.String(length=1000), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_calls_organization_id"
        ),
        sa.PrimaryKeyConstraint("enrichment_call_id", name="pk_enrichment_calls"),
    )
    op.create_index("ix_enrichment_calls_company", "enrichment_calls", ["company_id"])
    op.create_index("ix_enrichment_calls_contact", "enrichment_calls", ["contact_id"])
    op.create_index(
        "ix_enrichment_calls_newest", "enrichment_calls", ["organization_id", "asked_at", "enrichment_call_id"]
    )
    op.create_index("ix_enrichment_calls_organization_id", "enrichment_calls", ["organization_id"])
    op.create_index("ix_enrichment_calls_row", "enrichment_calls", ["enrichment_row_id"])
    op.create_index("ix_enrichment_calls_run", "enrichment_calls", ["enrichment_run_id", "outcome"])
    op.create_table(
        "enrichment_connections",
        sa.Column("enrichment_connection_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_reason", sa.String(length=200), nullable=False),
        sa.Column("options", json_type(), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=True),
        sa.Column("per_unit", sa.BigInteger(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("concurrent", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", UTCDateTime(), nullable=True),
        sa.Column("next_slot_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_connections_organization_id"
        ),
        sa.PrimaryKeyConstraint("enrichment_connection_id", name="pk_enrichment_connections"),
        sa.UniqueConstraint("organization_id", "name", name="uq_enrichment_connections_organization_id_name"),
    )
    op.create_index("ix_enrichment_connections_organization_id", "enrichment_connections", ["organization_id"])
    op.create_table(
        "enrichment_workflows",
        sa.Column("enrichment_workflow_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("on_capture", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_workflows_organization_id"
        ),
        sa.PrimaryKeyConstraint("enrichment_workflow_id", name="pk_enrichment_workflows"),
        sa.UniqueConstraint("organization_id", "name", name="uq_enrichment_workflows_organization_id_name"),
    )
    op.create_index("ix_enrichment_workflows_organization_id", "enrichment_workflows", ["organization_id"])
    op.create_table(
        "enrichment_answers",
        sa.Column("enrichment_answer_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_connection_id", sa.String(length=36), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("question_hash", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("told", json_type(), nullable=False),
        sa.Column("raw", json_type(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_answers_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["enrichment_connection_id"],
            ["enrichment_connections.enrichment_connection_id"],
            name="fk_enrichment_answers_enrichment_connection_id",
        ),
        sa.PrimaryKeyConstraint("enrichment_answer_id", name="pk_enrichment_answers"),
        sa.UniqueConstraint(
            "organization_id",
            "enrichment_connection_id",
            "operation",
            "question_hash",
            name="uq_enrichment_answers_once",
        ),
    )
    op.create_index("ix_enrichment_answers_contact", "enrichment_answers", ["contact_id"])
    op.create_index("ix_enrichment_answers_organization_id", "enrichment_answers", ["organization_id"])
    op.create_table(
        "enrichment_lookup_rows",
        sa.Column("enrichment_lookup_row_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_connection_id", sa.String(length=36), nullable=False),
        sa.Column("lookup_key", sa.String(length=320), nullable=False),
        sa.Column("told", json_type(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_lookup_rows_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["enrichment_connection_id"],
            ["enrichment_connections.enrichment_connection_id"],
            name="fk_enrichment_lookup_rows_enrichment_connection_id",
        ),
        sa.PrimaryKeyConstraint("enrichment_lookup_row_id", name="pk_enrichment_lookup_rows"),
        sa.UniqueConstraint(
            "organization_id", "enrichment_connection_id", "lookup_key", name="uq_enrichment_lookup_rows_once"
        ),
    )
    op.create_index(
        "ix_enrichment_lookup_rows_enrichment_connection_id", "enrichment_lookup_rows", ["enrichment_connection_id"]
    )
    op.create_index("ix_enrichment_lookup_rows_organization_id", "enrichment_lookup_rows", ["organization_id"])
    op.create_table(
        "enrichment_runs",
        sa.Column("enrichment_run_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_workflow_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("most_rows", sa.Integer(), nullable=True),
        sa.Column("filled_after", sa.String(length=1000), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("resumes_at", UTCDateTime(), nullable=True),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_runs_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["enrichment_workflow_id"],
            ["enrichment_workflows.enrichment_workflow_id"],
            name="fk_enrichment_runs_enrichment_workflow_id",
        ),
        sa.PrimaryKeyConstraint("enrichment_run_id", name="pk_enrichment_runs"),
    )
    op.create_index("ix_enrichment_runs_enrichment_workflow_id", "enrichment_runs", ["enrichment_workflow_id"])
    op.create_index(
        "ix_enrichment_runs_newest", "enrichment_runs", ["organization_id", "created_at", "enrichment_run_id"]
    )
    op.create_index("ix_enrichment_runs_organization_id", "enrichment_runs", ["organization_id"])
    op.create_table(
        "enrichment_workflow_versions",
        sa.Column("enrichment_workflow_version_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_workflow_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", json_type(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrichment_workflow_id"],
            ["enrichment_workflows.enrichment_workflow_id"],
            name="fk_enrichment_workflow_versions_enrichment_workflow_id",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_enrichment_workflow_versions_organization_id",
        ),
        sa.PrimaryKeyConstraint("enrichment_workflow_version_id", name="pk_enrichment_workflow_versions"),
        sa.UniqueConstraint(
            "organization_id", "enrichment_workflow_id", "version", name="uq_enrichment_workflow_versions"
        ),
    )
    op.create_index(
        "ix_enrichment_workflow_versions_enrichment_workflow_id",
        "enrichment_workflow_versions",
        ["enrichment_workflow_id"],
    )
    op.create_index(
        "ix_enrichment_workflow_versions_organization_id", "enrichment_workflow_versions", ["organization_id"]
    )
    op.create_table(
        "enrichment_rows",
        sa.Column("enrichment_row_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_run_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("walk", json_type(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("filled_count", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("leased_by", sa.String(length=80), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_enrichment_rows_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_rows_organization_id"
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name="fk_enrichment_rows_company_id"),
        sa.ForeignKeyConstraint(
            ["enrichment_run_id"], ["enrichment_runs.enrichment_run_id"], name="fk_enrichment_rows_enrichment_run_id"
        ),
        sa.PrimaryKeyConstraint("enrichment_row_id", name="pk_enrichment_rows"),
        sa.UniqueConstraint("organization_id", "enrichment_run_id", "subject_id", name="uq_enrichment_rows_once"),
    )
    op.create_index("ix_enrichment_rows_company", "enrichment_rows", ["company_id"])
    op.create_index("ix_enrichment_rows_contact", "enrichment_rows", ["contact_id"])
    op.create_index(
        "ix_enrichment_rows_due", "enrichment_rows", ["enrichment_run_id", "status", "due_at", "enrichment_row_id"]
    )
    op.create_index("ix_enrichment_rows_organization_id", "enrichment_rows", ["organization_id"])
    op.create_table(
        "enrichment_values",
        sa.Column("enrichment_value_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_run_id", sa.String(length=36), nullable=False),
        sa.Column("enrichment_answer_id", sa.String(length=36), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", json_type(), nullable=True),
        sa.Column("former", json_type(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", UTCDateTime(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name="fk_enrichment_values_company_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrichment_values_organization_id"
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_enrichment_values_contact_id"),
        sa.PrimaryKeyConstraint("enrichment_value_id", name="pk_enrichment_values"),
    )
    op.create_index("ix_enrichment_values_company", "enrichment_values", ["company_id", "field", "observed_at"])
    op.create_index("ix_enrichment_values_contact", "enrichment_values", ["contact_id", "field", "observed_at"])
    op.create_index(
        "ix_enrichment_values_newest", "enrichment_values", ["organization_id", "observed_at", "enrichment_value_id"]
    )
    op.create_index("ix_enrichment_values_organization_id", "enrichment_values", ["organization_id"])


def downgrade() -> None:
    op.drop_table("enrichment_values")
    op.drop_table("enrichment_rows")
    op.drop_table("enrichment_workflow_versions")
    op.drop_table("enrichment_runs")
    op.drop_table("enrichment_lookup_rows")
    op.drop_table("enrichment_answers")
    op.drop_table("enrichment_workflows")
    op.drop_table("enrichment_connections")
    op.drop_table("enrichment_calls")
    op.drop_table("enrichment_budgets")
