"""What was acknowledged outlives a power cut; and this test would notice if it did not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("apsw")
SCRIPT = Path(__file__).with_name("power_cut.py")
ROOT = Path(__file__).parents[3]


def cut(settings, synchronous: str, cuts: int) -> dict[str, int]:
    """In a process of its own: it opens the file with another SQLite library than ours."""
    command = [sys.executable, str(SCRIPT), str(settings.data.dir), synchronous, str(cuts), "7"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=240)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_acknowledged_event_is_lost_in_a_power_cut(sqlite_store, settings):
    found = cut(settings, "FULL", 100)
    assert found["acknowledged"] > 10_000
    assert (found["lost"], found["damaged"]) == (0, 0)


def test_with_a_lazier_setting_events_would_be_lost_and_this_test_would_see_it(sqlite_store, settings):
    found = cut(settings, "NORMAL", 10)
    assert found["lost"] > 0
    assert found["damaged"] == 0
