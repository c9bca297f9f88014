"""One lead, recorded: contact, company, consent, identity edge, timeline, funnel, ledger and the wish to be scored.

Everything happens in the unit of work that is handed in, so that all of it is saved, or none. Landing needs no word:
it follows the change log that the same transaction writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.consent import ConsentGrant, wording_proof
from domain.contacts import Domain, EmailAddress, LifecycleStage
from domain.decisions import DecisionKind
from domain.mail_domains import company_domain
from domain.merging import ContactFacts, MergePolicy
from serving.crm.scoring import score_soon
from serving.enrichment.intake import enrich_soon
from serving.routing.taking_up import take_up
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.consents import Consents
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.store import Work
from storage.ops.tables import Contact

SCORE_FIRST = 100
"""Priority of scoring somebody who is here now, before all batch work."""
RULE_VERSION = "identify/1"
TEACHES_NOTHING = frozenset({"feature", "ignored"})
"""Roles of attributes that are no outcome, nor known only after it."""


class Source(StrEnum):
    """How we learned who somebody is; it decides what they may change and how sure the edge is."""

    FORM = "form"
    """They wrote it into a form themselves."""
    SIGNED = "identify_signed"
    """The customer's server vouches for it (`user_hash` or the secret key)."""
    UNSIGNED = "identify_unsigned"
    """A page said so; anybody could have."""

    @property
    def policy(self) -> MergePolicy:
        return MergePolicy.FILL_BLANKS if self is Source.UNSIGNED else MergePolicy.OVERWRITE

    @property
    def confidence(self) -> float:
        """How sure the edge between browser and person is; colleagues share devices, so only a vouched one is 1."""
        return {Source.FORM: 0.9, Source.SIGNED: 1.0, Source.UNSIGNED: 0.4}[self]

    @property
    def records_consent(self) -> bool:
        return self is not Source.UNSIGNED


@dataclass(frozen=True, slots=True)
class LeadClaim:
    """What somebody said about themselves, and how it came to us."""

    source: Source
    facts: ContactFacts
    occurred_at: datetime
    company_name: str = ""
    anonymous_id: str | None = None
    """Only where the visitor agreed to be linked (`domain.consent.may_link`)."""
    consents: tuple[ConsentGrant, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """Ids of what proves it (form, submission, event), the truncated network; no direct identifier: it lands."""
    activity: str = "identified"
    """Kind of the line in the timeline; one that is not `identified` is written even when nothing is new."""
    summary: str = "Identified on the website"


@dataclass(frozen=True, slots=True)
class Recorded:
    """`outcome`: `created`, `updated` or `unchanged`; `changed` are the names of fields, never their values."""

    contact_id: str
    outcome: str
    changed: tuple[str, ...]
    is_linked: bool
    """Whether the browser was tied to the person by this."""


def record_lead(work: Work, claim: LeadClaim) -> Recorded:
    """Creates or completes the person behind a claim. Call it inside the transaction that stores its cause."""
    facts = replace(
        claim.facts,
        company_id=claim.facts.company_id or _company_of(work, claim),
        attributes=_attributes_of(work, claim),
    )
    contacts = Contacts(work)
    done = contacts.upsert(
        facts,
        policy=claim.source.policy,
        source="form" if claim.source is Source.FORM else "identify",
        stage=LifecycleStage.LEAD,
        occurred_at=claim.occurred_at,
    )
    contact = done.contact
    has_moved = contacts.move_to(contact, LifecycleStage.LEAD, reason=claim.activity, occurred_at=claim.occurred_at)
    is_linked = _link(work, claim, contact)
    _record_consents(work, claim, contact)
    if claim.source.records_consent:
        take_up(work, contact, is_new=done.outcome == "created" or has_moved)
    changed = tuple(sorted(done.before))
    has_news = done.outcome != "unchanged" or is_linked or has_moved
    if has_news or claim.activity != "identified":
        _tell(work, claim, contact, done.outcome, changed)
        enrich_soon(work, contact.contact_id)
        score_soon(work, contact.contact_id, priority=SCORE_FIRST)
    return Recorded(contact.contact_id, done.outcome, changed, is_linked)


def _company_of(work: Work, claim: LeadClaim) -> str | None:
    """A page's unsigned word names none."""
    name = "" if claim.source is Source.UNSIGNED else claim.company_name.strip()[:200]
    return company_of(work, claim.facts.email, name)


def company_of(work: Work, email: EmailAddress | None, name: str, domain: Domain | None = None) -> str | None:
    """The id of the company that somebody works for, made if new: of the domain that is told, else of a corporate address,
    else of the name; None where nothing says one."""
    domain = domain or (company_domain(email) if email else None)
    if domain is None and not name.strip():
        return None
    return Companies(work).upsert(domain=domain, name=name).company_id


def _attributes_of(work: Work, claim: LeadClaim) -> Mapping[str, Any]:
    """The custom attributes that the source may set. A form's are defined with it; a vouched-for one is defined here. A
    page's unsigned word defines none and never touches an outcome: anybody could teach a model with it."""
    attributes = claim.facts.attributes
    if not attributes or claim.source is Source.FORM:
        return attributes
    definitions = AttributeDefinitions(work)
    roles = {one.key: one.role for one in definitions.all()}
    if claim.source is Source.UNSIGNED:
        return {key: value for key, value in attributes.items() if roles.get(key, "feature") in TEACHES_NOTHING}
    for key, value in attributes.items():
        if key not in roles:
            definitions.ensure(key, label=key.replace("_", " ").capitalize(), data_type=_data_type(value))
    return attributes


def _data_type(value: object) -> str:
    names: dict[type, str] = {bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "text")


def _link(work: Work, claim: LeadClaim, contact: Contact) -> bool:
    """Ties the browser to the person. Whether two people share a browser is judged in dbt, where all edges meet."""
    if not claim.anonymous_id:
        return False
    nodes = f"anonymous:{claim.anonymous_id}", f"contact:{contact.contact_id}"
    decisions, rule = IdentityDecisions(work), claim.source.value
    if decisions.stands(*nodes, rule):
        return False
    decisions.record(*nodes, "same", rule=rule, confidence=claim.source.confidence, evidence=claim.evidence)
    return True


def _record_consents(work: Work, claim: LeadClaim, contact: Contact) -> None:
    if not claim.source.records_consent:
        return
    for grant in claim.consents:
        Consents(work).record(
            contact.contact_id,
            purpose=grant.purpose,
            channel=grant.channel,
            is_granted=grant.is_granted,
            lawful_basis=grant.lawful_basis,
            wording=grant.wording,
            wording_version=grant.wording_version,
            source=claim.source.value,
            proof={**claim.evidence, "wording_hash": wording_proof(grant)},
            occurred_at=claim.occurred_at,
        )


def _tell(work: Work, claim: LeadClaim, contact: Contact, outcome: str, changed: tuple[str, ...]) -> None:
    """A line in the timeline, and why we did what we did in the ledger."""
    Activities(work).add(
        kind=claim.activity,
        contact_id=contact.contact_id,
        company_id=contact.company_id,
        summary=claim.summary,
        detail={**claim.evidence, "outcome": outcome, "changed": list(changed)},
        actor_kind="contact",
        occurred_at=claim.occurred_at,
    )
    Decisions(work).record(
        DecisionKind.IDENTIFY,
        "contact",
        contact.contact_id,
        outcome,
        claim.source.value,
        {
            "policy": claim.source.policy.value,
            "confidence": claim.source.confidence,
            "anonymous_id": claim.anonymous_id,
            "changed": list(changed),
            **claim.evidence,
        },
        RULE_VERSION,
    )
