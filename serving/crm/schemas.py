"""What the contact routes take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.contacts import LifecycleStage
from domain.tags import TagNames


class CompanyOut(BaseModel):
    company_id: str
    name: str
    domain: str | None
    industry: str | None
    employee_count: int | None
    country: str | None


class ReasonOut(BaseModel):
    """One reason of a score: words, its effect in points, and whether a `rule` or the `model` said so. One of a
    `prior` says whence the chance comes, and moves no point."""

    text: str
    effect: float | None
    source: str


class ScoreOut(BaseModel):
    """0 to 100. `probability` is the model's; where rules alone decide, that of a prior, or none."""

    score: float
    band: str
    grade: str
    probability: float | None
    fit_score: float
    engagement_score: float
    is_provisional: bool
    model_version: str
    scored_at: datetime
    reasons: list[ReasonOut]


class ContactOut(BaseModel):
    """One line of a list. `attributes` are the custom ones, by key."""

    contact_id: str
    first_name: str
    last_name: str
    display_name: str
    email: str | None
    external_id: str | None
    title: str
    phone: str
    country: str | None
    lifecycle_stage: str
    owner_user_id: str | None
    source: str
    import_id: str | None
    created_at: datetime
    known_at: datetime
    company: CompanyOut | None
    score: ScoreOut | None
    attributes: dict[str, Any]
    tags: list[str]


class ContactListOut(BaseModel):
    """A page. `total` is exact up to 10,000; above it `total_text` says "10,000+". Only a first page counts."""

    items: list[ContactOut]
    next_cursor: str | None
    total: int | None
    total_text: str | None


class AttributeOut(BaseModel):
    """A custom attribute of one contact, with the words for it; `role` says whether a model may learn from it."""

    key: str
    label: str
    data_type: str
    role: str
    value: Any


class ConsentOut(BaseModel):
    purpose: str
    channel: str
    is_granted: bool
    lawful_basis: str
    wording: str
    wording_version: str
    source: str
    occurred_at: datetime
    expires_at: datetime | None


class SuppressionOut(BaseModel):
    kind: str
    reason: str
    source: str
    created_at: datetime
    until: datetime | None
    """When it ends by itself; most do not."""


class DecisionOut(BaseModel):
    """An automated decision about the contact and its reason."""

    kind: str
    outcome: str
    reason: str
    detail: dict[str, Any]
    rule_version: str
    actor_kind: str
    """`system`, `model`, `user` or `api_key`: who acted on it."""
    decided_at: datetime


class StageEnteredOut(BaseModel):
    """How the contact came to the stage in which it stands."""

    stage: str
    from_stage: str | None
    reason: str
    actor_kind: str
    actor_id: str
    entered_at: datetime


class ContactDetailOut(ContactOut):
    labelled_attributes: list[AttributeOut]
    consents: list[ConsentOut]
    suppressions: list[SuppressionOut]
    decisions: list[DecisionOut]
    entered_stage: StageEnteredOut | None
    etag: str
    """What `If-Match` takes."""


class ContactPatch(BaseModel):
    """What a person may change by hand; what is not sent stays."""

    model_config = ConfigDict(extra="forbid")

    email: str | None = Field(None, max_length=254, description="409 where another contact has it.")
    first_name: str | None = Field(None, max_length=200)
    last_name: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=40)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    company_id: str | None = Field(None, max_length=36, description="Where they work; null for nowhere known.")
    company_name: str | None = Field(
        None, max_length=200, description="In place of `company_id`: made where no company of this name is there."
    )
    lifecycle_stage: LifecycleStage | None = None
    owner_user_id: str | None = Field(None, max_length=36, description="`me` for whoever asks; null for nobody.")
    attributes: dict[str, Any] | None = Field(
        None, max_length=100, description="Custom attributes by key, merged into what is there; null takes one away."
    )
    add_tags: TagNames | None = Field(None, description="Tags by name, made where they are not there yet.")
    remove_tags: TagNames | None = None


class ContactIn(BaseModel):
    """A new contact: an address, an external id, a phone number or a name says who it is."""

    model_config = ConfigDict(extra="forbid")

    email: str | None = Field(None, max_length=254)
    external_id: str | None = Field(None, max_length=200, description="Its id in another system.")
    first_name: str = Field("", max_length=200)
    last_name: str = Field("", max_length=200)
    title: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    company_id: str | None = Field(None, max_length=36)
    company_name: str = Field("", max_length=200, description="Made where no company of this name or domain is there.")
    company_domain: str | None = Field(None, max_length=253)
    lifecycle_stage: LifecycleStage = LifecycleStage.LEAD
    owner_user_id: str | None = Field(
        None,
        max_length=36,
        description="`me` for whoever asks; without one the routing rules give the lead to somebody.",
    )
    attributes: dict[str, Any] = Field(default_factory=dict, max_length=100, description="Custom attributes by key.")
    add_tags: TagNames | None = Field(None, description="Tags by name, made where they are not there yet.")

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not any((self.email, self.external_id, self.phone.strip(), self.first_name.strip(), self.last_name.strip())):
            raise ValueError("a contact needs an e-mail address, an external id, a phone number or a name")
        return self

    @property
    def given(self) -> dict[str, Any]:
        """What has to be looked up before it is written."""
        return {"owner_user_id": self.owner_user_id, "attributes": self.attributes}


class BulkSet(BaseModel):
    """What is set of many contacts at once; what is not sent stays."""

    model_config = ConfigDict(extra="forbid")

    lifecycle_stage: LifecycleStage | None = None
    owner_user_id: str | None = Field(None, max_length=36, description="`me` for whoever asks; null for nobody.")
    attributes: dict[str, Any] | None = Field(
        None, max_length=100, description="Custom attributes by key, merged into what is there; null takes one away."
    )
    add_tags: TagNames | None = Field(None, description="Tags by name, made where they are not there yet.")
    remove_tags: TagNames | None = None


class BulkIn(BaseModel):
    """The same edit of up to 500 contacts."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    ids: list[str] = Field(min_length=1, max_length=500)
    values: BulkSet = Field(alias="set")


Outcome = Literal["changed", "unchanged", "not_found"]


class BulkResult(BaseModel):
    """What became of one contact; one that is not here does not keep the others from being changed."""

    contact_id: str
    outcome: Outcome


class BulkOut(BaseModel):
    """One result an id, in the order they were sent."""

    results: list[BulkResult]
    changed_count: int

    @classmethod
    def of(cls, outcomes: Mapping[str, Outcome]) -> Self:
        """By contact, as `serving.bulk.in_parts` answers them."""
        results = [BulkResult(contact_id=each, outcome=outcome) for each, outcome in outcomes.items()]
        return cls(results=results, changed_count=sum(each.outcome == "changed" for each in results))


class IdsIn(BaseModel):
    """Up to 500 contacts."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=500)


class ArchivedOut(BaseModel):
    """A contact that is off every list, and since when."""

    contact_id: str
    display_name: str
    email: str | None
    title: str
    archived_at: datetime


class ArchivedListOut(BaseModel):
    """A page, archived last first."""

    items: list[ArchivedOut]
    next_cursor: str | None
    total: int | None


class TimelineItem(BaseModel):
    """One thing that happened. `source` says who knows it: `store`, `inbox` (not landed yet) or `lake`."""

    at: datetime
    kind: str
    title: str
    detail: str
    source: Literal["store", "inbox", "lake"]
    actor: str
    """`human`, `contact`, `bot`, `ai` or `system`."""
    actor_id: str = ""
    """The user, where one of ours did it."""


class FreshnessOut(BaseModel):
    """How new one source of an answer is; `note` says why it is missing, where it is."""

    source: Literal["store", "inbox", "lake"]
    as_of_at: datetime | None
    note: str = ""


class TimelineOut(BaseModel):
    items: list[TimelineItem]
    freshness: list[FreshnessOut]


class AttributeChoiceOut(BaseModel):
    key: str
    label: str
    data_type: str
    role: str
    options: list[str]
    """Of a choice."""
    is_filterable: bool
    """Whether lists can be filtered and sorted by `custom.<key>`."""


class FacetsOut(BaseModel):
    """What a list can be filtered by."""

    sources: list[str]
    stages: list[str]
    bands: list[str]
    attributes: list[AttributeChoiceOut]
    tags: list[str]


class PulseOut(BaseModel):
    """A mark that changes whenever one of the newest contacts or their scores does."""

    pulse: str


class TodayOut(BaseModel):
    """The current day in the organization's time zone."""

    time_zone: str
    begins_at: datetime
    lead_count: int
    lead_count_yesterday: int
    """Of the whole day before."""
    form_submission_count: int


class LiveOut(BaseModel):
    """What moves by the second; cheap enough to ask every few of them."""

    as_of_at: datetime
    today: TodayOut
    waiting_event_count: int
    """Events accepted and not yet landed in the lake."""
    newest_event_at: datetime | None
    trouble: dict[str, int]


class OverviewOut(LiveOut):
    """What the store knows right now; everything older and larger is in the lake."""

    contact_count: int
    contact_count_text: str
    stage_counts: dict[str, int]
    newest: list[ContactOut]
    hottest: list[ContactOut]
    not_configured: list[str]
