"""Rows of the store in the shape the API answers with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from serving import etags
from serving.crm.schemas import (
    AttributeOut,
    CompanyOut,
    ConsentOut,
    ContactDetailOut,
    ContactOut,
    DecisionOut,
    ReasonOut,
    ScoreOut,
    StageEnteredOut,
    SuppressionOut,
)
from storage.ops.repositories.contact_details import ContactDetail
from storage.ops.repositories.contact_lists import ContactLine
from storage.ops.repositories.listing import COUNTED_UP_TO
from storage.ops.tables import AttributeDefinition, Company, Contact, LifecycleChange, Score


def counted(total: int | None) -> str | None:
    """The words for a total: exact to 10,000, then "10,000+"."""
    if total is None:
        return None
    return f"{COUNTED_UP_TO:,}+" if total > COUNTED_UP_TO else f"{total:,}"


class Named(Protocol):
    """Whoever is called something, or known by something."""

    @property
    def first_name(self) -> str: ...

    @property
    def last_name(self) -> str: ...

    @property
    def email(self) -> str | None: ...

    @property
    def external_id(self) -> str | None: ...


def display_name(contact: Contact | Named) -> str:
    """The name, or what else tells this person from others."""
    name = f"{contact.first_name} {contact.last_name}".strip()
    known_by = contact.external_id or "Unnamed contact"
    if known_by.startswith("row:"):  # the hash of a line that named nobody
        known_by = f"Row {known_by[4:12]}"
    return name or contact.email or known_by


def company_name(company: Company | None) -> str | None:
    """The name, or the domain where nobody gave it one; None for no company and for one that has neither."""
    return company.name or company.domain if company else None


def company_out(company: Company | None) -> CompanyOut | None:
    if company is None:
        return None
    return CompanyOut(
        company_id=company.company_id,
        name=company.name,
        domain=company.domain,
        industry=company.industry,
        employee_count=company.employee_count,
        country=company.country,
    )


def score_out(score: Score | None) -> ScoreOut | None:
    if score is None:
        return None
    return ScoreOut(
        score=score.score,
        band=score.band,
        grade=score.grade,
        probability=score.probability,
        fit_score=score.fit_score,
        engagement_score=score.engagement_score,
        is_provisional=score.is_provisional,
        model_version=score.model_version,
        scored_at=score.scored_at,
        reasons=[_reason(found) for found in score.reasons or []],
    )


def _reason(found: dict[str, Any]) -> ReasonOut:
    return ReasonOut(
        text=str(found.get("text", "")), effect=found.get("effect"), source=str(found.get("source") or "rule")
    )


def contact_out(line: ContactLine) -> ContactOut:
    return ContactOut(**_contact_values(line.contact, line.company, line.score, line.tags))


def detail_out(detail: ContactDetail, definitions: Sequence[AttributeDefinition]) -> ContactDetailOut:
    return ContactDetailOut(
        **_contact_values(detail.contact, detail.company, detail.score, detail.tags),
        etag=etags.etag_of(detail.contact.updated_at),
        labelled_attributes=_labelled(detail.contact.attributes or {}, definitions),
        consents=[
            ConsentOut(
                purpose=consent.purpose,
                channel=consent.channel,
                is_granted=consent.is_granted,
                lawful_basis=consent.lawful_basis,
                wording=consent.wording,
                wording_version=consent.wording_version,
                source=consent.source,
                occurred_at=consent.occurred_at,
                expires_at=consent.expires_at,
            )
            for consent in detail.consents
        ],
        suppressions=[
            SuppressionOut(
                kind=found.kind,
                reason=found.reason,
                source=found.source,
                created_at=found.created_at,
                until=found.lifted_at,
            )
            for found in detail.suppressions
        ],
        decisions=[
            DecisionOut(
                kind=found.kind,
                outcome=found.outcome,
                reason=found.reason,
                detail=found.detail or {},
                rule_version=found.rule_version,
                actor_kind=found.actor_kind,
                decided_at=found.decided_at,
            )
            for found in detail.decisions
        ],
        entered_stage=_entered(detail.entered_stage),
    )


def _entered(change: LifecycleChange | None) -> StageEnteredOut | None:
    if change is None:
        return None
    return StageEnteredOut(
        stage=change.to_stage,
        from_stage=change.from_stage,
        reason=change.reason,
        actor_kind=change.actor_kind,
        actor_id=change.actor_id,
        entered_at=change.occurred_at,
    )


def _contact_values(
    contact: Contact, company: Company | None, score: Score | None, tags: Sequence[str]
) -> dict[str, Any]:
    return {
        "contact_id": contact.contact_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "display_name": display_name(contact),
        "email": contact.email,
        "external_id": contact.external_id,
        "title": contact.title,
        "phone": contact.phone,
        "country": contact.country,
        "lifecycle_stage": contact.lifecycle_stage,
        "owner_user_id": contact.owner_user_id,
        "source": contact.source,
        "import_id": contact.import_id,
        "created_at": contact.created_at,
        "known_at": contact.known_at,
        "company": company_out(company),
        "score": score_out(score),
        "attributes": contact.attributes or {},
        "tags": list(tags),
    }


def _labelled(values: dict[str, Any], definitions: Sequence[AttributeDefinition]) -> list[AttributeOut]:
    known = {definition.key: definition for definition in definitions}
    ordered = [key for key in known if key in values] + sorted(set(values) - set(known))
    return [
        AttributeOut(
            key=key,
            label=known[key].label if key in known else key,
            data_type=known[key].data_type if key in known else "text",
            role=known[key].role if key in known else "ignored",
            value=values[key],
        )
        for key in ordered
    ]
