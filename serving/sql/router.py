"""/v1/sql: an analyst's own question over the marts of one organization, read-only and fenced."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request

from domain.errors import TooManyRequests
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.crm.dependencies import LakeDep
from serving.deps import SettingsDep, StoreDep
from serving.sql.schemas import AnswerOut, ColumnOut, QuestionIn, TableOut, TablesOut, Value
from storage.lake.fenced import SCHEMA, Limits, MartColumn, ask_fenced, marts_of
from storage.lake.sheets import Sheet, sheets_of
from storage.ops.repositories.audit import Audit

router = APIRouter(prefix="/v1/sql", tags=["sql"])
ROLES = frozenset({"api", "ui"})
Analyst = Annotated[Principal, may(Permission.ANALYTICS_QUERY)]
_PROJECT = Path(__file__).parents[2] / "dbt_project"
_EXACT = 2**53
"""Whole numbers beyond it lose digits in JavaScript, and are sent as text."""


@router.get("/tables")
def list_tables(lake: LakeDep, principal: Analyst) -> TablesOut:  # noqa: ARG001  the same for everybody who may ask
    """What can be asked about: every mart that was built, with what its columns mean."""
    return TablesOut(items=[_table(name, columns) for name, columns in marts_of(lake).items()])


@router.post("")
def ask(
    question: QuestionIn, request: Request, lake: LakeDep, store: StoreDep, settings: SettingsDep, principal: Analyst
) -> AnswerOut:
    """The answer to one SELECT, in the order it asks for. It sees the chosen organization's rows and nothing else, and is
    noted in the audit log with the marts it names. 422 for what is no question, and for one above its limits of time or
    memory; 429 while others are being answered."""
    limits = Limits(min(question.limit, settings.sql.rows), settings.sql.seconds, settings.sql.memory_limit)
    with _turn(request, settings.sql.at_once):
        found = ask_fenced(lake, principal.scope.organization_id, question.sql, limits)
    with store.write(principal.scope, principal.actor) as work:
        read = {"tables": list(found.tables), "row_count": len(found.rows)}
        Audit(work).record("query", "marts", principal.scope.organization_id, after=read)
    return AnswerOut(
        columns=[ColumnOut(name=column.name, data_type=column.data_type) for column in found.columns],
        rows=[[plain(value) for value in row] for row in found.rows],
        is_cut=found.is_cut,
        tables=list(found.tables),
        seconds=round(found.seconds, 3),
    )


def _table(name: str, columns: Iterable[MartColumn]) -> TableOut:
    sheet = _sheets().get(name)
    means = {column["name"]: column.get("description", "") for column in sheet.columns} if sheet else {}
    return TableOut(
        name=name,
        description=sheet.description if sheet else "",
        columns=[
            ColumnOut(name=column.name, data_type=column.data_type, description=means.get(column.name, ""))
            for column in columns
        ],
    )


@cache
def _sheets() -> dict[str, Sheet]:
    """By the name of the mart; read once."""
    return {sheet.name: sheet for sheet in sheets_of(_PROJECT, [SCHEMA])}


def plain(value: Any) -> Value:
    """A value of DuckDB as JSON can hold it without losing a digit."""
    match value:
        case None | bool() | str():
            return value
        case int() if abs(value) <= _EXACT:
            return value
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date():
            return value.isoformat()
        case list() | tuple() | dict():
            return json.dumps(value, default=str, ensure_ascii=False)
    return value.hex() if isinstance(value, bytes) else str(value)


@contextmanager
def _turn(request: Request, at_once: int) -> Iterator[None]:
    """One of the questions that this process answers at a time. Raises TooManyRequests."""
    state: Any = request.app.state
    if not hasattr(state, "sql_turns"):
        state.sql_turns = threading.BoundedSemaphore(at_once)
    if not state.sql_turns.acquire(timeout=2.0):
        raise TooManyRequests("other questions are being answered", hint="Ask again in a few seconds.")
    try:
        yield
    finally:
        state.sql_turns.release()
