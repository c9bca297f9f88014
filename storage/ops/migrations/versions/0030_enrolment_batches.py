"""Many people put into a sequence by one act, and the parts it is done in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment_batches",
        sa.Column("enrolment_batch_id", sa.String(length=36), nullable=False),
        sa.Column("sequence_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("contact_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("enrolled_count", sa.Integer(), nullable=False),
        sa.Column("refused", json_type(), nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrolment_batches_organization_id"
        ),
        sa.ForeignKeyConstraint(["sequence_id"], ["sequences.sequence_id"], name="fk_enrolment_batches_sequence_id"),
        sa.PrimaryKeyConstraint("enrolment_batch_id", name="pk_enrolment_batches"),
    )
    op.create_index(
        "ix_enrolment_batches_newest",
        "enrolment_batches",
        ["organization_id", "sequence_id", "created_at", "enrolment_batch_id"],
    )
    op.create_index("ix_enrolment_batches_organization_id", "enrolment_batches", ["organization_id"])
    op.create_table(
        "enrolment_batch_parts",
        sa.Column("enrolment_batch_part_id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_batch_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact_ids", json_type(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_enrolment_batch_parts_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_batch_id"],
            ["enrolment_batches.enrolment_batch_id"],
            name="fk_enrolment_batch_parts_enrolment_batch_id",
        ),
        sa.PrimaryKeyConstraint("enrolment_batch_part_id", name="pk_enrolment_batch_parts"),
        sa.UniqueConstraint(
            "organization_id",
            "enrolment_batch_id",
            "number",
            name="uq_enrolment_batch_parts_once",
        ),
    )
    op.create_index("ix_enrolment_batch_parts_organization_id", "enrolment_batch_parts", ["organization_id"])


def downgrade() -> None:
    op.drop_table("enrolment_batch_parts")
    op.drop_table("enrolment_batches")
