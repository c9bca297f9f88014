"""Words that contacts and companies are found by, with a full-text index over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.search import indexed, number_word, words_of
from storage.ops.types import UTCDateTime, json_type

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROWS = 1000

CONTACTS = sa.table(
    "contacts",
    *(
        sa.column(name)
        for name in (
            "contact_id",
            "organization_id",
            "company_id",
            "first_name",
            "last_name",
            "email",
            "title",
            "phone",
        )
    ),
    sa.column("external_id"),
    sa.column("attributes", json_type()),
    sa.column("created_at", UTCDateTime()),
    sa.column("deleted_at", UTCDateTime()),
)
COMPANIES = sa.table("companies", *(sa.column(name) for name in ("company_id", "name", "domain")))
SUMMARIES = sa.table(
    "company_summaries", *(sa.column(name) for name in ("company_id", "organization_id", "name", "domain"))
)
CONTACT_WORDS = sa.table(
    "contact_words",
    *(sa.column(name) for name in ("organization_id", "contact_id", "words")),
    sa.column("created_at", UTCDateTime()),
)
COMPANY_WORDS = sa.table("company_words", *(sa.column(name) for name in ("organization_id", "company_id", "words")))

# FTS5 keeps no text of its own (`content`), no positions (`detail`): triggers tell it what comes and goes. Words come
# ready-made, so its tokenizer only has to cut at the spaces.
SQLITE = (
    (
        "create virtual table {table}_index using fts5("
        "words, content='{table}', content_rowid='seq', detail='none', columnsize=0, tokenize='ascii')"
    ),
    (
        "create trigger {table}_added after insert on {table} begin"
        " insert into {table}_index (rowid, words) values (new.seq, new.words); end"
    ),
    (
        "create trigger {table}_removed after delete on {table} begin"
        " insert into {table}_index ({table}_index, rowid, words) values ('delete', old.seq, old.words); end"
    ),
    (
        "create trigger {table}_changed after update of words on {table} when old.words <> new.words begin"
        " insert into {table}_index ({table}_index, rowid, words) values ('delete', old.seq, old.words);"
        " insert into {table}_index (rowid, words) values (new.seq, new.words); end"
    ),
)
# A condition on words could leak rows through its errors, says PostgreSQL, and uses no index for it behind row-level
# security. So the function reads as the owner of the tables, and draws the fence itself.
POSTGRESQL = (
    "create index ix_{table}_words on {table} using gin (array_to_tsvector(string_to_array(words, ' ')))",
    (
        "create function find_{table}(wanted text, most integer) returns setof bigint"
        " language sql stable security definer set search_path from current as $$"
        " select seq from {table} where array_to_tsvector(string_to_array(words, ' ')) @@ wanted::tsquery"
        " and (current_setting('leadhouse.readable', true) = '*'"
        " or organization_id = any (string_to_array(current_setting('leadhouse.readable', true), ',')))"
        " limit most $$"
    ),
)


def upgrade() -> None:
    op.create_table(
        "contact_words",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_contact_words_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name="fk_contact_words_contact_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_contact_words"),
        sa.UniqueConstraint("contact_id", name="uq_contact_words_contact_id"),
    )
    op.create_table(
        "company_words",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_company_words_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "organization_id"],
            ["company_summaries.company_id", "company_summaries.organization_id"],
            name="fk_company_words_company_id_organization_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_company_words"),
        sa.UniqueConstraint("company_id", "organization_id", name="uq_company_words_company_id_organization_id"),
    )
    connection = op.get_bind()
    for table, written, parts in (
        ("contact_words", CONTACT_WORDS, _contacts(connection)), ("company_words", COMPANY_WORDS, _companies(connection)),
    ):  # fmt: skip
        for part in parts:
            connection.execute(sa.insert(written), part)
        is_sqlite = connection.dialect.name == "sqlite"
        for statement in SQLITE if is_sqlite else POSTGRESQL:
            op.execute(statement.format(table=table))
        if is_sqlite:
            op.execute(f"insert into {table}_index ({table}_index) values ('rebuild')")


def downgrade() -> None:
    for table in ("company_words", "contact_words"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"drop table {table}_index")
        else:
            op.execute(f"drop function find_{table}")
        op.drop_table(table)


def _contacts(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """Rows for those who are there, the oldest first, a part at a time."""
    texts: dict[str, list[str]] = {}
    searched = "select organization_id, key from attribute_definitions where entity = 'contact' and data_type = 'text'"
    for organization_id, key in connection.execute(sa.text(searched)).tuples():
        texts.setdefault(organization_id, []).append(key)
    asked = (
        sa.select(CONTACTS, COMPANIES.c.name, COMPANIES.c.domain)
        .outerjoin(COMPANIES, COMPANIES.c.company_id == CONTACTS.c.company_id)
        .where(CONTACTS.c.deleted_at.is_(None))
        .order_by(CONTACTS.c.created_at, CONTACTS.c.contact_id)
    )
    for rows in connection.execute(asked.execution_options(yield_per=ROWS)).mappings().partitions():
        yield [
            {
                "organization_id": row["organization_id"],
                "contact_id": row["contact_id"],
                "words": indexed(row["organization_id"], _said(row, texts.get(row["organization_id"], ()))),
                "created_at": row["created_at"],
            }
            for row in rows
        ]


def _said(row: Any, texts: Iterable[str]) -> list[str]:
    attributes = row["attributes"] or {}
    named = row["external_id"] if not (row["external_id"] or "").startswith("row:") else None
    told = [value for key in texts if isinstance(value := attributes.get(key), str)]
    return words_of(
        row["first_name"], row["last_name"], row["email"], row["title"], row["name"], row["domain"], row["phone"],
        number_word(row["phone"]), named, *told,
    )  # fmt: skip


def _companies(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    asked = sa.select(SUMMARIES).order_by(SUMMARIES.c.organization_id, SUMMARIES.c.company_id)
    for rows in connection.execute(asked.execution_options(yield_per=ROWS)).mappings().partitions():
        yield [
            {
                "organization_id": row["organization_id"],
                "company_id": row["company_id"],
                "words": indexed(row["organization_id"], words_of(row["name"], row["domain"])),
            }
            for row in rows
        ]
