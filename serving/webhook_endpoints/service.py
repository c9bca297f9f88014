"""What the routes of webhooks do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.errors import Conflict, InvalidInput, NotFound
from domain.filters import parse_filters
from domain.ids import new_id
from domain.webhook_events import TEST_EVENT, WebhookEvent, parse_events
from serving import etags
from serving.webhook_endpoints.publishing import body_of, queue, send_now
from serving.webhook_endpoints.schemas import (
    DeliveriesOut,
    DeliveryOut,
    WebhookFields,
    WebhookIn,
    WebhookMadeOut,
    WebhookOut,
    WebhooksOut,
)
from storage.ops.repositories.listing import types_of
from storage.ops.repositories.webhook_endpoints import FIELDS, WebhookDeliveries, WebhookEndpoints
from storage.ops.store import Work
from storage.ops.tables import WebhookDelivery, WebhookEndpoint


def shown(work: Work, *, limit: int, cursor: str | None) -> WebhooksOut:
    found = WebhookEndpoints(work).page(limit=limit, cursor=cursor)
    return WebhooksOut(
        items=[WebhookOut.of(each) for each in found.rows],
        next_cursor=found.next_cursor,
        known_events=list(WebhookEvent),
    )


def create(work: Work, body: WebhookIn) -> WebhookMadeOut:
    """Raises InvalidInput for events that are none. Callers have checked the address."""
    made, secret = WebhookEndpoints(work).add(body.url, _named(body.events), name=body.name)
    return _made(made, secret)


def change(work: Work, webhook_endpoint_id: str, body: WebhookFields, if_match: str | None) -> WebhookOut:
    """Raises NotFound, PreconditionFailed and InvalidInput. Callers have checked the address."""
    endpoints = WebhookEndpoints(work)
    endpoint = endpoints.held(webhook_endpoint_id)
    etags.check(if_match, endpoint.updated_at)
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if None in changes.values():
        raise InvalidInput("a webhook needs its address, its events and its name")
    if "events" in changes:
        changes["events"] = _named(changes["events"])
    is_back = bool(changes.get("is_enabled")) and not endpoint.is_enabled
    endpoints.change(endpoint, changes)
    if is_back:
        for delivery in WebhookDeliveries(work).waiting(webhook_endpoint_id):
            send_now(work, delivery)
    return WebhookOut.of(endpoint)


def remove(work: Work, webhook_endpoint_id: str) -> None:
    endpoints = WebhookEndpoints(work)
    endpoints.remove(endpoints.held(webhook_endpoint_id))


def rotate(work: Work, webhook_endpoint_id: str) -> WebhookMadeOut:
    endpoints = WebhookEndpoints(work)
    endpoint = endpoints.held(webhook_endpoint_id)
    return _made(endpoint, endpoints.rotate(endpoint))


def send_test(work: Work, webhook_endpoint_id: str) -> DeliveryOut:
    """Raises NotFound, and Conflict for one that is switched off."""
    endpoint = _on(WebhookEndpoints(work).held(webhook_endpoint_id))
    message_id = new_id()
    body = body_of(work, message_id, TEST_EVENT, {"webhook_endpoint_id": webhook_endpoint_id})
    return DeliveryOut.of(queue(work, endpoint, message_id, TEST_EVENT, body))


def deliveries(
    work: Work, webhook_endpoint_id: str, filters: Sequence[str], *, limit: int, cursor: str | None
) -> DeliveriesOut:
    """Raises NotFound and InvalidInput."""
    WebhookEndpoints(work).get(webhook_endpoint_id)
    conditions = parse_filters(filters, types_of(FIELDS))
    found = WebhookDeliveries(work).page(webhook_endpoint_id, conditions, limit=limit, cursor=cursor)
    return DeliveriesOut(
        items=[DeliveryOut.of(each) for each in found.rows], next_cursor=found.next_cursor, total=found.total
    )


def replay(work: Work, webhook_endpoint_id: str, webhook_delivery_id: str) -> DeliveryOut:
    """Raises NotFound, and Conflict for an endpoint that is switched off."""
    _on(WebhookEndpoints(work).held(webhook_endpoint_id))
    found: WebhookDelivery = WebhookDeliveries(work).held(webhook_delivery_id)
    if found.webhook_endpoint_id != webhook_endpoint_id:
        raise NotFound
    WebhookDeliveries(work).send_again(found)
    send_now(work, found)
    return DeliveryOut.of(found)


def _on(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if not endpoint.is_enabled:
        raise Conflict("this webhook is switched off", hint="Switch it on first.")
    return endpoint


def _named(events: Sequence[str]) -> list[str]:
    return [event.value for event in parse_events(events)]


def _made(endpoint: WebhookEndpoint, secret: str) -> WebhookMadeOut:
    return WebhookMadeOut(**WebhookOut.of(endpoint).model_dump(), secret=secret)
