"""DuckDB instances on the lake: one a process and kind of access, and a cheap cursor for every question.

Loading the extensions costs 0.25–0.45 s, a cursor microseconds. An instance never crosses a fork.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress

import duckdb

from domain.errors import NotConfigured
from domain.settings import LakeSettings
from storage.lake.catalog import Catalog
from storage.lake.extensions import link_extensions

RETRIES = "SET ducklake_max_retry_count=100; SET ducklake_retry_wait_ms=20; SET ducklake_retry_backoff=1.2"


class Connections:
    """The instances of this process, opened on first use and kept until `close`."""

    def __init__(self, catalog: Catalog, settings: LakeSettings) -> None:
        self._catalog = catalog
        self._settings = settings
        self._open: dict[tuple[int, bool], duckdb.DuckDBPyConnection] = {}
        self._guard = threading.Lock()

    def cursor(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        """A connection of its own on the shared instance, with the lake as its default database.

        Reading a lake that was never made raises NotConfigured.
        """
        key = (os.getpid(), read_only)
        with self._guard:
            if key not in self._open:
                self._open[key] = self._attach(read_only=read_only)
            cursor = self._open[key].cursor()
        cursor.execute("USE lake; SET TimeZone='UTC'")  # both belong to a cursor, not to the instance
        return cursor

    def close(self) -> None:
        with self._guard:
            for (pid, _), connection in self._open.items():
                if pid == os.getpid():
                    with suppress(duckdb.Error):
                        connection.close()
            self._open.clear()

    def _attach(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        catalog = self._catalog
        if read_only and not catalog.exists:
            raise _missing()
        catalog.root.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={
                "extension_directory": str(link_extensions(catalog.root, catalog.extensions)),
                "autoinstall_known_extensions": False,  # nothing may reach for the network
                "threads": self._settings.threads,
                "memory_limit": self._settings.memory_limit,
                "temp_directory": str(catalog.root / "spill"),
            }
        )
        connection.execute(f"LOAD ducklake; {RETRIES}")
        if not catalog.is_local:
            connection.execute(f"LOAD httpfs; {_s3_secret(self._settings)}")
        options = ["READ_ONLY"] if read_only else [f"DATA_PATH {_quoted(catalog.data_path)}"]
        if catalog.dsn is None:
            options += ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 10000"]
        try:
            connection.execute(f"ATTACH {_quoted(catalog.uri)} AS lake ({', '.join(options)})")
        except duckdb.Error as error:
            connection.close()
            if read_only and "does not exist" in str(error):
                raise _missing() from error
            raise
        return connection


def _s3_secret(settings: LakeSettings) -> str:
    """The statement that gives this instance, and no file, the key of the bucket. `dbt_project/profiles.yml` has the same."""
    given = {
        "KEY_ID": settings.s3_key_id,
        "SECRET": settings.s3_secret.get_secret_value(),
        "REGION": settings.s3_region,
        "USE_SSL": str(settings.s3_use_ssl).lower(),
    }
    if settings.s3_endpoint:
        given |= {"ENDPOINT": settings.s3_endpoint, "URL_STYLE": "path"}
    return f"CREATE SECRET lake_files (TYPE s3, {', '.join(f'{key} {_quoted(value)}' for key, value in given.items())})"


def _missing() -> NotConfigured:
    return NotConfigured("there is no lake yet", hint="Run `leadhouse migrate`, which makes it.")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
