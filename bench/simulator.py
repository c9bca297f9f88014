"""`python -m bench.simulator [--events 10000000] [--land]`: how long a world takes to be drawn and written, and to land.

History (every file of the batch doors) and truth are written to a folder of their own and taken away afterwards. Landing
is timed apart: it is the product's work, not the simulator's.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from datetime import time as midnight
from pathlib import Path

from bench.keys import SECURITY
from data.simulator.parameters import WorldParameters
from data.simulator.world import World
from domain.settings import DataSettings, Settings
from orchestration.people import create_organization
from orchestration.simulation import ensure_client, land_files, write_world
from storage.lake import Lake
from storage.ops import migrate
from storage.ops.store import Store

LARGE = True
TARGET_SECONDS = 300.0
TARGET_GB = 3.0


def main() -> int:
    """Two lines, and 1 where a target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--land", action="store_true")
    arguments = parser.parse_args()
    parameters = WorldParameters(event_count=arguments.events)
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        files = write_world(parameters, Path(folder), until=World(parameters).ends_on, progress=lambda *_: None)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.*")) / 1e9
        print(
            f"drawn and written: {arguments.events:,} events in {wall:.0f} s ({cpu:.0f} s CPU), "
            f"{arguments.events / wall:,.0f} events/s, {len(files)} files, {size:.2f} GB, {peak:.2f} GB at most",
            flush=True,
        )
        if arguments.land:
            _land(parameters, Path(folder), files)
    return 0 if wall <= TARGET_SECONDS and peak <= TARGET_GB else 1


def _land(parameters: WorldParameters, folder: Path, files: list) -> None:
    settings = Settings(data=DataSettings(dir=folder / "run"), security=SECURITY)
    migrate.upgrade(settings)
    now = datetime.combine(World(parameters).ends_on, midnight(), UTC)
    store, lake = Store.open(settings, clock=lambda: now), Lake.open(settings)
    lake.migrate()
    agency = create_organization(store, name="Bench")
    named = {plan.slug: ensure_client(store, plan, agency.slug) for plan in parameters.clients}
    for source in ("website_events", "email_engagement"):
        wall, cpu, landed = time.perf_counter(), time.process_time(), 0
        for slug, organization in named.items():
            of_source = [file for file in files if (file.organization, file.source) == (slug, source)]
            landed += land_files(
                lake, store, organization, of_source, clock=lambda: now, progress=lambda *_: None, gate=False
            )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"landed: {landed:,} rows of {source} in {wall:.0f} s ({cpu:.0f} s CPU)", flush=True)
    lake.close()
    store.close()


if __name__ == "__main__":
    sys.exit(main())
