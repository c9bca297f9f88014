"""Nothing lands twice and nothing is skipped: not after a kill at any step, nor with two landers, nor with late commits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from ingest.landing import land, pending
from storage.lake import Lake
from storage.ops.store import Store
from storage.ops.tables import EventInbox, EventKey
from tests.ingest.conftest import CONTEXT, SYSTEM, fill_inbox, make_event, rows

STEPS = ["read", "staged", "rows_written", "mark_written", "committed", "trimmed_some"]
PROGRAM = Path(__file__).with_name("dying_landing.py")


def landed_ids(lake: Lake) -> list[str]:
    return [found for (found,) in rows(lake, "select event_id from raw.website_events__events order by seq")]


def as_json(settings) -> str:
    keys = settings.security.keys.get_secret_value()
    return json.dumps(
        {
            "data": {"dir": str(settings.data.dir)},
            "store": {"url": settings.store.url, "owner_url": settings.store.owner_url},
            "security": {"keys": keys},
        }
    )


def test_killed_at_every_step_it_lands_each_event_once(store, lake, settings, clock):
    sent = []
    for round_, step in enumerate(STEPS):
        bodies = [make_event(round_ * 1000 + n) for n in range(100)]
        sent += [body["event_id"] for body in bodies]
        fill_inbox(store, clock.now, bodies)
        done = subprocess.run([sys.executable, str(PROGRAM), as_json(settings), step, "2" if round_ < 5 else "1"])
        assert done.returncode == -signal.SIGKILL, step
        seen = landed_ids(lake)
        assert len(seen) == len(set(seen)), step
    land(store, lake, clock=clock)
    assert sorted(landed_ids(lake)) == sorted(sent)
    assert pending(store)["website_events"] == 0
    with store.read(SYSTEM) as work:
        assert work.session.scalar(select(func.count()).select_from(EventKey)) == len(sent)


def test_a_retry_that_slips_in_after_the_trim_is_a_duplicate(store, lake, clock):
    fill_inbox(store, clock.now, [make_event(1)])
    land(store, lake, clock=clock)
    fill_inbox(store, clock.now, [make_event(1), make_event(2)])  # capture refuses this; a race on PostgreSQL might not
    report = land(store, lake, clock=clock, sources=["website_events"])
    assert (report.landed_count, report.feeds[0].duplicate_count) == (1, 1)
    assert landed_ids(lake) == ["event-1", "event-2"]
    assert pending(store)["website_events"] == 0


def test_two_landings_at_once_land_each_event_once(store, settings, lake, clock):
    fill_inbox(store, clock.now, [make_event(n) for n in range(2000)])
    both_have_read = threading.Barrier(2, timeout=30)
    first = {"waits": 2}

    def reached(step: str) -> None:
        if step == "staged" and first["waits"]:
            first["waits"] -= 1
            both_have_read.wait()

    with ThreadPoolExecutor(2) as pool:
        lakes = [Lake.open(settings), Lake.open(settings)]
        runs = [
            pool.submit(land, store, one, clock=clock, chunk_rows=500, sources=["website_events"], reached=reached)
            for one in lakes
        ]
        reports = [run.result() for run in runs]
        for one in lakes:
            one.close()
    assert sum(report.landed_count for report in reports) == 2000
    assert len(landed_ids(lake)) == len(set(landed_ids(lake))) == 2000


@pytest.mark.postgresql
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_transaction_held_open_with_a_low_number_is_not_skipped(store: Store, lake, clock):
    """Its rows are numbered first and committed last; what came meanwhile waits for it, for the order must be final."""
    with store.engine.connect() as slow:
        slow.execute(
            text("select set_config('leadhouse.readable', '*', true), set_config('leadhouse.writable', '*', true)")
        )
        slow.execute(insert(EventInbox), row_of(1, clock.now))
        fill_inbox(store, clock.now, [make_event(2)])
        assert land(store, lake, clock=clock, sources=["website_events"]).landed_count == 0
        slow.commit()
    assert land(store, lake, clock=clock, sources=["website_events"]).landed_count == 2
    assert landed_ids(lake) == ["event-1", "event-2"]


@pytest.mark.postgresql
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_number_taken_early_by_a_later_transaction_is_not_skipped(store: Store, lake, clock):
    """A sequence number can be handed out long before the row's transaction gets its id."""
    with store.engine.connect() as slow:
        slow.execute(
            text("select set_config('leadhouse.readable', '*', true), set_config('leadhouse.writable', '*', true)")
        )
        early = slow.scalar(text("select nextval(pg_get_serial_sequence('event_inbox', 'seq'))"))
        fill_inbox(store, clock.now, [make_event(2)])
        assert land(store, lake, clock=clock, sources=["website_events"]).landed_count == 1
        slow.execute(insert(EventInbox), row_of(1, clock.now) | {"seq": early})
        slow.commit()
    assert land(store, lake, clock=clock, sources=["website_events"]).landed_count == 1
    assert landed_ids(lake) == ["event-1", "event-2"]
    assert pending(store)["website_events"] == 0


def row_of(n: int, now) -> dict:
    body = make_event(n)
    return {
        "organization_id": "org-1",
        "event_id": body["event_id"],
        "source": "website_events",
        "received_at": now,
        "body": json.dumps(body),
        "context": json.dumps(CONTEXT),
    }


def test_a_landing_gives_way_to_a_build_and_says_so(sqlite_store, settings, lake, clock):
    fill_inbox(sqlite_store, clock.now, [make_event(1)])
    builder = Lake.open(settings)
    with builder.exclusive():
        report = land(sqlite_store, lake, clock=clock, sources=["website_events"], wait_seconds=0.05)
    assert report.skipped_reason is not None
    assert "another run" in report.skipped_reason
    assert pending(sqlite_store)["website_events"] == 1
    assert land(sqlite_store, lake, clock=clock).landed_count == 1
    builder.close()


def test_readers_see_whole_chunks_and_no_error_while_it_lands(sqlite_store, settings, lake, clock):
    fill_inbox(sqlite_store, clock.now, [make_event(n) for n in range(600)])
    seen: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(rows(lake, "select count(*) from raw.website_events__events")[0][0])

    watcher = threading.Thread(target=watch)
    watcher.start()
    land(sqlite_store, lake, clock=clock, chunk_rows=100)
    stop.set()
    watcher.join()
    assert seen
    assert all(count % 100 == 0 for count in seen)


def test_the_store_file_is_opened_by_one_library_only(sqlite_store, settings, clock, tmp_path):
    """A second SQLite library closing the file would drop the first one's locks: committed rows were lost that way."""
    code = (
        "import json, os, sys\n"
        "from domain.clock import utc_now\n"
        "from domain.settings import Settings\n"
        "from ingest.landing import land\n"
        "from storage.lake import Lake\n"
        "from storage.ops.store import Store\n"
        "settings = Settings.model_validate(json.loads(sys.argv[1]))\n"
        "lake = Lake.open(settings); lake.migrate()\n"
        "land(Store.open(settings), lake, clock=utc_now)\n"
        "with lake.staging() as cursor:\n"
        "    databases = cursor.execute('select coalesce(path, \\'\\') from duckdb_databases()').fetchall()\n"
        "print(json.dumps([path for (path,) in databases]))\n"
        "print(json.dumps(sorted(name for name in sys.modules if name in {'apsw', 'adbc_driver_sqlite', 'connectorx'})))\n"
    )
    fill_inbox(sqlite_store, clock.now, [make_event(1)])
    done = subprocess.run([sys.executable, "-c", code, as_json(settings)], capture_output=True, text=True, check=True)
    databases, modules = (json.loads(line) for line in done.stdout.splitlines())
    assert not any("store.sqlite" in path for path in databases)
    assert modules == []
    for path in [*Path("ingest").rglob("*.py"), *Path("storage").rglob("*.py"), *Path("orchestration").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        assert "sqlite_scan(" not in source, path
        assert "TYPE sqlite" not in source, path
