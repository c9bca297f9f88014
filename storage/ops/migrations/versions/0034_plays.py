"""What plays made of signals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "play_runs",
        sa.Column("play_run_id", sa.String(length=36), nullable=False),
        sa.Column("play_key", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("buying_signal_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", json_type(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["buying_signal_id"],
            ["buying_signals.buying_signal_id"],
            name="fk_play_runs_buying_signal_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_play_runs_organization_id"
        ),
        sa.PrimaryKeyConstraint("play_run_id", name="pk_play_runs"),
        sa.UniqueConstraint("organization_id", "play_key", "buying_signal_id", name="uq_play_runs_once"),
    )
    op.create_index("ix_play_runs_newest", "play_runs", ["organization_id", "decided_at", "play_run_id"])
    op.create_index("ix_play_runs_signal", "play_runs", ["buying_signal_id"])
    op.create_index("ix_play_runs_organization_id", "play_runs", ["organization_id"])


def downgrade() -> None:
    op.drop_table("play_runs")
