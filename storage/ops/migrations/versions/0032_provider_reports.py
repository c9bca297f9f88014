"""Where providers report what became of messages, and their reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_webhooks",
        sa.Column("provider_webhook_id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_former_secret", sa.LargeBinary(), nullable=True),
        sa.Column("former_ends_at", UTCDateTime(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_provider_webhooks_organization_id"
        ),
        sa.PrimaryKeyConstraint("provider_webhook_id", name="pk_provider_webhooks"),
    )
    op.create_index("ix_provider_webhooks_organization_id", "provider_webhooks", ["organization_id"])
    op.create_table(
        "provider_reports",
        sa.Column("provider_report_id", sa.String(length=36), nullable=False),
        sa.Column("provider_webhook_id", sa.String(length=36), nullable=False),
        sa.Column("event_key", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outbox_message_id", sa.String(length=36), nullable=True),
        sa.Column("sealed_request", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_provider_reports_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["provider_webhook_id"],
            ["provider_webhooks.provider_webhook_id"],
            name="fk_provider_reports_provider_webhook_id",
        ),
        sa.PrimaryKeyConstraint("provider_report_id", name="pk_provider_reports"),
        sa.UniqueConstraint("organization_id", "provider_webhook_id", "event_key", name="uq_provider_reports_once"),
    )
    op.create_index("ix_provider_reports_organization_id", "provider_reports", ["organization_id"])
    op.create_index("ix_provider_reports_list", "provider_reports", ["provider_webhook_id", "status", "received_at"])
    op.create_index("ix_provider_reports_received_at", "provider_reports", ["received_at"])


def downgrade() -> None:
    op.drop_table("provider_reports")
    op.drop_table("provider_webhooks")
