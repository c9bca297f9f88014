"""`python -m bench.enrichment [rows] [at once]`: rows enriched in a second against a provider that answers after 50 ms, beside
the bare loop: the same calls by the same client in as many threads, of which nothing is kept.

The two take turns, three times each; the provider is a process of its own. What the engine does besides: claims, intents and
money committed before each call (SQLite, synchronous=FULL), answers, values with where they came from, change log, ledger.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.keys import SECURITY
from domain.clock import utc_now
from domain.enrichment.walking import Ask
from domain.enrichment.workflows import parse_workflow, written
from domain.settings import DataSettings, EnrichmentSettings, Settings
from domain.tenancy import Actor, Scope, SystemScope
from serving.enrichment.doors import Doors
from serving.enrichment.plans import plan_of
from serving.enrichment.runs import carry_on, start
from storage.ops import migrate
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.repositories.enrichment_runs import EnrichmentRuns
from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

ACTOR = Actor.system("bench")
LATENCY = 0.05
ROUNDS = 3
ANSWER = json.dumps({"size": 140, "industry": "Software"}).encode()


def main() -> None:
    """One line a variant, and the ratio of their medians."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    at_once = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    times: dict[str, list[tuple[float, float]]] = {"bare loop": [], "enrichment": []}
    with provider() as origin:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                world = World(Path(folder), origin, rows, at_once)
                times["bare loop"].append(_timed(world.bare_loop))
                times["enrichment"].append(_timed(world.enrich))
                world.check()
                world.store.close()
    walls = {}
    for name, measured in times.items():
        walls[name] = statistics.median(wall for wall, _ in measured)
        cpu = statistics.median(used for _, used in measured)
        print(f"{name:10}: {rows / walls[name]:7,.0f} rows/s, {cpu / rows * 1e6:6,.0f} µs CPU a row", flush=True)
    print(
        f"enrichment is {walls['bare loop'] / walls['enrichment']:.2f} of the bare loop ({rows:,} rows, {at_once} at once)"
    )


class World:
    """An organization with companies, a provider and a run that is ready to go."""

    def __init__(self, folder: Path, origin: str, rows: int, at_once: int, *, price: int = 0) -> None:
        self.settings = settings_of(folder, origin, at_once)
        migrate.upgrade(self.settings)
        self.store, self.at_once, self.rows = Store.open(self.settings), at_once, rows
        with self.store.write(SystemScope("bench"), ACTOR) as work:
            self.scope = Scope.of(Organizations(work).create_agency("Bench").organization_id)
        for first in range(0, rows, 500):
            with self.store.write(self.scope, ACTOR) as work:
                Companies(work).insert_many(
                    {"name": f"Company {number}", "domain": f"c{number}.example"}
                    for number in range(first, first + 500)
                )
        options = {
            "subject": "company", "url": f"{origin}/{{company_domain}}",
            "fields": {"employee_count": "size", "industry": "industry"},
        }  # fmt: skip
        document = {
            "name": "Bench", "subject": "company", "ceilings": {"per_run": 100_000},
            "fields": [{"field": name, "providers": ["facts"]} for name in ("employee_count", "industry")],
        }  # fmt: skip
        with self.store.write(self.scope, ACTOR) as work:
            EnrichmentConnections(work).add(
                "facts", "http_json", secrets={},
                facts={"options": options, "per_unit": price, "per_minute": 1_000_000, "concurrent": at_once},
            )  # fmt: skip
            workflow = EnrichmentWorkflows(work).add(written(parse_workflow(document)))
            self.run_id = start(work, workflow, "all").enrichment_run_id
        with self.store.read(self.scope) as work:
            self.joint = plan_of(work, EnrichmentRuns(work).get(self.run_id)).joints["facts"]

    def bare_loop(self) -> None:
        doors, (operation,) = Doors(self.settings), self.joint.operations

        def call(number: int) -> bool:
            question = {"company_domain": f"c{number}.example"}
            ask = Ask("facts", self.joint.connection_id, operation, question, ("employee_count", "industry"), 0)
            return doors.call(self.store, self.scope, self.joint, ask)[0].is_found

        with ThreadPoolExecutor(self.at_once) as pool:
            assert all(pool.map(call, range(self.rows)))

    def enrich(self) -> None:
        doors, again = Doors(self.settings), utc_now()
        while again is not None:
            progress = carry_on(
                self.store, self.settings, self.scope, self.run_id, doors, clock=utc_now, seconds=20
            )  # fmt: skip
            again = progress.again_at

    def check(self) -> None:
        with self.store.read(self.scope) as work:
            counts = EnrichmentRuns(work).counts([self.run_id])[self.run_id]
        assert (counts["done"], counts["filled"]) == (self.rows, 2 * self.rows), counts


def settings_of(folder: Path, origin: str, at_once: int) -> Settings:
    """Of an installation in a folder that asks one provider."""
    return Settings(
        data=DataSettings(dir=folder),
        security=SECURITY,
        enrichment=EnrichmentSettings(local_origins=frozenset({origin}), concurrent=at_once),
    )


def _timed(act: object) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()  # type: ignore[operator]
    return time.perf_counter() - wall, time.process_time() - cpu


@contextmanager
def provider(latency: float = LATENCY) -> Iterator[str]:
    """A server on loopback that answers everything after `latency` seconds, and `/counts` with how often it was asked."""
    command = [sys.executable, "-m", "bench.enrichment", "--provider", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class _Answering(asyncio.Protocol):
    def __init__(self, latency: float, asked: Counter[bytes]) -> None:
        self._latency, self._asked = latency, asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not data.endswith(b"\r\n\r\n"):
            return
        path = data.split(b" ", 2)[1]
        if path == b"/counts":
            told = {"asked": self._asked.total(), "twice": sum(number > 1 for number in self._asked.values())}
            self._answer(json.dumps(told).encode())
        else:
            self._asked[path] += 1
            asyncio.get_running_loop().call_later(self._latency, self._answer, ANSWER)

    def _answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)  # type: ignore[attr-defined]


async def _provide(latency: float) -> None:
    asked: Counter[bytes] = Counter()
    server = await asyncio.get_running_loop().create_server(lambda: _Answering(latency, asked), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if "--provider" in sys.argv:
        asyncio.run(_provide(float(sys.argv[-1])))
    else:
        main()
