"""`leadhouse docs` writes one file that holds every public table, and reaches for no network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli.contracts import public_sheets

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_catalog_names_every_public_table_and_needs_no_network(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.main", "docs", "--json"],
        cwd=ROOT, env={**os.environ, "LEADHOUSE_DATA__DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = Path(json.loads(done.stdout)["path"]).read_text()
    assert [sheet.name for sheet in public_sheets() if f"model.leadhouse.{sheet.name}" not in page] == []
    assert re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']https?://""", page) == []
