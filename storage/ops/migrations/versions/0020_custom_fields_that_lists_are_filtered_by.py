"""Custom fields as people define them, their values in an indexed table, and indexes over the contacts that lists show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.custom_attributes import MOST_FILTERABLE, indexed_value
from storage.ops.types import UTCDateTime, bytewise_text, json_type

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ROWS = 1000
SHOWN = sa.text("deleted_at is null")
ORDERS = {
    "newest": ("created_at", "contact_id"),
    "name": ("last_name", "first_name", "contact_id"),
    "stage": ("lifecycle_stage", "created_at", "contact_id"),
    "source": ("source", "created_at", "contact_id"),
    "owner": ("owner_user_id", "created_at", "contact_id"),
    "company": ("company_id", "created_at", "contact_id"),
}
FORMER = {
    "newest": (("created_at", "contact_id"), None),
    "name": (("last_name", "first_name"), None),
    "stage": (("lifecycle_stage",), None),
    "owner": (("owner_user_id", "lifecycle_stage"), sa.text("owner_user_id is not null")),
}
CONTACTS = sa.table(
    "contacts",
    sa.column("contact_id"),
    sa.column("organization_id"),
    sa.column("attributes", json_type()),
    sa.column("deleted_at", UTCDateTime()),
)
VALUES = sa.table(
    "contact_values",
    *(sa.column(name) for name in ("contact_id", "key", "organization_id", "number_value", "text_value")),
)


def upgrade() -> None:
    for column in (
        sa.Column("options", json_type(), nullable=False, server_default="[]"),
        sa.Column("is_filterable", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_searchable", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
    ):
        op.add_column("attribute_definitions", column)
    op.create_table(
        "contact_values",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("number_value", sa.Float(), nullable=True),
        sa.Column("text_value", bytewise_text(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name="fk_contact_values_contact_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_contact_values_organization_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", "key", name="pk_contact_values"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for part in _values(connection, _filterable(connection)):
        connection.execute(sa.insert(VALUES), part)
    for name in ("number", "text"):
        there = sa.text(f"{name}_value is not null")
        op.create_index(
            f"ix_contact_values_{name}", "contact_values", ["organization_id", "key", f"{name}_value", "contact_id"],
            sqlite_where=there, postgresql_where=there,
        )  # fmt: skip
    for name in FORMER:
        op.drop_index(f"ix_contacts_{name}", "contacts")
    op.drop_index("ix_contacts_organization_id", "contacts")
    for name, columns in ORDERS.items():
        op.create_index(
            f"ix_contacts_{name}", "contacts", ["organization_id", *columns], sqlite_where=SHOWN, postgresql_where=SHOWN
        )
    op.create_index("ix_scores_band", "scores", ["organization_id", "band", "score", "contact_id"])


def downgrade() -> None:
    op.drop_index("ix_scores_band", "scores")
    for name in ORDERS:
        op.drop_index(f"ix_contacts_{name}", "contacts")
    op.create_index("ix_contacts_organization_id", "contacts", ["organization_id"])
    for name, (columns, there) in FORMER.items():
        op.create_index(
            f"ix_contacts_{name}", "contacts", ["organization_id", *columns], sqlite_where=there, postgresql_where=there
        )
    op.drop_table("contact_values")
    with op.batch_alter_table("attribute_definitions") as batch_op:
        for column in ("options", "is_filterable", "is_searchable", "archived_at"):
            batch_op.drop_column(column)


def _filterable(connection: sa.Connection) -> dict[str, dict[str, str]]:
    """The first attributes of each organization with their types; those beyond are not filterable, and only texts are
    searched."""
    connection.execute(
        sa.text("update attribute_definitions set is_searchable = :no where data_type <> 'text'").bindparams(
            sa.bindparam("no", value=False, type_=sa.Boolean())
        )
    )
    kept: dict[str, dict[str, str]] = {}
    counts: Counter[str] = Counter()
    asked = (
        "select attribute_definition_id, organization_id, key, data_type from attribute_definitions"
        " where entity = 'contact' order by created_at, attribute_definition_id"
    )
    for definition_id, organization_id, key, data_type in connection.execute(sa.text(asked)).tuples().all():
        counts[organization_id] += 1
        if counts[organization_id] <= MOST_FILTERABLE:
            kept.setdefault(organization_id, {})[key] = data_type
            continue
        connection.execute(
            sa.text(
                "update attribute_definitions set is_filterable = :no where attribute_definition_id = :id"
            ).bindparams(sa.bindparam("no", value=False, type_=sa.Boolean()), id=definition_id)
        )
    return kept


def _values(connection: sa.Connection, filterable: dict[str, dict[str, str]]) -> Iterator[list[dict[str, Any]]]:
    asked = sa.select(CONTACTS).where(CONTACTS.c.deleted_at.is_(None)).order_by(CONTACTS.c.contact_id)
    for rows in connection.execute(asked.execution_options(yield_per=ROWS)).mappings().partitions():
        part = []
        for row in rows:
            attributes = row["attributes"] or {}
            for key, data_type in filterable.get(row["organization_id"], {}).items():
                value = indexed_value(data_type, attributes.get(key))
                if value is not None:
                    is_text = isinstance(value, str)
                    part.append(
                        {
                            "contact_id": row["contact_id"],
                            "key": key,
                            "organization_id": row["organization_id"],
                            "number_value": None if is_text else value,
                            "text_value": value if is_text else None,
                        }
                    )
        if part:
            yield part
