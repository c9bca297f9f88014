"""Answers what scores would be: under other rules, from the features of the last build and the model that serves.

In the lane of long jobs: a preview scores the leads of 90 days twice.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from domain.errors import InvalidInput, LeadhouseError, NotConfigured
from domain.scoring_rules import parse_rules
from domain.settings import Settings
from models_ml.lead_scoring.previewing import preview
from serving.jobs.base import JobContext
from storage.lake import Lake
from storage.ops.repositories.score_questions import ScoreQuestions

KIND = "answer_score_question"
LANE = "long"
BUILT = "select count(*) as count from duckdb_tables() where database_name = 'lake' and table_name = 'contact_features'"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`{score_question_id}`. What cannot be answered is said in the question itself, not tried again."""
    question_id = str(payload["score_question_id"])
    try:
        with context.store.read(context.scope) as work:
            asked = ScoreQuestions(work).get(question_id).asked
        answer, problem = _previewed(context, asked), ""
    except LeadhouseError as error:
        if error.retryable:
            raise
        answer, problem = {}, f"{error.message}. {error.hint or ''}".strip()
    with context.store.write(context.scope, context.actor) as work:
        ScoreQuestions(work).finish(question_id, answer, problem)


def _previewed(context: JobContext, asked: dict[str, Any]) -> dict[str, Any]:
    lake = _lake(context.settings.model_dump_json(include={"data", "lake"}))
    try:
        (built,) = lake.arrow(BUILT).to_pylist()
    except NotConfigured:
        built = {"count": 0}
    if not built["count"]:
        raise InvalidInput("no lead has been built yet", hint="It can be tried after the first pipeline run.")
    found = preview(
        lake, context.organization_id, parse_rules(asked["rules"]),
        artifacts=context.settings.data.dir.absolute() / "models", now=context.clock(),
    )  # fmt: skip
    return found.as_dict()


@lru_cache(maxsize=1)
def _lake(places: str) -> Lake:
    return Lake.open(Settings.model_validate_json(places))
