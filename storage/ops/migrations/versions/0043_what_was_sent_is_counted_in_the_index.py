"""What mailboxes and sequences sent lately is counted in their indexes: no message has to be read for it."""

from __future__ import annotations

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLE = "outbox_messages"
BEFORE = {"mailbox": ["mailbox_id", "counted_at"], "sequence": ["sequence_id", "counted_at"]}
AFTER = {
    "mailbox": ["mailbox_id", "counted_at", "organization_id"],
    "sequence": ["sequence_id", "is_first", "counted_at", "organization_id"],
}


def upgrade() -> None:
    _replace(AFTER)


def downgrade() -> None:
    _replace(BEFORE)


def _replace(indexes: dict[str, list[str]]) -> None:
    for name, columns in indexes.items():
        op.drop_index(f"ix_outbox_messages_{name}", TABLE)
        op.create_index(f"ix_outbox_messages_{name}", TABLE, columns)
