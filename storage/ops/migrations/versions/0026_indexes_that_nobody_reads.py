"""Fewer indexes for a contact to be written into: those that nothing was looked up by, and one over companies for two."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SHOWN = sa.text("deleted_at is null")


def upgrade() -> None:
    op.drop_index("ix_contacts_email_hash", "contacts")
    op.drop_index("ix_contacts_company_id", "contacts")
    op.drop_index("ix_contacts_company", "contacts")
    op.drop_index("ix_activities_organization_id", "activities")
    op.create_index("ix_contacts_company", "contacts", ["company_id", "organization_id", "created_at", "contact_id"])


def downgrade() -> None:
    op.drop_index("ix_contacts_company", "contacts")
    op.create_index("ix_activities_organization_id", "activities", ["organization_id"])
    op.create_index(
        "ix_contacts_company",
        "contacts",
        ["organization_id", "company_id", "created_at", "contact_id"],
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    )
    op.create_index("ix_contacts_company_id", "contacts", ["company_id"])
    op.create_index("ix_contacts_email_hash", "contacts", ["email_hash"])
