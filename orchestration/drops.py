"""The drop folder: `<data>/drop/<organization slug>/<source>/<file>`; what has landed moves to `landed/`, what was refused
to `refused/` with the reason beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.clock import Clock
from domain.errors import LeadhouseError
from ingest.batches import BatchReport, land_file
from orchestration.organizations import organization_named
from storage.lake import Lake
from storage.ops.store import Store

DONE, REFUSED = "landed", "refused"


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file waiting for its source."""

    organization_slug: str
    source: str
    path: Path


def dropped_files(drop: Path, source: str | None = None) -> list[DroppedFile]:
    """What waits, oldest name first; files whose name starts with a dot are still being written."""
    return [found for found in _waiting(drop) if source is None or found.source == source]


def _waiting(drop: Path) -> Iterator[DroppedFile]:
    for path in sorted(drop.glob("*/*/*")):
        if path.is_file() and not path.name.startswith("."):
            yield DroppedFile(path.parent.parent.name, path.parent.name, path)


def land_dropped(store: Store, lake: Lake, file: DroppedFile, *, clock: Clock) -> BatchReport:
    """Lands one file and moves it away. A refused file is moved too, with its reason, and the error is raised."""
    organization = organization_named(store, file.organization_slug)
    try:
        report = land_file(lake, store, file.source, organization.organization_id, file.path, clock=clock)
    except LeadhouseError as error:
        if not error.retryable:
            refused = _move(file.path, REFUSED)
            refused.with_name(refused.name + ".reason.txt").write_text(
                f"{error.code}: {error.message}\n", encoding="utf-8"
            )
        raise
    _move(file.path, DONE)
    return report


def _move(path: Path, folder: str) -> Path:
    target = path.parent / folder / path.name
    target.parent.mkdir(exist_ok=True)
    return path.replace(target)
