"""Questions of what scores would be, which the worker answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "score_questions",
        sa.Column("score_question_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("asked", json_type(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answer", json_type(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_score_questions_organization_id"
        ),
        sa.PrimaryKeyConstraint("score_question_id", name="pk_score_questions"),
    )
    op.create_index("ix_score_questions_newest", "score_questions", ["organization_id", "created_at"])
    op.create_index("ix_score_questions_organization_id", "score_questions", ["organization_id"])


def downgrade() -> None:
    op.drop_table("score_questions")
