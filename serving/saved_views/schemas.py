"""What the routes of saved views take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Entity = Literal["contact", "company", "deal"]
QUESTION = "Query parameters of the list's route, without paging."


class SavedViewIn(BaseModel):
    """A new view; a program's is always shared."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    entity: Entity
    name: str = Field(min_length=1, max_length=80)
    question: dict[str, Any] = Field(max_length=40, description=QUESTION)
    is_shared: bool = Field(False, description="Whether everybody in the organization sees it.")


class SavedViewFields(BaseModel):
    """What may be changed; what is not sent stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = Field(None, min_length=1, max_length=80)
    question: dict[str, Any] | None = Field(None, max_length=40, description=QUESTION)
    is_shared: bool | None = None


class SavedViewOut(BaseModel):
    saved_view_id: str
    entity: str
    name: str
    question: dict[str, Any]
    is_shared: bool
    is_own: bool
    """Made by whoever asks."""
    updated_at: datetime
    etag: str


class SavedViewsOut(BaseModel):
    items: list[SavedViewOut]
