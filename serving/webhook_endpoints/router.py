"""/v1/webhook-endpoints: who is told of what happens, and what became of every message."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.lists import Cursor, Filters, IfMatch, Limit
from serving.outside import Outside
from serving.webhook_endpoints import service
from serving.webhook_endpoints.schemas import (
    DeliveriesOut,
    DeliveryOut,
    WebhookFields,
    WebhookIn,
    WebhookMadeOut,
    WebhookOut,
    WebhooksOut,
)

router = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhooks"])
ROLES = frozenset({"api", "ui"})
Keeper = Annotated[Principal, may(Permission.SETTINGS_WRITE)]
"""Also for reading: an address may hold a secret of the receiver's."""


def _outside(request: Request, settings: SettingsDep) -> Outside:
    state = request.app.state
    if not hasattr(state, "webhooks_outside"):
        state.webhooks_outside = Outside(settings.webhooks.local_origins, setting="LEADHOUSE_WEBHOOKS__LOCAL_ORIGINS")
    found: Outside = state.webhooks_outside
    return found


OutsideDep = Annotated[Outside, Depends(_outside)]


@router.get("")
def list_webhook_endpoints(store: StoreDep, principal: Keeper, cursor: Cursor = None, limit: Limit = 50) -> WebhooksOut:
    """Endpoints by name, and every event that there is."""
    with store.read(principal.scope) as work:
        return service.shown(work, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def create_webhook_endpoint(body: WebhookIn, store: StoreDep, principal: Keeper, outside: OutsideDep) -> WebhookMadeOut:
    """A new endpoint; its secret is in this answer and never again. 422 for an address that is not on the public
    internet, or not https, unless the settings of the installation name it."""
    outside.check(body.url)
    with store.write(principal.scope, principal.actor) as work:
        return service.create(work, body)


@router.patch("/{webhook_endpoint_id}")
def change_webhook_endpoint(
    *, webhook_endpoint_id: str, body: WebhookFields, store: StoreDep, principal: Keeper, outside: OutsideDep,
    if_match: IfMatch = None,
) -> WebhookOut:  # fmt: skip
    """Writes what is sent; what is not sent stays. What waits is sent when it is switched on again."""
    if body.url is not None:
        outside.check(body.url)
    with store.write(principal.scope, principal.actor) as work:
        return service.change(work, webhook_endpoint_id, body, if_match)


@router.delete("/{webhook_endpoint_id}", status_code=204)
def delete_webhook_endpoint(webhook_endpoint_id: str, store: StoreDep, principal: Keeper) -> Response:
    """It is told nothing any more, of what waits neither."""
    with store.write(principal.scope, principal.actor) as work:
        service.remove(work, webhook_endpoint_id)
    return Response(status_code=204)


@router.post("/{webhook_endpoint_id}/secret", status_code=201)
def rotate_webhook_secret(webhook_endpoint_id: str, store: StoreDep, principal: Keeper) -> WebhookMadeOut:
    """A new secret; for a day messages are signed with both."""
    with store.write(principal.scope, principal.actor) as work:
        return service.rotate(work, webhook_endpoint_id)


@router.post("/{webhook_endpoint_id}/test", status_code=202)
def test_webhook_endpoint(webhook_endpoint_id: str, store: StoreDep, principal: Keeper) -> DeliveryOut:
    """Queues a `webhook.test` message, signed as every message is."""
    with store.write(principal.scope, principal.actor) as work:
        return service.send_test(work, webhook_endpoint_id)


@router.get("/{webhook_endpoint_id}/deliveries")
def list_webhook_deliveries(
    *,
    webhook_endpoint_id: str,
    store: StoreDep,
    principal: Keeper,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveriesOut:
    """Messages of the last thirty days, newest first."""
    with store.read(principal.scope) as work:
        return service.deliveries(work, webhook_endpoint_id, filters, limit=limit, cursor=cursor)


@router.post("/{webhook_endpoint_id}/deliveries/{webhook_delivery_id}/replay", status_code=202)
def replay_webhook_delivery(
    webhook_endpoint_id: str, webhook_delivery_id: str, store: StoreDep, principal: Keeper
) -> DeliveryOut:
    """Sends a message again, with the same id: a receiver that has it knows."""
    with store.write(principal.scope, principal.actor) as work:
        return service.replay(work, webhook_endpoint_id, webhook_delivery_id)
