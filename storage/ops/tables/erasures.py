"""People who asked to be forgotten, and how far that has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class Erasure(Tenanted, Stamped, Base):
    """One erasure. `status`: `asked`, `store_erased` (store and files are clean, the lake waits) or `done`."""

    __tablename__ = "erasures"

    erasure_id: Mapped[str] = primary_key()
    contact_id: Mapped[str | None] = mapped_column(ID)
    """The record that was; None where only an address was known."""
    status: Mapped[str] = mapped_column(String(20), default="asked")
    sealed_traces: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What to look for (addresses, hashes, ids), sealed; gone once all is done."""
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{table or folder: rows or files}, and what a person must still do by hand."""
    requested_by: Mapped[str] = mapped_column(String(80), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
