"""Who gates an answer goes first; long work stands back for a while, never for good."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import text

from domain.tenancy import SystemScope
from storage.ops.bulk.pacing import MOST_ROWS_UNCOPIED, Pace
from storage.ops.inbox.sqlite import SqliteInbox
from storage.ops.turns import PATIENCE_SECONDS, Turns
from tests.factories import TESTER

HOLDER = """
import sys
from storage.ops.turns import Turns
with Turns(sys.argv[1]).first():
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


def test_long_work_waits_until_the_flag_falls(path):
    order: list[str] = []

    def long_work() -> None:
        with closing(Turns(path)) as turns:
            turns.give_way()
        order.append("long work")

    with closing(Turns(path)) as turns:
        with turns.first():
            thread = threading.Thread(target=long_work)
            thread.start()
            time.sleep(PATIENCE_SECONDS / 5)
            order.append("flag")
        thread.join(timeout=10)
    assert order == ["flag", "long work"]


def test_a_flag_that_never_falls_stops_nobody(path):
    with closing(Turns(path)) as waiting, closing(Turns(path)) as long_work, waiting.first():
        began = time.monotonic()
        long_work.give_way()
        assert time.monotonic() - began >= PATIENCE_SECONDS


def test_the_flag_falls_with_its_process(path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child, closing(Turns(path)) as turns:
        assert child.stdout.readline() == "up\n"
        child.kill()
        child.wait(timeout=10)
        began = time.monotonic()
        turns.give_way()
        assert time.monotonic() - began < PATIENCE_SECONDS


def test_the_inbox_raises_the_flag_while_it_writes(path):
    seen: list[bool] = []

    class Connection:
        in_transaction = False

        def execute(self, statement, *_values):
            if statement == "COMMIT":
                began = time.monotonic()
                with closing(Turns(path)) as turns:
                    turns.give_way()
                seen.append(time.monotonic() - began >= PATIENCE_SECONDS)

        def close(self) -> None:
            pass

    with closing(SqliteInbox(Connection, Turns(path))) as inbox:
        inbox.commit([])
    assert seen == [True]


def test_the_inbox_takes_the_lock_once_it_is_free(settings, sqlite_store):
    path = settings.data.dir / "store.sqlite"
    waited: list[float] = []

    def commit() -> None:
        with closing(SqliteInbox.at(path)) as inbox:
            inbox.commit([])
        waited.append(time.monotonic())

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=commit)
        thread.start()
        time.sleep(0.2)
        assert not waited
        other.execute("ROLLBACK")
        thread.join(timeout=10)
    assert waited


def test_long_work_takes_fewer_rows_at_a_time_while_events_come_in(sqlite_store, settings):
    alone, beside = Pace(sqlite_store), Pace(sqlite_store)
    for _ in range(5):
        with alone.write(SystemScope("test"), TESTER, 100):
            time.sleep(0.002)
    with closing(Turns(settings.data.dir / "store.sqlite")) as turns, turns.first():
        for _ in range(5):
            with beside.write(SystemScope("test"), TESTER, 100):
                time.sleep(0.002)
    assert beside.rows < alone.rows


def test_long_work_has_its_pages_copied_back_beside_it_and_none_after_it(sqlite_store, settings, tmp_path):
    with Pace(sqlite_store) as pace, pace.write(SystemScope("test"), TESTER, MOST_ROWS_UNCOPIED) as work:
        work.session.execute(text("create table ballast as select 7 as stuff"))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("checkpoint")]
    without_its_log = shutil.copy(settings.data.dir / "store.sqlite", tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(without_its_log)) as copy:
        assert copy.execute("select stuff from ballast").fetchall() == [(7,)]
