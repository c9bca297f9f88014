"""Alembic's entry: it runs on the connection that `storage.ops.migrate` opened, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from storage.ops.migrate import is_of_the_code
from storage.ops.tables import Base
from storage.ops.types import UTCDateTime


def render(kind: str, found: Any, autogen: AutogenContext) -> str | Literal[False]:
    """How a new migration spells our own types."""
    if kind == "type" and isinstance(found, UTCDateTime):
        autogen.imports.add("from storage.ops.types import UTCDateTime")
        return "UTCDateTime()"
    if kind == "type" and isinstance(found, JSON):
        autogen.imports.add("from storage.ops.types import json_type")
        return "json_type()"
    return False


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a column by rebuilding the table
    transactional_ddl=True,
    compare_type=True,
    render_item=render,
    include_name=is_of_the_code,
)
with context.begin_transaction():
    context.run_migrations()
