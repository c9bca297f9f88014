"""The directions in which code may depend, each broken on purpose once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "storage", "ingest", "models_ml", "serving", "app", "orchestration", "data")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=root, env={"PYTHONPATH": str(root), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources and the contracts, in a folder where they may be broken."""
    folder = tmp_path_factory.mktemp("checkout")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("run", "build", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_is_kept(copy):
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("domain/broken.py", "import storage.ops.store", "Dependencies point down"),
        ("storage/broken.py", "import serving.main", "Dependencies point down"),
        ("domain/broken.py", "import sqlalchemy", "The domain is pure"),
        ("ingest/sources/ad_spend/broken.py", "import ingest.sources.operational.source", "Sources do not know"),
        ("app/broken.py", "import storage.ops.store", "The UI writes over HTTP"),
        ("models_ml/broken.py", "import lancedb", "Vectors have one door"),
        ("serving/capture/broken.py", "import models_ml.lead_scoring.predict", "The request path stays light"),
    ],
)
def test_a_broken_contract_is_caught(copy, module, line, contract):
    broken = copy / module
    broken.write_text(f'"""Wrong on purpose."""\n\n{line}\n')
    try:
        result = lint(copy)
    finally:
        broken.unlink()
    assert result.returncode != 0
    assert any(contract in row and "BROKEN" in row for row in result.stdout.splitlines()), result.stdout
