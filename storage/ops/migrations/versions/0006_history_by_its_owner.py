"""History is found by whom it is about: a foreign key whose index begins with something else costs a scan a delete."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = (
    ("lifecycle_changes", "ix_lifecycle_changes_contact", ["contact_id", "occurred_at"]),
    ("activities", "ix_activities_timeline", ["contact_id", "occurred_at"]),
    ("deal_stage_changes", "ix_deal_stage_changes_deal", ["deal_id", "occurred_at"]),
    ("consents", "ix_consents_contact", ["contact_id", "purpose", "occurred_at"]),
)


def upgrade() -> None:
    for table, name, columns in INDEXES:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)


def downgrade() -> None:
    for table, name, columns in INDEXES:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, ["organization_id", *columns])
