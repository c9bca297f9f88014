"""Signs of life, and what they do: a person is left alone, a sequence ends, stands still, or goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.contacts import EmailAddress
from domain.decisions import DecisionKind
from domain.outreach.signals import Reaction, Signal, pause
from serving.sending.gathering import definition_for
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.consents import Consents, Suppressions
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outbox import Outbox
from storage.ops.store import Work
from storage.ops.tables import Enrolment

HARD_BOUNCE = "hard_bounce"
REASONS = {Signal.UNSUBSCRIBE: "unsubscribed", Signal.COMPLAINT: "complained", Signal.BOUNCE: HARD_BOUNCE}
"""Why somebody is left alone, by the sign they gave."""
ASKED_FOR_A_PAUSE = "asked_for_a_pause"


def suppress(
    work: Work,
    address: str,
    signal: Signal,
    *,
    contact_id: str,
    organization_id: str,
    source: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Nobody of the organization writes to this address any more, from this commit on; what is queued does not leave."""
    email = EmailAddress.parse(address)
    Suppressions(work).add(
        "email", email.value, reason=REASONS[signal], source=source[:80], contact_id=contact_id,
        organization_id=organization_id,
    )  # fmt: skip
    Decisions(work).record(
        DecisionKind.SUPPRESS, "contact", contact_id, "suppressed", REASONS[signal], {"source": source, **(detail or {})},
        organization_id=organization_id,
    )  # fmt: skip
    stop_everywhere(work, contact_id, organization_id, REASONS[signal], {"source": source})


def stop_everywhere(
    work: Work, contact_id: str, organization_id: str, reason: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Somebody leaves every sequence, each with its line in the ledger; what was queued for them goes nowhere."""
    for one in Enrolments(work).live_of([contact_id], organization_id):
        _stop(work, one, reason, detail or {})


def unsubscribe(work: Work, enrolment: Enrolment, addresses: set[str], source: str) -> None:
    """Somebody asked to be left alone: at every address of theirs that we know, for every campaign, with the consent
    withdrawn. Asking twice changes nothing more."""
    organization_id = enrolment.organization_id
    definition = definition_for(work, enrolment.sequence_id, enrolment.version)
    for address in sorted(addresses):
        suppress(
            work, address, Signal.UNSUBSCRIBE, contact_id=enrolment.contact_id, organization_id=organization_id,
            source=source,
        )  # fmt: skip
    held = Consents(work).of_contact(enrolment.contact_id)
    purpose = definition.entry.purpose
    newest = next((one for one in held if (one.purpose, one.channel) == (purpose, "email")), None)
    if newest is None or newest.is_granted:
        Consents(work).record(
            enrolment.contact_id, purpose=purpose, is_granted=False, source=source[:80], organization_id=organization_id,
            proof={"enrolment_id": enrolment.enrolment_id},
        )  # fmt: skip
        _say(work, enrolment, "Asked not to be written to")
    _tell_company(work, enrolment, Signal.UNSUBSCRIBE)


def leave_campaign(work: Work, enrolment: Enrolment, campaign_id: str, addresses: set[str], source: str) -> None:
    """Somebody asked for no more of one campaign; others may go on. Asking twice changes nothing more."""
    reason = REASONS[Signal.UNSUBSCRIBE]
    _leave_alone(work, enrolment, addresses, reason, source, campaign_id=campaign_id)
    if enrolment.ended_at is None:
        _stop(work, enrolment, reason, {"source": source})
        _say(work, enrolment, "Asked for no more of this campaign")
    _tell_company(work, enrolment, Signal.UNSUBSCRIBE)


def stand_still(work: Work, enrolment: Enrolment, addresses: set[str], until: datetime, source: str) -> None:
    """Somebody asked to be left alone for a while: everything they are in stands still, and nothing new begins."""
    is_news = _leave_alone(work, enrolment, addresses, ASKED_FOR_A_PAUSE, source, until=until)
    hold_until(
        work, enrolment.contact_id, enrolment.organization_id, ASKED_FOR_A_PAUSE, until, {"until": until.isoformat()}
    )
    if is_news:
        _say(work, enrolment, f"Asked not to be written to until {until:%-d %B %Y}")


def hold_until(
    work: Work, contact_id: str, organization_id: str, reason: str, until: datetime, detail: Mapping[str, Any]
) -> None:
    """Every way of somebody stands still until then, but for those that stand still for longer."""
    now = work.now()
    for one in Enrolments(work).live_of([contact_id], organization_id):
        goes_on_sooner = one.next_at is not None and one.next_at < until
        if one.status == "active" or (one.status == "paused" and goes_on_sooner):
            left = timedelta(seconds=one.left_seconds) if one.status == "paused" else (one.next_at or now) - now
            Enrolments(work).pause(one, reason, until=until, left=max(left, timedelta()), detail=detail)
            _decide(work, one, "pause", reason, {**detail, "contact_id": contact_id})


def _leave_alone(
    work: Work,
    enrolment: Enrolment,
    addresses: set[str],
    reason: str,
    source: str,
    *,
    campaign_id: str = "",
    until: datetime | None = None,
) -> bool:
    """Nobody writes to these addresses: in a campaign or in any, for good or until a day. False where the last thing that
    was asked was the same."""
    for address in sorted(addresses):
        Suppressions(work).add(
            "email", EmailAddress.parse(address).value, reason=reason, source=source[:80], campaign_id=campaign_id,
            until=until, contact_id=enrolment.contact_id, organization_id=enrolment.organization_id,
        )  # fmt: skip
    made = Decisions(work).record(
        DecisionKind.SUPPRESS, "contact", enrolment.contact_id, "suppressed", reason,
        {"source": source, "campaign_id": campaign_id, "until": until.isoformat() if until else ""},
        organization_id=enrolment.organization_id,
    )  # fmt: skip
    return made is not None


def _say(work: Work, enrolment: Enrolment, words: str) -> None:
    Activities(work).add(
        kind="unsubscribed", contact_id=enrolment.contact_id, summary=words, actor_kind="contact",
        organization_id=enrolment.organization_id,
    )  # fmt: skip


def react(work: Work, enrolment: Enrolment, signal: Signal, *, returns_at: datetime | None = None) -> Reaction:
    """What the sequence says to a sign; answers it. An enrolment that is over stays so."""
    definition = definition_for(work, enrolment.sequence_id, enrolment.version)
    reaction = definition.rules.to(signal)
    if enrolment.ended_at is None:
        if reaction is Reaction.STOP:
            _stop(work, enrolment, signal.value, {})
        elif reaction is Reaction.PAUSE and enrolment.status == "active":
            now = work.now()
            found = pause(
                enrolment.next_at or now, now, returns_at=returns_at,
                resume_after=timedelta(days=definition.rules.resume_after_days),
            )  # fmt: skip
            Enrolments(work).pause(enrolment, signal.value, until=found.until, left=found.left)
            detail = {"until": found.until.isoformat(), "contact_id": enrolment.contact_id}
            _decide(work, enrolment, "pause", signal.value, detail)
    _tell_company(work, enrolment, signal)
    work.session.flush()
    return reaction


def _tell_company(work: Work, enrolment: Enrolment, signal: Signal) -> None:
    """Colleagues in the same sequence, where it says that one's sign counts for all."""
    definition = definition_for(work, enrolment.sequence_id, enrolment.version)
    if signal not in definition.rules.company or not enrolment.company_id:
        return
    for one in Enrolments(work).of_company(enrolment.company_id, enrolment.sequence_id, enrolment.organization_id):
        if one.enrolment_id != enrolment.enrolment_id:
            _stop(work, one, f"company_{signal.value}", {"by": enrolment.enrolment_id})


def _stop(work: Work, enrolment: Enrolment, reason: str, detail: Mapping[str, Any]) -> None:
    Enrolments(work).end(enrolment, "stopped", reason, detail)
    Outbox(work).cancel_of([enrolment.enrolment_id], enrolment.organization_id)
    _decide(work, enrolment, "stop", reason, {"contact_id": enrolment.contact_id, **detail})


def _decide(work: Work, enrolment: Enrolment, outcome: str, reason: str, detail: Mapping[str, Any]) -> None:
    Decisions(work).record(
        DecisionKind.SEQUENCE, "enrolment", enrolment.enrolment_id, outcome, reason, detail,
        rule_version=f"{enrolment.sequence_id}:{enrolment.version}", organization_id=enrolment.organization_id,
    )  # fmt: skip
