"""Organizations and access."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ops.types import UTCDateTime, json_type

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("parent_organization_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("hash_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind in ('agency','client')", name=op.f("ck_organizations_kind")),
        sa.ForeignKeyConstraint(
            ["parent_organization_id"],
            ["organizations.organization_id"],
            name="fk_organizations_parent_organization_id",
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_organizations"),
        sa.UniqueConstraint("slug", name="uq_organizations_slug"),
    )
    with op.batch_alter_table("organizations") as batch_op:
        batch_op.create_index("ix_organizations_parent_organization_id", ["parent_organization_id"], unique=False)

    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "api_keys",
        sa.Column("api_key_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=80), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("allowed_origins", json_type(), nullable=False),
        sa.Column("rate_per_minute", sa.Integer(), nullable=True),
        sa.Column("last_used_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind in ('write','secret')", name=op.f("ck_api_keys_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_api_keys_organization_id"
        ),
        sa.PrimaryKeyConstraint("api_key_id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.create_index("ix_api_keys_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_api_keys_prefix", ["prefix"], unique=False)

    op.create_table(
        "audit_log",
        sa.Column("audit_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=True),
        sa.Column("sealed_before", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_after", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_audit_log_organization_id"
        ),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit_log"),
        sa.UniqueConstraint("organization_id", "position", name="uq_audit_log_organization_id_position"),
    )
    with op.batch_alter_table("audit_log") as batch_op:
        batch_op.create_index("ix_audit_log_entity", ["organization_id", "entity", "entity_id"], unique=False)
        batch_op.create_index("ix_audit_log_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("user_agent", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_login_sessions_user_id"),
        sa.PrimaryKeyConstraint("session_id", name="pk_login_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_login_sessions_token_hash"),
    )
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.create_index("ix_login_sessions_user_id", ["user_id"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("membership_id", sa.String(length=36), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_memberships_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_memberships_user_id"),
        sa.PrimaryKeyConstraint("membership_id", name="pk_memberships"),
        sa.UniqueConstraint("organization_id", "user_id", name="uq_memberships_organization_id_user_id"),
    )
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.create_index("ix_memberships_organization_id", ["organization_id"], unique=False)
        batch_op.create_index("ix_memberships_user_id", ["user_id"], unique=False)

    op.create_table(
        "organization_settings",
        sa.Column("organization_setting_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", json_type(), nullable=False),
        sa.Column("valid_from", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_organization_settings_organization_id"
        ),
        sa.PrimaryKeyConstraint("organization_setting_id", name="pk_organization_settings"),
        sa.UniqueConstraint(
            "organization_id", "name", "version", name="uq_organization_settings_organization_id_name_version"
        ),
    )
    with op.batch_alter_table("organization_settings") as batch_op:
        batch_op.create_index("ix_organization_settings_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "subject_keys",
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_subject_keys_organization_id"
        ),
        sa.PrimaryKeyConstraint("subject_id", name="pk_subject_keys"),
    )
    with op.batch_alter_table("subject_keys") as batch_op:
        batch_op.create_index("ix_subject_keys_organization_id", ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("subject_keys") as batch_op:
        batch_op.drop_index("ix_subject_keys_organization_id")

    op.drop_table("subject_keys")
    with op.batch_alter_table("organization_settings") as batch_op:
        batch_op.drop_index("ix_organization_settings_organization_id")

    op.drop_table("organization_settings")
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.drop_index("ix_memberships_user_id")
        batch_op.drop_index("ix_memberships_organization_id")

    op.drop_table("memberships")
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.drop_index("ix_login_sessions_user_id")

    op.drop_table("login_sessions")
    with op.batch_alter_table("audit_log") as batch_op:
        batch_op.drop_index("ix_audit_log_organization_id")
        batch_op.drop_index("ix_audit_log_entity")

    op.drop_table("audit_log")
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.drop_index("ix_api_keys_prefix")
        batch_op.drop_index("ix_api_keys_organization_id")

    op.drop_table("api_keys")
    op.drop_table("users")
    with op.batch_alter_table("organizations") as batch_op:
        batch_op.drop_index("ix_organizations_parent_organization_id")

    op.drop_table("organizations")
