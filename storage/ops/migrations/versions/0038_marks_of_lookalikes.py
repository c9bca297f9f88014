"""What people say of suggested companies, and domains that are never suggested."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lookalike_marks",
        sa.Column("lookalike_mark_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=300), nullable=True),
        sa.Column("domain", sa.String(length=253), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("list_name", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("marked_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_lookalike_marks_organization_id"
        ),
        sa.PrimaryKeyConstraint("lookalike_mark_id", name="pk_lookalike_marks"),
        sa.UniqueConstraint("organization_id", "company_id", name="uq_lookalike_marks_company"),
        sa.UniqueConstraint("organization_id", "domain", name="uq_lookalike_marks_domain"),
    )
    op.create_index("ix_lookalike_marks_newest", "lookalike_marks", ["organization_id", "marked_at"])
    op.create_index("ix_lookalike_marks_organization_id", "lookalike_marks", ["organization_id"])


def downgrade() -> None:
    op.drop_table("lookalike_marks")
