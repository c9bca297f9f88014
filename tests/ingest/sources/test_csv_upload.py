"""An uploaded file is kept as it stood, broken lines listed beside it."""

from __future__ import annotations

import json

from tests.ingest.conftest import rows


def test_rows_are_kept_with_their_number_and_import(land, lake):
    report = land(
        "csv_upload",
        "0199-upload",
        "Name;E-Mail\nAda;ada@example.org\nBob\n",
        facts={"import_id": "i-1"},
        file_name="leads.csv",
    )
    assert (report.row_count, report.quarantined_count) == (1, 1)
    ((import_id, number, row, name),) = rows(
        lake, "select import_id, row_number, row, file_name from raw.csv_upload__rows"
    )
    assert (import_id, number, name) == ("i-1", 2, "leads.csv")
    assert json.loads(row) == {"Name": "Ada", "E-Mail": "ada@example.org"}
    assert rows(lake, "select reason from raw.quarantine__rows") == [("too_few_columns: 1 instead of 2",)]
