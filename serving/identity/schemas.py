"""What the identity routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NODE = Field(
    max_length=120,
    pattern=r"^(contact|anonymous|email|company|external|linkedin):.+$",
    description="`kind:value`, as in `contact:0192…` or `anonymous:ab12…`.",
)


class DecisionIn(BaseModel):
    """What somebody decided about two nodes of the identity graph."""

    model_config = ConfigDict(extra="forbid")

    left_node: str = NODE
    right_node: str = NODE
    verdict: Literal["same", "different"]


class DecisionOut(BaseModel):
    """A decision; it shows in sessions, attribution and scores from the next build on."""

    identity_decision_id: str
    left_node: str
    right_node: str
    verdict: str
    rule: str
    confidence: float
    decided_by: str
    decided_at: datetime
    revoked_at: datetime | None
