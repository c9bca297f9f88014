"""Tables as plain Parquet files: handed to another engine, and taken from it as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from storage.lake import writer

COLUMNS = "meta.engine_columns"
"""What columns the lake's tables have, in the engine's words: its files must have the same."""
_COLUMNS = """
    select
        schema_name, table_name, column_name, column_index,
        case
            when data_type = 'VARCHAR' then 'string'
            when data_type like 'TIMESTAMP%' then 'timestamp'
            else lower(data_type)
        end as engine_type
    from duckdb_columns()
    where database_name = 'lake'
"""
FILE_BYTES = "256MB"
"""Of each file that is handed out: a cluster reads them side by side."""


def hand_out(cursor: duckdb.DuckDBPyConnection, folder: Path, tables: Iterable[str]) -> None:
    """Each table (`schema.name`) as files in `folder/schema/name`; raw rows with the commit that wrote them."""
    for table in tables:
        numbered = ", snapshot_id" if table.startswith("raw.") else ""
        _write(cursor, f"select *{numbered} from lake.{table}", place_of(folder, table))
    _write(cursor, _COLUMNS, place_of(folder, COLUMNS))


def take_in(
    cursor: duckdb.DuckDBPyConnection, folder: Path, tables: Iterable[str], small: Mapping[str, pa.Table]
) -> dict[str, int]:
    """Within the caller's transaction, all rows of these tables: those of the files in `folder/schema/name`, which from
    now on are the lake's, and those of `small`. Answers how many rows each has."""
    counts = {}
    for table in tables:
        schema, name = table.split(".")
        place = place_of(folder, table)
        cursor.execute(f"delete from lake.{table}")
        if any(place.glob("*.parquet")):  # an engine may write none for no rows
            cursor.execute(
                "call ducklake_add_data_files('lake', ?, ?, schema => ?)", [name, f"{place}/*.parquet", schema]
            )
        counts[table] = _count(cursor, table)
    for table, rows in small.items():
        cursor.register("taken_in", rows)
        cursor.execute(f"delete from lake.{table}")
        cursor.execute(f"insert into lake.{table} by name select * from taken_in order by all")
        cursor.unregister("taken_in")
        counts[table] = rows.num_rows
    writer.sync_files(folder, newer_than=0)
    return counts


def place_of(folder: Path, table: str) -> Path:
    """Where the files of a table (`schema.name`) are."""
    return folder.joinpath(*table.split("."))


def _write(cursor: duckdb.DuckDBPyConnection, query: str, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    cursor.execute(f"copy ({query}) to '{place}' (format parquet, file_size_bytes '{FILE_BYTES}')")


def _count(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    row = cursor.execute(f"select count(*) from lake.{table}").fetchone()
    assert row is not None
    return int(row[0])
