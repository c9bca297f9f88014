"""One full build on another engine than DuckDB: hand out what landed, build it there, take the results back in."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from domain.clock import Clock
from domain.errors import LeadhouseError, NotConfigured
from domain.settings import EngineSettings
from models_ml.attribution import solve as attribution
from models_ml.identity import components as identity
from orchestration.builds import record_build
from orchestration.engine.session import Session, Target, open_session
from orchestration.state import DBT_PROJECT, environment
from storage.lake import Lake

COMPONENTS, CREDITS = "intermediate.identity_components", attribution.TARGET
RESULTS = "results"
KEPT_AS_FILES = {"table", "incremental"}
"""Materializations; a view is the same text in the lake already."""


class EngineFailed(LeadhouseError):
    """The second engine could not build the project; the lake is as it was."""

    code = "engine_failed"


@dataclass(frozen=True, slots=True)
class EngineReport:
    """What was built and checked there, how many rows each table of the lake has of it, and the seconds of each step."""

    target: Target
    model_count: int
    test_count: int
    row_counts: dict[str, int]
    seconds: dict[str, float]


Tell = Callable[[str], None]
"""Called with the name of each step as it begins."""


def build_on(
    target: Target, lake: Lake, settings: EngineSettings, *, clock: Clock, tell: Tell = lambda _: None
) -> EngineReport:
    """All models from nothing; readers of the lake see the new rows at once, or, where anything fails, the old ones.

    Landing waits meanwhile, as during any build. Raises EngineFailed with what dbt says.
    """
    steps = _Steps(tell)
    with lake.exclusive(), _work_folder(lake) as work, open_session(target, settings, work) as session:
        dbt = _Dbt(target, lake, work, clock())
        steps.begin("hand out")
        lake.hand_out(work / "landed", dbt.inputs)
        session.register(work / "landed")
        steps.begin("before identity")
        dbt.build("tag:before_identity")
        people, _ = identity.solve(session.arrow(identity.EDGES), session.arrow(identity.NODES))
        _add(session, work / "people", COMPONENTS, people)
        steps.begin("after identity")
        dbt.build("tag:after_identity", "--exclude", "tag:after_attribution")
        earned, _ = attribution.solve(session.arrow(attribution.PATHS), clock())
        _add(session, work / "credits", CREDITS, earned)
        steps.begin("after attribution")
        dbt.build("tag:after_attribution")
        steps.begin("take in")
        results = (work / RESULTS).rename(work.with_name(f"engine_{time.time_ns()}"))
        row_counts = lake.take_in(results, dbt.tables, {COMPONENTS: people, CREDITS: earned})
        record_build(lake, "marts", f"built and tested on {target}", clock())
    return EngineReport(target, dbt.model_count, dbt.test_count, row_counts, steps.seconds())


class _Steps:
    """How long each took."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._begun: list[tuple[str, float]] = []

    def begin(self, name: str) -> None:
        self._begun.append((name, time.monotonic()))
        self._tell(name)

    def seconds(self) -> dict[str, float]:
        ends = [at for _, at in self._begun[1:]] + [time.monotonic()]
        return {name: round(end - at, 1) for (name, at), end in zip(self._begun, ends, strict=True)}


class _Dbt:
    """dbt in this process, with one parsed project for all three parts of a build."""

    def __init__(self, target: Target, lake: Lake, work: Path, at: datetime) -> None:
        self._target = target
        self._environment = lake.dbt_environment() | {
            "LEADHOUSE_LAKE_TARGET": target,
            "LEADHOUSE_ENGINE_RESULTS": str(work / RESULTS),
            "DBT_TARGET_PATH": str(work / "dbt"),
            "DBT_LOG_PATH": str(work / "dbt"),
        }
        self._variables = json.dumps({"as_of": at.isoformat()})
        self._manifest: Any = None
        self._manifest = self._invoke("parse")
        self.model_count = self.test_count = 0

    @property
    def inputs(self) -> list[str]:
        """Tables that an engine is given: raw rows and seeds. What is solved between the parts of the build is made anew."""
        sources = [f"{source.schema}.{source.identifier}" for source in self._manifest.sources.values()]
        return [name for name in sources if name not in {COMPONENTS, CREDITS}] + [
            f"{node.schema}.{node.name}" for node in self._nodes("seed")
        ]

    @property
    def tables(self) -> list[str]:
        return [
            f"{node.schema}.{node.name}" for node in self._nodes("model") if node.config.materialized in KEPT_AS_FILES
        ]

    def build(self, select: str, *more: str) -> None:
        without = ("--exclude-resource-type", "seed", "--exclude-resource-type", "unit_test")
        results = self._invoke("build", "--full-refresh", "--select", select, *more, *without)
        kinds = [str(found.node.resource_type) for found in results]
        self.model_count += kinds.count("model")
        self.test_count += kinds.count("test")

    def _nodes(self, kind: str) -> list[Any]:
        return [node for node in self._manifest.nodes.values() if str(node.resource_type) == kind]

    def _invoke(self, *command: str) -> Any:
        from dbt.cli.main import dbtRunner

        options = ("--quiet", "--no-use-colors", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT))
        with environment(self._environment):
            done = dbtRunner(manifest=self._manifest).invoke(
                [*command, *options, "--target", self._target, "--vars", self._variables]
            )
        if not done.success:
            raise EngineFailed(_reasons(done))
        return done.result


def _reasons(done: Any) -> str:
    if done.exception:
        return str(done.exception)
    failed = [found for found in done.result if str(found.status) in {"error", "fail"}]
    return "\n".join(f"{found.node.name}: {found.message}" for found in failed)


def _add(session: Session, folder: Path, table: str, rows: pa.Table) -> None:
    """A table that is solved here and read there."""
    place = folder.joinpath(*table.split("."))
    place.mkdir(parents=True)
    pq.write_table(rows, place / "part.parquet")
    session.register(folder)


@contextmanager
def _work_folder(lake: Lake) -> Iterator[Path]:
    """A folder beside the lake's other files, whose kin the results become; what a killed run left in it goes."""
    if not lake.catalog.is_local:
        raise NotConfigured(
            "the second engine works in a folder, and this lake's files are in a bucket",
            hint="Mount the bucket where the lake and every node of the engine see it, and name that folder.",
        )
    work = Path(lake.catalog.data_path) / "engine_work"
    shutil.rmtree(work, ignore_errors=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
