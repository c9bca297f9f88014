"""Single sign-on: providers, links, and what a session may reach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("identity_provider_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=400), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("domains", json_type(), nullable=False),
        sa.Column("default_role", sa.String(length=20), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_identity_providers_organization_id"
        ),
        sa.PrimaryKeyConstraint("identity_provider_id", name="pk_identity_providers"),
        sa.UniqueConstraint("organization_id", name="uq_identity_providers_organization_id"),
    )
    op.create_index("ix_identity_providers_organization_id", "identity_providers", ["organization_id"])
    op.create_table(
        "identity_links",
        sa.Column("identity_link_id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_identity_links_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_identity_links_user_id"),
        sa.PrimaryKeyConstraint("identity_link_id", name="pk_identity_links"),
        sa.UniqueConstraint(
            "organization_id", "issuer", "subject", name="uq_identity_links_organization_id_issuer_subject"
        ),
    )
    op.create_index("ix_identity_links_organization_id", "identity_links", ["organization_id"])
    op.create_index("ix_identity_links_user_id", "identity_links", ["user_id"])
    op.add_column("login_sessions", sa.Column("through_organization_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    op.drop_column("login_sessions", "through_organization_id")
    op.drop_table("identity_links")
    op.drop_table("identity_providers")
