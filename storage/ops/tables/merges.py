"""Records that were two of one person, and became one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class ContactMerge(Tenanted, Base):
    """Two contacts became one: enough to show how, and to take it back row by row."""

    __tablename__ = "contact_merges"
    __table_args__ = (
        Index("ix_contact_merges_survivor", "survivor_id", "status"),
        Index("ix_contact_merges_merged", "merged_id", "status"),
    )

    contact_merge_id: Mapped[str] = primary_key()
    survivor_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    merged_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    status: Mapped[str] = mapped_column(String(10), default="merged")
    """`merged` or `undone`."""
    choices: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    """[{field, kept, reason}] of the fields in which the two differed."""
    changed: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{survivor|merged: {field: {was, became}}}; fields of `attributes` by `attributes.<key>`."""
    moved: Mapped[dict[str, list[str]]] = mapped_column(json_type(), default=dict)
    """{table: ids of the rows that went from the merged contact to the survivor}."""
    added: Mapped[dict[str, list[str]]] = mapped_column(json_type(), default=dict)
    """{table: ids of the rows that the merge wrote}: withdrawals of consent, suppressions."""
    report: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """Of the undo: {returned, stayed, kept_fields}."""
    merged_by: Mapped[str] = mapped_column(String(80), default="")
    merged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_by: Mapped[str] = mapped_column(String(80), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
