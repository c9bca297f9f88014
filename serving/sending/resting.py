"""Addresses that messages came back from again and again, for reasons that may pass: they rest for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.contacts import EmailAddress
from domain.decisions import DecisionKind
from domain.errors import Conflict
from domain.outreach.soft_bounces import FAILURES, REASON, SIGNS_OF_LIFE, SoftBounceRule, may_pass
from serving.sending.signalling import hold_until
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.outbox import MessageEvents, Outbox
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Work

SETTING = "soft_bounces"


def rule_of(work: Work, organization_id: str | None = None) -> SoftBounceRule:
    """What the organization says now."""
    held = OrganizationSettings(work).current(SETTING, organization_id=organization_id)
    return SoftBounceRule.model_validate(held.value) if held else SoftBounceRule()


def put_rule(work: Work, wanted: SoftBounceRule) -> SoftBounceRule:
    OrganizationSettings(work).change(SETTING, wanted.model_dump(mode="json"))
    return wanted


def note_failure(work: Work, address: str, *, contact_id: str, organization_id: str, source: str) -> None:
    """A message to this address failed for a reason that may pass, and its history says so: whether that was once too
    often. Nobody writes there while it rests; every way of theirs stands still, and goes on afterwards."""
    email, now = EmailAddress.parse(address), work.now()
    suppressions = Suppressions(work)
    if suppressions.holding(email=email, organization_id=organization_id) is not None:
        return
    rule = rule_of(work, organization_id)
    failed_at = _failed(work, rule, email, contact_id, organization_id)
    until = rule.rests_until(failed_at, now, since=_since(work, rule, email, contact_id, organization_id))
    if until is None:
        return
    suppressions.add(
        "email", email.value, reason=REASON, source=source[:80], until=until, contact_id=contact_id,
        organization_id=organization_id,
    )  # fmt: skip
    detail: dict[str, Any] = {
        "failures": rule.failures, "within_days": rule.within_days, "until": until.isoformat()
    }  # fmt: skip
    Decisions(work).record(
        DecisionKind.SUPPRESS, "contact", contact_id, "rests", REASON, {**detail, "source": source}, is_act=True,
        organization_id=organization_id,
    )  # fmt: skip
    hold_until(work, contact_id, organization_id, REASON, until, detail)


def write_again(work: Work, contact_id: str) -> None:
    """A person knows better: the rest is over, and what stood still for it goes on. Raises Conflict where the address does
    not rest: what somebody asked for is not lifted by this."""
    contact = ContactDetails(work).contact(contact_id)
    email = EmailAddress(contact.email) if contact.email else None
    held = Suppressions(work).holding(email=email) if email else None
    if held is None or held.reason != REASON:
        raise Conflict("this address does not rest", hint="Only a rest after soft bounces ends this way.")
    Suppressions(work).lift(held.suppression_id)
    Decisions(work).record(
        DecisionKind.SUPPRESS, "contact", contact.contact_id, "written_to_again", "by_hand", {"rested_for": REASON},
        is_act=True,
    )  # fmt: skip
    for one in Enrolments(work).live_of([contact.contact_id]):
        if (one.status, one.reason) == ("paused", REASON):
            Enrolments(work).resume(one)
            work.session.flush()
            Sequences(work).hasten([one.sequence_id], one.next_at or work.now())


def _failed(
    work: Work, rule: SoftBounceRule, email: EmailAddress, contact_id: str, organization_id: str
) -> list[datetime]:
    """When messages to the address failed, each once: what went to a former address of theirs does not count."""
    events = MessageEvents(work).of_contact(contact_id, FAILURES, work.now() - rule.within, organization_id)
    failed = {one.outbox_message_id: one.occurred_at for one in events if may_pass(one.kind, one.detail or {})}
    messages = [found for each in failed if (found := Outbox(work).find(each, organization_id))]
    contents = Outbox(work).contents(messages, organization_id)
    return [failed[key] for key, content in contents.items() if EmailAddress.parse(content.to) == email]


def _since(
    work: Work, rule: SoftBounceRule, email: EmailAddress, contact_id: str, organization_id: str
) -> datetime | None:
    """The last sign of life, or the end of the last rest."""
    events = MessageEvents(work).of_contact(contact_id, SIGNS_OF_LIFE, work.now() - rule.within, organization_id)
    moments = [one.occurred_at for one in events]
    before = Suppressions(work).find("email", email.value, organization_id=organization_id)
    if before is not None and before.lifted_at is not None:
        moments.append(before.lifted_at)
    return max(moments, default=None)
