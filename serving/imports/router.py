"""/v1/imports: a file is uploaded, looked at, tried, started, followed, and undone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import StreamingResponse

from domain.errors import InvalidInput, TooLarge
from domain.permissions import Permission
from domain.settings import Settings
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.exports import CSV
from serving.imports import service
from serving.imports.schemas import (
    Duplicates,
    Entity,
    ImportDetailOut,
    ImportListOut,
    ImportOut,
    ImportPatch,
    PreviewOut,
)
from storage.ops.bulk.imports import create_import as take_in
from storage.ops.bulk.imports import discard_import as forget

router = APIRouter(prefix="/v1/imports", tags=["imports"])
ROLES = frozenset({"api", "ui"})
Viewer = Annotated[Principal, may(Permission.IMPORTS_READ)]
Importer = Annotated[Principal, may(Permission.IMPORTS_WRITE)]


@router.get("")
def list_imports(
    store: StoreDep,
    principal: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> ImportListOut:
    """The imports of the organization, newest first."""
    return service.list_imports(store, principal.scope, limit=limit, offset=offset)


@router.post("", status_code=201)
def create_import(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    principal: Importer,
    file: UploadFile,
    entity: Annotated[Entity, Form()] = "contacts",
    duplicates: Annotated[Duplicates, Form()] = "update",
) -> ImportDetailOut:
    """Takes a CSV file in and answers what was detected, the suggested mapping and the first rows; nothing else is
    written yet. 413 above the limit, 422 for what is no table."""
    _check_size(request, file, settings)
    content = file.file.read(settings.imports.max_bytes + 1)
    made = take_in(
        store,
        settings,
        principal.scope,
        principal.actor,
        content=content,
        file_name=file.filename or "upload.csv",
        entity=entity,
        duplicates=duplicates,
        even_if_imported=True,
    )
    return service.import_detail(store, settings, principal.scope, made.import_id)


@router.get("/{import_id}")
def get_import(import_id: str, store: StoreDep, settings: SettingsDep, principal: Viewer) -> ImportDetailOut:
    """One import: its mapping, its progress, and what its rows met."""
    return service.import_detail(store, settings, principal.scope, import_id)


@router.patch("/{import_id}")
def update_import(
    import_id: str,
    wishes: ImportPatch,
    store: StoreDep,
    settings: SettingsDep,
    principal: Importer,
) -> ImportDetailOut:
    """Changes the mapping or the policy for duplicates, before the start."""
    return service.change_mapping(store, settings, principal.scope, principal.actor, import_id, wishes)


@router.delete("/{import_id}", status_code=204)
def discard_import(import_id: str, store: StoreDep, settings: SettingsDep, principal: Importer) -> None:
    """Forgets a file that was uploaded and never started, and its bytes."""
    forget(store, settings, principal.scope, principal.actor, import_id)


@router.post("/{import_id}/preview")
def preview_import(import_id: str, store: StoreDep, settings: SettingsDep, principal: Viewer) -> PreviewOut:
    """Tries the whole file without writing: exact counts, reasons, examples."""
    return service.preview(store, settings, principal.scope, import_id)


@router.post("/{import_id}/start", status_code=202)
def start_import(import_id: str, store: StoreDep, principal: Importer) -> ImportOut:
    """Queues the import; follow it with GET."""
    return service.start(store, principal.scope, principal.actor, import_id)


@router.post("/{import_id}/undo", status_code=202)
def undo_import(import_id: str, store: StoreDep, principal: Importer) -> ImportOut:
    """Queues the undo: what the import made goes, what it changed is restored, what has changed since is listed."""
    return service.undo(store, principal.scope, principal.actor, import_id)


@router.get("/{import_id}/errors.csv", response_class=StreamingResponse, responses=CSV)
def export_import_errors(import_id: str, store: StoreDep, principal: Importer) -> StreamingResponse:
    """Every row that was refused, passed over or taken with cells left out, with its reason and its own columns."""
    lines = service.error_lines(store, principal.scope, principal.actor, import_id)
    first = next(lines)  # an import that is not there answers 404, not half a file

    def body() -> object:
        yield first
        yield from lines

    headers = {"Content-Disposition": f'attachment; filename="import-{import_id}-errors.csv"'}
    return StreamingResponse(body(), media_type="text/csv; charset=utf-8", headers=headers)  # type: ignore[arg-type]


def _check_size(request: Request, file: UploadFile, settings: Settings) -> None:
    """What the request says of its size, before it is read into memory."""
    limit = settings.imports.max_bytes
    if (file.size or 0) > limit or int(request.headers.get("content-length") or 0) > limit + 1024 * 1024:
        raise TooLarge(f"the file is larger than {limit // 1024 // 1024} MB", hint="Split it, and import the parts.")
    if file.size == 0:
        raise InvalidInput("the file is empty")
