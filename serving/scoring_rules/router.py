"""/v1/scoring-rules: what scores leads by rule, tried on the last 90 days before it is saved.

The web process has neither the model nor the leads' features: a trial is a question that the worker answers.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import IfMatch
from serving.scoring_rules import service
from serving.scoring_rules.schemas import RulesPreviewOut, ScoringRulesIn, ScoringRulesOut
from serving.waiting import Wait, waited_for

router = APIRouter(prefix="/v1/scoring-rules", tags=["models"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("")
def read_scoring_rules(store: StoreDep, principal: Reader, response: Response) -> ScoringRulesOut:
    """The rules in force as YAML: the organization's own, or the shipped ones with their comments."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.shown(work))


@router.put("")
def put_scoring_rules(
    *, body: ScoringRulesIn, store: StoreDep, principal: Designer, response: Response, if_match: IfMatch = None
) -> ScoringRulesOut:
    """A new version. Leads that come in are scored by it at once, everybody else with the next build."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.put(work, body.source, if_match))


@router.post("/preview", status_code=202)
def preview_scoring_rules(
    body: ScoringRulesIn, store: StoreDep, principal: Reader, wait_seconds: Wait = 0.0
) -> RulesPreviewOut:
    """Asks what these rules would change. The answer is `waiting` until a worker has been at it; ask again by its id."""
    with store.write(principal.scope, principal.actor) as work:
        question_id = service.ask(work, body.source)

    def look() -> RulesPreviewOut:
        with store.read(principal.scope) as work:
            return service.preview(work, question_id)

    return waited_for(look, wait_seconds)


@router.get("/previews/{score_question_id}")
def read_scoring_rules_preview(score_question_id: str, store: StoreDep, principal: Reader) -> RulesPreviewOut:
    """A trial that was asked for, kept for a day."""
    with store.read(principal.scope) as work:
        return service.preview(work, score_question_id)
