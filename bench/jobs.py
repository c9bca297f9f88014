"""`python -m bench.jobs [jobs]`: how many jobs that do nothing a worker claims, runs and completes in a second.

On SQLite with synchronous=FULL; on PostgreSQL too where LEADHOUSE_BENCH_POSTGRESQL names an empty database.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from bench.keys import SECURITY
from domain.settings import DataSettings, Settings, StoreSettings, WorkerSettings
from domain.tenancy import Actor, Scope, SystemScope
from serving.jobs.base import JobKind
from serving.worker import Worker
from storage.ops import migrate
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

ACTOR = Actor.system("bench")
NOTHING = {"nothing": JobKind("nothing", "short", lambda _context, _payload: None)}


def main() -> None:
    """One line a store and batch size."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    stores = {"SQLite": StoreSettings()}
    if url := os.environ.get("LEADHOUSE_BENCH_POSTGRESQL"):
        stores["PostgreSQL"] = StoreSettings(url=url)
    for name, urls in stores.items():
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=DataSettings(dir=Path(folder)), store=urls, security=SECURITY)
            migrate.upgrade(settings)
            store = Store.open(settings)
            with store.write(SystemScope("bench"), ACTOR) as work:
                organization_id = Organizations(work).create_agency("Bench").organization_id
            for batch in (1, 50, 500):
                _measure(name, store, settings, organization_id, batch, jobs if batch > 1 else jobs // 20)
            store.close()


def _measure(name: str, store: Store, settings: Settings, organization_id: str, batch: int, jobs: int) -> None:
    for _ in range(0, jobs, 500):
        with store.write(Scope.of(organization_id), ACTOR) as work:
            Jobs(work).enqueue_many("nothing", ({} for _ in range(500)), organization_id=organization_id)
    worker = Worker(store, settings.model_copy(update={"worker": WorkerSettings(batch=batch)}), kinds=NOTHING)
    wall, cpu = time.perf_counter(), time.process_time()
    done = worker.drain(limit=10 * jobs)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name}, {batch:3d} at once: {done / wall:9,.0f} jobs/s, {cpu / done * 1e6:6.0f} µs CPU a job", flush=True)


if __name__ == "__main__":
    main()
