"""The sheets of the public layers say what every table and column is, and the document says what they say."""

from __future__ import annotations

import re

import pytest
import yaml

from orchestration.cli.contracts import contracts_page, public_sheets

SHEETS = public_sheets()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_public_table_says_its_grain_and_every_column_its_type_and_meaning(sheet):
    assert sheet.description.startswith("One row per "), sheet.name
    silent = [column["name"] for column in sheet.columns if not str(column.get("description", "")).strip()]
    untyped = [column["name"] for column in sheet.columns if not column.get("data_type")]
    assert (silent, untyped) == ([], [])


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_the_sql_of_a_public_table_begins_with_the_grain_of_its_sheet(sheet):
    first = sheet.path.with_suffix(".sql").read_text().splitlines()[0]
    grain = re.match(r"-- (One row per [^:,.;]+)", first)
    assert grain, first
    assert sheet.description.startswith(grain[1].removesuffix(".")), first


def test_every_public_table_has_a_sheet():
    models = {path for sheet in SHEETS for path in sheet.path.parent.glob("*.sql")}
    assert models == {sheet.path.with_suffix(".sql") for sheet in SHEETS}


def test_the_document_shows_types_tests_and_personal_data(tmp_path):
    folder = tmp_path / "models" / "marts"
    folder.mkdir(parents=True)
    model = {
        "name": "things",
        "description": "One row per thing. Second sentence.",
        "data_tests": [{"unique_together": {"arguments": {"columns": ["a", "b"]}}}],
        "columns": [
            {"name": "a", "data_type": "varchar", "description": "A | b.", "constraints": [{"type": "not_null"}],
             "data_tests": ["unique", {"accepted_values": {"arguments": {"values": ["x", "y"]}}}]},
            {"name": "contact_id", "data_type": "varchar", "description": "Who."},
            {"name": "title", "data_type": "varchar", "description": "What.", "config": {"tags": ["pii"]}},
        ],
    }  # fmt: skip
    (folder / "things.yml").write_text(yaml.safe_dump({"models": [model]}))
    page = contracts_page(tmp_path)
    assert "| [marts.things](#martsthings) | One row per thing |" in page
    assert r"| `a` | varchar | not null, unique, one of `x` · `y` | A \| b. |" in page
    assert "| `contact_id` | varchar | **id** | Who. |" in page
    assert "| `title` | varchar | **pii** | What. |" in page
    assert "Tested after every build: unique by `a`, `b`." in page
