"""Contacts that became one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("merged_into_id", sa.String(length=36), nullable=True))
    op.create_index(
        "ix_contacts_merged",
        "contacts",
        ["merged_into_id"],
        sqlite_where=sa.text("merged_into_id is not null"),
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_table(
        "contact_merges",
        sa.Column("contact_merge_id", sa.String(length=36), nullable=False),
        sa.Column("survivor_id", sa.String(length=36), nullable=False),
        sa.Column("merged_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("choices", json_type(), nullable=False),
        sa.Column("changed", json_type(), nullable=False),
        sa.Column("moved", json_type(), nullable=False),
        sa.Column("added", json_type(), nullable=False),
        sa.Column("report", json_type(), nullable=False),
        sa.Column("merged_by", sa.String(length=80), nullable=False),
        sa.Column("merged_at", UTCDateTime(), nullable=False),
        sa.Column("undone_by", sa.String(length=80), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["survivor_id"], ["contacts.contact_id"], name="fk_contact_merges_survivor_id"),
        sa.ForeignKeyConstraint(["merged_id"], ["contacts.contact_id"], name="fk_contact_merges_merged_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_contact_merges_organization_id"
        ),
        sa.PrimaryKeyConstraint("contact_merge_id", name="pk_contact_merges"),
    )
    op.create_index("ix_contact_merges_organization_id", "contact_merges", ["organization_id"])
    op.create_index("ix_contact_merges_survivor", "contact_merges", ["survivor_id", "status"])
    op.create_index("ix_contact_merges_merged", "contact_merges", ["merged_id", "status"])


def downgrade() -> None:
    op.drop_table("contact_merges")
    op.drop_index("ix_contacts_merged", "contacts")
    with op.batch_alter_table("contacts") as batch_op:
        batch_op.drop_column("merged_into_id")
