"""docs/data-contracts.md: what every mart and feature table promises, written from the sheets beside the dbt models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestration.builds import FAIL_AFTER, WARN_AFTER
from orchestration.state import DBT_PROJECT
from storage.lake.sheets import Sheet, sheets_of

PUBLIC_LAYERS = ("marts", "features")
"""Layers whose columns others may rely on; dbt enforces their contracts at every build."""
PSEUDONYMS = frozenset({"contact_id", "person_id", "anonymous_id"})
"""Ids that lead to a person only by way of the operational store."""

HEAD = """# Data contracts

What the tables of the public layers promise, for whoever reads them with SQL, in a notebook or from another tool. dbt
enforces names, types and `not null` at every build and runs the tests after it; a column is added, never changed in
place. Every table belongs to many organizations: filter by `organization_id` first. Money is in minor units of the
`currency` beside it, `_at` is UTC, `_on` is a day in the organization's time zone, `_rate` is 0 to 1.

**Fresh**: built every hour; a warning after {warn:g} hours, an alarm after {fail:g}.
**Personal data**: `pii` holds what a person said or was; `id` is a pseudonym (see `leadhouse erase`).

Written by `make docs` from the sheets in `dbt_project/models`; `leadhouse docs` builds the browsable version with lineage.
"""


def public_sheets(project: Path = DBT_PROJECT) -> list[Sheet]:
    """The sheets of the public layers, in order of layer and name."""
    return sheets_of(project, PUBLIC_LAYERS)


def contracts_page(project: Path = DBT_PROJECT) -> str:
    """The whole page."""
    sheets = public_sheets(project)
    head = HEAD.format(warn=WARN_AFTER.total_seconds() / 3600, fail=FAIL_AFTER.total_seconds() / 3600)
    lines = [head, *_contents(sheets)]
    for sheet in sheets:
        lines += ["", f"## {sheet.layer}.{sheet.name}", "", sheet.description, ""]
        lines += ["| Column | Type | Holds | What it says |", "|---|---|---|---|"]
        lines += [_row(column) for column in sheet.columns]
        if promises := [_promise(test) for test in sheet.model.get("data_tests", ())]:
            lines += ["", f"Tested after every build: {'; '.join(promises)}."]
    return "\n".join(lines) + "\n"


def _contents(sheets: list[Sheet]) -> Iterator[str]:
    yield "| Table | Grain |"
    yield "|---|---|"
    for sheet in sheets:
        grain = sheet.description.partition(". ")[0].rstrip(".")
        yield f"| [{sheet.layer}.{sheet.name}](#{sheet.layer}{sheet.name}) | {_cell(grain)} |"


def _row(column: Mapping[str, Any]) -> str:
    promises = ["not null"] if any(one.get("type") == "not_null" for one in column.get("constraints", ())) else []
    promises += [_promise(test) for test in column.get("data_tests", ())]
    personal = "pii" if "pii" in column.get("config", {}).get("tags", ()) else None
    personal = personal or ("id" if column["name"] in PSEUDONYMS else None)
    holds = ", ".join([*promises, *([f"**{personal}**"] if personal else [])]) or "–"
    said = " ".join(str(column.get("description", "")).split())
    return f"| `{column['name']}` | {column.get('data_type', '')} | {_cell(holds)} | {_cell(said)} |"


def _promise(test: str | Mapping[str, Any]) -> str:
    """A test in words: `unique`, or a name with what it was given."""
    if isinstance(test, str):
        return test.replace("_", " ")
    ((name, given),) = test.items()
    arguments = {**given, **given.get("arguments", {})}
    match name:
        case "accepted_values":
            return "one of " + " · ".join(f"`{value}`" for value in arguments["values"])
        case "unique_together":
            return "unique by " + ", ".join(f"`{column}`" for column in arguments["columns"])
        case "relationships":
            return f"refers to `{arguments['to']}`"
        case _:
            return str(name).replace("_", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
