"""Contacts of a company are counted in its index: it says which of them lists show, so that no contact has to be read."""

from __future__ import annotations

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

NAME = "ix_contacts_company"
COLUMNS = ["company_id", "organization_id", "created_at", "contact_id"]


def upgrade() -> None:
    op.drop_index(NAME, "contacts")
    op.create_index(NAME, "contacts", [*COLUMNS, "deleted_at"])


def downgrade() -> None:
    op.drop_index(NAME, "contacts")
    op.create_index(NAME, "contacts", COLUMNS)
