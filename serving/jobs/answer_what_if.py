"""Answers what a lead's score would be if other things were known of it, by the path that scores it when it comes.

In the short lane: it is one lead, and a person looks at the screen.
"""

from __future__ import annotations

from typing import Any

from domain.errors import NotConfigured
from domain.what_if import FACTS, changed_facts
from models_ml.lead_scoring.features import POSITIONS
from models_ml.lead_scoring.model import LeadModel
from models_ml.lead_scoring.predict import ScoredLead, score_contact
from models_ml.lead_scoring.promises import Promise, nearest, read_promises
from models_ml.lead_scoring.rules import features_of
from serving.jobs.answering import answer_kept, lake_at, places_of
from serving.jobs.base import JobContext
from serving.jobs.score_contact import KnownLead, known_lead, model_of
from storage.ops.repositories.score_questions import ScoreQuestions

KIND = "answer_what_if"
LANE = "short"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`{score_question_id}`."""
    question_id = str(payload["score_question_id"])
    answer_kept(context, ScoreQuestions, question_id, lambda: _answered(context, question_id))


def _answered(context: JobContext, question_id: str) -> dict[str, Any]:
    with context.store.read(context.scope) as work:
        asked = ScoreQuestions(work).get(question_id).asked
        known = known_lead(work, asked["contact_id"], context.clock())
    changes = asked["changes"]
    model, version = model_of(known, context.settings.data.dir.absolute() / "models")
    promises = _promises(context, version) if model else []
    before = score_contact(known.facts, model, known.rules, known.prior)
    after = score_contact(changed_facts(known.facts, changes), model, known.rules, known.prior)
    return {
        "facts": {name: known.facts.get(name) for name in FACTS},
        "before": _told(before, promises),
        "after": _told(after, promises),
        "unheard": [name for name in changes if name not in _heard(known, model)],
        "model_version": version,
    }


def _told(scored: ScoredLead, promises: list[Promise]) -> dict[str, Any]:
    promise = nearest(promises, scored.probability)
    return {**scored.as_dict(), "promise": promise.as_dict() if promise else None}


def _heard(known: KnownLead, model: LeadModel | None) -> set[str]:
    """The facts that move something: the model reads a title as what it says of seniority and department."""
    learned = {feature.name for feature in model.features} if model else set()
    read = {"title"} if learned & {*POSITIONS, "has_title"} else set()
    read |= {"company_industry", "company_employee_count"} if "has_company" in learned else set()
    if model is None and known.prior is not None:
        read |= {"title", "country", "company_employee_count"}
    return {*learned, *read, *features_of(known.rules)}


def _promises(context: JobContext, version: str) -> list[Promise]:
    try:
        return read_promises(lake_at(places_of(context.settings)), context.organization_id, version)
    except NotConfigured:
        return []
