"""What the routes of experiments take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.experiments.assigning import MOST_VARIANTS, Unit
from domain.experiments.metrics import MARGINS, Metric
from domain.experiments.running import MOST_HORIZON_DAYS, Allocation, State
from serving.texts import Words

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
ArmKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Harm = Annotated[str, StringConstraints(pattern=f"^({'|'.join(MARGINS)})$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ArmIn(Body):
    """One way; weights are relative to one another."""

    key: ArmKey
    weight: float = Field(1.0, gt=0, le=1_000_000)


class ExperimentIn(Body):
    """The first arm is what the others are compared with: mostly, what there is today."""

    key: Key = Field(description="What pages and programs call it by.")
    name: Words = Field(min_length=1, max_length=200)
    hypothesis: Words = Field("", max_length=2_000)
    unit: Unit = Field(Unit.PERSON, description="What is dealt an arm: `company` where colleagues should see the same.")
    arms: list[ArmIn] = Field(min_length=2, max_length=MOST_VARIANTS)
    metric: Metric
    guardrails: list[Harm] = Field(default=[], max_length=len(MARGINS))
    allocation: Allocation = Allocation.FIXED
    floor: float = Field(0.0, ge=0, le=0.5, description="Of a bandit: the least share of new units that an arm gets.")
    traffic: float = Field(1.0, gt=0, le=1, description="Share of units that take part.")
    holdout: float = Field(0.0, ge=0, lt=1, description="Share of units that no experiment with one like it touches.")
    horizon_days: int = Field(
        14, ge=1, le=MOST_HORIZON_DAYS, description="An outcome counts within so many days, and is waited for so long."
    )
    least_lift: float = Field(0.25, gt=0, le=5, description="The smallest relative change worth finding.")
    base_rate: float | None = Field(None, gt=0, lt=1, description="The share that succeeds today, where it is known.")


class ExperimentFields(Body):
    """Once it runs: name and hypothesis, and weights of a bandit. Once it is stopped: nothing."""

    key: Key | None = None
    name: Words | None = Field(None, min_length=1, max_length=200)
    hypothesis: Words | None = Field(None, max_length=2_000)
    unit: Unit | None = None
    arms: list[ArmIn] | None = Field(None, min_length=2, max_length=MOST_VARIANTS)
    metric: Metric | None = None
    guardrails: list[Harm] | None = Field(None, max_length=len(MARGINS))
    allocation: Allocation | None = None
    floor: float | None = Field(None, ge=0, le=0.5)
    traffic: float | None = Field(None, gt=0, le=1)
    holdout: float | None = Field(None, ge=0, lt=1)
    horizon_days: int | None = Field(None, ge=1, le=MOST_HORIZON_DAYS)
    least_lift: float | None = Field(None, gt=0, le=5)
    base_rate: float | None = Field(None, gt=0, lt=1)


class StopIn(Body):
    """`adopted_arm`: what pages get from now on; without one they get none, and show what they show without it."""

    adopted_arm: ArmKey | None = None
    reason: Words = Field(min_length=1, max_length=500)


class ArmOut(BaseModel):
    key: str
    weight: float


class ExperimentOut(BaseModel):
    """`exposure_count`: log entries, of people, companies and browsers. `reallocated_at`: when the weights of a bandit
    last moved."""

    experiment_id: str
    organization_id: str
    key: str
    name: str
    hypothesis: str
    unit: Unit
    arms: list[ArmOut]
    state: State
    metric: Metric
    guardrails: list[str]
    allocation: Allocation
    floor: float
    traffic: float
    holdout: float
    horizon_days: int
    least_lift: float
    base_rate: float | None
    started_at: datetime | None
    reallocated_at: datetime | None
    stopped_at: datetime | None
    adopted_arm: str | None
    stop_reason: str
    exposure_count: int
    created_at: datetime
    updated_at: datetime
    etag: str


class ExperimentListOut(BaseModel):
    items: list[ExperimentOut]
    next_cursor: str | None
    total: int | None


class ArmReadingOut(BaseModel):
    """One arm. Counts are of units (companies or people); `matured` had time for their outcome, `successes` had it. Rates,
    losses and differences are shares of 1; intervals and `p_value` hold at every look; the first arm is compared with none."""

    arm_id: str
    is_enabled: bool
    weight: float
    exposed: int
    matured: int
    successes: int
    rate: float | None
    low: float
    high: float
    chance_best: float
    expected_loss: float
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p_value: float | None


class GuardrailOut(BaseModel):
    """A harm of one arm beside the first: `harmed`, `safe` or `unknown`."""

    name: str
    arm_id: str
    rate: float
    control_rate: float
    state: str


class PlanOut(BaseModel):
    """What is needed to find the least lift. `base_rate_from`: `said` (with the experiment), `arms` (what was seen so
    far) or `contacts` (what those did who became known before). `units_per_day_from`: `exposures` or `contacts`. `days` until so many came and their outcomes are in, from now."""

    base_rate: float | None
    base_rate_from: str | None
    per_arm: int | None
    units_per_day: float
    units_per_day_from: str
    days: float | None


class ResultsOut(BaseModel):
    """What may be concluded: `better`, `worse` (the first arm is best), `alike`, `harm`, `invalid` (the split is broken) or
    `unknown`: nobody can know yet. `missing`: units an arm still needed. `young`: units whose time for an outcome has not
    passed: they are no failures. `clash_count`: units that met more than one arm, which are counted nowhere."""

    experiment_id: str
    unit: Unit
    metric: Metric
    outcome: str
    reason: str
    arm_id: str | None
    missing: int | None
    least_lift: float
    detectable_lift: float | None
    horizon_days: int
    young: int
    clash_count: int
    split_p_value: float | None
    expected_units: list[float] = Field(
        description="Units of each arm that the weights say; empty for a moving bandit."
    )
    arms: list[ArmReadingOut]
    guardrails: list[GuardrailOut]
    plan: PlanOut
    read_at: datetime
