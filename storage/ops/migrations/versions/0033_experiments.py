"""Experiments on pages, calls to action and anything else, and the log of who met which arm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("experiment_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("arms", json_type(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("metric", sa.String(length=30), nullable=False),
        sa.Column("guardrails", json_type(), nullable=False),
        sa.Column("allocation", sa.String(length=10), nullable=False),
        sa.Column("floor", sa.Float(), nullable=False),
        sa.Column("traffic", sa.Float(), nullable=False),
        sa.Column("holdout", sa.Float(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("least_lift", sa.Float(), nullable=False),
        sa.Column("base_rate", sa.Float(), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("reallocated_at", UTCDateTime(), nullable=True),
        sa.Column("stopped_at", UTCDateTime(), nullable=True),
        sa.Column("adopted_arm", sa.String(length=40), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("stopped_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_experiments_organization_id"
        ),
        sa.PrimaryKeyConstraint("experiment_id", name="pk_experiments"),
        sa.UniqueConstraint("organization_id", "key", name="uq_experiments_key"),
    )
    op.create_index("ix_experiments_organization_id", "experiments", ["organization_id"])
    op.create_table(
        "experiment_exposures",
        sa.Column("experiment_exposure_id", sa.String(length=36), nullable=False),
        sa.Column("experiment_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("arm", sa.String(length=40), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("exposed_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.experiment_id"],
            name="fk_experiment_exposures_experiment_id", ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_experiment_exposures_organization_id"
        ),
        sa.PrimaryKeyConstraint("experiment_exposure_id", name="pk_experiment_exposures"),
        sa.UniqueConstraint("experiment_id", "subject", name="uq_experiment_exposures_once"),
    )  # fmt: skip
    op.create_index("ix_experiment_exposures_organization_id", "experiment_exposures", ["organization_id"])


def downgrade() -> None:
    op.drop_table("experiment_exposures")
    op.drop_table("experiments")
