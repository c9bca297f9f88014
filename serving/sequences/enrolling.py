"""Putting people into a sequence: who may, who may not and why. Nothing is sent by it: the engine decides that each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.decisions import DecisionKind
from domain.outreach.sequences import Sequence as Definition
from domain.outreach.sequences import exclude_each_other
from domain.outreach.walking import enter
from domain.verification import is_known_undeliverable
from serving.sending.gathering import company_of, definition_for
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outreach_facts import Known, OutreachFacts
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Work
from storage.ops.tables import Enrolment, OutreachSequence

AT_ONCE = 500
"""Of one transaction."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where people are put in: one version of a sequence, read once for all of them."""

    sequence_id: str
    version: int
    campaign_id: str
    organization_id: str
    definition: Definition


@dataclass(frozen=True, slots=True)
class Judged:
    """Who may be put in, and who may not, by reason: ids in the order asked for."""

    allowed: list[Known]
    refused: dict[str, list[str]]
    met: Mapping[str, Known]
    """All of them that are here, by contact id."""
    seen: frozenset[str]
    """The enrolments that it was judged by."""

    @property
    def refused_counts(self) -> dict[str, int]:
        return {reason: len(ids) for reason, ids in self.refused.items()}


def parts_of(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    """In parts of at most `size`, in their order."""
    return [ids[first : first + size] for first in range(0, len(ids), size)]


def door_of(work: Work, row: OutreachSequence, version: int | None = None) -> Door:
    """The version that holds now, or another one (SystemScope, or the sequence's own)."""
    held = row.version if version is None else version
    definition = definition_for(work, row.sequence_id, held)
    return Door(row.sequence_id, held, row.campaign_id, row.organization_id, definition)


def judge(work: Work, door: Door, contact_ids: Sequence[str]) -> Judged:
    """At most `AT_ONCE` people (SystemScope); nothing is written."""
    now, organization_id, definition = work.now(), door.organization_id, door.definition
    wanted = list(dict.fromkeys(contact_ids))
    facts = OutreachFacts(work)
    people = facts.people(wanted, organization_id)
    suppressed = facts.suppressed(people, door.campaign_id, organization_id)
    consents = facts.consents(people, definition.entry.purpose, now, organization_id)
    live: dict[str, list[Enrolment]] = {}
    for one in Enrolments(work).live_of(people, organization_id):
        live.setdefault(one.contact_id, []).append(one)
    others = _definitions(work, [one for each in live.values() for one in each], door)
    ended = Enrolments(work).ended_of(door.sequence_id, people, organization_id)
    judged = Judged([], {}, people, frozenset(one.enrolment_id for each in live.values() for one in each))
    for contact_id in wanted:
        known = people.get(contact_id)
        reason = _refusal(door, known, live.get(contact_id, ()), others, ended.get(contact_id), now)
        if not reason and contact_id in suppressed:
            reason = "suppressed"
        if not reason:
            reason = _consent_refusal(definition, consents.get(contact_id))
        if reason or known is None:
            judged.refused.setdefault(reason or "unknown_contact", []).append(contact_id)
        else:
            judged.allowed.append(known)
    return judged


def enrol(
    work: Work,
    door: Door,
    contact_ids: Sequence[str],
    detail: Mapping[str, Any] | None = None,
    judged: Judged | None = None,
) -> Judged:
    """Puts in who may be, at most `AT_ONCE` people (SystemScope); each of them, put in or not, has a line of the ledger
    with the reason. `detail` is kept in it. `judged`: what was found of them a moment ago, before the store was held: it
    holds unless one of them was put into a sequence since."""
    Enrolments(work).hold_people(contact_ids, door.organization_id)
    if judged is None or not judged.seen >= Enrolments(work).live_ids_of(contact_ids, door.organization_id):
        judged = judge(work, door, contact_ids)
    now, place = work.now(), enter(door.definition, work.now())
    Enrolments(work).add_all(
        {
            "sequence_id": door.sequence_id, "version": door.version, "contact_id": known.contact.contact_id,
            "company_id": company_of(known), "step_id": place.step_id, "arrived_at": now, "due_at": place.due_at,
            "next_at": place.due_at, "enrolled_by": work.actor.id or work.actor.kind,
            "organization_id": door.organization_id,
        }
        for known in judged.allowed
    )  # fmt: skip
    _write_down(work, door, judged, dict(detail or {}))
    if judged.allowed:
        Sequences(work).hasten([door.sequence_id], place.due_at, door.organization_id)
    return judged


def company_counts(judged: Judged) -> Counter[str]:
    """How many of those who may be put in work at each company."""
    return Counter(company for known in judged.allowed if (company := company_of(known)))


def _write_down(work: Work, door: Door, judged: Judged, detail: Mapping[str, Any]) -> None:
    said = [(known.contact.contact_id, "enrolled", "asked_for") for known in judged.allowed]
    said += [
        (contact_id, "not_enrolled", reason)
        for reason, ids in judged.refused.items()
        for contact_id in ids
        if contact_id in judged.met
    ]
    Decisions(work).record_many(
        {
            "kind": DecisionKind.SEQUENCE.value, "subject_kind": "contact", "subject_id": contact_id, "outcome": outcome,
            "reason": reason, "detail": {"sequence": door.definition.name, **detail},
            "rule_version": f"{door.sequence_id}:{door.version}", "organization_id": door.organization_id,
        }
        for contact_id, outcome, reason in said
    )  # fmt: skip


def _refusal(  # noqa: PLR0911  one for each reason
    door: Door,
    known: Known | None,
    live: Sequence[Enrolment],
    others: dict[str, Definition],
    ended_at: datetime | None,
    now: datetime,
) -> str:
    """Why somebody may not be enrolled, or empty."""
    entry = door.definition.entry
    if known is None or known.contact.deleted_at is not None:
        return "unknown_contact"
    if not known.contact.email:
        return "no_address"
    if is_known_undeliverable(known.contact.email, known.contact.attributes or {}):
        return "address_undeliverable"
    if known.contact.lifecycle_stage in {stage.value for stage in entry.blocked_stages}:
        return "stage_blocked"
    if any(one.sequence_id == door.sequence_id for one in live):
        return "enrolled_already"
    if ended_at is not None and (
        entry.again_after_days is None or now - ended_at < timedelta(days=entry.again_after_days)
    ):
        return "enrolled_before"
    is_excluded = any(exclude_each_other(door.definition, others[one.enrolment_id]) for one in live)
    return "in_another_sequence" if is_excluded else ""


def _consent_refusal(definition: Definition, consent: str | None) -> str:
    if consent == "refused":
        return "consent_refused"
    return "consent_missing" if definition.entry.consent == "granted" and consent != "granted" else ""


def _definitions(work: Work, live: Sequence[Enrolment], door: Door) -> dict[str, Definition]:
    """What the other sequences say, by enrolment; each version is read once."""
    versions = {(one.sequence_id, one.version) for one in live if one.sequence_id != door.sequence_id}
    read = {version: definition_for(work, *version) for version in sorted(versions)}
    return {one.enrolment_id: read[one.sequence_id, one.version] for one in live if one.sequence_id != door.sequence_id}
