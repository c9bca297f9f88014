"""`python -m bench.enrichment_backfill [rows] [kills]`: all companies of an organization enriched, while the worker is killed
(SIGKILL) again and again; each time another one goes on.

The provider counts who asks it what. Asked twice must be nothing; every row is done but those whose call was out at a kill, and
the money is that of all calls, not one more. LARGE: 100,000 rows take a quarter of an hour.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

from bench.enrichment import ACTOR, World, provider, settings_of
from domain.clock import utc_now
from domain.tenancy import Scope
from serving.enrichment.doors import Doors
from serving.enrichment.runs import carry_on, replay
from storage.ops.repositories.enrichment_calls import EnrichmentBudgets, EnrichmentCalls, run_scope
from storage.ops.repositories.enrichment_runs import EnrichmentRuns
from storage.ops.store import Store

LARGE = True
AT_ONCE = 16
PRICE = 1_000
"""Micros: a thousandth."""


def main() -> None:
    """What a run that was killed came to, in one line each; ends with an error where it was not exact."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with provider(0.01) as origin, tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), origin, rows, AT_ONCE, price=PRICE)
        began = time.perf_counter()
        for number in range(kills):
            _work(world, folder, origin, number, until=rows * (number + 1) // (kills + 1))
            print(f"killed at {_counts(origin)['asked']:,} calls", flush=True)
        _work(world, folder, origin, kills)
        seconds = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = _counts(origin)
        with world.store.read(world.scope) as work:
            outcomes = {each.outcome: each.calls for each in EnrichmentCalls(work).of_run(world.run_id)}
            budget = EnrichmentBudgets(work).of([run_scope(world.run_id)])[run_scope(world.run_id)]
        print(
            f"{rows:,} rows, {kills} kills: {seconds:,.0f} s, {(used.ru_utime + used.ru_stime) / rows * 1e6:,.0f} µs CPU a row"
        )
        print(
            f"provider: {told['asked']:,} calls, asked twice: {told['twice']}; calls {outcomes}; spent {budget.spent:,}"
        )
        assert told["twice"] == 0
        assert outcomes["found"] + outcomes.get("unknown", 0) == rows
        assert (budget.reserved, budget.spent) == (0, rows * PRICE)
        with world.store.write(world.scope, ACTOR) as work:
            again = replay(work, EnrichmentRuns(work).hold(world.run_id))
        _work(world, folder, origin, kills + 1)
        print(f"{again} rows in doubt were asked again at a person's word")
        world.check()
        world.store.close()


def _counts(origin: str) -> dict[str, int]:
    with urlopen(f"{origin}/counts") as answer:  # noqa: S310  loopback
        found: dict[str, int] = json.load(answer)
    return found


def _work(world: World, folder: str, origin: str, number: int, until: int | None = None) -> None:
    """One worker, killed once the provider was asked `until` times; each sees the leases of the former one as over."""
    command = [sys.executable, "-m", "bench.enrichment_backfill", "--worker", folder, origin]
    command += [world.scope.organization_id, world.run_id, str(number)]
    with subprocess.Popen(command) as worker:
        while until is not None and _counts(origin)["asked"] < until and worker.poll() is None:
            time.sleep(0.05)
        if until is not None:
            worker.kill()
        assert worker.wait() == (0 if until is None else -9)


def _worker(folder: str, origin: str, organization_id: str, run_id: str, number: str) -> None:
    settings, later = settings_of(Path(folder), origin, AT_ONCE), timedelta(minutes=2 * int(number))
    store, doors, again = Store.open(settings), Doors(settings), utc_now()
    while again is not None:
        again = carry_on(  # type: ignore[assignment]
            store, settings, Scope.of(organization_id), run_id, doors, clock=lambda: utc_now() + later, seconds=20
        ).again_at
    store.close()


if __name__ == "__main__":
    if "--worker" in sys.argv:
        _worker(*sys.argv[2:])
    else:
        main()
