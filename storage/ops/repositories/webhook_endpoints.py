"""Endpoints of webhooks, and the messages to each of them with how their sending went."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, Sort
from domain.webhook_events import SECRET_BYTES, DeliveryStatus, Verdict, rest_after, write_secret
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository, delete_some
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.repositories.overlapping_secrets import keys_that_hold, take_up
from storage.ops.tables import WebhookDelivery, WebhookEndpoint

MOST = 50
"""Endpoints of one organization."""
ATTEMPTS_KEPT = 10
LONGEST_ERROR = 300
ENDPOINT_FIELDS = {"name": ListField(FieldType.TEXT, WebhookEndpoint.name, is_sortable=True)}
FIELDS = {
    "status": ListField(FieldType.TEXT, WebhookDelivery.status),
    "event": ListField(FieldType.TEXT, WebhookDelivery.event),
    "message_id": ListField(FieldType.TEXT, WebhookDelivery.message_id),
    "created_at": ListField(FieldType.DATETIME, WebhookDelivery.created_at, is_sortable=True),
}
NEWEST = Sort("created_at", descending=True)


class WebhookEndpoints(Repository):
    def add(self, url: str, events: Sequence[str], *, name: str) -> tuple[WebhookEndpoint, str]:
        """A new endpoint and its secret, once. Raises InvalidInput where there are too many."""
        target = self.target()
        count = self.session.scalar(select(func.count()).select_from(WebhookEndpoint).where(*self._mine()))
        if (count or 0) >= MOST:
            raise InvalidInput(f"there are {MOST} webhooks already", hint="Remove one that nobody uses.")
        key = secrets.token_bytes(SECRET_BYTES)
        made = WebhookEndpoint(organization_id=target, name=name, url=url, events=list(events))
        take_up(self.work, made, key)
        self.session.add(made)
        self.session.flush()
        self._recorded("create", made, None)
        return made, write_secret(key)

    def held(self, webhook_endpoint_id: str) -> WebhookEndpoint:
        """An endpoint that may be changed, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(WebhookEndpoint)
            .where(WebhookEndpoint.webhook_endpoint_id == webhook_endpoint_id, *self._mine())
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def get(self, webhook_endpoint_id: str) -> WebhookEndpoint:
        """Raises NotFound."""
        return self.one(
            select(WebhookEndpoint).where(WebhookEndpoint.webhook_endpoint_id == webhook_endpoint_id, *self._mine())
        )

    def page(self, *, limit: int, cursor: str | None) -> Page:
        """By name."""
        return page(
            self.work, select(WebhookEndpoint).where(*self._mine()), fields=ENDPOINT_FIELDS,
            key=WebhookEndpoint.webhook_endpoint_id, sort=Sort("name"), limit=limit, cursor=cursor, with_total=False,
        )  # fmt: skip

    def subscribed(self, event: str) -> list[WebhookEndpoint]:
        """Those that are told of an event."""
        asked = select(WebhookEndpoint).where(*self._mine(), WebhookEndpoint.is_enabled)
        found = self.session.scalars(asked.order_by(WebhookEndpoint.webhook_endpoint_id))
        return [endpoint for endpoint in found if event in endpoint.events]

    def change(self, endpoint: WebhookEndpoint, changes: Mapping[str, Any]) -> None:
        """`name`, `url`, `events`, `is_enabled`; one that is switched on again begins without a past."""
        self.writable(endpoint.organization_id)
        before = _shown(endpoint)
        for name, value in changes.items():
            setattr(endpoint, name, value)
        if changes.get("is_enabled"):
            endpoint.disabled_reason, endpoint.failure_count = "", 0
            endpoint.failing_since = endpoint.rests_until = None
        self.session.flush()
        if _shown(endpoint) != before:
            self._recorded("change", endpoint, before)

    def rotate(self, endpoint: WebhookEndpoint) -> str:
        """A new secret, once; for a day messages are signed with both."""
        self.writable(endpoint.organization_id)
        key = secrets.token_bytes(SECRET_BYTES)
        take_up(self.work, endpoint, key)
        self.session.flush()
        Audit(self.work).record("rotate", "webhook_endpoint", endpoint.webhook_endpoint_id)
        return write_secret(key)

    def remove(self, endpoint: WebhookEndpoint) -> None:
        """Nothing is sent to it any more."""
        self.writable(endpoint.organization_id)
        endpoint.removed_at, endpoint.is_enabled = self.work.now(), False
        self.session.flush()
        self._recorded("remove", endpoint, _shown(endpoint))

    def keys_of(self, endpoint: WebhookEndpoint) -> list[bytes]:
        """What messages are signed with now, the newest first."""
        self.writable(endpoint.organization_id)
        return keys_that_hold(self.work, endpoint)

    def switch_off(self, endpoint: WebhookEndpoint, reason: str) -> None:
        """We do, because it takes nothing."""
        self.writable(endpoint.organization_id)
        before = _shown(endpoint)
        endpoint.is_enabled, endpoint.disabled_reason = False, reason
        self.session.flush()
        self._recorded("change", endpoint, before)

    def _mine(self) -> tuple[Any, ...]:
        return WebhookEndpoint.organization_id == self.target(), WebhookEndpoint.removed_at.is_(None)

    def _recorded(self, action: str, endpoint: WebhookEndpoint, before: dict[str, Any] | None) -> None:
        after = None if action == "remove" else _shown(endpoint)
        Audit(self.work).record(action, "webhook_endpoint", endpoint.webhook_endpoint_id, before=before, after=after)


class WebhookDeliveries(Repository):
    def add(self, endpoint: WebhookEndpoint, *, message_id: str, event: str, body: str) -> WebhookDelivery:
        """A message that waits; callers queue the job that sends it."""
        made = WebhookDelivery(
            organization_id=self.writable(endpoint.organization_id),
            webhook_endpoint_id=endpoint.webhook_endpoint_id,
            message_id=message_id,
            event=event,
            body=body,
            next_attempt_at=self.work.now(),
            created_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def get(self, webhook_delivery_id: str) -> WebhookDelivery:
        """Raises NotFound."""
        return self.one(self._one(webhook_delivery_id))

    def held(self, webhook_delivery_id: str) -> WebhookDelivery:
        """The same, held until the unit of work ends."""
        query = self._one(webhook_delivery_id).with_for_update()
        return self.one(query.execution_options(populate_existing=True))

    def page(
        self, webhook_endpoint_id: str, conditions: Sequence[Condition], *, limit: int, cursor: str | None
    ) -> Page:
        """What was sent to an endpoint, newest first."""
        asked = select(WebhookDelivery).where(
            WebhookDelivery.organization_id == self.target(),
            WebhookDelivery.webhook_endpoint_id == webhook_endpoint_id,
            *(clause(each, FIELDS[each.field]) for each in conditions),
        )
        return page(
            self.work, asked, fields=FIELDS, key=WebhookDelivery.webhook_delivery_id, sort=NEWEST,
            limit=limit, cursor=cursor, with_total=True,
        )  # fmt: skip

    def waiting(self, webhook_endpoint_id: str) -> list[WebhookDelivery]:
        """What has not been taken yet, the oldest first; at most 200."""
        asked = select(WebhookDelivery).where(
            WebhookDelivery.organization_id == self.target(),
            WebhookDelivery.webhook_endpoint_id == webhook_endpoint_id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
        )
        return list(self.session.scalars(asked.order_by(WebhookDelivery.webhook_delivery_id).limit(200)))

    def send_again(self, delivery: WebhookDelivery) -> None:
        """A person asks for it: the same message, with the same id, from the first attempt on."""
        self.writable(delivery.organization_id)
        delivery.status, delivery.attempt_count = DeliveryStatus.WAITING.value, 0
        delivery.next_attempt_at = self.work.now()
        self.session.flush()
        Audit(self.work).record("replay", "webhook_delivery", delivery.webhook_delivery_id)

    def note(
        self,
        delivery: WebhookDelivery,
        endpoint: WebhookEndpoint,
        verdict: Verdict,
        *,
        status_code: int | None,
        error: str,
        milliseconds: int,
    ) -> None:
        """What came of an attempt, in the delivery's log and in what is known of the endpoint."""
        now = self.work.now()
        self.writable(delivery.organization_id)
        attempt = {
            "at": now.isoformat(),
            "status_code": status_code,
            "error": error[:LONGEST_ERROR],
            "milliseconds": milliseconds,
        }
        delivery.attempts = [*delivery.attempts, attempt][-ATTEMPTS_KEPT:]
        delivery.attempt_count += 1
        delivery.status = verdict.status.value
        delivery.next_attempt_at = now + verdict.again_in if verdict.again_in is not None else None
        if verdict.status is DeliveryStatus.DELIVERED:
            delivery.delivered_at = now
            endpoint.failure_count, endpoint.failing_since, endpoint.rests_until = 0, None, None
        else:
            endpoint.failure_count += 1
            endpoint.failing_since = endpoint.failing_since or now
            endpoint.rests_until = now + rest_after(endpoint.failure_count)
        self.session.flush()

    def postpone(self, delivery: WebhookDelivery, until: datetime) -> None:
        """Without an attempt: its endpoint rests."""
        self.writable(delivery.organization_id)
        delivery.next_attempt_at = until
        self.session.flush()

    def forget(self, before: datetime, limit: int) -> int:
        """Deletes messages made before then, whatever became of them; answers how many."""
        self.require_system()
        is_old = WebhookDelivery.created_at < before
        return delete_some(self.session, WebhookDelivery.webhook_delivery_id, is_old, limit=limit)

    def _one(self, webhook_delivery_id: str) -> Select[WebhookDelivery]:
        return select(WebhookDelivery).where(
            WebhookDelivery.webhook_delivery_id == webhook_delivery_id,
            WebhookDelivery.organization_id == self.target(),
        )


def waited(endpoint: WebhookEndpoint, now: datetime) -> timedelta:
    """How long an endpoint has taken nothing."""
    return now - endpoint.failing_since if endpoint.failing_since else timedelta()


def _shown(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """What the audit log keeps: never the secret."""
    return {
        "name": endpoint.name,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "is_enabled": endpoint.is_enabled,
        "disabled_reason": endpoint.disabled_reason,
    }
