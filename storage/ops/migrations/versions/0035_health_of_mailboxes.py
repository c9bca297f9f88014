"""What the messages of mailboxes came to: a band, the numbers behind it, and from when on they count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("health_band", sa.String(length=12), nullable=False, server_default="unknown"),
        sa.Column("health", json_type(), nullable=False, server_default="{}"),
        sa.Column("health_looked_at", UTCDateTime(), nullable=True),
        sa.Column("health_from", UTCDateTime(), nullable=True),
    ):
        op.add_column("mailboxes", column)
    op.create_index("ix_message_events_mailbox", "message_events", ["mailbox_id", "kind", "occurred_at"])


def downgrade() -> None:
    op.drop_index("ix_message_events_mailbox", "message_events")
    for name in ("health_from", "health_looked_at", "health", "health_band"):
        op.drop_column("mailboxes", name)
