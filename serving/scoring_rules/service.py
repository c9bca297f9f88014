"""What the routes of scoring rules do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from domain.errors import InvalidInput, NotFound
from domain.scoring_rules import SETTING, SOURCE, default_text, parse_rules
from serving import etags
from serving.actors import names_of
from serving.crm.presenters import display_name
from serving.scoring_rules.schemas import PreviewAnswerOut, RulesPreviewOut, ScoringRulesOut
from serving.yaml_documents import load_document
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.score_questions import ScoreQuestions
from storage.ops.store import Work
from storage.ops.tables import OrganizationSetting

JOB = "answer_score_question"
RULES = "rules"


def shown(work: Work) -> ScoringRulesOut:
    held = OrganizationSettings(work).current(SETTING)
    if held is None:
        return ScoringRulesOut(version=None, etag=_tag(None), changed_at=None, changed_by="", source=default_text())
    called = names_of(work, [("user", held.created_by)])
    return ScoringRulesOut(
        version=held.version,
        etag=_tag(held),
        changed_at=held.valid_from,
        changed_by=called.get(held.created_by, held.created_by),
        source=held.value.get(SOURCE) or yaml.safe_dump(dict(held.value), sort_keys=False, allow_unicode=True),
    )


def put(work: Work, source: str, if_match: str | None) -> ScoringRulesOut:
    """Raises InvalidInput for what are no rules, PreconditionFailed where somebody else saved meanwhile."""
    settings = OrganizationSettings(work)
    etags.check_tag(if_match, _tag(settings.current(SETTING)))
    settings.change(SETTING, {**read_rules(source), SOURCE: source})
    return shown(work)


def ask(work: Work, source: str) -> str:
    """Keeps the draft and queues its trial; returns the question's id. Raises InvalidInput."""
    made = ScoreQuestions(work).ask(RULES, {"rules": read_rules(source)})
    Jobs(work).enqueue(
        JOB, organization_id=made.organization_id, payload={"score_question_id": made.score_question_id}, priority=1
    )
    return made.score_question_id


def preview(work: Work, score_question_id: str) -> RulesPreviewOut:
    """Raises NotFound."""
    question = ScoreQuestions(work).get(score_question_id)
    if question.kind != RULES:
        raise NotFound("There is no such preview here.")
    answer: dict[str, Any] = question.answer
    return RulesPreviewOut(
        score_question_id=question.score_question_id, status=question.status, problem=question.problem,
        answer=_answer(work, answer) if answer else None,
    )  # fmt: skip


def read_rules(source: str) -> dict[str, Any]:
    """The document as the setting keeps it: plain values that are rules."""
    found = load_document(source)
    if not isinstance(found, Mapping):
        raise InvalidInput("scoring rules are a mapping", hint="Begin with `version:`, `fit:` and `engagement:`.")
    document = {str(key): value for key, value in found.items() if key != SOURCE}
    parse_rules(document)
    return document


def _answer(work: Work, answer: Mapping[str, Any]) -> PreviewAnswerOut:
    people = Contacts(work).of([one["contact_id"] for one in answer["changes"]])
    moved = {
        side: [{"name": name, "before": before, "after": after} for name, before, after in answer[side]]
        for side in ("bands", "grades")
    }
    changes = [
        {**one, "name": display_name(people[one["contact_id"]]) if one["contact_id"] in people else ""}
        for one in answer["changes"]
    ]
    return PreviewAnswerOut.model_validate({**answer, **moved, "changes": changes})


def _tag(held: OrganizationSetting | None) -> str:
    return etags.tag_of_version(held.version if held else 0)
