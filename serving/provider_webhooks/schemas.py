"""What the routes of provider webhooks take and answer. A secret goes in, or is shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProviderWebhookIn(Body):
    """`provider`: one of `known_providers`."""

    provider: str = Field(max_length=40)
    name: str = Field("", max_length=80)


class SecretIn(Body):
    """`whsec_…` as the provider shows it; left out where we make it."""

    secret: str | None = Field(None, max_length=200, repr=False)


class RejectedOut(BaseModel):
    provider_report_id: str
    reason: str
    kind: str
    received_at: datetime


class ProviderWebhookOut(BaseModel):
    """`url`: what the provider is given. `counts`: reports of the last 30 days by what was made of them."""

    provider_webhook_id: str
    provider: str
    title: str
    tells_of: Literal["messages", "signals"]
    name: str
    url: str
    makes_secret: bool
    steps: str
    has_secret: bool
    former_ends_at: datetime | None
    last_report_at: datetime | None
    counts: dict[str, int]
    rejected: list[RejectedOut]


class ProviderWebhookMadeOut(ProviderWebhookOut):
    """`secret`: the only time that it is shown; empty where the provider made it."""

    secret: str


class KnownProviderOut(BaseModel):
    name: str
    title: str
    tells_of: Literal["messages", "signals"]


class ProviderWebhooksOut(BaseModel):
    items: list[ProviderWebhookOut]
    known_providers: list[KnownProviderOut]


class ReplayOut(BaseModel):
    """`status`: `taken`, `ignored`, `known` or `rejected` once more, with its reason."""

    status: str
    reason: str
