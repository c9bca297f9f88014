"""docs/how-to/add-a-source.md does what it says: a copied folder is found, migrated, landed and judged."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import ingest.sources
from ingest import registry
from tests.ingest.conftest import rows

TEMPLATE = Path(registry.__file__).with_name("_template")


@pytest.fixture
def copied(tmp_path):
    """The template as `crm_x`, beside the sources there are, as `cp -r` and three replacements leave it."""
    folder = tmp_path / "more_sources" / "crm_x"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        text = (
            text.replace("ingest._template", "ingest.sources.crm_x").replace("NAME", "crm_x").replace("TITLE", "CRM X")
        )
        path.write_text(text, encoding="utf-8")
    ingest.sources.__path__.append(str(folder.parent))
    registry.all_sources.cache_clear()
    yield
    ingest.sources.__path__.remove(str(folder.parent))
    registry.all_sources.cache_clear()
    for name in [name for name in sys.modules if name.startswith("ingest.sources.crm_x")]:
        del sys.modules[name]


def test_a_copied_template_is_a_source(copied, lake, land, hashed):
    assert registry.source("crm_x").title == "CRM X"
    assert lake.migrate(registry.raw_tables()) == ["made table raw.crm_x__events"]
    text = "id,email,occurred_at,note\n1,ada@example.org,2026-02-01 10:00,hello\n2,,2126-01-01,x\n3,,sometime,x\n"
    report = land("crm_x", "crm.csv", text)
    assert (report.row_count, report.quarantined_count) == (1, 2)
    assert rows(lake, "select event_id, email_hash, note from raw.crm_x__events") == [
        ("1", hashed("ada@example.org"), "hello")
    ]
    reasons = {reason for (reason,) in rows(lake, "select reason from raw.quarantine__rows")}
    assert reasons == {"it has not happened yet", "'sometime' is not a date"}
    assert land("crm_x", "crm.csv", text).is_repeat


def test_every_source_explains_itself_in_a_readme():
    for folder in Path(ingest.sources.__file__).parent.iterdir():
        if (folder / "source.py").is_file():
            assert (folder / "README.md").read_text(encoding="utf-8").startswith("# "), folder.name
            assert (folder / "schema.py").is_file()
