"""What the erasure routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from storage.ops.tables import Erasure


class ErasureIn(BaseModel):
    """Whom to forget."""

    contact_id: str | None = Field(None, max_length=36)
    email: str | None = Field(None, max_length=320, description="Also an address that is no contact.")


class ErasureOut(BaseModel):
    """One erasure; `status`: `asked`, `store_erased` (the lake waits for its next pass) or `done`."""

    erasure_id: str
    contact_id: str | None
    status: str
    detail: dict[str, Any] = Field(description="Rows and files that went, by place; `backups` still hold the person.")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, found: Erasure) -> ErasureOut:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class ErasureListOut(BaseModel):
    items: list[ErasureOut]
