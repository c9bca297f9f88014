"""The parameters that every list and every change takes, as routes write them (`domain.filters`, `serving.etags`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query

Filters = Annotated[list[str], Query(alias="filter", max_length=20, description="field:op:value, repeated.")]
SortText = Annotated[str, Query(max_length=60, description="A field, with - before it to descend.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
IfMatch = Annotated[str | None, Header(description="ETag of what is changed; 412 where it changed since.")]
