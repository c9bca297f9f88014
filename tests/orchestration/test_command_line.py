"""The command line itself: a command that does little starts quickly."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("dagster", "sklearn", "scipy", "torch", "lightgbm", "polars")


def test_a_command_waits_for_no_library_that_it_does_not_need():
    code = f"import sys, orchestration.cli.main; sys.exit(' '.join(set({HEAVY}) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
