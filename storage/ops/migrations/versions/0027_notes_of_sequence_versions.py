"""What was changed in a version of a sequence, in the words of whoever did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sequence_versions", sa.Column("note", sa.String(length=300), nullable=False, server_default=""))
    with op.batch_alter_table("sequence_versions") as batch_op:
        batch_op.alter_column("note", server_default=None)


def downgrade() -> None:
    op.drop_column("sequence_versions", "note")
