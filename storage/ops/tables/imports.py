"""Imports: a file, how its columns were read, what became of each row, and how to undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class Import(Tenanted, Stamped, Base):
    """One file on its way in. The bytes are kept under <dir>/uploads/<import_id>."""

    __tablename__ = "imports"
    __entity__ = "import"

    import_id: Mapped[str] = primary_key()
    entity: Mapped[str] = mapped_column(String(20), default="contacts")
    file_name: Mapped[str] = mapped_column(SHORT)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    byte_count: Mapped[int] = mapped_column(Integer)
    dialect: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{encoding, delimiter, quote, has_header}"""
    mapping: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    """One entry a column: {column, target, data_type, role, positive_value}."""
    duplicates: Mapped[str] = mapped_column(String(10), default="update")
    """`skip`, `update` or `create`."""
    status: Mapped[str] = mapped_column(String(20), default="uploaded")
    """`uploaded`, `queued`, `running`, `done`, `failed`, `undoing` or `undone`."""
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    created_count: Mapped[int] = mapped_column(default=0)
    updated_count: Mapped[int] = mapped_column(default=0)
    skipped_count: Mapped[int] = mapped_column(default=0)
    rejected_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """What a person should know besides the counts: warnings of the detection, and what an undo left as it was."""
    created_by: Mapped[str] = mapped_column(String(80), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportRow(Base):
    """What one row did: enough to list the rejected ones and to undo the rest.

    `outcome`: `created`, `updated`, `skipped` or `rejected`; `before` holds the former values of an update.
    """

    __tablename__ = "import_rows"
    __table_args__ = (Index("ix_import_rows_outcome", "import_id", "outcome", "row_number"),)

    import_id: Mapped[str] = mapped_column(ID, ForeignKey("imports.import_id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID)
    outcome: Mapped[str] = mapped_column(String(10))
    entity_id: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(200), default="")
    raw: Mapped[str | None] = mapped_column(Text)
    """The row as it stood in the file; kept for rejected rows only."""
    before: Mapped[dict[str, Any] | None] = mapped_column(json_type())
    """{field: {was, became}}, by which an undo sees what has changed since."""
    written_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The `updated_at` this row gave its entity."""
