"""Row-level security on PostgreSQL: what the app's role may see is decided by the database as well.

`Store` sets `leadhouse.readable` (organization ids, separated by commas) and `leadhouse.writable` (one id) for each
transaction; `*` stands for SystemScope. The policies follow from the tables themselves and are applied again after every
migration, so that a new table cannot be forgotten. FORCE makes them hold for the owner of the tables too, but for those
that are searched by their owner.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from storage.ops.tables import Base

READABLE = "(select current_setting('leadhouse.readable', true))"
WRITABLE = "(select current_setting('leadhouse.writable', true))"
SYSTEM_READS = f"{READABLE} = '*'"
SYSTEM_WRITES = f"{WRITABLE} = '*'"

WITHOUT_ORGANIZATION = {
    # A person is seen by the organizations they belong to (memberships are fenced themselves); login finds them.
    "users": f"{SYSTEM_READS} or exists (select 1 from memberships where memberships.user_id = users.user_id)",
    "login_sessions": SYSTEM_READS,
    "login_attempts": SYSTEM_READS,
    "second_factors": SYSTEM_READS,
    "recovery_codes": SYSTEM_READS,
    "fx_rates": "true",
}
"""Tables without `organization_id`, and who may read their rows; only SystemScope writes them."""

APPEND_ONLY = frozenset({"audit_log"})
SEARCHED_BY_THEIR_OWNER = frozenset({"contact_words", "company_words"})
"""A full-text index is of no use behind a policy, so `find_…` reads these as the owner of the tables and draws the fence
itself. Where the app is the owner, they stand behind their fence like all others, and searches read a whole organization."""


def apply(connection: Connection, app_role: str | None) -> None:
    """Puts every table behind its fence and grants the app's role what it needs; `lift` came before."""
    if connection.dialect.name != "postgresql":
        return
    present = set(inspect(connection).get_table_names())
    for table in (table for table in Base.metadata.sorted_tables if table.name in present):
        if "organization_id" in table.c:
            reads = f"{SYSTEM_READS} or organization_id = any(string_to_array({READABLE}, ','))"
            writes = f"{SYSTEM_WRITES} or organization_id = {WRITABLE}"
        else:
            reads, writes = WITHOUT_ORGANIZATION[table.name], SYSTEM_WRITES
        _fence(connection, table.name, reads, writes)
        if app_role and table.name in SEARCHED_BY_THEIR_OWNER:
            connection.execute(text(f"alter table {table.name} no force row level security"))
    if app_role:
        _grant(connection, app_role, present)


def lift(connection: Connection) -> None:
    """Takes the fences down for the length of a migration, whose transaction holds the tables: policies refer to tables,
    and the owner must see the rows it moves."""
    if connection.dialect.name != "postgresql":
        return
    found = connection.execute(
        text("select policyname, tablename from pg_policies where schemaname = current_schema()")
    )
    for policy, table in found.all():
        connection.execute(text(f"drop policy {policy} on {table}"))
        connection.execute(text(f"alter table {table} no force row level security"))


def _fence(connection: Connection, table: str, reads: str, writes: str) -> None:
    statements = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy {table}_select on {table} for select using ({reads})",
        f"create policy {table}_insert on {table} for insert with check ({writes})",
        f"create policy {table}_update on {table} for update using ({writes}) with check ({writes})",
        f"create policy {table}_delete on {table} for delete using ({writes})",
    ]
    for statement in statements:
        connection.execute(text(statement))


def _grant(connection: Connection, role: str, present: set[str]) -> None:
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    schema: str = connection.execute(text("select current_schema()")).scalar_one()
    place = connection.dialect.identifier_preparer.quote_identifier(schema)
    connection.execute(text(f"grant usage on schema {place} to {quoted}"))
    connection.execute(text(f"grant select, insert, update, delete on all tables in schema {place} to {quoted}"))
    connection.execute(text(f"grant usage, select on all sequences in schema {place} to {quoted}"))
    for table in present & APPEND_ONLY:
        connection.execute(text(f"revoke update, delete, truncate on {table} from {quoted}"))
    connection.execute(text(f"revoke insert, update, delete on alembic_version from {quoted}"))
