"""Questions of what scores would be: asked over the API, answered by the worker, kept for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.errors import NotFound
from storage.ops.repositories.base import Repository, delete_some
from storage.ops.tables import ScoreQuestion


class ScoreQuestions(Repository):
    def ask(self, kind: str, asked: Mapping[str, Any]) -> ScoreQuestion:
        """Keeps the question; the caller queues the job that answers it."""
        made = ScoreQuestion(
            organization_id=self.target(), kind=kind, asked=dict(asked), answer={}, created_at=self.work.now()
        )
        self.session.add(made)
        self.session.flush()
        return made

    def get(self, score_question_id: str) -> ScoreQuestion:
        """Raises NotFound."""
        found = self._find(score_question_id)
        if found is None:
            raise NotFound("There is no such question here.")
        return found

    def finish(self, score_question_id: str, answer: Mapping[str, Any], problem: str = "") -> None:
        """Writes the answer, or why there is none; a question that is gone is no error."""
        found = self._find(score_question_id)
        if found is None:
            return
        found.answer, found.problem = dict(answer), problem
        found.status, found.finished_at = "failed" if problem else "done", self.work.now()
        self.session.flush()

    def forget(self, before: datetime, limit: int) -> int:
        """Deletes questions older than a moment; for housekeeping, of every organization."""
        self.require_system()
        return delete_some(
            self.session, ScoreQuestion.score_question_id, ScoreQuestion.created_at < before, limit=limit
        )

    def _find(self, score_question_id: str) -> ScoreQuestion | None:
        return self.session.scalars(
            select(ScoreQuestion).where(
                ScoreQuestion.score_question_id == score_question_id, ScoreQuestion.organization_id == self.target()
            )
        ).first()
