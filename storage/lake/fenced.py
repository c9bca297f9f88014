"""Questions in SQL that a person writes, over the marts of one organization and nothing else.

The fence is not a filter over a query that somebody else wrote: each question runs in a database of its own, in memory,
that holds the organization's rows of the marts it names and was shut (no files, no network, no settings, no other database)
before the question is read. What is not in it cannot be found by any SQL.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from domain.errors import NotConfigured, QueryRefused, QueryTooDear
from storage.lake.lake import Lake

SCHEMA = "marts"
READS = frozenset({"SELECT", "EXPLAIN"})
_SHUT: dict[str, str | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "extension_directory": "none",
    "allow_persistent_secrets": False,
    "secret_directory": "none",
    "temp_directory": "",
    "threads": 1,
}
_HINT = "The list of tables tells their columns and what these mean."


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may cost: rows answered, seconds in all, memory as DuckDB writes it (`1GB`)."""

    rows: int = 10_000
    seconds: float = 30.0
    memory: str = "1GB"


@dataclass(frozen=True, slots=True)
class MartColumn:
    name: str
    data_type: str


@dataclass(frozen=True, slots=True)
class FencedAnswer:
    """`rows` in the order of `columns`, at most as many as the limit; `is_cut` where there were more."""

    columns: tuple[MartColumn, ...]
    rows: list[tuple[Any, ...]]
    is_cut: bool
    tables: tuple[str, ...]
    seconds: float


def marts_of(lake: Lake) -> dict[str, tuple[MartColumn, ...]]:
    """Every mart that was built, by name, with its columns in their order; none where the lake was never made."""
    try:
        found = lake.arrow(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where database_name = 'lake' and schema_name = ? order by table_name, column_index",
            [SCHEMA],
        )
    except NotConfigured:
        return {}
    marts: dict[str, list[MartColumn]] = {}
    for row in found.to_pylist():
        marts.setdefault(row["table_name"], []).append(MartColumn(row["column_name"], row["data_type"]))
    return {name: tuple(columns) for name, columns in marts.items()}


def ask_fenced(lake: Lake, organization_id: str, sql: str, limits: Limits | None = None) -> FencedAnswer:
    """The answer to one SELECT (or EXPLAIN) in DuckDB's SQL over `marts.<name>`, also without the schema.

    Raises QueryRefused for anything else and for what DuckDB cannot make sense of, in its words; QueryTooDear above the
    limits of time and memory.
    """
    limits = limits or Limits()
    began = time.monotonic()
    marts = marts_of(lake)
    named = tuple(name for name in marts if re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE))
    with _database(limits) as fenced, _interrupted_after(limits.seconds, fenced) as is_late:
        _check(fenced, sql)
        try:
            for name, columns in marts.items():
                _make(fenced, name, columns)
            for name in named:
                _fill(fenced, lake, name, organization_id, is_late)
            fenced.execute(
                f"set search_path = '{SCHEMA}'; set enable_external_access = false; set lock_configuration = true"
            )
            answered = fenced.execute(sql)
            columns = tuple(MartColumn(one[0], str(one[1])) for one in answered.description or ())
            rows = answered.fetchmany(limits.rows + 1)
        except duckdb.InterruptException as error:
            raise QueryTooDear(f"the question took longer than {limits.seconds:g} seconds") from error
        except duckdb.OutOfMemoryException as error:
            raise QueryTooDear(f"the question needs more than {limits.memory} of memory") from error
        except duckdb.Error as error:
            raise QueryRefused(_in_words(error), hint=_HINT) from error
    return FencedAnswer(columns, rows[: limits.rows], len(rows) > limits.rows, named, time.monotonic() - began)


@contextmanager
def _database(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:", config={**_SHUT, "memory_limit": limits.memory})
    try:
        connection.execute(f"set timezone = 'UTC'; create schema {SCHEMA}")
        yield connection
    finally:
        connection.close()


@contextmanager
def _interrupted_after(seconds: float, connection: duckdb.DuckDBPyConnection) -> Iterator[threading.Event]:
    """Ends whatever runs on the connection once the time is up, and says so to what runs elsewhere.

    An interruption between two statements is lost, so it is said again until somebody hears it.
    """
    is_late, is_over = threading.Event(), threading.Event()

    def watch() -> None:
        if is_over.wait(seconds):
            return
        is_late.set()
        while not is_over.wait(0.05):
            connection.interrupt()

    watcher = threading.Thread(target=watch, name="sql-watch", daemon=True)
    watcher.start()
    try:
        yield is_late
    finally:
        is_over.set()
        watcher.join()


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(_in_words(error), hint=_HINT) from error
    if len(statements) != 1:
        raise QueryRefused(
            "this is no single question" if statements else "there is no question",
            hint="Send one SELECT. A PIVOT needs its values told: PIVOT … ON … IN (…).",
        )
    if statements[0].type.name not in READS:
        raise QueryRefused(f"{statements[0].type.name} changes something; only SELECT is answered here")


def _make(fenced: duckdb.DuckDBPyConnection, name: str, columns: tuple[MartColumn, ...]) -> None:
    listed = ", ".join(f'"{column.name}" {column.data_type}' for column in columns)
    fenced.execute(f'create table {SCHEMA}."{name}" ({listed})')


def _fill(
    fenced: duckdb.DuckDBPyConnection, lake: Lake, name: str, organization_id: str, is_late: threading.Event
) -> None:
    """The organization's rows, batch by batch: no more of them is ever in memory than the fence allows."""
    with lake.reader() as cursor:
        found = cursor.execute(f'select * from lake.{SCHEMA}."{name}" where organization_id = ?', [organization_id])
        for batch in found.to_arrow_reader(50_000):
            if is_late.is_set():
                raise duckdb.InterruptException
            fenced.register("incoming", pa.Table.from_batches([batch]))
            fenced.execute(f'insert into {SCHEMA}."{name}" select * from incoming')
            fenced.unregister("incoming")


def _in_words(error: duckdb.Error) -> str:
    """What DuckDB says, without the name of its class and the line that was asked."""
    said = re.sub(r"^\w[\w ]* Error: ", "", str(error)).partition("\nLINE ")[0]
    return " ".join(said.split())[:1_000]
