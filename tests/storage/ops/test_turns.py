"""Who gates an answer goes first; long work stands back for a while, never for good."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from storage.ops.inbox.sqlite import SqliteInbox
from storage.ops.turns import PATIENCE_SECONDS, Turns

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
