"""A lead that came in is enriched at once, within a time budget; what is not done by then follows."""

from __future__ import annotations

from domain.clock import Clock
from domain.enrichment.fields import Subject
from domain.settings import Settings
from domain.tenancy import Scope
from serving.crm.scoring import score_soon
from serving.enrichment.doors import Doors
from serving.enrichment.intake import FIRST
from serving.enrichment.plans import workflow_of
from serving.enrichment.running import ACTOR
from serving.enrichment.runs import carry_on, met, queue, start
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.store import Store, Work
from storage.ops.tables import Contact, EnrichmentWorkflow


def enrich_lead(store: Store, settings: Settings, scope: Scope, contact_id: str, doors: Doors, *, clock: Clock) -> bool:
    """Each workflow for leads that the contact, or its company, is one for; answers whether anything was looked for. What is
    left when the time is over goes on as any run does; then the lead is scored by what is known."""
    begun: list[tuple[str, float]] = []
    with store.write(scope, ACTOR) as work:
        contact = Contacts(work).find(contact_id)
        if contact is None or contact.deleted_at is not None:
            return False
        for workflow in EnrichmentWorkflows(work).for_leads():
            run = _start_for(work, workflow, contact)
            if run is not None:
                begun.append(run)
    for run_id, seconds in begun:
        progress = carry_on(store, settings, scope, run_id, doors, clock=clock, seconds=seconds)
        if progress.again_at is not None:
            with store.write(scope, ACTOR) as work:
                queue(work, run_id, progress.again_at, lead=contact_id)
    if begun:
        with store.write(scope, ACTOR) as work:
            score_soon(work, contact_id, priority=FIRST)
    return bool(begun)


def _start_for(work: Work, workflow: EnrichmentWorkflow, contact: Contact) -> tuple[str, float] | None:
    """A run of one row and its time budget; None where the workflow is not about this lead."""
    document = workflow_of(work, workflow)
    subject_id = contact.contact_id if document.subject is Subject.CONTACT else contact.company_id
    if subject_id is None or not met(work, document, [subject_id]):
        return None
    run = start(work, workflow, "lead", ids=[subject_id], is_queued=False)
    return run.enrichment_run_id, document.time_budget_seconds
