"""Outreach: mailboxes, sequences and who is in them, messages and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("transport", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_reason", sa.String(length=200), nullable=False),
        sa.Column("smtp", json_type(), nullable=False),
        sa.Column("imap", json_type(), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=True),
        sa.Column("terms", json_type(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("ramp_began_on", sa.Date(), nullable=False),
        sa.Column("last_sent_on", sa.Date(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_mailboxes_organization_id"
        ),
        sa.PrimaryKeyConstraint("mailbox_id", name="pk_mailboxes"),
        sa.UniqueConstraint("organization_id", "address", name="uq_mailboxes_organization_id_address"),
    )
    with op.batch_alter_table("mailboxes") as batch_op:
        batch_op.create_index("ix_mailboxes_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "sending_domains",
        sa.Column("sending_domain_id", sa.String(length=36), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("dkim_selector", sa.String(length=63), nullable=False),
        sa.Column("sealed_dkim_key", sa.LargeBinary(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_sending_domains_organization_id"
        ),
        sa.PrimaryKeyConstraint("sending_domain_id", name="pk_sending_domains"),
        sa.UniqueConstraint("organization_id", "domain", name="uq_sending_domains_organization_id_domain"),
    )
    with op.batch_alter_table("sending_domains") as batch_op:
        batch_op.create_index("ix_sending_domains_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "sequences",
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=True),
        sa.Column("waiting", json_type(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_sequences_campaign_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_sequences_organization_id"
        ),
        sa.PrimaryKeyConstraint("sequence_id", name="pk_sequences"),
        sa.UniqueConstraint("organization_id", "name", name="uq_sequences_organization_id_name"),
    )
    with op.batch_alter_table("sequences") as batch_op:
        batch_op.create_index("ix_sequences_campaign_id", ["campaign_id"], unique=False)
        batch_op.create_index("ix_sequences_look", ["status", "look_at", "sequence_id"], unique=False)
        batch_op.create_index("ix_sequences_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "enrolments",
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", json_type(), nullable=False),
        sa.Column("step_id", sa.String(length=40), nullable=False),
        sa.Column("arrived_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("arms", json_type(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=True),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.Column("left_seconds", sa.Integer(), nullable=False),
        sa.Column("enrolled_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_enrolments_contact_id"),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.mailbox_id"], name="fk_enrolments_mailbox_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrolments_organization_id"
        ),
        sa.ForeignKeyConstraint(["sequence_id"], ["sequences.sequence_id"], name="fk_enrolments_sequence_id"),
        sa.PrimaryKeyConstraint("enrolment_id", name="pk_enrolments"),
    )
    with op.batch_alter_table("enrolments") as batch_op:
        batch_op.create_index("ix_enrolments_company", ["company_id", "sequence_id", "status"], unique=False)
        batch_op.create_index("ix_enrolments_contact", ["contact_id", "status"], unique=False)
        batch_op.create_index(
            "ix_enrolments_due", ["sequence_id", "status", "priority", "next_at", "enrolment_id"], unique=False
        )
        batch_op.create_index("ix_enrolments_mailbox_id", ["mailbox_id"], unique=False)
        batch_op.create_index(
            "ix_enrolments_newest", ["organization_id", "sequence_id", "created_at", "enrolment_id"], unique=False
        )
        batch_op.create_index("ix_enrolments_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_enrolments_paused", ["status", "next_at"], unique=False)

    op.create_table(
        "sequence_versions",
        sa.Column("sequence_version_id", sa.String(length=36), nullable=False),
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", json_type(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_sequence_versions_organization_id"
        ),
        sa.ForeignKeyConstraint(["sequence_id"], ["sequences.sequence_id"], name="fk_sequence_versions_sequence_id"),
        sa.PrimaryKeyConstraint("sequence_version_id", name="pk_sequence_versions"),
        sa.UniqueConstraint(
            "organization_id",
            "sequence_id",
            "version",
            name="uq_sequence_versions_organization_id_sequence_id_version",
        ),
    )
    with op.batch_alter_table("sequence_versions") as batch_op:
        batch_op.create_index("ix_sequence_versions_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_sequence_versions_sequence_id", ["sequence_id"], unique=False)

    op.create_table(
        "outbox_messages",
        sa.Column("outbox_message_id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("recipient_domain", sa.String(length=253), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_for", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("reply_text", sa.String(length=300), nullable=False),
        sa.Column("reply_class", sa.String(length=20), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        sa.Column("first_tried_at", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("leased_by", sa.String(length=80), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_outbox_messages_contact_id"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.enrolment_id"], name="fk_outbox_messages_enrolment_id"),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.mailbox_id"], name="fk_outbox_messages_mailbox_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_outbox_messages_organization_id"
        ),
        sa.ForeignKeyConstraint(["sequence_id"], ["sequences.sequence_id"], name="fk_outbox_messages_sequence_id"),
        sa.PrimaryKeyConstraint("outbox_message_id", name="pk_outbox_messages"),
        sa.UniqueConstraint(
            "organization_id",
            "enrolment_id",
            "step_id",
            "attempt",
            name="uq_outbox_messages_once",
        ),
        sa.UniqueConstraint("organization_id", "message_id", name="uq_outbox_messages_organization_id_message_id"),
    )
    with op.batch_alter_table("outbox_messages") as batch_op:
        batch_op.create_index("ix_outbox_messages_contact", ["contact_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_messages_domain", ["organization_id", "recipient_domain", "counted_at"], unique=False
        )
        batch_op.create_index("ix_outbox_messages_mailbox", ["mailbox_id", "counted_at"], unique=False)
        batch_op.create_index("ix_outbox_messages_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_outbox_messages_queue", ["status", "decided_at", "outbox_message_id"], unique=False)
        batch_op.create_index("ix_outbox_messages_sequence", ["sequence_id", "counted_at"], unique=False)

    op.create_table(
        "message_events",
        sa.Column("message_event_id", sa.String(length=36), nullable=False),
        sa.Column("outbox_message_id", sa.String(length=36), nullable=False),
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=40), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("detail", json_type(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_message_events_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_message_events_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_message_id"],
            ["outbox_messages.outbox_message_id"],
            name="fk_message_events_outbox_message_id",
        ),
        sa.PrimaryKeyConstraint("message_event_id", name="pk_message_events"),
        sa.UniqueConstraint("organization_id", "dedupe_key", name="uq_message_events_organization_id_dedupe_key"),
    )
    with op.batch_alter_table("message_events") as batch_op:
        batch_op.create_index("ix_message_events_contact", ["contact_id"], unique=False)
        batch_op.create_index("ix_message_events_message", ["outbox_message_id", "occurred_at"], unique=False)
        batch_op.create_index("ix_message_events_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_message_events_sequence", ["sequence_id", "kind", "occurred_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("message_events") as batch_op:
        batch_op.drop_index("ix_message_events_sequence")
        batch_op.drop_index("ix_message_events_organization_id")
        batch_op.drop_index("ix_message_events_message")
        batch_op.drop_index("ix_message_events_contact")

    op.drop_table("message_events")
    with op.batch_alter_table("outbox_messages") as batch_op:
        batch_op.drop_index("ix_outbox_messages_sequence")
        batch_op.drop_index("ix_outbox_messages_queue")
        batch_op.drop_index("ix_outbox_messages_organization_id")
        batch_op.drop_index("ix_outbox_messages_mailbox")
        batch_op.drop_index("ix_outbox_messages_domain")
        batch_op.drop_index("ix_outbox_messages_contact")

    op.drop_table("outbox_messages")
    with op.batch_alter_table("sequence_versions") as batch_op:
        batch_op.drop_index("ix_sequence_versions_sequence_id")
        batch_op.drop_index("ix_sequence_versions_organization_id")

    op.drop_table("sequence_versions")
    with op.batch_alter_table("enrolments") as batch_op:
        batch_op.drop_index("ix_enrolments_paused")
        batch_op.drop_index("ix_enrolments_organization_id")
        batch_op.drop_index("ix_enrolments_newest")
        batch_op.drop_index("ix_enrolments_mailbox_id")
        batch_op.drop_index("ix_enrolments_due")
        batch_op.drop_index("ix_enrolments_contact")
        batch_op.drop_index("ix_enrolments_company")

    op.drop_table("enrolments")
    with op.batch_alter_table("sequences") as batch_op:
        batch_op.drop_index("ix_sequences_organization_id")
        batch_op.drop_index("ix_sequences_look")
        batch_op.drop_index("ix_sequences_campaign_id")

    op.drop_table("sequences")
    with op.batch_alter_table("sending_domains") as batch_op:
        batch_op.drop_index("ix_sending_domains_organization_id")

    op.drop_table("sending_domains")
    with op.batch_alter_table("mailboxes") as batch_op:
        batch_op.drop_index("ix_mailboxes_organization_id")

    op.drop_table("mailboxes")
