"""Names, sizes and words that the project promises to keep."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
PYTHON = [path for path in TRACKED if path.suffix == ".py"]
TEXT = [
    path
    for path in TRACKED
    if path.suffix
    in {".py", ".md", ".sql", ".yml", ".yaml", ".toml", ".js", ".json", ".sh", ".txt", ".html", ".css", ""}
]


def test_no_module_outgrows_five_hundred_lines():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in PYTHON}
    assert {name: lines for name, lines in long.items() if lines > 500} == {}


def test_no_drawer_for_odds_and_ends():
    drawers = {"utils", "helpers", "misc", "common", "util", "helper"}
    assert [
        path for path in TRACKED if drawers & {part.removesuffix(path.suffix) for part in path.relative_to(ROOT).parts}
    ] == []


@pytest.mark.parametrize("package", ["domain", "storage", "ingest", "models_ml", "serving", "app", "orchestration"])
def test_every_module_says_what_it_is_for(package):
    silent = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if path.is_relative_to(ROOT / package)
        and path.stat().st_size
        and not path.read_text().lstrip().startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_no_path_of_one_machine_is_named():
    pattern = re.compile(r"/(?:root|home/[a-z]+|opt)/")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in TEXT
        if path != Path(__file__).resolve()
        for line in path.read_text(errors="ignore").splitlines()
        if pattern.search(line)
    ]
    assert found == []


def test_queries_of_the_operational_store_live_in_its_repositories():
    asks = re.compile(r"^from sqlalchemy import .*\b(?:select|insert|update|delete)\b", re.MULTILINE)
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if not path.is_relative_to(ROOT / "storage" / "ops")
        and not path.is_relative_to(ROOT / "tests")
        and asks.search(path.read_text())
    ]
    assert elsewhere == []


def test_decisions_are_numbered_without_gaps_and_quotable():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    assert [path.name for path in records if not re.search(r"^> ", path.read_text(), re.MULTILINE)] == []


def test_every_verb_of_the_makefile_is_explained():
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE)) - {"browser", "mail-server"}
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert phony == explained


def test_the_sql_linter_knows_every_macro_that_a_model_calls():
    """It reads models without dbt: what it does not know it cannot read, and `make check` fails for everybody."""
    project = ROOT / "dbt_project"
    macros = {
        name
        for path in (project / "macros").glob("*.sql")
        for name in re.findall(r"{%-? *macro +(\w+)", path.read_text(encoding="utf-8"))
    }
    models = "\n".join(path.read_text(encoding="utf-8") for path in (project / "models").rglob("*.sql"))
    called = {name for name in macros if re.search(rf"\b{name}\(", models)}
    known = set(re.findall(r"^(\w+) = {%", (project / ".sqlfluff").read_text(encoding="utf-8"), re.MULTILINE))
    assert called - known - {"is_incremental"} == set()  # dbt's own word, built into the linter
