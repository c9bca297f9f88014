"""What a client's scores start from where it has no model: told of its agency's other clients, overwritten by each build."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "score_priors",
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("prior", json_type(), nullable=False),
        sa.Column("built_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_score_priors_organization_id"
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_score_priors"),
    )


def downgrade() -> None:
    op.drop_table("score_priors")
