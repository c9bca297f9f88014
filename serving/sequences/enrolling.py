"""Putting people into a sequence: who may, who may not and why. Nothing is sent by it: the engine decides that each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.outreach.sequences import Sequence as Definition
from domain.outreach.sequences import exclude_each_other
from domain.outreach.walking import enter
from serving.sending.gathering import company_of, definition_for
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outreach_facts import Known, OutreachFacts
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Work
from storage.ops.tables import Enrolment, OutreachSequence

AT_ONCE = 500
"""Of one transaction."""


@dataclass(slots=True)
class Enrolled:
    """How many are in now, and who is not, by reason."""

    count: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)


def enrol(work: Work, row: OutreachSequence, contact_ids: Sequence[str]) -> Enrolled:
    """At most `AT_ONCE` people (SystemScope), in the version that holds now."""
    definition = definition_for(work, row.sequence_id, row.version)
    now, organization_id, result = work.now(), row.organization_id, Enrolled()
    wanted = list(dict.fromkeys(contact_ids))
    facts = OutreachFacts(work)
    people = facts.people(wanted, organization_id)
    suppressed = facts.suppressed(people, row.campaign_id, organization_id)
    consents = facts.consents(people, definition.entry.purpose, now, organization_id)
    live: dict[str, list[Enrolment]] = {}
    for one in Enrolments(work).live_of(people, organization_id):
        live.setdefault(one.contact_id, []).append(one)
    others = _definitions(work, [one for each in live.values() for one in each], row)
    ended = Enrolments(work).ended_of(row.sequence_id, people, organization_id)
    rows, place = [], enter(definition, now)
    for contact_id in wanted:
        known = people.get(contact_id)
        reason = _refusal(definition, known, row, live.get(contact_id, ()), others, ended.get(contact_id), now)
        if not reason and contact_id in suppressed:
            reason = "suppressed"
        if not reason:
            reason = _consent_refusal(definition, consents.get(contact_id))
        if reason or known is None:
            result.refused.setdefault(reason or "unknown_contact", []).append(contact_id)
            continue
        rows.append(
            {
                "sequence_id": row.sequence_id, "version": row.version, "contact_id": contact_id,
                "company_id": company_of(known), "step_id": place.step_id, "arrived_at": now, "due_at": place.due_at,
                "next_at": place.due_at, "enrolled_by": work.actor.id or work.actor.kind,
                "organization_id": organization_id,
            }
        )  # fmt: skip
    result.count = Enrolments(work).add_all(rows)
    if result.count:
        Sequences(work).hasten([row.sequence_id], place.due_at, organization_id)
    return result


def _refusal(
    definition: Definition,
    known: Known | None,
    row: OutreachSequence,
    live: Sequence[Enrolment],
    others: dict[str, Definition],
    ended_at: datetime | None,
    now: datetime,
) -> str:
    """Why somebody may not be enrolled, or empty."""
    entry = definition.entry
    if known is None or known.contact.deleted_at is not None:
        return "unknown_contact"
    if not known.contact.email:
        return "no_address"
    if known.contact.lifecycle_stage in {stage.value for stage in entry.blocked_stages}:
        return "stage_blocked"
    if any(one.sequence_id == row.sequence_id for one in live):
        return "enrolled_already"
    if ended_at is not None and (
        entry.again_after_days is None or now - ended_at < timedelta(days=entry.again_after_days)
    ):
        return "enrolled_before"
    is_excluded = any(exclude_each_other(definition, others[one.enrolment_id]) for one in live)
    return "in_another_sequence" if is_excluded else ""


def _consent_refusal(definition: Definition, consent: str | None) -> str:
    if consent == "refused":
        return "consent_refused"
    return "consent_missing" if definition.entry.consent == "granted" and consent != "granted" else ""


def _definitions(work: Work, live: Sequence[Enrolment], row: OutreachSequence) -> dict[str, Definition]:
    """What the other sequences say, by enrolment."""
    return {
        one.enrolment_id: definition_for(work, one.sequence_id, one.version)
        for one in live
        if one.sequence_id != row.sequence_id
    }
