"""What the routes of provider webhooks do."""

from __future__ import annotations

import secrets

from domain.errors import Conflict, InvalidInput, NotFound
from domain.settings import Settings
from domain.webhook_events import SECRET_BYTES, read_secret, write_secret
from serving.access.principals import Principal
from serving.network.resolver import NetworkResolver
from serving.ownership import require_own
from serving.provider_reports.base import Signed, all_providers
from serving.provider_reports.receiving import receive
from serving.provider_webhooks.schemas import (
    KnownProviderOut,
    ProviderWebhookIn,
    ProviderWebhookMadeOut,
    ProviderWebhookOut,
    ProviderWebhooksOut,
    RejectedOut,
    ReplayOut,
)
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.provider_reports import ProviderReports, ProviderWebhooks
from storage.ops.store import Store, Work
from storage.ops.tables import ProviderWebhook


def shown(work: Work, settings: Settings) -> ProviderWebhooksOut:
    return ProviderWebhooksOut(
        items=[_out(work, settings, row) for row in ProviderWebhooks(work).of_organization()],
        known_providers=[
            KnownProviderOut(name=one.name, title=one.title, tells_of=one.tells_of) for one in all_providers().values()
        ],
    )


def create(work: Work, settings: Settings, body: ProviderWebhookIn) -> ProviderWebhookMadeOut:
    if body.provider not in all_providers():
        raise InvalidInput(
            f"no provider {body.provider!r} reports", hint=f"There are {', '.join(sorted(all_providers()))}."
        )
    row = ProviderWebhooks(work).add(body.provider, body.name)
    return _made(work, settings, row, "" if all_providers()[body.provider].makes_secret else _fresh(work, row))


def set_secret(work: Work, settings: Settings, provider_webhook_id: str, secret: str | None) -> ProviderWebhookMadeOut:
    """Raises InvalidInput for none where the provider makes it, or one where we do."""
    row = _held(work, provider_webhook_id)
    if all_providers()[row.provider].makes_secret:
        if not secret:
            raise InvalidInput("the secret is missing", hint="The provider shows it: whsec_ and what follows.")
        ProviderWebhooks(work).set_secret(row, read_secret(secret.strip()))
        return _made(work, settings, row, "")
    if secret:
        raise InvalidInput("this secret is made here", hint="Leave it out: the answer holds the new one.")
    return _made(work, settings, row, _fresh(work, row))


def remove(work: Work, provider_webhook_id: str) -> None:
    ProviderWebhooks(work).remove(_held(work, provider_webhook_id))


def replay(
    store: Store, principal: Principal, networks: NetworkResolver | None, provider_webhook_id: str, report_id: str
) -> ReplayOut:
    """Reads a rejected report again, with the secrets that hold now. Raises Conflict for one that was not rejected."""
    with store.write(principal.scope, principal.actor) as work:
        report = ProviderReports(work).get(report_id)
        if report.provider_webhook_id != _held(work, provider_webhook_id).provider_webhook_id:
            raise NotFound
        kept = ProviderReports(work).request_of(report)
        if not kept:
            raise Conflict("only a rejected report is read again")
        Audit(work).record("replay", "provider_report", report_id)
        at = report.received_at
    signed = Signed(kept["id"], kept["timestamp"], kept["signatures"], kept["body"].encode("latin-1"))
    outcome = receive(store, provider_webhook_id, signed, networks, replayed_at=at)
    return ReplayOut(status=outcome.status, reason=outcome.reason)


def _held(work: Work, provider_webhook_id: str) -> ProviderWebhook:
    row = ProviderWebhooks(work).held(provider_webhook_id)
    require_own(work, row.organization_id, "address of reports")
    return row


def _fresh(work: Work, row: ProviderWebhook) -> str:
    key = secrets.token_bytes(SECRET_BYTES)
    ProviderWebhooks(work).set_secret(row, key)
    return write_secret(key)


def _made(work: Work, settings: Settings, row: ProviderWebhook, secret: str) -> ProviderWebhookMadeOut:
    return ProviderWebhookMadeOut(**_out(work, settings, row).model_dump(), secret=secret)


def _out(work: Work, settings: Settings, row: ProviderWebhook) -> ProviderWebhookOut:
    provider, reports = all_providers()[row.provider], ProviderReports(work)
    former = row.former_ends_at if row.former_ends_at and row.former_ends_at > work.now() else None
    return ProviderWebhookOut(
        provider_webhook_id=row.provider_webhook_id, provider=row.provider, title=provider.title,
        tells_of=provider.tells_of, name=row.name,
        url=f"{settings.public_url}/hooks/{row.provider_webhook_id}", makes_secret=provider.makes_secret,
        steps=provider.steps, has_secret=row.sealed_secret is not None, former_ends_at=former,
        last_report_at=reports.newest_at(row), counts=reports.counts(row),
        rejected=[
            RejectedOut(
                provider_report_id=one.provider_report_id, reason=one.reason, kind=one.kind,
                received_at=one.received_at,
            )
            for one in reports.rejected(row.provider_webhook_id)
        ],
    )  # fmt: skip
