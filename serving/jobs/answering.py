"""What jobs share that answer a question which somebody asked over the API and waits for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from domain.errors import LeadhouseError
from domain.settings import Settings
from serving.jobs.base import JobContext
from storage.lake import Lake
from storage.ops.store import Work

Answer = dict[str, Any]


class Questions(Protocol):
    """Where questions of a kind are kept."""

    def finish(self, _question_id: str, _answer: Answer, _problem: str, /) -> None: ...


def answer_kept(
    context: JobContext, questions: Callable[[Work], Questions], question_id: str, answered: Callable[[], Answer]
) -> None:
    """Writes the answer beside its question. What cannot be answered is said there, not tried again."""
    try:
        answer, problem = answered(), ""
    except LeadhouseError as error:
        if error.retryable:
            raise
        answer, problem = {}, f"{error.message}. {error.hint or ''}".strip()
    with context.store.write(context.scope, context.actor) as work:
        questions(work).finish(question_id, answer, problem)


def places_of(settings: Settings) -> str:
    """Where the lake is, as text that a cache can keep by."""
    return settings.model_dump_json(include={"data", "lake"})


@lru_cache(maxsize=1)
def lake_at(places: str) -> Lake:
    """The one of this process, to read; nothing is opened until it is asked."""
    return Lake.open(Settings.model_validate_json(places))
