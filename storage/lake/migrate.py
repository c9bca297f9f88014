"""Brings the lake's own tables to what the code expects: makes what is missing, adds columns, never takes one away."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from storage.lake.schemas import SCHEMAS, Table

OPTIONS = {
    # Inserts up to this size stay in the catalog until a flush: a file for three rows is waste, but inlining a thousand
    # rows was measured five times slower than writing them.
    "data_inlining_row_limit": "100",
    # Rows are sorted when files are merged, by night: sorting every landing cost it a third of its time.
    "sort_on_insert": "false",
}


OWNERS_OF_OLD_VERDICTS = """
update meta.check_results
set organization_id = coalesce(
    (select min(files.organization_id) from meta.landed_batches as files where files.batch_id = check_results.batch_id),
    ''
)
where organization_id is null and not contains(batch_id, '..')
"""
"""Verdicts kept before they named their owner. A landing from the store has two marks for a batch id (`a..b`); a file that
landed is listed; one that was refused is nobody's, and shown to nobody."""


def apply(cursor: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> list[str]:
    """What was done, in words; empty when the lake was up to date. Runs in the caller's transaction."""
    done = [*_schemas(cursor)]
    present = _present(cursor)
    for table in tables:
        columns = present.get((table.schema, table.name))
        done += _create(cursor, table) if columns is None else _widen(cursor, table, columns)
    if "added meta.check_results.organization_id" in done:
        cursor.execute(OWNERS_OF_OLD_VERDICTS)
    return done


def _schemas(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    found = {name for (name,) in cursor.execute("select schema_name from duckdb_schemas()").fetchall()}
    missing = [name for name in SCHEMAS if name not in found]
    for name in missing:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    return [f"made schema {name}" for name in missing]


def _present(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], set[str]]:
    rows = cursor.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'lake'"
    ).fetchall()
    present: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in rows:
        present.setdefault((schema, table), set()).add(column)
    return present


def _create(cursor: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in table.columns.items())
    cursor.execute(f"CREATE TABLE {table.full_name} ({columns})")
    if table.month_of:
        cursor.execute(
            f"ALTER TABLE {table.full_name} SET PARTITIONED BY (year({table.month_of}), month({table.month_of}))"
        )
    if table.sorted_by:
        cursor.execute(f"ALTER TABLE {table.full_name} SET SORTED BY ({table.sorted_by} ASC)")
    return [f"made table {table.full_name}"]


def _widen(cursor: duckdb.DuckDBPyConnection, table: Table, present: set[str]) -> list[str]:
    missing = {name: kind for name, kind in table.columns.items() if name not in present}
    for name, kind in missing.items():
        cursor.execute(f'ALTER TABLE {table.full_name} ADD COLUMN "{name}" {kind}')
    return [f"added {table.full_name}.{name}" for name in missing]


def set_options(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Options of the whole lake, kept in its catalog. Outside a transaction."""
    rows = cursor.execute("select option_name, value from ducklake_options('lake') where scope = 'GLOBAL'").fetchall()
    present = {str(name): str(value).lower() for name, value in rows}
    missing = {name: value for name, value in OPTIONS.items() if present.get(name) != value}
    for name, value in missing.items():
        cursor.execute(f"CALL lake.set_option('{name}', {value})")
    return [f"set {name} to {value}" for name, value in missing.items()]
