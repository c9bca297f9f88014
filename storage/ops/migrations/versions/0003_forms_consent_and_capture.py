"""Forms, consent and capture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("op", sa.String(length=10), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_change_log"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event_inbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event_inbox"),
        sa.UniqueConstraint("organization_id", "event_id", name="uq_event_inbox_organization_id_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event_keys",
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("landed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "event_id", name="pk_event_keys"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("event_keys") as batch_op:
        batch_op.create_index("ix_event_keys_landed_at", ["landed_at"], unique=False)

    op.create_table(
        "decision_ledger",
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("detail", json_type(), nullable=False),
        sa.Column("rule_version", sa.String(length=80), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_decision_ledger_organization_id"
        ),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decision_ledger"),
    )
    with op.batch_alter_table("decision_ledger") as batch_op:
        batch_op.create_index("ix_decision_ledger_organization_id", ["organization_id"], unique=False)
        batch_op.create_index(
            "ix_decision_ledger_subject", ["organization_id", "subject_kind", "subject_id", "decided_at"], unique=False
        )

    op.create_table(
        "forms",
        sa.Column("form_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("fields", json_type(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.String(length=40), nullable=False),
        sa.Column("settings", json_type(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_forms_organization_id"
        ),
        sa.PrimaryKeyConstraint("form_id", name="pk_forms"),
    )
    with op.batch_alter_table("forms") as batch_op:
        batch_op.create_index("ix_forms_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "rejected_events",
        sa.Column("rejected_event_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("replayed_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_rejected_events_organization_id"
        ),
        sa.PrimaryKeyConstraint("rejected_event_id", name="pk_rejected_events"),
    )
    with op.batch_alter_table("rejected_events") as batch_op:
        batch_op.create_index(
            "ix_rejected_events_open", ["organization_id", "replayed_at", "received_at"], unique=False
        )
        batch_op.create_index("ix_rejected_events_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "suppressions",
        sa.Column("suppression_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value_hash", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("lifted_at", UTCDateTime(), nullable=True),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_suppressions_organization_id"
        ),
        sa.PrimaryKeyConstraint("suppression_id", name="pk_suppressions"),
        sa.UniqueConstraint(
            "organization_id",
            "kind",
            "value_hash",
            "campaign_id",
            name="uq_suppressions_organization_id_kind_value_hash_campaign_id",
        ),
    )
    with op.batch_alter_table("suppressions") as batch_op:
        batch_op.create_index("ix_suppressions_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("lawful_basis", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("proof", json_type(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_consents_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_consents_organization_id"
        ),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consents"),
    )
    with op.batch_alter_table("consents") as batch_op:
        batch_op.create_index(
            "ix_consents_contact", ["organization_id", "contact_id", "purpose", "occurred_at"], unique=False
        )
        batch_op.create_index("ix_consents_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "form_submissions",
        sa.Column("form_submission_id", sa.String(length=36), nullable=False),
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("form_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("anonymous_id", sa.String(length=64), nullable=True),
        sa.Column("answers", json_type(), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.Column("utm", json_type(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("held_reason", sa.String(length=80), nullable=False),
        sa.Column("context", json_type(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_form_submissions_contact_id"),
        sa.ForeignKeyConstraint(["form_id"], ["forms.form_id"], name="fk_form_submissions_form_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_form_submissions_organization_id"
        ),
        sa.PrimaryKeyConstraint("form_submission_id", name="pk_form_submissions"),
        sa.UniqueConstraint(
            "organization_id", "submission_id", name="uq_form_submissions_organization_id_submission_id"
        ),
    )
    with op.batch_alter_table("form_submissions") as batch_op:
        batch_op.create_index("ix_form_submissions_contact_id", ["contact_id"], unique=False)
        batch_op.create_index("ix_form_submissions_form", ["organization_id", "form_id", "submitted_at"], unique=False)
        batch_op.create_index("ix_form_submissions_organization_id", ["organization_id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        for table in ("change_log", "event_inbox"):
            op.execute(f"alter table {table} alter transaction_id set default pg_current_xact_id()::text::bigint")


def downgrade() -> None:
    with op.batch_alter_table("form_submissions") as batch_op:
        batch_op.drop_index("ix_form_submissions_organization_id")
        batch_op.drop_index("ix_form_submissions_form")
        batch_op.drop_index("ix_form_submissions_contact_id")

    op.drop_table("form_submissions")
    with op.batch_alter_table("consents") as batch_op:
        batch_op.drop_index("ix_consents_organization_id")
        batch_op.drop_index("ix_consents_contact")

    op.drop_table("consents")
    with op.batch_alter_table("suppressions") as batch_op:
        batch_op.drop_index("ix_suppressions_organization_id")

    op.drop_table("suppressions")
    with op.batch_alter_table("rejected_events") as batch_op:
        batch_op.drop_index("ix_rejected_events_organization_id")
        batch_op.drop_index("ix_rejected_events_open")

    op.drop_table("rejected_events")
    with op.batch_alter_table("forms") as batch_op:
        batch_op.drop_index("ix_forms_organization_id")

    op.drop_table("forms")
    with op.batch_alter_table("decision_ledger") as batch_op:
        batch_op.drop_index("ix_decision_ledger_subject")
        batch_op.drop_index("ix_decision_ledger_organization_id")

    op.drop_table("decision_ledger")
    with op.batch_alter_table("event_keys") as batch_op:
        batch_op.drop_index("ix_event_keys_landed_at")

    op.drop_table("event_keys")
    op.drop_table("event_inbox")
    op.drop_table("change_log")
