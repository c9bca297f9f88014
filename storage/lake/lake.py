"""The lake's one door: read without locks, write one at a time, migrate, keep tidy, erase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from domain.erasure import Traces
from domain.settings import LakeSettings, Settings
from storage.lake import erasing, exchange, maintenance, migrate, writer
from storage.lake.catalog import Catalog
from storage.lake.connection import Connections
from storage.lake.extensions import link_extensions
from storage.lake.lock import WriteLock
from storage.lake.schemas import TABLES, Table

WAIT_SECONDS = 300.0
"""How long a short write waits for a build to end before it gives up with StoreBusy."""


class Lake:
    """DuckLake on the catalog the settings name. In SQL its tables are `<schema>.<table>`, or `lake.<schema>.<table>`.

    Only orchestration (landing, dbt, models) writes; everyone else reads. One object may be shared by threads.
    """

    def __init__(self, catalog: Catalog, settings: LakeSettings) -> None:
        self.catalog = catalog
        self._settings = settings
        self._connections = Connections(catalog, settings)
        self._lock = WriteLock.of(catalog)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The lake the settings name. Nothing is opened or made until it is used."""
        return cls(Catalog.of(settings), settings.lake)

    @contextmanager
    def reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on a READ_ONLY attachment; it sees the newest commit and waits for nobody.

        Raises NotConfigured where the lake was never made.
        """
        cursor = self._connections.cursor(read_only=True)
        try:
            yield cursor
        finally:
            cursor.close()

    def arrow(self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> pa.Table:
        """The answer to one question, as an Arrow table."""
        with self.reader() as cursor:
            return cursor.execute(sql, params).to_arrow_table()

    @contextmanager
    def staging(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that may write, outside any transaction: for temporary tables made ready before `commit`."""
        if not self.catalog.exists:
            with self._lock.hold(wait_seconds):  # attaching makes the catalog, which two must not do at once
                cursor = self._connections.cursor(read_only=False)
        else:
            cursor = self._connections.cursor(read_only=False)
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def commit(self, cursor: duckdb.DuckDBPyConnection, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """One short transaction of a `staging` cursor under the write lock: all of it, or none. StoreBusy if it must
        wait longer than `wait_seconds`."""
        with self._lock.hold(wait_seconds), writer.transaction(cursor, self.catalog):
            yield

    @contextmanager
    def writer(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside one short transaction under the write lock. Prepare heavy work before (`staging`)."""
        with self.staging(wait_seconds) as cursor, self.commit(cursor, wait_seconds):
            yield cursor

    def replace(self, table: str, rows: pa.Table) -> None:
        """All rows of a table (`schema.name`) at once, in the order of their columns, which are found by name."""
        with self.staging() as cursor:
            cursor.register("replacing", rows)
            with self.commit(cursor):
                cursor.execute(f"delete from lake.{table}")
                cursor.execute(f"insert into lake.{table} by name select * from replacing order by all")
            cursor.unregister("replacing")

    def hand_out(self, folder: Path, tables: Iterable[str]) -> None:
        """Tables (`schema.name`) as Parquet files in `folder/schema/name`, for another engine to read."""
        with self.reader() as cursor:
            exchange.hand_out(cursor, folder, tables)

    def take_in(self, folder: Path, tables: Iterable[str], small: Mapping[str, pa.Table]) -> dict[str, int]:
        """Replaces the rows of tables, all in one commit, by files that another engine wrote into `folder/schema/name`
        and by the rows of `small`. The files are not copied: from then on they are the lake's."""
        with self.staging() as cursor, self.commit(cursor):
            return exchange.take_in(cursor, folder, tables, small)

    @contextmanager
    def exclusive(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """The write lock, held as long as a dbt build in another process takes. This thread may still write."""
        with self._lock.hold(wait_seconds):
            yield

    def migrate(self, tables: Iterable[Table] = ()) -> list[str]:
        """Makes the schemas, the raw and meta tables, and `tables`; adds missing columns. Answers what it did."""
        with self.staging() as cursor, self.exclusive():
            with self.commit(cursor):
                done = migrate.apply(cursor, {table.full_name: table for table in (*TABLES, *tables)}.values())
            return done + migrate.set_options(cursor)

    def maintain(self, keep_days: int = 7) -> maintenance.Upkeep:
        """Flushes inlined rows, merges small files, and forgets snapshots and files older than `keep_days`."""
        with self.staging() as cursor, self.exclusive():
            return maintenance.maintain(cursor, self.catalog, keep_days)

    def erase(self, erasures: Sequence[maintenance.Erasure]) -> maintenance.Upkeep:
        """Deletes rows and every byte of them: files, catalog statistics and history of the whole lake. Batch it."""
        with self.staging() as cursor, self.exclusive():
            with self.commit(cursor):
                maintenance.delete(cursor, erasures)
            return maintenance.purge(cursor, self.catalog)

    def traces_in(self, organization_id: str, traces: Traces) -> tuple[set[str], set[str]]:
        """What the lake knows a person by besides: browsers that were theirs alone, and former addresses."""
        with self.reader() as cursor:
            return (
                erasing.browsers_of(cursor, organization_id, traces),
                erasing.former_addresses(cursor, organization_id, traces),
            )

    def forget(self, people: Sequence[tuple[str, Traces]]) -> tuple[list[dict[str, int]], maintenance.Upkeep]:
        """Deletes every row in which a person (organization, traces) stands, in any table, and then every byte of them.

        Answers how many rows of each table, person by person. History of the whole lake goes with it: batch it.
        """
        with self.staging() as cursor, self.exclusive():
            with self.commit(cursor):
                counts = [erasing.forget(cursor, organization_id, traces) for organization_id, traces in people]
            return counts, maintenance.purge(cursor, self.catalog)

    def dbt_environment(self) -> dict[str, str]:
        """What dbt's profile reads from the environment.

        `LEADHOUSE_LAKE_THREADS` is DuckDB's; dbt's own `threads` stays 1 (two made a SQLite catalog refuse).
        """
        settings = self._settings
        files = "" if self.catalog.is_local else "s3"
        return {
            "LEADHOUSE_LAKE_TARGET": f"{'postgres' if self.catalog.dsn else 'sqlite'}{files and '_' + files}",
            "LEADHOUSE_LAKE_URI": self.catalog.uri,
            "LEADHOUSE_LAKE_DATA": self.catalog.data_path,
            "LEADHOUSE_LAKE_EXTENSIONS": str(link_extensions(self.catalog.root, self.catalog.extensions)),
            "LEADHOUSE_LAKE_THREADS": str(settings.threads),
            "LEADHOUSE_LAKE_MEMORY": settings.memory_limit,
            "LEADHOUSE_LAKE_S3_ENDPOINT": settings.s3_endpoint or "s3.amazonaws.com",
            "LEADHOUSE_LAKE_S3_URL_STYLE": "path" if settings.s3_endpoint else "vhost",
            "LEADHOUSE_LAKE_S3_REGION": settings.s3_region,
            "LEADHOUSE_LAKE_S3_KEY_ID": settings.s3_key_id,
            "LEADHOUSE_LAKE_S3_SECRET": settings.s3_secret.get_secret_value(),
            "LEADHOUSE_LAKE_S3_USE_SSL": str(settings.s3_use_ssl).lower(),
        }

    def close(self) -> None:
        """Lets go of this process's DuckDB instances; the next use opens them again."""
        self._connections.close()
