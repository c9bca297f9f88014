"""Files that people imported, landed as they stood: one landing an import, known by its id."""

from __future__ import annotations

from pathlib import Path

from domain.clock import Clock
from domain.tenancy import SystemScope
from ingest.batches import BatchReport, land_file
from storage.lake import Lake
from storage.ops.repositories.imports import Imports
from storage.ops.store import Store
from storage.ops.tables import Import

SOURCE = "csv_upload"


def land_uploads(store: Store, lake: Lake, folder: Path, *, clock: Clock) -> list[BatchReport]:
    """Lands the file of every finished import that has not landed yet; `folder` holds one file an import, by its id.

    A file that is gone (removed after its time) is passed over.
    """
    reports = []
    for found in waiting(store, lake):
        path = folder / found.import_id
        if path.is_file():
            reports.append(
                land_file(
                    lake,
                    store,
                    SOURCE,
                    found.organization_id,
                    path,
                    clock=clock,
                    facts={"import_id": found.import_id},
                    file_name=found.file_name,
                )
            )
    return reports


def waiting(store: Store, lake: Lake) -> list[Import]:
    """Finished imports whose rows are not in the lake, oldest first."""
    with store.read(SystemScope("landing looks for finished imports of every organization")) as work:
        done = Imports(work).finished()
    if not done:
        return []
    with lake.reader() as cursor:
        landed = {name for (name,) in cursor.execute("select distinct import_id from raw.csv_upload__rows").fetchall()}
    return [found for found in done if found.import_id not in landed]
