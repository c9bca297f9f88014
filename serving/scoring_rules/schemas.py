"""What the routes of scoring rules take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.texts import Words


class ScoringRulesIn(BaseModel):
    """The whole document as YAML (`domain/default_scoring_rules.yml` is one)."""

    model_config = ConfigDict(extra="forbid")

    source: Words = Field(min_length=1, max_length=60_000)


class ScoringRulesOut(BaseModel):
    """The rules in force as YAML. `version` is none where the shipped ones hold."""

    version: int | None
    etag: str
    changed_at: datetime | None
    changed_by: str
    source: str


class MovedOut(BaseModel):
    """Leads in a band or grade, before and after."""

    name: str
    before: int
    after: int


class ChangedLeadOut(BaseModel):
    """One lead that would stand elsewhere. `name` is empty for one that has gone since."""

    contact_id: str
    name: str
    score_before: float
    score_after: float
    band_before: str
    band_after: str
    grade_before: str
    grade_after: str


class ThresholdOut(BaseModel):
    """Of the leads with an outcome, how many reach a band or a better one."""

    band: str
    won_before: int
    won_after: int
    lost_before: int
    lost_after: int


class PreviewAnswerOut(BaseModel):
    """What the draft would change among leads known in the last `days`, and how it judges leads whose outcome is known, as
    they were before it: of the last `decided_days`, or of all time where those were too few."""

    days: int
    lead_count: int
    band_change_count: int
    grade_change_count: int
    risen_count: int
    bands: list[MovedOut]
    grades: list[MovedOut]
    changes: list[ChangedLeadOut]
    """The largest moves, at most 50."""
    decided_days: int | None
    won_count: int
    lost_count: int
    thresholds: list[ThresholdOut]
    has_model: bool
    """Whether a learned model makes the score, with rules for the grade."""


class RulesPreviewOut(BaseModel):
    """A draft that was asked about and, once `status` is `done`, its effect. `failed` says why in `problem`."""

    score_question_id: str
    status: Literal["waiting", "done", "failed"]
    problem: str
    answer: PreviewAnswerOut | None
