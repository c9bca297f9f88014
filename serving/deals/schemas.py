"""What the routes of deals take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.pipelines import Pipeline, PipelineStage

Key = Field(max_length=40)


class StageIn(BaseModel):
    """A column of a board; `counts_as` is its place in the funnel."""

    model_config = ConfigDict(extra="forbid")

    key: str
    name: str
    counts_as: str
    probability: float | None = Field(None, description="That a deal here is won, 0 to 1; needed of open stages.")
    rots_after_days: int | None = None
    requires: list[str] = []

    @classmethod
    def of(cls, stage: PipelineStage) -> StageIn:
        return cls(
            key=stage.key,
            name=stage.name,
            counts_as=stage.counts_as.value,
            probability=stage.probability,
            rots_after_days=stage.rots_after_days,
            requires=list(stage.requires),
        )


class PipelineIn(BaseModel):
    """Stages in order: open ones, then the one that counts as won and the one that counts as lost."""

    model_config = ConfigDict(extra="forbid")

    key: str
    name: str
    stages: list[StageIn]
    lost_reasons: list[str] = []

    @classmethod
    def of(cls, pipeline: Pipeline) -> PipelineIn:
        return cls(
            key=pipeline.key,
            name=pipeline.name,
            stages=[StageIn.of(stage) for stage in pipeline.stages],
            lost_reasons=list(pipeline.lost_reasons),
        )


class Pipelines(BaseModel):
    """All pipelines of an organization."""

    model_config = ConfigDict(extra="forbid")

    pipelines: list[PipelineIn] = Field(min_length=1, max_length=20)

    def as_setting(self) -> dict[str, Any]:
        """As `domain.pipelines.parse_pipelines` reads it: a probability that was not sent is the stage's own."""
        return {
            "pipelines": [
                {
                    **pipeline.model_dump(exclude={"stages"}),
                    "stages": [stage.model_dump(exclude_none=True) for stage in pipeline.stages],
                }
                for pipeline in self.pipelines
            ]
        }


class DealFields(BaseModel):
    """What people may write of a deal."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, min_length=1, max_length=200)
    amount_minor: int | None = Field(None, ge=0, lt=2**53, description="In the currency's minor unit.")
    currency: str | None = Field(None, min_length=3, max_length=3, description="ISO 4217.")
    probability: float | None = Field(None, ge=0, le=1, description="Of this deal; null for its stage's.")
    contact_id: str | None = Field(None, max_length=36)
    company_id: str | None = Field(None, max_length=36)
    owner_user_id: str | None = Field(None, max_length=36)
    expected_close_on: date | None = None
    attributes: dict[str, Any] | None = Field(None, description="Merged into what is there; null removes a key.")


class DealIn(DealFields):
    """A new deal."""

    name: str = Field(min_length=1, max_length=200)
    external_id: str | None = Field(None, max_length=200)
    pipeline: str | None = Field(None, max_length=40, description="Key; the first pipeline without one.")
    stage: str | None = Field(None, max_length=40, description="Key; the pipeline's first without one.")
    opened_at: datetime | None = None


class DealMove(DealFields):
    """Into a stage, with whatever the stage asks for."""

    stage: str = Field(max_length=40)
    pipeline: str | None = Field(None, max_length=40, description="Key, to move into another pipeline.")
    lost_reason: str | None = Field(None, max_length=200)


class PersonRef(BaseModel):
    contact_id: str
    display_name: str
    email: str | None


class CompanyRef(BaseModel):
    company_id: str
    name: str
    domain: str | None


class DealOut(BaseModel):
    """A deal as cards and lists show it. `etag` is what `If-Match` takes."""

    deal_id: str
    external_id: str | None
    name: str
    pipeline: str
    stage: str
    counts_as: str
    amount_minor: int
    weighted_minor: int
    currency: str
    probability: float
    owner_user_id: str | None
    contact: PersonRef | None
    company: CompanyRef | None
    opened_at: datetime
    closed_at: datetime | None
    stage_entered_at: datetime
    expected_close_on: date | None
    lost_reason: str | None
    is_rotting: bool
    has_next_activity: bool
    next_activity_at: datetime | None
    attributes: dict[str, Any]
    updated_at: datetime
    etag: str


class DealListOut(BaseModel):
    items: list[DealOut]
    next_cursor: str | None
    total: int | None
    """Exact up to 10,000; above it 10,001."""


class StageChangeOut(BaseModel):
    """A step in a deal's history, with who took it."""

    from_stage: str | None
    to_stage: str
    occurred_at: datetime
    actor_kind: str
    actor_id: str


class DealDetailOut(DealOut):
    history: list[StageChangeOut]


class ColumnOut(BaseModel):
    """A column: totals in the organization's currency over all its deals, and its first cards."""

    stage: StageIn
    deal_count: int
    amount_minor: int
    weighted_minor: int
    missing_currencies: list[str]
    """Currencies without a rate: their deals are counted, their amounts are in no total."""
    deals: list[DealOut]


class BoardOut(BaseModel):
    pipeline: PipelineIn
    currency: str
    columns: list[ColumnOut]
