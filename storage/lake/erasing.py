"""Where in the lake a person stands: in any table, in any text of a row, by any of their traces."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from domain.erasure import Traces

KEPT_BUT_CUT = {"check_results": "detail"}
"""Tables of `meta` whose rows stay without the words that may quote the person."""


def browsers_of(cursor: duckdb.DuckDBPyConnection, organization_id: str, traces: Traces) -> set[str]:
    """Anonymous ids of browsers whose events name this person and nobody else."""
    known = [[traces.contact_id], sorted(traces.email_hashes)]
    rows = cursor.execute(
        """
        select anonymous_id
        from lake.raw.website_events__events
        where organization_id = ? and anonymous_id is not null
        group by anonymous_id
        having
            bool_or(list_contains(?, contact_id) or list_contains(?, email_hash))
            and not bool_or(
                (contact_id is not null and not list_contains(?, contact_id))
                or (email_hash is not null and not list_contains(?, email_hash))
            )
        """,
        [organization_id, *known, *known],
    ).fetchall()
    return {str(browser) for (browser,) in rows}


def former_addresses(cursor: duckdb.DuckDBPyConnection, organization_id: str, traces: Traces) -> set[str]:
    """Addresses that the contact's record once held."""
    rows = cursor.execute(
        """
        select distinct json_extract_string(row, '$.email')
        from lake.raw.operational__changes
        where organization_id = ? and entity = 'contact' and entity_id = ?
            and json_extract_string(row, '$.email') is not null
        """,
        [organization_id, traces.contact_id],
    ).fetchall()
    return {str(address) for (address,) in rows}


def forget(cursor: duckdb.DuckDBPyConnection, organization_id: str, traces: Traces) -> dict[str, int]:
    """Deletes, in the caller's transaction, the organization's rows in which the person stands; answers how many of each
    table. Their bytes go with `storage.lake.maintenance.purge`."""
    pattern = "|".join(re.escape(needle) for needle in traces.needles)
    counts: dict[str, int] = {}
    for table, texts in _tables(cursor):
        found, params = [], [organization_id]
        if pattern and texts:
            whole = ", ".join(f'cast("{column}" as varchar)' for column in texts)
            found.append(f"regexp_matches(lower(concat_ws(' ', {whole})), ?)")
            params.append(pattern)
        if traces.short_browsers and "anonymous_id" in texts:
            found.append("anonymous_id in (select unnest(?))")
            params.append(sorted(traces.short_browsers))  # type: ignore[arg-type]
        if not found:
            continue
        where = f"organization_id = ? and ({' or '.join(found)})"
        if (column := KEPT_BUT_CUT.get(table.rpartition(".")[2])) is not None:
            cursor.execute(f"update {table} set {column} = '' where {where}", params)
            continue
        done = cursor.execute(f"delete from {table} where {where}", params).fetchone()
        if done is not None and done[0]:
            counts[table.removeprefix("lake.")] = int(done[0])
    return counts


def _tables(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[str]]]:
    """Every table of an organization's rows with its columns that hold texts, also inside lists, structs and JSON."""
    rows = cursor.execute(
        """
        select columns.schema_name, columns.table_name, columns.column_name, columns.data_type
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
        where columns.database_name = 'lake'
        order by columns.schema_name, columns.table_name, columns.column_index
        """
    ).fetchall()
    by_table: dict[str, list[tuple[str, str]]] = {}
    for schema, table, column, kind in rows:
        by_table.setdefault(f'lake.{schema}."{table}"', []).append((column, kind))
    for table, columns in by_table.items():
        names = [name for name, _ in columns]
        if "organization_id" in names:
            yield (
                table.replace('"', ""),
                [name for name, kind in columns if "VARCHAR" in kind or kind == "JSON" if name != "organization_id"],
            )
