"""People, companies and deals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attribute_definitions",
        sa.Column("attribute_definition_id", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("data_type", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("positive_value", sa.String(length=200), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_attribute_definitions_organization_id"
        ),
        sa.PrimaryKeyConstraint("attribute_definition_id", name="pk_attribute_definitions"),
        sa.UniqueConstraint(
            "organization_id", "entity", "key", name="uq_attribute_definitions_organization_id_entity_key"
        ),
    )
    with op.batch_alter_table("attribute_definitions") as batch_op:
        batch_op.create_index("ix_attribute_definitions_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "companies",
        sa.Column("company_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=True),
        sa.Column("industry", sa.String(length=200), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("attributes", json_type(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_companies_organization_id"
        ),
        sa.PrimaryKeyConstraint("company_id", name="pk_companies"),
        sa.UniqueConstraint("organization_id", "domain", name="uq_companies_organization_id_domain"),
    )
    with op.batch_alter_table("companies") as batch_op:
        batch_op.create_index("ix_companies_import_id", ["import_id"], unique=False)
        batch_op.create_index("ix_companies_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "identity_decisions",
        sa.Column("identity_decision_id", sa.String(length=36), nullable=False),
        sa.Column("left_node", sa.String(length=120), nullable=False),
        sa.Column("right_node", sa.String(length=120), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("evidence", json_type(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_identity_decisions_organization_id"
        ),
        sa.PrimaryKeyConstraint("identity_decision_id", name="pk_identity_decisions"),
    )
    with op.batch_alter_table("identity_decisions") as batch_op:
        batch_op.create_index("ix_identity_decisions_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("email_hash", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("lifecycle_stage", sa.String(length=20), nullable=False),
        sa.Column("owner_user_id", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("attributes", json_type(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name="fk_contacts_company_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_contacts_organization_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", name="pk_contacts"),
        sa.UniqueConstraint("organization_id", "email", name="uq_contacts_organization_id_email"),
        sa.UniqueConstraint("organization_id", "external_id", name="uq_contacts_organization_id_external_id"),
    )
    with op.batch_alter_table("contacts") as batch_op:
        batch_op.create_index("ix_contacts_company_id", ["company_id"], unique=False)
        batch_op.create_index("ix_contacts_email_hash", ["email_hash"], unique=False)
        batch_op.create_index("ix_contacts_import_id", ["import_id"], unique=False)
        batch_op.create_index("ix_contacts_name", ["organization_id", "last_name", "first_name"], unique=False)
        batch_op.create_index("ix_contacts_newest", ["organization_id", "created_at", "contact_id"], unique=False)
        batch_op.create_index("ix_contacts_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_contacts_stage", ["organization_id", "lifecycle_stage"], unique=False)

    op.create_table(
        "activities",
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("deal_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("detail", json_type(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("is_automated", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_activities_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_activities_organization_id"
        ),
        sa.PrimaryKeyConstraint("activity_id", name="pk_activities"),
    )
    with op.batch_alter_table("activities") as batch_op:
        batch_op.create_index("ix_activities_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_activities_timeline", ["organization_id", "contact_id", "occurred_at"], unique=False)

    op.create_table(
        "deals",
        sa.Column("deal_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("pipeline", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("owner_user_id", sa.String(length=36), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("lost_reason", sa.String(length=200), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("attributes", json_type(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name="fk_deals_company_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_deals_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_deals_organization_id"
        ),
        sa.PrimaryKeyConstraint("deal_id", name="pk_deals"),
        sa.UniqueConstraint("organization_id", "external_id", name="uq_deals_organization_id_external_id"),
    )
    with op.batch_alter_table("deals") as batch_op:
        batch_op.create_index("ix_deals_company_id", ["company_id"], unique=False)
        batch_op.create_index("ix_deals_contact_id", ["contact_id"], unique=False)
        batch_op.create_index("ix_deals_import_id", ["import_id"], unique=False)
        batch_op.create_index("ix_deals_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "lifecycle_changes",
        sa.Column("lifecycle_change_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("from_stage", sa.String(length=20), nullable=True),
        sa.Column("to_stage", sa.String(length=20), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_lifecycle_changes_contact_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_lifecycle_changes_organization_id"
        ),
        sa.PrimaryKeyConstraint("lifecycle_change_id", name="pk_lifecycle_changes"),
    )
    with op.batch_alter_table("lifecycle_changes") as batch_op:
        batch_op.create_index(
            "ix_lifecycle_changes_contact", ["organization_id", "contact_id", "occurred_at"], unique=False
        )
        batch_op.create_index("ix_lifecycle_changes_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "deal_stage_changes",
        sa.Column("deal_stage_change_id", sa.String(length=36), nullable=False),
        sa.Column("deal_id", sa.String(length=36), nullable=False),
        sa.Column("from_stage", sa.String(length=40), nullable=True),
        sa.Column("to_stage", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_deal_stage_changes_deal_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_deal_stage_changes_organization_id"
        ),
        sa.PrimaryKeyConstraint("deal_stage_change_id", name="pk_deal_stage_changes"),
    )
    with op.batch_alter_table("deal_stage_changes") as batch_op:
        batch_op.create_index("ix_deal_stage_changes_deal", ["organization_id", "deal_id", "occurred_at"], unique=False)
        batch_op.create_index("ix_deal_stage_changes_organization_id", ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("deal_stage_changes") as batch_op:
        batch_op.drop_index("ix_deal_stage_changes_organization_id")
        batch_op.drop_index("ix_deal_stage_changes_deal")

    op.drop_table("deal_stage_changes")
    with op.batch_alter_table("lifecycle_changes") as batch_op:
        batch_op.drop_index("ix_lifecycle_changes_organization_id")
        batch_op.drop_index("ix_lifecycle_changes_contact")

    op.drop_table("lifecycle_changes")
    with op.batch_alter_table("deals") as batch_op:
        batch_op.drop_index("ix_deals_organization_id")
        batch_op.drop_index("ix_deals_import_id")
        batch_op.drop_index("ix_deals_contact_id")
        batch_op.drop_index("ix_deals_company_id")

    op.drop_table("deals")
    with op.batch_alter_table("activities") as batch_op:
        batch_op.drop_index("ix_activities_timeline")
        batch_op.drop_index("ix_activities_organization_id")

    op.drop_table("activities")
    with op.batch_alter_table("contacts") as batch_op:
        batch_op.drop_index("ix_contacts_stage")
        batch_op.drop_index("ix_contacts_organization_id")
        batch_op.drop_index("ix_contacts_newest")
        batch_op.drop_index("ix_contacts_name")
        batch_op.drop_index("ix_contacts_import_id")
        batch_op.drop_index("ix_contacts_email_hash")
        batch_op.drop_index("ix_contacts_company_id")

    op.drop_table("contacts")
    with op.batch_alter_table("identity_decisions") as batch_op:
        batch_op.drop_index("ix_identity_decisions_organization_id")

    op.drop_table("identity_decisions")
    with op.batch_alter_table("companies") as batch_op:
        batch_op.drop_index("ix_companies_organization_id")
        batch_op.drop_index("ix_companies_import_id")

    op.drop_table("companies")
    with op.batch_alter_table("attribute_definitions") as batch_op:
        batch_op.drop_index("ix_attribute_definitions_organization_id")

    op.drop_table("attribute_definitions")
