"""What the routes of companies take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.companies import SizeBand
from domain.errors import InvalidInput
from domain.lookalikes import MarkKind
from domain.tags import TagNames

MOST_SEEDS = 200


class QualityOut(BaseModel):
    """How much it moves and how much is known of it, 1 to 5 each; `total` is their sum."""

    total: int
    activity: int
    richness: int


class NetworkOut(BaseModel):
    """The network that gave the company away: only of businesses, schools and authorities, never an access provider."""

    type: str
    confidence: str | None
    """`high`, `medium` or `low`."""


class StandingOut(BaseModel):
    """Its place in the organization's standing search for companies like its customers."""

    rank: int
    score: float
    """0 to 100: the share of the customers that it equals or beats in closeness to the other customers."""
    summary: str
    reasons: list[str]
    closest_company_id: str | None


class CompanyLineOut(BaseModel):
    """One company, as of the last build. `network` is none where contacts told us of it."""

    company_id: str
    name: str
    domain: str | None
    industry: str | None
    employee_count: int | None
    country: str | None
    status: Literal["customer", "open_deal", "lost", "prospect"]
    contact_count: int
    visitor_count: int
    session_count: int
    page_view_count: int
    deal_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    source: str | None
    """Channel of its first visit."""
    pages: list[str]
    network: NetworkOut | None
    quality: QualityOut
    lookalike: StandingOut | None
    """None also for one that a mark hides."""
    lookalike_mark: MarkKind | None
    """What somebody said of it (`/v1/lookalike-marks`)."""
    best_score: float | None
    best_band: str | None
    """Of its contacts."""
    owner_name: str | None
    """Who looks after most of its contacts."""
    tags: list[str]
    refreshed_at: datetime


class CompanyListOut(BaseModel):
    """A page. `total` is exact up to 10,000; above it `total_text` says "10,000+". Only a first page counts."""

    items: list[CompanyLineOut]
    next_cursor: str | None
    total: int | None
    total_text: str | None


class CompanyFacetsOut(BaseModel):
    """What the list can be filtered by: values that occur, the commonest first."""

    industries: list[str]
    countries: list[str]
    channels: list[str]
    sizes: list[str]
    tags: list[str]


class PersonOut(BaseModel):
    contact_id: str
    display_name: str
    title: str
    lifecycle_stage: str
    score: float | None
    band: str | None


class CompanyDealOut(BaseModel):
    deal_id: str
    name: str
    stage: str
    amount_minor: int
    currency: str
    opened_at: datetime
    closed_at: datetime | None


class CompanyDetailOut(BaseModel):
    """One company. `summary` is none until the first build has seen it."""

    company_id: str
    name: str
    domain: str | None
    industry: str | None
    employee_count: int | None
    country: str | None
    attributes: dict[str, Any]
    tags: list[str]
    summary: CompanyLineOut | None
    closest_name: str
    people: list[PersonOut]
    deals: list[CompanyDealOut]
    etag: str
    """What `If-Match` takes; empty where only a visitor's network told of it, and there is nothing to correct."""


class CompanySet(BaseModel):
    """What is set of many companies at once; what is not sent stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    industry: str | None = Field(None, max_length=200)
    employee_count: int | None = Field(None, ge=1, le=10_000_000)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    add_tags: TagNames | None = Field(None, description="Tags by name, made where they are not there yet.")
    remove_tags: TagNames | None = None


class CompanyIn(BaseModel):
    """A new company: a domain or a name says which."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field("", max_length=200)
    domain: str | None = Field(None, max_length=253)
    industry: str | None = Field(None, max_length=200)
    employee_count: int | None = Field(None, ge=1, le=10_000_000)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    add_tags: TagNames | None = Field(None, description="Tags by name, made where they are not there yet.")


class CompanyPatch(BaseModel):
    """What is corrected of one company; what is not sent stays, and null takes a fact away."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = Field(None, max_length=200, description="Without one it is called by its domain.")
    domain: str | None = Field(None, max_length=253, description="409 where another company has it.")
    industry: str | None = Field(None, max_length=200)
    employee_count: int | None = Field(None, ge=1, le=10_000_000)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")


class CompanyBulkIn(BaseModel):
    """The same edit of up to 500 companies."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    ids: list[Annotated[str, Field(max_length=300)]] = Field(min_length=1, max_length=500)
    values: CompanySet = Field(alias="set")


class CompanyBulkResult(BaseModel):
    """`no_record`: only a visitor's network told of this company, which takes tags and has nothing else to set."""

    company_id: str
    outcome: Literal["changed", "unchanged", "no_record", "not_found"]


class CompanyBulkOut(BaseModel):
    """One result an id, in the order they were sent."""

    results: list[CompanyBulkResult]
    changed_count: int


class LookalikesIn(BaseModel):
    """Seeds by company id, or all customers; what to leave out; which companies may be found. What people marked
    (`/v1/lookalike-marks`) counts in a search from customers, and what they hid is found by no search."""

    model_config = ConfigDict(extra="forbid")

    positive_ids: list[str] = Field([], max_length=MOST_SEEDS, description="Companies to be like.")
    negative_ids: list[str] = Field([], max_length=MOST_SEEDS, description="Companies to be unlike.")
    from_customers: bool = Field(False, description="All customers are seeds, the newest 200.")
    from_lost: bool = Field(False, description="Companies whose deals were lost are negative seeds.")
    industries: list[str] = Field([], max_length=50)
    countries: list[str] = Field([], max_length=50, description="ISO 3166-1 alpha-2.")
    sizes: list[SizeBand] = Field([], description="Bands of employees.")
    has_visits: bool | None = None
    without_customers: bool = True
    without_open_deals: bool = True
    limit: int = Field(50, ge=1, le=200)

    @model_validator(mode="after")
    def _has_a_seed(self) -> LookalikesIn:
        if not self.positive_ids and not self.from_customers:
            raise InvalidInput("a search needs a seed", hint="Send positive_ids, or from_customers: true.")
        return self


class LookalikeOut(BaseModel):
    """One company of the answer, with the seed it is closest to and what the two share."""

    company_id: str
    rank: int
    score: float
    text_closeness: float
    firm_odds: float
    closest_company_id: str | None
    closest_name: str
    summary: str
    reasons: list[str]
    company: CompanyLineOut | None
    """None for one that has gone since."""


class LookalikesOut(BaseModel):
    """A search and, once `status` is `done`, its answer. `failed` says why in `problem`."""

    lookalike_search_id: str
    status: Literal["waiting", "done", "failed"]
    problem: str
    asked: dict[str, Any]
    items: list[LookalikeOut]
    positive_count: int
    negative_count: int
    candidate_count: int
    text_weight: float
    """How much texts count; the rest is firmographics."""
    embedder: str
    notes: list[str]
    created_at: datetime
    finished_at: datetime | None
