"""What people imported lands as it stood, once an import."""

from __future__ import annotations

from domain.tenancy import Actor
from ingest.uploads import land_uploads
from storage.ops.tables import Import
from tests.ingest.conftest import SYSTEM, rows


def test_the_file_of_a_finished_import_lands_once(sqlite_store, lake, clock, organization_id, tmp_path):
    with sqlite_store.write(SYSTEM, Actor.system("tests")) as work:
        for number, status in enumerate(["done", "done", "running"]):
            work.session.add(
                Import(
                    import_id=f"import-{number}",
                    organization_id=organization_id,
                    file_name="leads.csv",
                    content_hash="same",
                    byte_count=1,
                    status=status,
                    finished_at=clock.now,
                )
            )
            (tmp_path / f"import-{number}").write_text("Name,E-Mail\nAda,ada@example.org\n")
    reports = land_uploads(sqlite_store, lake, tmp_path, clock=clock)
    assert [(report.row_count, report.file_name) for report in reports] == [(1, "leads.csv")] * 2
    found = rows(lake, "select import_id, row_number from raw.csv_upload__rows order by import_id")
    assert found == [("import-0", 2), ("import-1", 2)]
    assert land_uploads(sqlite_store, lake, tmp_path, clock=clock) == []
