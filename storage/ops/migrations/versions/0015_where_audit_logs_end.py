"""Where each audit log ends, and when it was last verified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("sealed_head", sa.LargeBinary(), nullable=True),
        sa.Column("verified_at", UTCDateTime(), nullable=True),
        sa.Column("verified_position", sa.Integer(), nullable=True),
        sa.Column("verified_fault", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_audit_heads_organization_id"
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_audit_heads"),
    )
    op.execute(
        "insert into audit_heads (organization_id, position, chain) "
        "select organization_id, position, chain from audit_log "
        "where (organization_id, position) in "
        "(select organization_id, max(position) from audit_log group by organization_id)"
    )


def downgrade() -> None:
    op.drop_table("audit_heads")
