"""What the routes of custom fields take and answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.custom_attributes import DataType

OPTIONS = "The options of a choice, in their order."


class CustomFieldIn(BaseModel):
    """A new field. Its key is made of the label where none is sent, and stays what it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    label: str = Field(min_length=1, max_length=200)
    key: str | None = Field(None, pattern="^[a-z0-9_]{1,80}$")
    data_type: DataType = DataType.TEXT
    options: list[str] = Field([], max_length=200, description=OPTIONS)
    is_filterable: bool = Field(True, description="Whether lists are filtered and sorted by it.")
    is_searchable: bool | None = Field(
        None, description="Whether searches look at its words; a text's are, if nothing is said."
    )


class CustomFieldChange(BaseModel):
    """What may be changed; what is not sent stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    label: str | None = Field(None, min_length=1, max_length=200)
    options: list[str] | None = Field(None, max_length=200, description=OPTIONS)
    is_filterable: bool | None = None
    is_searchable: bool | None = None
    is_archived: bool | None = Field(
        None, description="An archived field is on no list and in no form; its values stay."
    )


class CustomFieldOut(BaseModel):
    key: str
    label: str
    data_type: str
    options: list[str]
    is_filterable: bool
    is_searchable: bool
    is_archived: bool
    role: str
    """What models may do with it: `feature`, `outcome`, `post_outcome` or `ignored`."""
    updated_at: datetime
    etag: str


class CustomFieldsOut(BaseModel):
    """`is_indexing`: contacts are being gone through since the last change; until then filters and searches may miss some."""

    items: list[CustomFieldOut]
    is_indexing: bool
