"""The supervisor keeps its children alive and leaves nobody behind."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from orchestration.supervisor import Child, free_port, supervise

SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).open('a').write('born\\n'); time.sleep(60)"


def child(log: Path) -> Child:
    return Child("sleeper", [sys.executable, "-c", SLEEPER, str(log)])


def births(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def wait_for(what, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            pytest.fail("it did not happen in time")
        time.sleep(0.05)


@pytest.fixture
def supervised(tmp_path):
    """A supervisor in a thread, with its child, its log and what it said; stopped at the end."""
    log, said, stop = tmp_path / "log", [], threading.Event()
    sleeper, codes = child(log), []
    thread = threading.Thread(target=lambda: codes.append(supervise([sleeper], say=said.append, stop=stop)))
    thread.start()
    wait_for(lambda: births(log) == 1)
    yield sleeper, log, said
    stop.set()
    thread.join(30)
    assert codes == [0], "the child had to be killed"
    assert sleeper.process.poll() is not None, "a child was left behind"


def test_a_child_that_dies_is_started_again_and_all_end_together(supervised):
    sleeper, log, said = supervised
    sleeper.process.kill()
    wait_for(lambda: births(log) == 2)
    assert "starting it again" in said[0]


def test_a_child_that_stands_back_and_what_it_starts_are_of_less_weight():
    grandchild = "import os; print(os.nice(0))"
    command = [
        sys.executable,
        "-c",
        f"import time, subprocess, sys; time.sleep(0.5); subprocess.run([sys.executable, '-c', {grandchild!r}])",
    ]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        background = Child("background", command, log=log, niceness=7)
        background.start()
        assert background.process.wait(30) == 0
        assert log.read_text().strip() == "7"


def test_a_child_that_heeds_no_ctrl_c_is_asked_another_way_before_it_is_killed(tmp_path):
    deaf = SLEEPER.replace(
        "import pathlib,", "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import pathlib,"
    )
    log, stop = tmp_path / "log", threading.Event()
    sleeper, codes = Child("deaf", [sys.executable, "-c", deaf, str(log)]), []
    thread = threading.Thread(target=lambda: codes.append(supervise([sleeper], say=print, stop=stop)))
    thread.start()
    wait_for(lambda: births(log) == 1)
    stop.set()
    thread.join(30)
    assert codes == [0]


def test_a_busy_port_gives_the_next_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) < port + 100


def test_a_free_port_is_kept():
    port = free_port("127.0.0.1", 0)
    assert free_port("127.0.0.1", port) == port
