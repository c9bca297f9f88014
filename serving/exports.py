"""A filtered list as CSV, streamed so that 100,000 lines need no memory; that it left the house is noted first."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from fastapi.responses import StreamingResponse

from domain.tenancy import Scope, SystemScope
from serving.access.principals import Principal
from serving.brand.looks import file_name, look_of
from storage.ops.repositories.audit import Audit
from storage.ops.store import Store, Work

BATCH = 500
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it spreadsheets take UTF-8 for something else."""
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""What a route that answers with lines says of itself."""
SEARCHES = frozenset({"q", "search"})
UNTOLD = SEARCHES | {"attribute", "filter"}
"""Filters that may hold a name."""

Rows = Callable[[Work], tuple[Sequence[str], Iterator[Sequence[object]]]]
"""What the columns are called, and the lines."""


def export(store: Store, principal: Principal, what: str, filters: Mapping[str, Any], rows: Rows) -> StreamingResponse:
    """The answer to whoever takes a list along. `what` they are, in the plural; by which `filters`."""
    _note(store, principal, what, filters)
    name = file_name(look_of(store, principal.scope.organization_id), what)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(
        csv_lines(store, principal.scope, rows), media_type="text/csv; charset=utf-8", headers=headers
    )


def csv_lines(store: Store, scope: Scope, rows: Rows) -> Iterator[bytes]:
    """UTF-8 with a byte order mark; a header, then the lines of the list."""
    with store.read(scope) as work:
        header, lines = rows(work)
        yield BYTE_ORDER_MARK
        all_of_it = chain([header], lines)
        while some := list(islice(all_of_it, BATCH)):
            yield _written(some)


def _note(store: Store, principal: Principal, what: str, filters: Mapping[str, Any]) -> None:
    """An export is an act that is answered for: who, when, and by which filters. What was searched for may be a name and
    is not kept."""
    told = {name: value for name, value in filters.items() if name not in UNTOLD}
    with store.write(SystemScope("an export is noted in every organization it reads"), principal.actor) as work:
        is_searched = not SEARCHES.isdisjoint(filters)
        Audit(work).record_export(what, principal.scope.readable_ids, {"filters": told, "is_searched": is_searched})


def _safe(value: object) -> str:
    """Text that a spreadsheet will not run: a cell that would begin a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    if text[:1] in {"=", "@", "\t", "\r"}:
        return f"'{text}"
    looks_like_number = text[1:].replace(".", "", 1).replace(" ", "").replace("-", "").isdigit()
    return f"'{text}" if text[:1] in {"+", "-"} and not looks_like_number else text


def _written(rows: Sequence[Sequence[object]]) -> bytes:
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows([_safe(value) for value in row] for row in rows)
    return target.getvalue().encode()
