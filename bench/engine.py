"""`python -m bench.engine`: the same full build on DuckDB and on Sail, of one lake, with the time and memory of each.

Run it in the environment of `make test-engine`. Sail's memory is that of the whole command, its server included; DuckDB's
is that of its largest dbt process. Afterwards every table of marts and features must hold the same rows (numbers with a
fraction to the sixth place).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench import agency, marts
from domain.settings import EngineSettings, LakeSettings, Settings
from orchestration.engine.build import build_on
from storage.lake import Lake

PUBLIC = """
    select table_name as name, table_schema as schema, string_agg(
        case when data_type = 'DOUBLE' then 'round("' || column_name || '", 6) as "' || column_name || '"'
            else '"' || column_name || '"' end, ', '
    ) as columns
    from information_schema.columns
    where table_catalog = 'lake' and table_schema in ('marts', 'features')
    group by 1, 2
    order by 1
"""


def measure(folder: Path, events: int, memory: str) -> dict[str, Any]:
    settings = Settings.model_validate({"data": {"dir": folder}, "lake": {"memory_limit": memory}})
    lake = Lake.open(settings)
    lake.migrate()
    landed = agency.land(lake, agency.base(events))
    started = time.perf_counter()
    here = marts.build(lake, folder)
    duckdb_seconds = time.perf_counter() - started
    before = _rows(lake)
    lake.close()
    there = _elsewhere(settings)
    differ = sorted(name for name, rows in _rows(lake).items() if rows != before[name])
    lake.close()
    return {
        "events": landed,
        "duckdb": {"seconds": round(duckdb_seconds), "peak_gb": round(here.peak_gb, 2)},
        "sail": there,
        "sail_times_as_long": round(there["seconds"] / duckdb_seconds, 2),
        "tables_compared": len(before),
        "tables_that_differ": differ,
    }


def _elsewhere(settings: Settings) -> dict[str, Any]:
    """In a process of its own, whose memory is nobody else's."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_build_on_sail, args=(settings, sender))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit("Sail did not finish the build")
    found: dict[str, Any] = receiver.recv()
    return found


def _build_on_sail(settings: Settings, sender: Any) -> None:
    started = time.perf_counter()
    report = build_on("sail", Lake.open(settings), EngineSettings(), clock=lambda: marts.BUILD_AT)
    sender.send({
        "seconds": round(time.perf_counter() - started),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2),
        "steps": report.seconds,
    })  # fmt: skip


def _rows(lake: Lake) -> dict[str, pa.Table]:
    """How many rows each public table has, and a hash of them that no order changes."""
    found = {}
    for table in lake.arrow(PUBLIC).to_pylist():
        name = f"{table['schema']}.{table['name']}"
        query = f"select count(*), sum(hash(t)) from (select {table['columns']} from lake.{name}) as t"
        found[name] = lake.arrow(query)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory", default=LakeSettings().memory_limit, help="DuckDB's own limit")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadhouse-bench-") as name:
        report = measure(Path(name), asked.events, asked.memory)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if report["tables_that_differ"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
