"""What the routes of what-if take and answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class WhatIfIn(BaseModel):
    """Facts to change, by name (`domain/what_if.py` lists them); null makes one unknown. Without any, the answer says what is
    known now."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, str | int | float | None] = Field(default_factory=dict, max_length=20)


class WhyOut(BaseModel):
    text: str
    effect: float
    source: str


class PromiseOut(BaseModel):
    """The tenth of the newest leads that were promised about as much: what came of it, with a 95 % interval."""

    lead_count: int
    promised: float
    came: float
    low: float
    high: float


class ScoredOut(BaseModel):
    """Where rules alone decide, `promise` is none, and `probability` that of a prior, or none."""

    score: float
    band: str
    probability: float | None
    fit_score: float
    engagement_score: float
    grade: str
    reasons: list[WhyOut]
    promise: PromiseOut | None


class WhatIfAnswerOut(BaseModel):
    """`facts`: what is known now of the facts that may be changed. `unheard`: changes that neither the model nor a rule looks
    at."""

    facts: dict[str, Any]
    before: ScoredOut
    after: ScoredOut
    unheard: list[str]
    model_version: str


class WhatIfOut(BaseModel):
    """A question and, once `status` is `done`, its answer. Nothing is written to the lead."""

    score_question_id: str
    contact_id: str
    status: Literal["waiting", "done", "failed"]
    problem: str
    answer: WhatIfAnswerOut | None
