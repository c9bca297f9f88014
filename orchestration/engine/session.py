"""A session with Sail or Spark; dbt in this process speaks through the same one, so both see the same tables."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from domain.errors import NotConfigured
from domain.settings import EngineSettings

Target = Literal["sail", "spark"]
CONFIG = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
}


class Session:
    """What an engine is told besides dbt's models."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark

    def register(self, folder: Path) -> None:
        """Makes the files in `folder/schema/name` known as tables."""
        for place in sorted(folder.glob("*/*")):
            self._spark.sql(f"create schema if not exists {place.parent.name}").collect()
            self._spark.sql(f"create table {place.parent.name}.{place.name} using parquet location '{place}'").collect()

    def arrow(self, query: str) -> pa.Table:
        """The answer to a question, as an Arrow table."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which is not used here
            return self._spark.sql(query).toArrow()


@contextmanager
def open_session(target: Target, settings: EngineSettings, scratch: Path) -> Iterator[Session]:
    """A session on the server that the settings name, on one of our own until the end, or (Spark) in this process.

    `scratch` is a folder for what the engine keeps while it works. Raises NotConfigured where the engine is not installed.
    """
    spark = _spark(scratch) if target == "spark" else _sail(settings)
    with spark as session:
        yield Session(session)


@contextmanager
def _sail(settings: EngineSettings) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            from pysail.spark import SparkConnectServer
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise _missing("Sail", "make engine") from error
        server = None if settings.host else SparkConnectServer("127.0.0.1", 0)
        if server is not None:
            server.start(background=True)
        host, port = server.listening_address if server is not None else (settings.host, settings.port)
        os.environ |= {"LEADHOUSE_ENGINE_HOST": host, "LEADHOUSE_ENGINE_PORT": str(port)}
        session = SparkSession.builder.config(map=CONFIG).remote(f"sc://{host}:{port}").getOrCreate()
    try:
        yield session
    finally:
        session.stop()
        if server is not None:
            server.stop()


@contextmanager
def _spark(scratch: Path) -> Iterator[Any]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise _missing("Spark", "pip install dbt-spark pyspark") from error
    config = CONFIG | {"spark.sql.warehouse.dir": str(scratch / "warehouse"), "spark.ui.enabled": "false"}
    session = SparkSession.builder.config(map=config).getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def _missing(engine: str, command: str) -> NotConfigured:
    return NotConfigured(
        f"{engine} is not installed", hint=f"`{command}`; docs/how-to/outgrow-one-machine.md says when it is worth it."
    )
