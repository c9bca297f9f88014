"""What the routes of webhooks take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from serving.etags import etag_of
from serving.texts import Words
from storage.ops.tables import WebhookDelivery, WebhookEndpoint


class WebhookIn(BaseModel):
    """An address on the public internet over TLS, and what it is told of."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    url: Words = Field(min_length=1, max_length=2000)
    events: list[str] = Field(min_length=1, max_length=50, description="Rows of `known_events`.")
    name: Words = Field("", max_length=80)


class WebhookFields(BaseModel):
    """What may be changed; what is not sent stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    url: Words | None = Field(None, min_length=1, max_length=2000)
    events: list[str] | None = Field(None, min_length=1, max_length=50)
    name: Words | None = Field(None, max_length=80)
    is_enabled: bool | None = None


class WebhookOut(BaseModel):
    """`disabled_reason` says why we switched it off; `failing_since` that its last attempt failed."""

    webhook_endpoint_id: str
    name: str
    url: str
    events: list[str]
    is_enabled: bool
    disabled_reason: str
    failing_since: datetime | None
    former_ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    etag: str

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> Self:
        named = {name: getattr(endpoint, name) for name in cls.model_fields if name != "etag"}
        return cls(**named, etag=etag_of(endpoint.updated_at))


class WebhookMadeOut(WebhookOut):
    """With the secret that messages are signed with, this once."""

    secret: str


class WebhooksOut(BaseModel):
    items: list[WebhookOut]
    next_cursor: str | None
    known_events: list[str]


class DeliveryOut(BaseModel):
    """One message. `attempts`: the last ten, as {at, status_code, error, milliseconds}; `body` is sent as it stands."""

    webhook_delivery_id: str
    webhook_endpoint_id: str
    message_id: str
    event: str
    status: str
    attempt_count: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    attempts: list[dict[str, Any]]
    body: str

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> Self:
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class DeliveriesOut(BaseModel):
    items: list[DeliveryOut]
    next_cursor: str | None
    total: int | None
