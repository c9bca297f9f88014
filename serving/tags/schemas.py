"""What the routes of tags take and answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.tags import LONGEST


class TagIn(BaseModel):
    """Two spellings that differ in capitals alone are one tag."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=LONGEST)


class TagOut(BaseModel):
    """Counts are exact up to 10,000; 10,001 means more than that."""

    tag_id: str
    name: str
    contact_count: int
    company_count: int
    updated_at: datetime
    etag: str


class TagsOut(BaseModel):
    items: list[TagOut]
