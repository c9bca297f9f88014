"""Searches for companies like some and unlike others: asked over the API, answered by the worker, kept for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.errors import NotFound
from storage.ops.repositories.base import Repository, delete_some
from storage.ops.tables import LookalikeSearch


class LookalikeSearches(Repository):
    def ask(self, asked: Mapping[str, Any]) -> LookalikeSearch:
        """Keeps the question; the caller queues the job that answers it."""
        made = LookalikeSearch(
            organization_id=self.target(),
            asked=dict(asked),
            answer={},
            requested_by=f"{self.work.actor.kind}:{self.work.actor.id}"[:80],
            created_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def get(self, lookalike_search_id: str) -> LookalikeSearch:
        """Raises NotFound."""
        found = self.by_id(LookalikeSearch, lookalike_search_id)
        if found is None:
            raise NotFound("There is no such search here.")
        return found

    def finish(self, lookalike_search_id: str, answer: Mapping[str, Any], problem: str = "") -> None:
        """Writes the answer, or why there is none; a search that is gone is no error."""
        found = self.session.scalars(
            select(LookalikeSearch).where(
                LookalikeSearch.lookalike_search_id == lookalike_search_id,
                LookalikeSearch.organization_id == self.target(),
            )
        ).first()
        if found is None:
            return
        found.answer, found.problem = dict(answer), problem
        found.status, found.finished_at = "failed" if problem else "done", self.work.now()
        self.session.flush()

    def forget(self, before: datetime, limit: int) -> int:
        """Deletes searches older than a moment; for housekeeping, of every organization."""
        self.require_system()
        is_old = LookalikeSearch.created_at < before
        return delete_some(self.session, LookalikeSearch.lookalike_search_id, is_old, limit=limit)
