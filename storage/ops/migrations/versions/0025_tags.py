"""Tags of contacts and companies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("tag_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"], name="fk_tags_organization_id"),
        sa.PrimaryKeyConstraint("tag_id", name="pk_tags"),
        sa.UniqueConstraint("organization_id", "key", name="uq_tags_organization_id_key"),
    )
    op.create_index("ix_tags_organization_id", "tags", ["organization_id"])
    for entity, length in (("contact", 36), ("company", 300)):
        table = f"{entity}_tags"
        owner = (
            [sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_contact_tags_contact_id", ondelete="CASCADE")]
            if entity == "contact"
            else []
        )  # fmt: skip
        op.create_table(
            table,
            sa.Column(f"{entity}_id", sa.String(length=length), nullable=False),
            sa.Column("tag_id", sa.String(length=36), nullable=False),
            sa.Column("organization_id", sa.String(length=36), nullable=False),
            sa.Column("created_at", UTCDateTime(), nullable=False),
            *owner,
            sa.ForeignKeyConstraint(["tag_id"], ["tags.tag_id"], name=f"fk_{table}_tag_id", ondelete="CASCADE"),
            sa.ForeignKeyConstraint(
                ["organization_id"], ["organizations.organization_id"], name=f"fk_{table}_organization_id"
            ),
            sa.PrimaryKeyConstraint(f"{entity}_id", "tag_id", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
        op.create_index(f"ix_{table}_tag", table, ["organization_id", "tag_id", f"{entity}_id"])


def downgrade() -> None:
    for table in ("company_tags", "contact_tags", "tags"):
        op.drop_table(table)
