"""What came into mailboxes, and how far each was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox_readings",
        sa.Column("inbox_reading_id", sa.String(length=36), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.mailbox_id"], name="fk_inbox_readings_mailbox_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_inbox_readings_organization_id"
        ),
        sa.PrimaryKeyConstraint("inbox_reading_id", name="pk_inbox_readings"),
        sa.UniqueConstraint("organization_id", "mailbox_id", name="uq_inbox_readings_organization_id_mailbox_id"),
    )
    op.create_index("ix_inbox_readings_organization_id", "inbox_readings", ["organization_id"])
    op.create_index("ix_inbox_readings_due", "inbox_readings", ["next_at"])
    op.create_table(
        "inbound_messages",
        sa.Column("inbound_message_id", sa.String(length=36), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("is_answer", sa.Boolean(), nullable=False),
        sa.Column("outbox_message_id", sa.String(length=36), nullable=True),
        sa.Column("sequence_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("matched_by", sa.String(length=20), nullable=False),
        sa.Column("match_confidence", sa.Double(), nullable=False),
        sa.Column("intent", sa.String(length=30), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("classified_by", sa.String(length=80), nullable=False),
        sa.Column("likeliest", json_type(), nullable=False),
        sa.Column("corrected_intent", sa.String(length=30), nullable=False),
        sa.Column("corrected_by", sa.String(length=80), nullable=False),
        sa.Column("corrected_at", UTCDateTime(), nullable=True),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_for", sa.String(length=36), nullable=True),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.mailbox_id"], name="fk_inbound_messages_mailbox_id"),
        sa.ForeignKeyConstraint(
            ["outbox_message_id"],
            ["outbox_messages.outbox_message_id"],
            name="fk_inbound_messages_outbox_message_id",
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_inbound_messages_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_inbound_messages_organization_id"
        ),
        sa.PrimaryKeyConstraint("inbound_message_id", name="pk_inbound_messages"),
        sa.UniqueConstraint(
            "organization_id",
            "mailbox_id",
            "message_key",
            name="uq_inbound_messages_organization_id_mailbox_id_message_key",
        ),
    )
    op.create_index("ix_inbound_messages_organization_id", "inbound_messages", ["organization_id"])
    op.create_index("ix_inbound_messages_outbox_message_id", "inbound_messages", ["outbox_message_id"])
    op.create_index("ix_inbound_messages_contact", "inbound_messages", ["contact_id"])
    op.create_index(
        "ix_inbound_messages_list",
        "inbound_messages",
        ["organization_id", "is_answer", "received_at", "inbound_message_id"],
    )


def downgrade() -> None:
    op.drop_table("inbound_messages")
    op.drop_table("inbox_readings")
