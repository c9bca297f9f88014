"""Where answers to a mailbox go, keys that wait for their DNS record, and what the domain doctor found last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("reply_to", sa.String(length=320), nullable=False, server_default=""))
    for column in (
        sa.Column("next_dkim_selector", sa.String(length=63), nullable=False, server_default=""),
        sa.Column("sealed_next_dkim_key", sa.LargeBinary(), nullable=True),
        sa.Column("asked", json_type(), nullable=False, server_default="{}"),
        sa.Column("findings", json_type(), nullable=False, server_default="[]"),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
    ):
        op.add_column("sending_domains", column)


def downgrade() -> None:
    for name in ("checked_at", "findings", "asked", "sealed_next_dkim_key", "next_dkim_selector"):
        op.drop_column("sending_domains", name)
    op.drop_column("mailboxes", "reply_to")
