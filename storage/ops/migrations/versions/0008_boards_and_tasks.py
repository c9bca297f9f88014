"""Boards and tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("assignee_user_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("deal_id", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("completed_by", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name="fk_tasks_company_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name="fk_tasks_contact_id"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_tasks_deal_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_tasks_organization_id"
        ),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
    )
    with op.batch_alter_table("tasks") as batch_op:
        batch_op.create_index("ix_tasks_company_id", ["company_id"], unique=False)
        batch_op.create_index("ix_tasks_contact", ["contact_id", "status"], unique=False)
        batch_op.create_index("ix_tasks_deal", ["deal_id", "status"], unique=False)
        batch_op.create_index("ix_tasks_due", ["organization_id", "assignee_user_id", "status", "due_at"], unique=False)
        batch_op.create_index("ix_tasks_organization_id", ["organization_id"], unique=False)

    with op.batch_alter_table("deal_stage_changes") as batch_op:
        batch_op.add_column(sa.Column("from_key", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("to_key", sa.String(length=40), nullable=True))

    with op.batch_alter_table("deals") as batch_op:
        batch_op.add_column(sa.Column("stage_key", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("stage_entered_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("expected_close_on", sa.Date(), nullable=True))
        batch_op.create_index("ix_deals_board", ["organization_id", "pipeline", "stage", "updated_at"], unique=False)
        batch_op.create_index("ix_deals_owner", ["organization_id", "owner_user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("deals") as batch_op:
        batch_op.drop_index("ix_deals_owner")
        batch_op.drop_index("ix_deals_board")
        batch_op.drop_column("expected_close_on")
        batch_op.drop_column("stage_entered_at")
        batch_op.drop_column("stage_key")

    with op.batch_alter_table("deal_stage_changes") as batch_op:
        batch_op.drop_column("to_key")
        batch_op.drop_column("from_key")

    with op.batch_alter_table("tasks") as batch_op:
        batch_op.drop_index("ix_tasks_organization_id")
        batch_op.drop_index("ix_tasks_due")
        batch_op.drop_index("ix_tasks_deal")
        batch_op.drop_index("ix_tasks_contact")
        batch_op.drop_index("ix_tasks_company_id")

    op.drop_table("tasks")
