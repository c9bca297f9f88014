"""Signs that somebody may be about to buy, and what was sent as one and is none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "buying_signals",
        sa.Column("buying_signal_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("half_life_days", sa.Float(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=64), nullable=False),
        sa.Column("observed_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name="fk_buying_signals_contact_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name="fk_buying_signals_company_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_buying_signals_organization_id"
        ),
        sa.PrimaryKeyConstraint("buying_signal_id", name="pk_buying_signals"),
        sa.UniqueConstraint("organization_id", "dedupe_key", name="uq_buying_signals_once"),
    )
    op.create_index(
        "ix_buying_signals_newest", "buying_signals", ["organization_id", "observed_at", "buying_signal_id"]
    )
    op.create_index("ix_buying_signals_contact", "buying_signals", ["contact_id", "observed_at"])
    op.create_index("ix_buying_signals_company", "buying_signals", ["company_id", "observed_at"])
    op.create_index("ix_buying_signals_organization_id", "buying_signals", ["organization_id"])
    op.create_table(
        "rejected_signals",
        sa.Column("rejected_signal_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("replayed_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_rejected_signals_organization_id"
        ),
        sa.PrimaryKeyConstraint("rejected_signal_id", name="pk_rejected_signals"),
    )
    op.create_index("ix_rejected_signals_open", "rejected_signals", ["organization_id", "replayed_at", "received_at"])
    op.create_index("ix_rejected_signals_organization_id", "rejected_signals", ["organization_id"])


def downgrade() -> None:
    op.drop_table("rejected_signals")
    op.drop_table("buying_signals")
