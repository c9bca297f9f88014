"""Where providers report to, and their reports, each known once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select

from domain.errors import InvalidInput
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository, delete_some
from storage.ops.repositories.overlapping_secrets import keys_that_hold, take_up
from storage.ops.tables import ProviderReport, ProviderWebhook

MOST = 20
"""Addresses of one organization."""
NOT_BELIEVED = frozenset({"no_secret", "not_signed", "too_old_or_too_new", "wrong_signature"})
"""Reasons of what anybody can send."""
MOST_NOT_BELIEVED = 500
"""So many of them an address keeps: it is open to everybody, and nobody shall fill the store over it."""
REQUEST_PLACE = ("provider_reports", "sealed_request")


class ProviderWebhooks(Repository):
    def add(self, provider: str, name: str) -> ProviderWebhook:
        """An address without a secret. Raises InvalidInput where there are too many."""
        if len(self.of_organization()) >= MOST:
            raise InvalidInput(f"there are {MOST} already", hint="Remove one that nobody uses.")
        made = ProviderWebhook(organization_id=self.target(), provider=provider, name=name)
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record(
            "create", "provider_webhook", made.provider_webhook_id, after={"provider": provider, "name": name}
        )
        return made

    def of_organization(self) -> list[ProviderWebhook]:
        """By time."""
        asked = select(ProviderWebhook).where(
            ProviderWebhook.organization_id == self.target(), ProviderWebhook.removed_at.is_(None)
        )
        return list(self.session.scalars(asked.order_by(ProviderWebhook.provider_webhook_id)))

    def find(self, provider_webhook_id: str) -> ProviderWebhook:
        """Raises NotFound."""
        return self.one(self._there(provider_webhook_id))

    def held(self, provider_webhook_id: str) -> ProviderWebhook:
        """Held until the unit of work ends, so that a report that comes twice at once is taken once. Raises NotFound."""
        asked = self._there(provider_webhook_id)
        return self.one(asked.with_for_update().execution_options(populate_existing=True))

    def set_secret(self, webhook: ProviderWebhook, secret: bytes) -> None:
        """For a day the former one is believed too."""
        self.writable(webhook.organization_id)
        take_up(self.work, webhook, secret)
        self.session.flush()
        Audit(self.work).record("set_secret", "provider_webhook", webhook.provider_webhook_id)

    def keys_of(self, webhook: ProviderWebhook) -> list[bytes]:
        """What is believed now, the newest first; none without a secret."""
        self.writable(webhook.organization_id)
        return keys_that_hold(self.work, webhook)

    def _there(self, provider_webhook_id: str) -> Select[ProviderWebhook]:
        return select(ProviderWebhook).where(
            ProviderWebhook.provider_webhook_id == provider_webhook_id,
            ProviderWebhook.removed_at.is_(None),
            self.readable(ProviderWebhook.organization_id),
        )

    def remove(self, webhook: ProviderWebhook) -> None:
        """Nothing is taken there any more, and its secrets are forgotten."""
        self.writable(webhook.organization_id)
        webhook.removed_at = self.work.now()
        webhook.sealed_secret = webhook.sealed_former_secret = webhook.former_ends_at = None
        self.session.flush()
        Audit(self.work).record("remove", "provider_webhook", webhook.provider_webhook_id)


class ProviderReports(Repository):
    def find(self, webhook: ProviderWebhook, event_id: str) -> ProviderReport | None:
        """What was made of a report that came before."""
        asked = select(ProviderReport).where(
            ProviderReport.organization_id == self.writable(webhook.organization_id),
            ProviderReport.provider_webhook_id == webhook.provider_webhook_id,
            ProviderReport.event_key == key_of(event_id),
        )
        return self.session.scalars(asked).first()

    def get(self, provider_report_id: str) -> ProviderReport:
        """Raises NotFound."""
        return self.one(
            select(ProviderReport).where(
                ProviderReport.provider_report_id == provider_report_id,
                ProviderReport.organization_id == self.target(),
            )
        )

    def keep(
        self,
        webhook: ProviderWebhook,
        event_id: str,
        *,
        status: str,
        reason: str = "",
        kind: str = "",
        outbox_message_id: str | None = None,
        request: Mapping[str, Any] | None = None,
        received_at: datetime | None = None,
    ) -> ProviderReport | None:
        """What was made of it now; one that was rejected before may be taken, and nothing else changes. `request` of a
        rejected one is kept; of those that anybody can send, up to `MOST_NOT_BELIEVED` of an address: beyond, nothing is."""
        target = self.writable(webhook.organization_id)
        found = self.find(webhook, event_id)
        if found is None:
            if reason in NOT_BELIEVED and self._not_believed(webhook) >= MOST_NOT_BELIEVED:
                return None
            found = ProviderReport(
                organization_id=target, provider_webhook_id=webhook.provider_webhook_id, event_key=key_of(event_id),
                received_at=self.work.now(),
            )  # fmt: skip
            self.session.add(found)
        found.status, found.reason, found.kind, found.outbox_message_id = status, reason, kind, outbox_message_id
        sealed = self.work.sealer.seal(msgspec.json.encode(request), target, *REQUEST_PLACE) if request else None
        found.sealed_request = sealed if status == "rejected" else None
        found.received_at = received_at or self.work.now()  # each try is signed with a time of its own
        self.session.flush()
        return found

    def _not_believed(self, webhook: ProviderWebhook) -> int:
        """How many are kept that were not signed as they should be."""
        asked = select(func.count()).where(
            ProviderReport.organization_id == self.writable(webhook.organization_id),
            ProviderReport.provider_webhook_id == webhook.provider_webhook_id,
            ProviderReport.status == "rejected",
            ProviderReport.reason.in_(sorted(NOT_BELIEVED)),
        )
        return self.session.scalar(asked) or 0

    def request_of(self, report: ProviderReport) -> dict[str, Any]:
        """{id, timestamp, signatures, body} of a rejected one; empty for any other."""
        owner = self.writable(report.organization_id)
        if report.sealed_request is None:
            return {}
        found: dict[str, Any] = msgspec.json.decode(self.work.sealer.open(report.sealed_request, owner, *REQUEST_PLACE))
        return found

    def rejected(self, provider_webhook_id: str, limit: int = 50) -> list[ProviderReport]:
        """Newest first."""
        asked = select(ProviderReport).where(
            ProviderReport.organization_id == self.target(),
            ProviderReport.provider_webhook_id == provider_webhook_id,
            ProviderReport.status == "rejected",
        )
        newest = asked.order_by(ProviderReport.received_at.desc(), ProviderReport.provider_report_id.desc())
        return list(self.session.scalars(newest.limit(limit)))

    def counts(self, webhook: ProviderWebhook) -> dict[str, int]:
        """By status."""
        asked = (
            select(ProviderReport.status, func.count())
            .where(
                ProviderReport.organization_id == self.writable(webhook.organization_id),
                ProviderReport.provider_webhook_id == webhook.provider_webhook_id,
            )
            .group_by(ProviderReport.status)
        )
        return {status: int(count) for status, count in self.session.execute(asked).tuples()}

    def newest_at(self, webhook: ProviderWebhook) -> datetime | None:
        """When the last one came that was believed."""
        asked = select(func.max(ProviderReport.received_at)).where(
            ProviderReport.organization_id == self.writable(webhook.organization_id),
            ProviderReport.provider_webhook_id == webhook.provider_webhook_id,
            ProviderReport.status != "rejected",
        )
        return self.session.scalar(asked)

    def forget(self, before: datetime, limit: int) -> int:
        """Deletes reports that came before then; answers how many."""
        self.require_system()
        is_old = ProviderReport.received_at < before
        return delete_some(self.session, ProviderReport.provider_report_id, is_old, limit=limit)


def key_of(event_id: str) -> str:
    return hashlib.sha256(event_id.encode()).hexdigest()
