"""What happened is told: the message of every subscribed endpoint is written, with the job that sends it, in the unit of
work in which it happened. What was rolled back is told to nobody; what was saved is sent at least once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.ids import new_id
from domain.tenancy import Scope
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.webhook_endpoints import WebhookDeliveries, WebhookEndpoints
from storage.ops.store import Work
from storage.ops.tables import WebhookDelivery, WebhookEndpoint

DELIVER = "deliver_webhook"
"""The kind of job that sends one message (`serving.jobs.deliver_webhook`)."""


def publish(work: Work, event: str, data: Mapping[str, Any]) -> None:
    """Tells every endpoint that subscribed to `event`. `data` holds ids, numbers and words of the organization's own
    settings: nothing about a person that an erasure would have to find again."""
    endpoints = WebhookEndpoints(work).subscribed(event)
    if not endpoints:
        return
    message_id = new_id()
    body = body_of(work, message_id, event, data)
    for endpoint in endpoints:
        queue(work, endpoint, message_id, event, body)


def queue(work: Work, endpoint: WebhookEndpoint, message_id: str, event: str, body: str) -> WebhookDelivery:
    """One message to one endpoint."""
    made = WebhookDeliveries(work).add(endpoint, message_id=message_id, event=event, body=body)
    send_at(work, made)
    return made


def send_at(work: Work, delivery: WebhookDelivery) -> None:
    """Queues the sending for when the delivery says; one job at a time waits for it."""
    payload = {"webhook_delivery_id": delivery.webhook_delivery_id}
    Jobs(work).enqueue(DELIVER, payload=payload, run_at=delivery.next_attempt_at, unique_key=_key(delivery))


def send_now(work: Work, delivery: WebhookDelivery) -> None:
    """The same without waiting any longer."""
    WebhookDeliveries(work).postpone(delivery, work.now())
    Jobs(work).withdraw(_key(delivery))
    send_at(work, delivery)


def _key(delivery: WebhookDelivery) -> str:
    return f"{DELIVER}:{delivery.webhook_delivery_id}"


def body_of(work: Work, message_id: str, event: str, data: Mapping[str, Any]) -> str:
    """The JSON of a message, as it is signed and sent on every attempt."""
    assert isinstance(work.scope, Scope)
    message = {
        "id": message_id,
        "type": event,
        "timestamp": work.now().isoformat(),
        "organization_id": work.scope.organization_id,
        "data": dict(data),
    }
    return msgspec.json.encode(message).decode()
