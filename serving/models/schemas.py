"""Shapes of /v1/models."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Reason = Annotated[
    str, Field(min_length=3, max_length=500, description="Why, in a sentence; it stands in the audit log.")
]


class UseColumn(BaseModel):
    """A suspect column to learn from all the same."""

    column: Annotated[str, Field(max_length=200, description="As the report names it, e.g. `attributes.duration`.")]
    reason: Reason


class KeepVersion(BaseModel):
    """A former version to score with."""

    version: Annotated[str, Field(max_length=80)]
    reason: Reason


class OverruleOut(BaseModel):
    column: str
    by: str
    reason: str


class PinOut(BaseModel):
    version: str
    by: str
    reason: str


class ChoicesOut(BaseModel):
    """What people decided: it holds from the next training (columns) or the next pass (versions) on."""

    overrules: list[OverruleOut]
    pinned: PinOut | None
