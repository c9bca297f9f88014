"""How a row of an uploaded file is kept: as it stood, with its number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.base import Expectation, FileContext, Record, RowRule
from ingest.cells import FORMATS
from ingest.formats import LINE
from ingest.parsing import FACTS

OURS = frozenset({FORMATS, FACTS, LINE})


def parse(record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """`import_id` is a fact of the caller's; without one (a file landed by hand) the batch stands for it."""
    row = {name: value for name, value in record.items() if name not in OURS}
    yield {
        "import_id": context.facts.get("import_id") or context.batch_id,
        "row_number": record.get(LINE),
        "row": json.dumps(row, default=str, ensure_ascii=False),
        "file_name": context.file_name,
    }


RULES = (RowRule("has_a_number", "row_number >= 1", "the row has no number"),)

SUITE = (
    Expectation("a row comes once", "ExpectCompoundColumnsToBeUnique", {"column_list": ["import_id", "row_number"]}),
    Expectation("rows are kept", "ExpectColumnValuesToNotBeNull", {"column": "row"}),
)
