"""`python -m bench.landing`: what landing costs beside the same read followed by a bare COPY to Parquet.

Both variants read the same inbox by sqlite3 into Arrow, chunk by chunk, and run alternately, round by round, each on a
copy of its own. The floor writes what it read as it is; landing parses every event into 50 typed columns, judges every
row by every rule, commits to the lake with its mark, and syncs. The trim is timed apart.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from bench.events import ADDRESSES, BROWSERS, event
from domain.clock import utc_now
from domain.settings import Settings
from ingest import staging
from ingest.landing import CHUNK_ROWS, LANDING, land
from storage.lake import Lake
from storage.ops import migrate
from storage.ops.repositories.landing_queues import EventQueue, Mark
from storage.ops.store import Store

TARGET = 0.5
VISITORS = 20_000
START = datetime(2026, 3, 1, tzinfo=UTC)
INSERT = (
    "insert into event_inbox (organization_id, event_id, source, received_at, body, context) "
    "values (?, ?, 'website_events', ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run: by the wall, and of this process's processors."""

    wall: float
    cpu: float


def fill(settings: Settings, count: int) -> None:
    """An inbox of page views of 20,000 visitors over ten days, in three organizations."""
    migrate.upgrade(settings)
    store = Store.open(settings)
    chance = random.Random(7)
    contexts = [context(browser, address) for browser in BROWSERS for address in ADDRESSES[:25]]
    connection = store.engine.raw_connection()
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]  # sqlite3's own; the inbox is made up
    connection.execute("BEGIN")  # type: ignore[attr-defined]
    cursor = connection.cursor()
    for number in range(count):
        visitor = chance.randrange(VISITORS)
        at = START + timedelta(seconds=number * 864_000 / count)
        made = event(f"{number:08x}-0000-4000-8000-{visitor:012x}")
        made |= {
            "anonymous_id": f"{visitor:08x}-1b1d-4c5e-9a51-6f0a2d1b7c33",
            "occurred_at": at.isoformat().replace("+00:00", "Z"),
            "sent_at": (at + timedelta(milliseconds=40)).isoformat().replace("+00:00", "Z"),
        }
        received = (at + timedelta(milliseconds=90)).strftime("%Y-%m-%d %H:%M:%S.%f")
        row = (f"org-{visitor % 3}", made["event_id"], received, json.dumps(made, separators=(",", ":")))
        cursor.execute(INSERT, (*row, contexts[visitor % len(contexts)]))
    connection.commit()
    connection.close()
    store.close()


def context(browser: str, address: str) -> str:
    """What the server saw, as capture writes it."""
    return json.dumps(
        {
            "user_agent": browser,
            "browser": "Chrome",
            "os": "Windows",
            "device_type": "desktop",
            "ip_network": f"{address.rpartition('.')[0]}.0/24",
            "asn": 64500,
            "network_owner": "Example Works",
            "network_type": "business",
            "company_domain": "example.org",
            "company_name": "Example Works",
            "company_confidence": "high",
            "country": "DE",
            "is_bot": False,
            "bot_reasons": [],
        },
        separators=(",", ":"),
    )


def timed(run: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def floor(store: Store, folder: Path) -> None:
    """The same read, in the same chunks, and a bare COPY of each to a Parquet file."""
    connection = duckdb.connect(config={"threads": 2})
    mark, number = Mark(), 0
    while True:
        with store.read(LANDING) as work:
            rows = EventQueue(work, "website_events").read(mark, CHUNK_ROWS)
        if not rows:
            break
        mark = Mark(int(rows[-1][0]), int(rows[-1][1]))
        connection.register("incoming", staging.table_of(EventQueue.columns, rows))
        connection.execute(f"copy incoming to '{folder / f'{number}.parquet'}'")
        number += 1
    connection.close()


def measure(template: Path, count: int) -> tuple[Cost, Cost, float]:
    """One round: the floor, then landing, on the same copy; and the seconds of the trim."""
    with tempfile.TemporaryDirectory(prefix="leadhouse-bench-") as name:
        folder = Path(name)
        shutil.copyfile(template, folder / "store.sqlite")
        settings = Settings.model_validate({"data": {"dir": folder}})
        store, lake = Store.open(settings), Lake.open(settings)
        lake.migrate()
        bare = timed(lambda: floor(store, folder))
        found = []
        whole = timed(lambda: found.append(land(store, lake, clock=utc_now, sources=["website_events"])))
        (feed,) = found[0].feeds
        assert feed.landed_count == count, feed
        assert lake.arrow("select count(*) as n from raw.website_events__events").to_pylist() == [{"n": count}]
        store.close()
        lake.close()
    trim_cpu = whole.cpu * feed.trimming_seconds / whole.wall
    return bare, Cost(feed.landing_seconds, whole.cpu - trim_cpu), feed.trimming_seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadhouse-bench-") as name:
        settings = Settings.model_validate({"data": {"dir": name}})
        fill(settings, asked.events)
        rounds = [measure(Path(name) / "store.sqlite", asked.events) for _ in range(asked.rounds)]
    bare = statistics.median(one.wall for one, _, _ in rounds)
    landing = statistics.median(one.wall for _, one, _ in rounds)
    trim = statistics.median(seconds for _, _, seconds in rounds)
    ratio = statistics.median(one.wall / other.wall for one, other, _ in rounds)
    report = {
        "events": asked.events,
        "rounds": asked.rounds,
        "floor_events_per_second": round(asked.events / bare),
        "landing_events_per_second": round(asked.events / landing),
        "landing_to_floor": round(ratio, 2),
        "landing_to_floor_by_round": [round(one.wall / other.wall, 2) for one, other, _ in rounds],
        "cpu_floor_to_landing": round(statistics.median(one.cpu / other.cpu for one, other, _ in rounds), 2),
        "trim_events_per_second": round(asked.events / trim),
        "target": TARGET,
        "is_met": ratio >= TARGET,
    }
    if asked.json:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return
    for key, value in report.items():
        print(f"{key:28} {value}")


if __name__ == "__main__":
    main()
