"""What the routes of what-if do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import NotFound
from domain.what_if import checked
from serving.ownership import require_own
from serving.what_if.schemas import WhatIfAnswerOut, WhatIfOut
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.score_questions import ScoreQuestions
from storage.ops.store import Work

JOB = "answer_what_if"
WHAT_IF = "what_if"


def ask(work: Work, contact_id: str, changes: Mapping[str, Any]) -> str:
    """Keeps the question and queues its answer; returns its id. Raises NotFound, and InvalidInput for a change that is none."""
    contact = Contacts(work).get(contact_id)
    require_own(work, contact.organization_id, "contact")
    made = ScoreQuestions(work).ask(WHAT_IF, {"contact_id": contact.contact_id, "changes": checked(changes)})
    Jobs(work).enqueue(
        JOB, organization_id=made.organization_id, payload={"score_question_id": made.score_question_id}, priority=1
    )
    return made.score_question_id


def shown(work: Work, contact_id: str, score_question_id: str) -> WhatIfOut:
    """Raises NotFound."""
    question = ScoreQuestions(work).get(score_question_id)
    if question.kind != WHAT_IF or question.asked["contact_id"] != Contacts(work).get(contact_id).contact_id:
        raise NotFound("There is no such question here.")
    return WhatIfOut(
        score_question_id=score_question_id, contact_id=question.asked["contact_id"], status=question.status,
        problem=question.problem,
        answer=WhatIfAnswerOut.model_validate(question.answer) if question.answer else None,
    )  # fmt: skip
