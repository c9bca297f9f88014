"""Who asked for pictures and links of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_hits",
        sa.Column("message_hit_id", sa.String(length=36), nullable=False),
        sa.Column("outbox_message_id", sa.String(length=36), nullable=False),
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=40), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("link_number", sa.Integer(), nullable=False),
        sa.Column("link_url", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("user_agent", sa.String(length=1000), nullable=False),
        sa.Column("ip_network", sa.String(length=50), nullable=False),
        sa.Column("network_type", sa.String(length=20), nullable=False),
        sa.Column("network_owner", sa.String(length=200), nullable=False),
        sa.Column("bot_reasons", json_type(), nullable=False),
        sa.Column("is_machine", sa.Boolean(), nullable=False),
        sa.Column("reasons", json_type(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_message_hits_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_message_hits_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_message_id"], ["outbox_messages.outbox_message_id"], name="fk_message_hits_outbox_message_id"
        ),
        sa.PrimaryKeyConstraint("message_hit_id", name="pk_message_hits"),
    )
    with op.batch_alter_table("message_hits") as batch_op:
        batch_op.create_index("ix_message_hits_contact", ["contact_id"], unique=False)
        batch_op.create_index("ix_message_hits_message", ["outbox_message_id", "occurred_at"], unique=False)
        batch_op.create_index("ix_message_hits_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_message_hits_sequence", ["sequence_id", "kind", "is_machine"], unique=False)


def downgrade() -> None:
    op.drop_table("message_hits")
