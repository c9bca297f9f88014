"""Look-ups of what was said about two nodes: every identify asks."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("identity_decisions") as batch_op:
        batch_op.create_index("ix_identity_decisions_nodes", ["organization_id", "left_node", "right_node"])


def downgrade() -> None:
    with op.batch_alter_table("identity_decisions") as batch_op:
        batch_op.drop_index("ix_identity_decisions_nodes")
