"""What the routes of alert rules take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.alerts import MOST_RULES, Comparison, Metric, Outcome


class AlertRuleIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: str = Field(
        pattern="^[a-z0-9_]{1,40}$", description="What the rule is known by: a new name makes no new rule."
    )
    name: str = Field(min_length=1, max_length=120)
    metric: Metric
    comparison: Comparison
    threshold: float | None = Field(
        None, ge=0, le=1e12, description="For above and below: a count, a share from 0 to 1, or minor units of money."
    )
    days: int = Field(7, ge=1, le=28, description="Days of a window; the newest one ends yesterday.")
    cooldown_hours: int = Field(24, ge=1, le=720, description="It is told of at most once in this time.")
    owner_user_id: str = Field(max_length=36, description="Who is told.")


class AlertRulesIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: list[AlertRuleIn] = Field(max_length=MOST_RULES)


class VerdictOut(BaseModel):
    """`outcome` in the ledger is `fired`, `held_back` (told of lately), `quiet` or `not_enough`."""

    outcome: str
    reason: str
    detail: dict[str, Any]
    decided_at: datetime


class AlertRuleOut(AlertRuleIn):
    """`last`: when what is said of it last changed; none before the first build."""

    last: VerdictOut | None


class AlertRulesOut(BaseModel):
    version: int | None
    rules: list[AlertRuleOut]


class TriedOut(BaseModel):
    key: str
    outcome: Outcome
    reason: str
    words: str
    detail: dict[str, Any]


class TriedListOut(BaseModel):
    items: list[TriedOut]
