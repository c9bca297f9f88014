"""The product never reads what is true of a simulated world: only the simulator, the bench and tests may know."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOADERS = {"orchestration/simulation.py", "orchestration/demo_agency.py", "orchestration/cli/simulate.py"}
"""What draws worlds and brings them in; of the truth they may only write."""
WRITES = {"TruthWriter", "complete_identifiers"}
PRODUCT = ("domain", "storage", "serving", "app", "ingest", "models_ml", "orchestration")


def modules() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))


def imports(source: str) -> dict[str, set[str]]:
    """Modules of the simulator that a source imports, with the names it takes."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("data.simulator"):
            found.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update({alias.name: {"*"} for alias in node.names if alias.name.startswith("data.simulator")})
    return found


def test_only_the_loaders_know_the_simulator():
    known = {name for name in modules() if imports((ROOT / name).read_text(encoding="utf-8"))}
    assert known == LOADERS


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_loaders_write_the_truth_and_never_read_it(name):
    taken = imports((ROOT / name).read_text(encoding="utf-8")).get("data.simulator.truth", set())
    assert taken <= WRITES


def test_no_model_and_no_page_opens_a_file_of_the_truth():
    named = [
        name for name in modules() if name not in LOADERS and "truth/" in (ROOT / name).read_text(encoding="utf-8")
    ]
    named += [
        str(path.relative_to(ROOT))
        for path in (ROOT / "dbt_project").rglob("*.sql")
        if "truth" in path.read_text(encoding="utf-8").lower().split()
    ]
    assert named == []
