"""Imports of files, for whoever runs them: the command line, a job, the demo. A file is taken in, looked at, tried
without writing, carried out in short transactions, and undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import ImportRejected, InvalidInput
from domain.ids import new_id
from domain.imports.dialects import Detection, detect
from domain.imports.mapping import Column, change, identity_notes, suggest
from domain.imports.reading import Dialect
from domain.settings import Settings
from domain.tenancy import Actor, Scope
from storage.ops.bulk.files import keep_upload, profile, rows_of, unpacked, upload_path
from storage.ops.bulk.running import ImportResult, run_import
from storage.ops.bulk.trials import Preview, preview_import
from storage.ops.bulk.undoing import UndoResult, undo_import
from storage.ops.repositories.imports import Imports, load_import
from storage.ops.store import Store
from storage.ops.tables import Import

__all__ = [
    "ImportResult",
    "Preview",
    "UndoResult",
    "UploadedImport",
    "change_import",
    "create_import",
    "describe_import",
    "preview_import",
    "run_import",
    "undo_import",
]

ENTITIES = ("contacts", "deals")
POLICIES = ("skip", "update", "create")


@dataclass(frozen=True, slots=True)
class UploadedImport:
    """A file that was taken in: what was detected, and the mapping as it stands.

    With `was_imported_before`, the very same bytes were imported already (`earlier_import_id`).
    """

    import_id: str
    entity: str
    dialect: Dialect
    columns: tuple[Column, ...]
    sample: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    rows_total: int
    earlier_import_id: str | None = None

    @property
    def was_imported_before(self) -> bool:
        return self.earlier_import_id is not None


def create_import(
    store: Store,
    settings: Settings,
    scope: Scope,
    actor: Actor,
    *,
    content: bytes | None = None,
    path: Path | None = None,
    file_name: str = "",
    entity: str = "contacts",
    duplicates: str = "update",
    overrides: Mapping[str, str | Mapping[str, Any]] | None = None,
    outcome_column: str | None = None,
    positive_value: str | None = None,
    post_outcome_columns: Sequence[str] = (),
    even_if_imported: bool = False,
) -> UploadedImport:
    """Keeps a file's bytes, detects how it is written and suggests what its columns become; writes no contact.

    The same bytes imported before: answers that import (nothing is written) unless `even_if_imported`. Raises
    ImportRejected for what cannot be a table and for wishes that do not fit it, TooLarge above the setting.
    """
    _one_of(entity, ENTITIES, "entity")
    _one_of(duplicates, POLICIES, "policy for duplicates")
    data = content if content is not None else Path(path or "").read_bytes()
    data = unpacked(data, limit=settings.imports.max_bytes)
    import_id = new_id()
    upload = keep_upload(settings, import_id, data)
    with store.read(scope) as work:
        earlier = Imports(work).started_with(upload.content_hash, entity)
        if earlier is not None:
            work.session.expunge(earlier)
    if earlier is not None and not even_if_imported:
        upload.path.unlink()
        return describe_import(settings, earlier, earlier_import_id=earlier.import_id)
    try:
        found = _table_in(data)
        seen = profile(upload.path, found.dialect, found.columns)
        suggested = suggest(found.columns, seen.values, entity=entity, comma_likely=found.dialect.delimiter == ";")
        columns = change(
            suggested,
            entity=entity,
            overrides=overrides,
            outcome_column=outcome_column,
            positive_value=positive_value,
            post_outcome_columns=post_outcome_columns,
            values=dict(zip(found.columns, seen.values, strict=True)),
        )
        with store.write(scope, actor) as work:
            made = Imports(work).create(
                import_id=import_id,
                entity=entity,
                file_name=(file_name or (path.name if path else "upload.csv"))[-200:],
                content_hash=upload.content_hash,
                byte_count=upload.byte_count,
                dialect=found.dialect.to_json(),
                mapping=[column.to_json() for column in columns],
                duplicates=duplicates,
                rows_total=seen.row_count,
                detail={"notes": list(found.notes), **({"earlier_import_id": earlier.import_id} if earlier else {})},
                created_by=actor.id,
            )
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    return describe_import(settings, made, earlier_import_id=earlier.import_id if earlier else None)


def change_import(
    store: Store,
    settings: Settings,
    scope: Scope,
    actor: Actor,
    import_id: str,
    *,
    duplicates: str | None = None,
    **wishes: Any,
) -> UploadedImport:
    """A person's changes to mapping and policy, before the start; `wishes` are those of `domain.imports.mapping.change`.

    Raises ImportRejected for what does not fit the file, Conflict once it has started.
    """
    found = load_import(store, scope, import_id)
    columns = [Column.from_json(stored) for stored in found.mapping]
    if wishes.get("outcome_column"):
        # An outcome is chosen anew: the one before becomes an ordinary attribute again.
        columns = [
            Column.from_json({**column.to_json(), "role": "feature", "positive_value": None})
            if column.role == "outcome"
            else column
            for column in columns
        ]
        names = [column.column for column in columns]
        seen = profile(upload_path(settings, import_id), Dialect.from_json(found.dialect), names)
        wishes["values"] = dict(zip(names, seen.values, strict=True))
    changed = change(columns, entity=found.entity, **wishes)
    if duplicates is not None:
        _one_of(duplicates, POLICIES, "policy for duplicates")
    with store.write(scope, actor) as work:
        made = Imports(work).move(
            import_id,
            from_status=("uploaded",),
            to_status="uploaded",
            mapping=[column.to_json() for column in changed],
            duplicates=duplicates or found.duplicates,
        )
    return describe_import(settings, made)


def discard_import(store: Store, settings: Settings, scope: Scope, actor: Actor, import_id: str) -> None:
    """Forgets an uploaded file that nobody started, and its bytes. Raises NotFound, Conflict once it has started."""
    with store.write(scope, actor) as work:
        Imports(work).discard(import_id)
    upload_path(settings, import_id).unlink(missing_ok=True)


def describe_import(settings: Settings, found: Import, *, earlier_import_id: str | None = None) -> UploadedImport:
    """An import as stored, with the first rows of its file."""
    dialect = Dialect.from_json(found.dialect)
    path = upload_path(settings, found.import_id)
    sample: list[tuple[str, ...]] = []
    if path.is_file():
        for record in rows_of(path, dialect):
            if record.fields is not None:
                sample.append(tuple(cell[:200] for cell in record.fields))
            if len(sample) >= 10:
                break
    columns = tuple(Column.from_json(stored) for stored in found.mapping)
    return UploadedImport(
        found.import_id,
        found.entity,
        dialect,
        columns,
        tuple(sample),
        (*found.detail.get("notes", ()), *identity_notes(columns, entity=found.entity)),
        found.rows_total,
        earlier_import_id or found.detail.get("earlier_import_id"),
    )


def _table_in(data: bytes) -> Detection:
    found = detect(data)
    if not found.columns:
        raise ImportRejected("the file has no rows", hint="Check that it is the right file.")
    return found


def _one_of(value: str, allowed: Sequence[str], what: str) -> None:
    if value not in allowed:
        raise InvalidInput(f"{value!r} is not a known {what}", hint=f"Choose one of: {', '.join(allowed)}.")
