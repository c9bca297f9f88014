"""Keeping the lake tidy, and erasing so that the bytes are gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from storage.lake.catalog import Catalog

VACUUM = """
import sqlite3, sys
catalog = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
catalog.execute("pragma wal_checkpoint(truncate)")
catalog.execute("vacuum")
busy, _, _ = catalog.execute("pragma wal_checkpoint(truncate)").fetchone()
sys.exit(busy)
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Rows to be erased: `where` is SQL over the columns of `table` (`schema.name`), its values bound."""

    table: str
    where: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What a run left behind: live files and snapshots; `is_compact` says that the catalog gave up its free pages."""

    file_count: int
    snapshot_count: int
    is_compact: bool = True


def maintain(cursor: duckdb.DuckDBPyConnection, catalog: Catalog, keep_days: int) -> Upkeep:
    """The regular round. Files that a reader may still hold are left for an hour."""
    del catalog
    cursor.execute("CALL ducklake_flush_inlined_data('lake')")
    cursor.execute("CALL ducklake_rewrite_data_files('lake')")
    cursor.execute("CALL ducklake_merge_adjacent_files('lake')")
    cursor.execute(f"CALL ducklake_expire_snapshots('lake', older_than => now() - interval '{int(keep_days)} days')")
    cursor.execute("CALL ducklake_cleanup_old_files('lake', older_than => now() - interval '1 hour')")
    return _upkeep(cursor)


def delete(cursor: duckdb.DuckDBPyConnection, erasures: Sequence[Erasure]) -> None:
    for erasure in erasures:
        cursor.execute(f"DELETE FROM {erasure.table} WHERE {erasure.where}", list(erasure.params))


def purge(cursor: duckdb.DuckDBPyConnection, catalog: Catalog) -> Upkeep:
    """After the deletes, in the one order that removes the bytes.

    Without `delete_threshold => 0` the row stays in its Parquet file and the value in the catalog's min/max statistics;
    a flush must come first; SQLite keeps the text in free pages until VACUUM. PostgreSQL keeps it in write-ahead log
    and backups until they are recycled.
    """
    cursor.execute("CALL ducklake_flush_inlined_data('lake')")
    cursor.execute("CALL ducklake_rewrite_data_files('lake', delete_threshold => 0)")
    cursor.execute("CALL ducklake_merge_adjacent_files('lake')")
    cursor.execute("CALL ducklake_expire_snapshots('lake', older_than => now())")
    cursor.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
    return _upkeep(cursor, is_compact=catalog.dsn is not None or _vacuum(catalog))


def _vacuum(catalog: Catalog) -> bool:
    """In a process of its own: Python's sqlite3 here would be a second SQLite library on a file DuckDB has open."""
    done = subprocess.run([sys.executable, "-c", VACUUM, str(catalog.file)], check=False)  # noqa: S603  our own text
    return done.returncode == 0


def _upkeep(cursor: duckdb.DuckDBPyConnection, *, is_compact: bool = True) -> Upkeep:
    files = cursor.execute("select coalesce(sum(file_count), 0) from ducklake_table_info('lake')").fetchone()
    snapshots = cursor.execute("select count(*) from ducklake_snapshots('lake')").fetchone()
    assert files is not None
    assert snapshots is not None
    return Upkeep(int(files[0]), int(snapshots[0]), is_compact)
