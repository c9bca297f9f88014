"""`python -m bench.marts`: memory of a full build of the marts, what a little news costs, and whether the two agree.

Four builds of one lake, each as orchestration does it (dbt with identity and attribution solved between its parts): of everything; of nothing new; of one
percent more events, from known and new visitors, which land a day later; and of everything again. After the last, every
table must equal, row by row, what the builds in steps left behind.

Model time is the sum of dbt's execution times. What the news added is the third build less the second, beside the fourth,
whose rows are the same. Execution times tell of a machine's other work too, and the difference of two of them more so:
beside them stands the time of processors, which is read from outside while a model runs (one runs at a time). Peak memory
is the largest resident set of a dbt process, as the system tells it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench import agency
from domain.settings import LakeSettings, Settings
from models_ml.attribution.solve import solve_attribution
from models_ml.identity.components import build_components
from storage.lake import Lake

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project"
PARTS: tuple[tuple[str, ...], ...] = (
    ("--select", "tag:before_identity"),
    ("--select", "tag:after_identity", "--exclude", "tag:after_attribution"),
    ("--select", "tag:after_attribution"),
)
BUILD_AT = agency.END + timedelta(days=2)
"""The moment of every build, so that they can be compared."""
LARGE = True
MEMORY_GB, ADDED_SHARE = 4.0, 0.05


@dataclass(frozen=True, slots=True)
class Build:
    """One build: seconds of each model (by dbt's clock, and of processors), of tests, of identity components and
    attribution solve, of processors in all; and the most memory of a dbt process."""

    models: dict[str, float]
    models_cpu: dict[str, float]
    test_seconds: float
    solve_seconds: float
    cpu_seconds: float
    peak_gb: float

    @property
    def model_seconds(self) -> float:
        return sum(self.models.values())

    @property
    def model_cpu_seconds(self) -> float:
        return sum(self.models_cpu.values())


class Meter(threading.Thread):
    """Processor seconds that a process has used, read a hundred times a second until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._moments: list[float] = []
        self._used: list[float] = []

    def run(self) -> None:
        while True:
            try:
                times = self._process.cpu_times()
            except psutil.Error:
                return
            self._moments.append(time.time())
            self._used.append(times.user + times.system)
            time.sleep(0.01)

    def between(self, started_at: str, completed_at: str) -> float:
        """Of two moments as dbt writes them (ISO 8601 in UTC)."""
        ends = [datetime.fromisoformat(at).timestamp() for at in (started_at, completed_at)]
        before, after = np.interp(ends, self._moments, self._used)
        return float(after - before)


def build(lake: Lake, folder: Path, *, full_refresh: bool = False) -> Build:
    """The three parts of dbt with the solves between them. Ends the bench where dbt fails."""
    models: dict[str, float] = {}
    models_cpu: dict[str, float] = {}
    tests = cpu = peak = solves = 0.0
    between = [None, lambda: build_components(lake), lambda: solve_attribution(lake, clock=lambda: BUILD_AT)]
    for part, solve in zip(PARTS, between, strict=True):
        if solve is not None:
            started = time.perf_counter()
            solve()
            solves += time.perf_counter() - started
        usage, meter = _dbt(lake, folder, [*part, "--full-refresh"] if full_refresh else [*part])
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss * 1024 / 1e9)
        for result in json.loads((folder / "target" / "run_results.json").read_text())["results"]:
            kind, _, name = result["unique_id"].partition(".leadhouse.")
            if kind == "test":
                tests += result["execution_time"]
            else:
                models[name] = result["execution_time"]
                models_cpu[name] = meter.between(
                    result["timing"][0]["started_at"], result["timing"][-1]["completed_at"]
                )
    return Build(models, models_cpu, tests, solves, cpu, peak)


def _dbt(lake: Lake, folder: Path, chosen: list[str]) -> tuple[Any, Meter]:
    """One dbt process; answers what the system says it used, in all and when."""
    places = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
    command = [
        str(Path(sys.executable).with_name("dbt")), "build", "--quiet", *chosen, "--exclude-resource-type", "unit_test",
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--vars", json.dumps({"as_of": BUILD_AT.isoformat()}),
    ]  # fmt: skip
    with lake.exclusive():
        process = subprocess.Popen(command, env={**os.environ, **lake.dbt_environment(), **places})
        meter = Meter(process.pid)
        meter.start()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"dbt build {' '.join(chosen)} failed; see {folder / 'logs' / 'dbt.log'}")
    meter.join()
    return usage, meter


def fingerprints(lake: Lake) -> dict[str, tuple[int, str]]:
    """Rows of every table that dbt makes, and an order-free hash of them."""
    tables = lake.arrow(
        "select table_schema || '.' || table_name as name from information_schema.tables where table_catalog = 'lake' "
        "and table_schema in ('staging', 'intermediate', 'marts', 'features') and table_type = 'BASE TABLE'"
    ).to_pylist()
    found = {}
    for table in tables:
        query = f"select count(*) as rows, cast(sum(hash(t)) as varchar) as hash from lake.{table['name']} as t"
        (row,) = lake.arrow(query).to_pylist()
        found[table["name"]] = (row["rows"], row["hash"])
    return found


def measure(folder: Path, events: int, share: float, memory: str) -> dict[str, Any]:
    settings = Settings.model_validate({"data": {"dir": folder}, "lake": {"memory_limit": memory}})
    lake = Lake.open(settings)
    lake.migrate()
    started = time.perf_counter()
    landed = agency.land(lake, agency.base(events))
    generated = time.perf_counter() - started
    first = build(lake, folder)
    idle = build(lake, folder)
    news = agency.land(lake, agency.more(events, share))
    step = build(lake, folder)
    in_steps = fingerprints(lake)
    full = build(lake, folder, full_refresh=True)
    whole = fingerprints(lake)
    lake.close()
    peak = max(one.peak_gb for one in (first, idle, step, full))
    added = {
        "execution_time": (step.model_seconds - idle.model_seconds) / full.model_seconds,
        "processor_time": (step.model_cpu_seconds - idle.model_cpu_seconds) / full.model_cpu_seconds,
    }
    different = sorted(name for name in whole if whole[name] != in_steps.get(name))
    builds = (full, idle, step)
    return {
        "events": landed,
        "more_events": news,
        "seconds_to_generate": round(generated, 1),
        "duckdb_memory_limit": memory,
        "peak_gb": round(peak, 2),
        "added_share_of_full": {name: round(share, 3) for name, share in added.items()},
        "model_seconds_full_nothing_more": [round(one.model_seconds, 1) for one in builds],
        "model_cpu_seconds_full_nothing_more": [round(one.model_cpu_seconds, 1) for one in builds],
        "solve_seconds_full_nothing_more": [round(one.solve_seconds, 1) for one in builds],
        "test_seconds_full_nothing_more": [round(one.test_seconds, 1) for one in builds],
        "cpu_seconds_full_nothing_more": [round(one.cpu_seconds, 1) for one in builds],
        "dearest_models_full_cpu": _dearest(full.models_cpu),
        "dearest_models_added_cpu": _dearest({
            name: step.models_cpu[name] - idle.models_cpu.get(name, 0) for name in step.models_cpu
        }),
        "tables_that_differ": different,
        "target": {"peak_gb": MEMORY_GB, "added_share_of_full": ADDED_SHARE},
        "is_met": {
            "peak_gb": peak <= MEMORY_GB,
            **{f"added_by_{name}": share <= ADDED_SHARE for name, share in added.items()},
            "same_rows": not different,
        },
    }  # fmt: skip


def _dearest(models: dict[str, float]) -> dict[str, float]:
    return {name: round(models[name], 1) for name in sorted(models, key=lambda name: -models[name])[:8]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--share", type=float, default=0.01, help="news, as a share of all events")
    parser.add_argument("--memory", default=LakeSettings().memory_limit, help="DuckDB's own limit")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadhouse-bench-") as name:
        report = measure(Path(name), asked.events, asked.share, asked.memory)
    if asked.json:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        for key, value in report.items():
            print(f"{key:36} {value}")
    return 0 if not report["tables_that_differ"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
