"""A contact that a person writes down by hand, or a program by the API: one at a time, never a second of the same."""

from __future__ import annotations

from domain.contacts import Domain, EmailAddress, LifecycleStage
from domain.merging import ContactFacts
from serving.crm.editing import checked_fields
from serving.crm.schemas import ContactIn
from serving.crm.scoring import score_soon
from serving.enrichment.intake import enrich_soon
from serving.identify.service import SCORE_FIRST, company_of
from serving.routing.taking_up import take_up
from serving.tags.naming import tags_of
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contacts import Contacts
from storage.ops.store import Work
from storage.ops.tables import Company, Contact

TOLD = ("first_name", "last_name", "title", "phone", "country")


def add(work: Work, body: ContactIn, me: str | None) -> Contact:
    """The new contact with its history, its audit row and what follows from a lead: a clock, an owner, a score. Raises
    Conflict where the address or the external id is known, and InvalidInput for an owner or an attribute that is not
    there."""
    fields = checked_fields(work, body.given, me)
    email = EmailAddress.parse(body.email) if body.email else None
    facts = ContactFacts(
        email=email,
        external_id=body.external_id or None,
        company_id=_company_of(work, body, email),
        owner_user_id=fields.get("owner_user_id"),
        attributes=fields.get("attributes") or {},
        **{name: getattr(body, name) for name in TOLD},
    )
    source = "manual" if work.actor.kind == "user" else "api"
    contact = Contacts(work).add(facts, source=source, stage=body.lifecycle_stage)
    ContactDetails(work).change(contact, tags_of(work, body.add_tags, None))
    Audit(work).record(
        "create", "contact", contact.contact_id, subject_id=contact.contact_id, after=body.model_dump(mode="json", exclude_defaults=True)
    )  # fmt: skip
    take_up(work, contact, is_new=body.lifecycle_stage is LifecycleStage.LEAD)
    enrich_soon(work, contact.contact_id)
    score_soon(work, contact.contact_id, priority=SCORE_FIRST)
    return contact


def _company_of(work: Work, body: ContactIn, email: EmailAddress | None) -> str | None:
    """The one that is chosen by its id, else what is said of it."""
    if body.company_id:
        companies = Companies(work)
        return companies.own(Company, body.company_id, companies.target())
    return company_of(
        work, email, body.company_name, Domain.parse(body.company_domain) if body.company_domain else None
    )
