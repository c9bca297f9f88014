"""`python -m bench.capture`: what one durable event costs, as ratios in requests per server CPU-second.

All variants are routes of one process, run one after the other, round by round; figures are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.events import RANDOM, TIMED, body
from bench.load import Load, closed_loop, has_wrk, open_loop
from bench.server import Server, running

CONNECTIONS = 64
BATCH = 20


@dataclass(frozen=True, slots=True)
class Variant:
    """A route, what is sent to it, and how many events that is."""

    name: str
    path: str
    events: int
    is_stored: bool = True
    ids: str = TIMED
    """The kind of its events' ids: a mark of `bench.events`."""


NOOP = Variant("no-op FastAPI route, 204", "/bench/noop", 1, is_stored=False)
ONE = Variant("collect, one event", "/v1/collect?k={key}", 1)
RANDOM_ONE = Variant("collect, one event with a random id", "/v1/collect?k={key}", 1, ids=RANDOM)
TWENTY = Variant("collect, batch of 20", "/v1/collect?k={key}", BATCH)
BARE_ONE = Variant("bare path, one event", "/bench/bare", 1)
BARE_TWENTY = Variant("bare path, batch of 20", "/bench/bare", BATCH)
NAIVE = Variant("naive endpoint (def, pydantic, ORM commit)", "/bench/naive", 1)
VARIANTS = (NOOP, ONE, RANDOM_ONE, TWENTY, BARE_ONE, BARE_TWENTY, NAIVE)

TARGETS: list[tuple[str, Variant, Variant, float | None]] = [
    ("one durable event per no-op request", ONE, NOOP, 0.7),
    ("the same with a random id, as other clients send", RANDOM_ONE, NOOP, None),
    ("events of a batch per no-op request", TWENTY, NOOP, 1.5),
    ("bare path, one event per no-op request", BARE_ONE, NOOP, 1.0),
    ("bare path, events of a batch per no-op request", BARE_TWENTY, NOOP, 2.5),
    ("one durable event against the naive endpoint", ONE, NAIVE, 5.0),
]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one variant."""

    load: Load
    per_cpu_second: float
    """Events a server CPU-second (for the no-op: requests)."""
    stored: int


def measure(server: Server, variant: Variant, seconds: float) -> Measured:
    """Warms up shortly, runs, counts what is stored, and empties the inbox as landing would."""
    url = server.url + variant.path.format(key=server.write_key)
    template = body(variant.events, variant.ids)
    closed_loop(url, template, connections=CONNECTIONS, seconds=1)
    before_rows, before_cpu = stored_rows(server), server.cpu_seconds()
    load = closed_loop(url, template, connections=CONNECTIONS, seconds=seconds)
    time.sleep(0.1)  # the answers that were on their way
    cpu = server.cpu_seconds() - before_cpu
    stored = stored_rows(server) - before_rows
    empty_inbox(server)
    return Measured(load, load.requests * variant.events / cpu, stored)


def stored_rows(server: Server) -> int:
    with closing(sqlite3.connect(server.settings.data.dir / "store.sqlite")) as connection:
        return int(connection.execute("select count(*) from event_inbox").fetchone()[0])


def empty_inbox(server: Server) -> None:
    with closing(sqlite3.connect(server.settings.data.dir / "store.sqlite", timeout=30)) as connection:
        connection.execute("delete from event_inbox")
        connection.commit()


def alternate(server: Server, rounds: int, seconds: float, say: Callable[[str], None]) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {variant.name: [] for variant in VARIANTS}
    for number in range(1, rounds + 1):
        for variant in VARIANTS:
            run = measure(server, variant, seconds)
            found[variant.name].append(run)
            say(
                f"round {number}  {variant.name:45}  {run.per_cpu_second:9,.0f} /CPU-s  {run.load.requests / run.load.seconds:8,.0f} req/s"
                f"  p99 {run.load.p99:6.1f} ms  errors {run.load.errors}"
            )
            if variant.is_stored and run.stored < (run.load.requests - CONNECTIONS - run.load.errors) * variant.events:
                raise SystemExit(f"{variant.name}: {run.load.requests} requests answered, {run.stored} events stored")
    return found


def median(runs: list[Measured]) -> float:
    return statistics.median(run.per_cpu_second for run in runs)


def report(found: dict[str, list[Measured]]) -> list[dict[str, object]]:
    """One row for each target: ratio of medians, and the smallest and largest ratio of a round."""
    rows: list[dict[str, object]] = []
    for name, variant, floor, target in TARGETS:
        ratios = [
            upper.per_cpu_second / lower.per_cpu_second
            for upper, lower in zip(found[variant.name], found[floor.name], strict=True)
        ]
        ratio = median(found[variant.name]) / median(found[floor.name])
        rows.append({"name": name, "ratio": ratio, "least": min(ratios), "most": max(ratios), "target": target})
    return rows


@dataclass(frozen=True, slots=True)
class Latency:
    """An open-loop run: `rate` requests a second over 64 connections, counted from the moment each was due."""

    name: str
    rate: float
    load: Load


def paced(server: Server, name: str, rate: float, seconds: float, variant: Variant = ONE) -> Latency:
    """Single requests at a steady rate."""
    url = server.url + variant.path.format(key=server.write_key)
    load = open_loop(url, body(1), connections=CONNECTIONS, seconds=seconds, rate=rate)
    empty_inbox(server)
    return Latency(name, rate, load)


@contextmanager
def importing(server: Server, rows: int) -> Iterator[None]:
    """A long import of contacts into the same store, from another process, as long as the block runs or it takes."""
    command = [sys.executable, "-m", "bench.import_load", server.organization_id, str(rows)]
    with subprocess.Popen(
        command, env=server.environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "importing\n"
            yield
        finally:
            process.terminate()
            process.wait(20)


def latencies(rate: float, seconds: float, rows: int) -> Iterator[Latency]:
    """At half of the capacity that was measured: the role capture, the role all, and capture during an import.

    Beside them the no-op route: what it takes is the machine's doing, not ours.
    """
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "capture") as server:
        paced(server, "warm-up", rate / 4, 1)
        yield paced(server, "no-op route, for comparison", rate, seconds, NOOP)
        yield paced(server, "role capture", rate, seconds)
        with importing(server, rows):
            yield paced(server, f"role capture, during an import of {rows:,} rows", rate, seconds)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "all") as server:
        paced(server, "warm-up", rate / 4, 1)
        yield paced(server, "role all", rate, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--import-rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print only one JSON document")
    arguments = parser.parse_args()
    say = (lambda _line: None) if arguments.json else print
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    say(
        f"load: {'wrk' if has_wrk() else 'own client (wrk is not installed)'}, {CONNECTIONS} connections; "
        f"{os.cpu_count()} processors, {busy:.1f} processes waiting for each"
    )
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "capture") as server:
        found = alternate(server, arguments.rounds, arguments.seconds, say)
    capacity = statistics.median(run.load.requests / run.load.seconds for run in found[ONE.name])
    rows = report(found)
    for row in rows:
        say(f"{row['name']:50} {row['ratio']:6.2f}  ({row['least']:.2f}–{row['most']:.2f})  aim {row['target'] or '–'}")
    delays = []
    for delay in latencies(capacity / 2, arguments.seconds * 2, arguments.import_rows):
        delays.append({"name": delay.name, "rate": delay.rate, **asdict(delay.load)})
        say(
            f"{delay.name:50} {delay.load.requests / delay.load.seconds:6,.0f} of {delay.rate:,.0f} req/s  p50 {delay.load.p50:.1f} ms"
            f"  p99 {delay.load.p99:.1f} ms  errors {delay.load.errors}"
        )
    if arguments.json:
        print(json.dumps({"ratios": rows, "latencies": delays, "load_per_processor": busy}))


if __name__ == "__main__":
    main()
