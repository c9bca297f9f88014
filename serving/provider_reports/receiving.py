"""One report of a provider, of a message or of signals, from its bytes to what it changes: verified, known once, and acted
on in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from domain.decisions import DecisionKind
from domain.outreach.reports import HITS, Report, ReportKind
from domain.outreach.signals import Signal
from domain.tenancy import Actor, Scope, SystemScope
from domain.webhook_events import refusal_of
from serving.network.resolver import NetworkResolver
from serving.provider_reports.base import Signed, ToldSignals, all_providers
from serving.sending.doubts import REPORTED, believe_sent
from serving.sending.resting import note_failure
from serving.sending.signalling import suppress
from serving.signals.taking import note_telling, take
from serving.tracking.recording import Visitor, keep_reported
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.outbox import MessageEvents, Outbox, event_of
from storage.ops.repositories.provider_reports import NOT_BELIEVED, ProviderReports, ProviderWebhooks
from storage.ops.store import Store, Work
from storage.ops.tables import OutboxMessage, ProviderWebhook

SCOPE = SystemScope("reports of providers")
ACTOR = Actor.system("provider reports")
SAID = {ReportKind.COMPLAINED: "Marked a message as spam", ReportKind.BOUNCED: "Bounced"}
ONCE = frozenset({ReportKind.DELIVERED, ReportKind.BOUNCED, ReportKind.COMPLAINED, ReportKind.REFUSED})
"""Things that happen to a message once, whoever tells of them how often."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status`: `taken`, `ignored`, `rejected`, or `known`, where it was taken before."""

    status: str
    reason: str = ""

    @property
    def is_believed(self) -> bool:
        return self.reason not in NOT_BELIEVED


def receive(
    store: Store,
    provider_webhook_id: str,
    signed: Signed,
    networks: NetworkResolver | None,
    *,
    replayed_at: datetime | None = None,
) -> Outcome:
    """Takes one report in. `replayed_at`: when a report came that is read again: its signature is judged as of then.
    Raises NotFound where nobody reports to."""
    with store.write(_scope(store, provider_webhook_id), ACTOR) as work:
        webhook = ProviderWebhooks(work).held(provider_webhook_id)
        event_id = signed.id or sha256(signed.body).hexdigest()
        before = ProviderReports(work).find(webhook, event_id)
        if before is not None and before.status != "rejected":
            return Outcome("known")
        outcome, told, message = _judged(work, webhook, signed, replayed_at or work.now())
        request = {
            "id": signed.id, "timestamp": signed.timestamp, "signatures": signed.signatures,
            "body": signed.body.decode("latin-1"),
        }  # fmt: skip
        ProviderReports(work).keep(
            webhook, event_id, status=outcome.status, reason=outcome.reason, kind=_kind(told),
            outbox_message_id=message.outbox_message_id if message else None, request=request,
            received_at=replayed_at,
        )  # fmt: skip
        if outcome.status == "taken" and isinstance(told, ToldSignals):
            _take_signals(work, told)
        elif outcome.status == "taken" and isinstance(told, Report) and message is not None:
            _act(work, networks, told, message, event_id)
        return outcome


def _scope(store: Store, provider_webhook_id: str) -> Scope | SystemScope:
    """Signals are told to one organization; a report of a message finds its own."""
    with store.read(SCOPE) as work:
        webhook = ProviderWebhooks(work).find(provider_webhook_id)
        is_of_signals = all_providers()[webhook.provider].tells_of == "signals"
        return Scope.of(webhook.organization_id) if is_of_signals else SCOPE


def _judged(  # noqa: PLR0911  one for each thing that can be wrong
    work: Work, webhook: ProviderWebhook, signed: Signed, at: datetime
) -> tuple[Outcome, Report | ToldSignals | None, OutboxMessage | None]:
    keys = ProviderWebhooks(work).keys_of(webhook)
    if not keys:
        return Outcome("rejected", "no_secret"), None, None
    reason = refusal_of(signed.id, signed.timestamp, signed.signatures, signed.body, keys=keys, now=at)
    if reason:
        return Outcome("rejected", reason), None, None
    try:
        body = msgspec.json.decode(signed.body, type=dict[str, Any])
        report = all_providers()[webhook.provider].read(body)
    except (ValueError, KeyError, msgspec.MsgspecError):
        return Outcome("rejected", "unreadable"), None, None
    if isinstance(report, ToldSignals):
        return Outcome("taken"), report, None
    if report is None:
        return Outcome("ignored", "not_about_our_messages"), None, None
    if report.occurred_at.tzinfo is None:
        return Outcome("rejected", "unreadable"), None, None
    message = _message(work, report.named, webhook.organization_id)
    if message is None:
        return Outcome("rejected", "unknown_message"), report, None
    return Outcome("taken"), report, message


def _kind(told: Report | ToldSignals | None) -> str:
    if told is None:
        return ""
    return "signals" if isinstance(told, ToldSignals) else told.kind.value


def _take_signals(work: Work, told: ToldSignals) -> None:
    """What of them is refused waits on the Signals page, each with its reason."""
    note_telling(work, take(work, told.items, source=told.source), source=told.source)


def _message(work: Work, named: str, organization_id: str) -> OutboxMessage | None:
    """By our own id, or by its Message-ID."""
    found = Outbox(work).find(named, organization_id)
    return found or next(iter(Outbox(work).find_by_message_ids([named], organization_id)), None)


def _act(work: Work, networks: NetworkResolver | None, report: Report, message: OutboxMessage, event_id: str) -> None:
    """All that a report changes, in the unit of work that keeps it."""
    if message.status == "unknown" and report.kind is not ReportKind.REFUSED:
        believe_sent(work, message, REPORTED)
    if report.kind in HITS:
        visitor = Visitor("GET", report.user_agent, "", report.ip)
        keep_reported(work, networks, message, visitor, report.occurred_at, report.link_url)
        return
    once = message.outbox_message_id if report.kind in ONCE else sha256(event_id.encode()).hexdigest()
    key = f"{report.kind.value}:provider:{once}"
    if MessageEvents(work).known([key], message.organization_id):
        return
    detail = report.detail()
    event = event_of(message, report.kind.value, report.occurred_at, key, detail)
    MessageEvents(work).add_all([event], message.organization_id)
    Decisions(work).record(
        DecisionKind.FLAG, "message", message.outbox_message_id, report.kind.value, "provider_report",
        {**detail, "contact_id": message.contact_id}, organization_id=message.organization_id,
    )  # fmt: skip
    if said := SAID.get(report.kind):
        words = f"{said} ({detail['bounce']})" if report.kind is ReportKind.BOUNCED else said
        Activities(work).add(
            kind="email_event", contact_id=message.contact_id, summary=words, actor_kind="bot",
            detail={"outbox_message_id": message.outbox_message_id, **detail}, occurred_at=report.occurred_at,
            organization_id=message.organization_id,
        )  # fmt: skip
    if report.suppresses:
        _leave_alone(work, report, message, event_id)
    elif report.kind is ReportKind.BOUNCED:
        _note_failure(work, message, event_id)


def _leave_alone(work: Work, report: Report, message: OutboxMessage, event_id: str) -> None:
    """The address that was written to, whatever else a report names."""
    contents = Outbox(work).contents([message], message.organization_id)
    for content in contents.values():  # none where it was forgotten
        suppress(
            work, content.to, Signal.COMPLAINT if report.kind is ReportKind.COMPLAINED else Signal.BOUNCE,
            contact_id=message.contact_id, organization_id=message.organization_id, source=f"report:{event_id}",
            detail=report.detail(),
        )  # fmt: skip


def _note_failure(work: Work, message: OutboxMessage, event_id: str) -> None:
    for content in Outbox(work).contents([message], message.organization_id).values():
        note_failure(
            work, content.to, contact_id=message.contact_id, organization_id=message.organization_id,
            source=f"report:{event_id}",
        )  # fmt: skip
