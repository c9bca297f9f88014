"""What the routes of enrichment take and answer. Amounts of money are micros: millionths of one unit of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TABLE_CHARACTERS = 20_000_000
Micros = Annotated[int, Field(ge=0, le=10**12)]
Units = Annotated[float, Field(ge=0, le=1_000_000)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldOut(BaseModel):
    name: str
    label: str
    subject: str
    lasts_days: int


class OperationOut(BaseModel):
    """`needs`: what must be known, the best way of asking first."""

    name: str
    subject: str
    gives: list[str]
    needs: list[list[str]]
    charges: str


class OptionOut(BaseModel):
    name: str
    label: str
    help: str
    kind: str
    default: Any
    choices: list[str]


class ProviderOut(BaseModel):
    """`operations` is empty where they depend on a connection's options."""

    name: str
    title: str
    about: str
    needs_account: bool
    secrets: list[str]
    optional_secrets: list[str]
    options: list[OptionOut]
    operations: list[OperationOut]
    unit: str
    per_minute: int
    concurrent: int


class CatalogueOut(BaseModel):
    providers: list[ProviderOut]
    fields: list[FieldOut]


class ConnectionIn(Body):
    """`name` is what workflows call it; `price` is for one credit, in units of the organization's currency."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    provider: str = Field(max_length=40)
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict, max_length=5)
    price: Units = 0
    per_minute: int | None = Field(None, ge=1, le=1_000_000)
    concurrent: int | None = Field(None, ge=1, le=200)


class ConnectionChange(Body):
    """What is sent is written, what is not stays."""

    options: dict[str, Any] | None = None
    secrets: dict[str, str] | None = Field(None, max_length=5)
    price: Units | None = None
    per_minute: int | None = Field(None, ge=1, le=1_000_000)
    concurrent: int | None = Field(None, ge=1, le=200)


class ConnectionSwitch(Body):
    status: Literal["connected", "paused"]


class ConnectionOut(BaseModel):
    """`problem`: why it is not asked; `rests_until`: nothing is asked before."""

    enrichment_connection_id: str
    name: str
    provider: str
    title: str
    status: str
    status_reason: str
    problem: str
    rests_until: datetime | None
    options: dict[str, Any]
    secrets_held: list[str]
    price_micros: int
    currency: str
    per_minute: int
    concurrent: int
    operations: list[OperationOut]
    line_count: int | None
    """Of an uploaded table."""
    updated_at: datetime
    etag: str


class ConnectionListOut(BaseModel):
    items: list[ConnectionOut]


class TableIn(Body):
    """A CSV with a head; its columns are named in the connection's options."""

    csv: str = Field(min_length=1, max_length=MOST_TABLE_CHARACTERS)


class TableOut(BaseModel):
    """`refused`: lines without a key, by their numbers (the first 100)."""

    line_count: int
    refused: list[int]


class ProbeIn(Body):
    """One question, by the names that operations need."""

    operation: str = Field("", max_length=40)
    question: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=320)]] = Field(max_length=10)


class ToldOut(BaseModel):
    """`problem`: why a value is none."""

    value: Any
    confidence: float | None
    problem: str


class ProbeOut(BaseModel):
    outcome: str
    problem: str
    milliseconds: int
    told: dict[str, ToldOut]


class LimitsIn(Body):
    """Of the whole organization, in units of its currency; null for none."""

    per_day: Units | None = None
    per_month: Units | None = None


class LimitsOut(LimitsIn):
    currency: str
    spent_today_micros: int
    reserved_micros: int
    spent_month_micros: int


class WorkflowIn(Body):
    """The YAML of a workflow; `GET /v1/enrichment/workflows/schema` describes it."""

    source: str = Field(min_length=1, max_length=200_000)


class WorkflowSwitch(Body):
    status: Literal["active", "paused"]


class StepOut(BaseModel):
    """One provider in a field's chain. `problem`: why it would not be asked; empty where it would."""

    provider: str
    title: str
    problem: str
    price_micros: int
    minimum_confidence: float
    when: list[str]


class ChainOut(BaseModel):
    field: str
    label: str
    fresh_days: int
    steps: list[StepOut]


class CheckOut(BaseModel):
    """A document that was read: what it says, drawn as chains."""

    name: str
    subject: str
    chains: list[ChainOut]


class WorkflowOut(BaseModel):
    enrichment_workflow_id: str
    name: str
    subject: str
    status: str
    version: int
    on_capture: bool
    fields: list[str]
    updated_at: datetime
    etag: str


class WorkflowDetailOut(WorkflowOut):
    source: str
    definition: dict[str, Any]
    chains: list[ChainOut]


class WorkflowListOut(BaseModel):
    items: list[WorkflowOut]


class PreviewLineOut(BaseModel):
    connection: str
    calls: int
    most_calls: int
    cost_micros: int
    most_cost_micros: int


class PreviewOut(BaseModel):
    """`cost_micros` is what is to be expected by what providers found here before, `most_cost_micros` the most it can be."""

    row_count: int
    idle_count: int
    known_count: int
    is_estimated: bool
    cost_micros: int
    most_cost_micros: int
    currency: str
    lines: list[PreviewLineOut]
    passed_over: dict[str, int]


class RunIn(Body):
    """`rows`: a sample of so many; `ids`: these contacts or companies and no others."""

    rows: int | None = Field(None, ge=1, le=1000)
    ids: list[Annotated[str, Field(max_length=36)]] = Field(default_factory=list, max_length=500)


class SpentOut(BaseModel):
    connection: str
    outcome: str
    calls: int
    cost_micros: int


class RunOut(BaseModel):
    """`rows` by their state; `doubtful_calls` may have been charged without an answer, and count as spent."""

    enrichment_run_id: str
    enrichment_workflow_id: str
    version: int
    trigger: str
    status: str
    reason: str
    row_count: int
    rows: dict[str, int]
    filled_count: int
    spent_micros: int
    reserved_micros: int
    currency: str
    resumes_at: datetime | None
    started_by: str
    created_at: datetime
    finished_at: datetime | None


class RunDetailOut(RunOut):
    calls: list[SpentOut]
    doubtful_calls: int


class RunListOut(BaseModel):
    items: list[RunOut]


class RunAct(Body):
    act: Literal["pause", "resume", "stop"]


class FieldStateOut(BaseModel):
    status: str
    by: str
    reasons: list[str]


class CallOut(BaseModel):
    connection: str
    operation: str
    outcome: str
    cost_micros: int
    problem: str
    milliseconds: int | None
    asked_at: datetime


class RowOut(BaseModel):
    enrichment_row_id: str
    subject_id: str
    display_name: str
    status: str
    problem: str
    spent_micros: int
    filled_count: int
    fields: dict[str, FieldStateOut]
    calls: list[CallOut]


class RowListOut(BaseModel):
    items: list[RowOut]
    next_cursor: str | None


class ReplayIn(Body):
    """Dead letters to be tried again; without any, all of the run."""

    row_ids: list[Annotated[str, Field(max_length=36)]] = Field(default_factory=list, max_length=500)


class ReplayOut(BaseModel):
    row_count: int


class ValueOut(BaseModel):
    """Where a value came from. `verdict`: written, kept, invalid or low_confidence."""

    field: str
    label: str
    value: Any
    former: Any
    verdict: str
    reason: str
    connection: str
    provider: str
    confidence: float | None
    cost_micros: int
    observed_at: datetime
    written_at: datetime
    enrichment_run_id: str


class ValueListOut(BaseModel):
    items: list[ValueOut]


class RecordOut(BaseModel):
    """A provider's record on one field. Intervals are of 95 %; `judged` values were borne out or not by what came later."""

    connection: str
    field: str
    segment: str
    asked: int
    hits: int
    hit_rate: float | None
    hit_interval: tuple[float, float]
    judged: int
    precision: float | None
    precision_interval: tuple[float, float] | None
    cost_per_valid_micros: int | None
    cost_micros: int


class ScoreboardOut(BaseModel):
    """`calls`: by connection and outcome."""

    currency: str
    items: list[RecordOut]
    calls: dict[str, dict[str, int]]
    mean_milliseconds: dict[str, float | None]


class ProposalOut(BaseModel):
    """`reason`: `learned`, `same`, or `too_little` where the providers in `short` were asked too seldom."""

    field: str
    now: list[str]
    proposed: list[str]
    reason: str
    short: list[str]
    expected_now_micros: int
    expected_proposed_micros: int


class ProposalsOut(BaseModel):
    etag: str
    items: list[ProposalOut]


class AdoptIn(Body):
    """Fields whose proposed order is to hold from now on."""

    fields: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=30)
