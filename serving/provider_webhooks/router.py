"""/v1/provider-webhooks: where providers report what became of messages, or programs tell of signals, and what was
rejected."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.provider_webhooks import service
from serving.provider_webhooks.schemas import (
    ProviderWebhookIn,
    ProviderWebhookMadeOut,
    ProviderWebhooksOut,
    ReplayOut,
    SecretIn,
)

router = APIRouter(prefix="/v1/provider-webhooks", tags=["mailboxes"])
ROLES = frozenset({"api", "ui"})
Keeper = Annotated[Principal, may(Permission.MAILBOXES_WRITE)]


@router.get("")
def list_provider_webhooks(store: StoreDep, principal: Keeper, settings: SettingsDep) -> ProviderWebhooksOut:
    """Addresses that providers report to, with what was rejected there, and every provider that can."""
    with store.read(principal.scope) as work:
        return service.shown(work, settings)


@router.post("", status_code=201)
def create_provider_webhook(
    body: ProviderWebhookIn, store: StoreDep, principal: Keeper, settings: SettingsDep
) -> ProviderWebhookMadeOut:
    """A new address. Where we make the secret, it is in this answer and never again."""
    with store.write(principal.scope, principal.actor) as work:
        return service.create(work, settings, body)


@router.put("/{provider_webhook_id}/secret")
def set_provider_secret(
    provider_webhook_id: str, body: SecretIn, store: StoreDep, principal: Keeper, settings: SettingsDep
) -> ProviderWebhookMadeOut:
    """Another secret; the former one is believed for a day more."""
    with store.write(principal.scope, principal.actor) as work:
        return service.set_secret(work, settings, provider_webhook_id, body.secret)


@router.delete("/{provider_webhook_id}", status_code=204)
def remove_provider_webhook(provider_webhook_id: str, store: StoreDep, principal: Keeper) -> None:
    """Nothing is taken there any more."""
    with store.write(principal.scope, principal.actor) as work:
        service.remove(work, provider_webhook_id)


@router.post("/{provider_webhook_id}/reports/{provider_report_id}/replay")
def replay_provider_report(
    provider_webhook_id: str, provider_report_id: str, request: Request, store: StoreDep, principal: Keeper
) -> ReplayOut:
    """Reads a rejected report again, as of when it came, with the secrets that hold now."""
    networks = getattr(request.app.state, "networks", None)
    return service.replay(store, principal, networks, provider_webhook_id, provider_report_id)
