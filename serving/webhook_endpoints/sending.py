"""One attempt to send one message. The request is made outside of any transaction: whoever answers slowly holds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from domain.clock import Clock
from domain.errors import LeadhouseError, NotFound
from domain.permissions import GRANTS, Permission
from domain.tenancy import Actor, Scope
from domain.webhook_events import DeliveryStatus, after_attempt, signed_headers
from serving.outside import Outside
from serving.webhook_endpoints.publishing import send_at
from storage.ops.repositories.members import members_of
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.webhook_endpoints import WebhookDeliveries, WebhookEndpoints, waited
from storage.ops.store import Store, Work
from storage.ops.tables import WebhookEndpoint

ACTOR = Actor.system("webhooks")
AGENT = "Leadhouse-Webhooks/1"
LOOKS_AGAIN = timedelta(hours=1)
"""Whether an endpoint that is switched off has been switched on."""


@dataclass(frozen=True, slots=True)
class _Message:
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Attempt:
    status_code: int | None
    error: str
    milliseconds: int
    retry_after: float | None = None


def send(store: Store, scope: Scope, webhook_delivery_id: str, outside: Outside, clock: Clock, chance: float) -> None:
    """Sends what waits and notes what came of it, with the job of the next attempt. A message that waits no more is
    not sent; one whose endpoint is off or rests, later. `chance`: 0 to 1, spreads the next attempts."""
    message = _ready(store, scope, webhook_delivery_id, clock())
    if message is None:
        return
    attempt = _asked(outside, message)
    with store.write(scope, ACTOR) as work:
        _note(work, webhook_delivery_id, attempt, chance)


def _ready(store: Store, scope: Scope, webhook_delivery_id: str, now: datetime) -> _Message | None:
    with store.read(scope) as work:
        try:
            delivery = WebhookDeliveries(work).get(webhook_delivery_id)
            endpoint = WebhookEndpoints(work).get(delivery.webhook_endpoint_id)
        except NotFound:
            return None
        if delivery.status != DeliveryStatus.WAITING:
            return None
        not_before = now + LOOKS_AGAIN if not endpoint.is_enabled else endpoint.rests_until
        if not_before is None or not_before <= now:
            body = delivery.body.encode()
            headers = signed_headers(delivery.message_id, now, body, WebhookEndpoints(work).keys_of(endpoint))
            plain = {"Content-Type": "application/json", "User-Agent": AGENT, "Accept": "*/*"}
            return _Message(endpoint.url, {**plain, **headers}, body)
    with store.write(scope, ACTOR) as work:
        delivery = WebhookDeliveries(work).held(webhook_delivery_id)
        WebhookDeliveries(work).postpone(delivery, not_before)
        send_at(work, delivery)
    return None


def _asked(outside: Outside, message: _Message) -> _Attempt:
    since = monotonic()
    try:
        answer = outside.ask("POST", message.url, message.headers, message.body)
    except LeadhouseError as refusal:  # an address that may not be asked, nobody there, or a page without end
        return _Attempt(None, refusal.message, _milliseconds(since))
    error = "" if answer.status_code < 300 else f"answered {answer.status_code}"
    return _Attempt(answer.status_code, error, _milliseconds(since), _seconds(answer.headers.get("retry-after")))


def _note(work: Work, webhook_delivery_id: str, attempt: _Attempt, chance: float) -> None:
    deliveries, endpoints = WebhookDeliveries(work), WebhookEndpoints(work)
    delivery = deliveries.held(webhook_delivery_id)
    try:
        endpoint = endpoints.held(delivery.webhook_endpoint_id)
    except NotFound:  # removed while it was asked
        return
    verdict = after_attempt(
        delivery.attempt_count + 1, attempt.status_code, failing_for=waited(endpoint, work.now()), chance=chance,
        retry_after=attempt.retry_after,
    )  # fmt: skip
    deliveries.note(
        delivery, endpoint, verdict, status_code=attempt.status_code, error=attempt.error,
        milliseconds=attempt.milliseconds,
    )  # fmt: skip
    if verdict.switches_off and endpoint.is_enabled:
        endpoints.switch_off(endpoint, verdict.switches_off)
        _tell(work, endpoint, verdict.switches_off)
    elif verdict.status is DeliveryStatus.WAITING:
        send_at(work, delivery)


def _tell(work: Work, endpoint: WebhookEndpoint, reason: str) -> None:
    """Whoever can do something about it."""
    for member in members_of(work.store, endpoint.organization_id):
        if Permission.SETTINGS_WRITE in GRANTS[member.role]:
            Notifications(work).add(
                member.user_id, "webhook_off", f"The webhook {endpoint.name or 'without a name'} was switched off",
                body=f"{reason.capitalize()}. Its messages are kept: switch it on and send them again.",
                link="/app/settings",
            )  # fmt: skip


def _milliseconds(since: float) -> int:
    return round((monotonic() - since) * 1_000)


def _seconds(text: str | None) -> float | None:
    """Of a Retry-After in seconds; a date is not read."""
    return float(text) if text and text.isascii() and text.isdigit() else None
