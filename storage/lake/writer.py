"""A write to the lake: prepare outside the lock, commit inside it, and let the files reach the disk first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from storage.lake.catalog import Catalog


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection, catalog: Catalog) -> Iterator[None]:
    """All of it is committed, or none. The caller holds the write lock.

    DuckLake syncs its catalog but not the Parquet files that the catalog names (seen with strace on 1.5.5). They are
    synced here before the commit, so that after a power cut a committed row is there, and landing may trim its inbox.
    """
    started = time.time()
    cursor.execute("BEGIN")
    try:
        yield
        if catalog.is_local:
            sync_files(Path(catalog.data_path), newer_than=started - 1)
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
        raise


def sync_files(folder: Path, *, newer_than: float) -> None:
    """Syncs the files written since, and the folders that were changed to hold them."""
    if not folder.is_dir():
        return
    for place, _, files in os.walk(folder):
        if Path(place).stat().st_mtime < newer_than:
            continue
        for name in files:
            path = Path(place, name)
            with suppress(FileNotFoundError):  # a clean-up took it meanwhile
                if path.stat().st_mtime >= newer_than:
                    _sync(path)
        _sync(Path(place))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
