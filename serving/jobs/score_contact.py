"""Scores one lead the moment something is known of it: from the last build's features and what came in since.

The score is marked provisional; the next build, which has seen everything, replaces it. A lead whose owner hangs on its
score is given to them now. Imported at the worker's start,
model libraries and all, so that the first lead does not wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from domain.contacts import EmailAddress
from domain.errors import NotFound
from domain.mail_domains import type_of
from domain.priors.chances import ClientPrior
from domain.scoring import ScoringRules
from domain.scoring_models import MODEL_SETTING
from domain.scoring_rules import SETTING, parse_rules
from domain.tenancy import Actor
from models_ml.lead_scoring.band_changes import changed_bands, record, says_the_same
from models_ml.lead_scoring.model import LeadModel, load_model
from models_ml.lead_scoring.predict import score_contact
from models_ml.lead_scoring.provisional import RecordNow, Snapshot, VisitEvent, facts_now
from models_ml.lead_scoring.rules import default_rules
from serving.crm import scoring
from serving.jobs.base import JobContext
from serving.routing.taking_up import take_up_scored, waits
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.scores import Scores
from storage.ops.repositories.shared_learning import SharedLearning
from storage.ops.repositories.timelines import Timelines
from storage.ops.store import Work
from storage.ops.tables import Contact

KIND = scoring.JOB


@dataclass(frozen=True, slots=True)
class KnownLead:
    """All that the store knows of a lead, read at one moment."""

    facts: Mapping[str, Any]
    rules: ScoringRules
    model: Mapping[str, Any]
    """The activated model: {version, algorithm, artifact_hash}; empty before the first activation."""
    prior: ClientPrior | None
    """What says the chance where no model does."""
    is_waited_for: bool
    """Whether the lead is given to somebody once it is scored."""


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`{contact_id}`. A contact that is gone is no error: there is nothing left to score."""
    contact_id = str(payload["contact_id"])
    with context.store.read(context.scope) as work:
        try:
            known = known_lead(work, contact_id, context.clock())
        except NotFound:
            return
    model, version = model_of(known, context.settings.data.dir.absolute() / "models")
    scored = score_contact(known.facts, model, known.rules, known.prior).as_dict()
    row = {
        "contact_id": contact_id,
        **scored,
        "model_version": version,
        "is_provisional": True,
        "scored_at": context.clock(),
    }
    actor = Actor("model" if model else "system", version)
    with context.store.write(context.scope, actor) as work:
        scores = Scores(work)
        before = scores.of([contact_id])
        if contact_id not in scores.scorable([contact_id]):
            return
        if not says_the_same(before.get(contact_id), row):
            scores.put([row], known=list(before))
            record(work, before, changed_bands(before, [row], first_ones=True), actor)
    if known.is_waited_for:
        with context.store.write(context.scope, Actor.system("routing")) as work:
            take_up_scored(work, contact_id)


def known_lead(work: Work, contact_id: str, now: datetime) -> KnownLead:
    contact = Contacts(work).get(contact_id)
    kept = Scores(work).snapshot(contact_id)
    snapshot = Snapshot(kept.as_of_at, kept.features) if kept else None
    timelines = Timelines(work)
    browsers = timelines.anonymous_ids(contact_id)
    events = [
        VisitEvent(event.occurred_at, event.type, urlsplit(event.page_url).path, event.engaged_seconds)
        for event in timelines.unlanded_events(contact_id, contact.email_hash, browsers)
        if not event.is_bot
    ]
    since = snapshot.as_of_at if snapshot else now - timedelta(days=30)
    submitted = Scores(work).submitted_since(contact_id, since)
    settings = OrganizationSettings(work)
    kept_prior = SharedLearning(work).prior()
    rules, model = settings.current(SETTING), settings.current(MODEL_SETTING)
    return KnownLead(
        facts=facts_now(_record(work, contact, now), snapshot, events, submitted, now),
        rules=parse_rules(rules.value) if rules else default_rules(),
        model=model.value if model else {},
        prior=kept_prior.prior if kept_prior else None,
        is_waited_for=waits(work, contact_id),
    )


def _record(work: Work, contact: Contact, now: datetime) -> RecordNow:
    defined = {one.key: one for one in ContactLists(work).definitions() if one.role == "feature"}
    attributes = {
        key: _days_since(value, now) if defined[key].data_type in {"date", "datetime"} else value
        for key, value in (contact.attributes or {}).items()
        if key in defined
    }
    company = Companies(work).find(contact.company_id) if contact.company_id else None
    return RecordNow(
        known_at=contact.known_at,
        source=contact.source,
        country=contact.country,
        email_domain_type=type_of(EmailAddress(contact.email).domain).value if contact.email else "none",
        has_phone=bool(contact.phone),
        has_company=contact.company_id is not None,
        title=contact.title,
        attributes=attributes,
        company_industry=(company.industry or None) if company else None,
        company_employee_count=company.employee_count if company else None,
    )


def _days_since(value: Any, now: datetime) -> float | None:
    """Days from a date, as the features count them; None where it is not one."""
    try:
        then = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=now.tzinfo)
    return (now - then) // timedelta(hours=1) / 24


def model_of(known: KnownLead, artifacts: Path) -> tuple[LeadModel | None, str]:
    """The activated model and its version; where its files are missing on this machine, rules alone, and said so."""
    version, content_hash = str(known.model.get("version", "")), str(known.model.get("artifact_hash", ""))
    if not content_hash:
        return None, f"rules-{known.rules.version}"
    try:
        return load_model(artifacts, content_hash), version
    except NotFound:
        return None, f"rules-{known.rules.version} ({version} is missing)"
