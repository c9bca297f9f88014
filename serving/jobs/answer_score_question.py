"""Answers what scores would be: under other rules, from the features of the last build and the model that serves.

In the lane of long jobs: a preview scores the leads of 90 days twice.
"""

from __future__ import annotations

from typing import Any

from domain.errors import InvalidInput, NotConfigured
from domain.scoring_rules import parse_rules
from models_ml.lead_scoring.previewing import preview
from serving.jobs.answering import answer_kept, lake_at, places_of
from serving.jobs.base import JobContext
from storage.ops.repositories.score_questions import ScoreQuestions

KIND = "answer_score_question"
LANE = "long"
BUILT = "select count(*) as count from duckdb_tables() where database_name = 'lake' and table_name = 'contact_features'"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`{score_question_id}`."""
    question_id = str(payload["score_question_id"])
    answer_kept(context, ScoreQuestions, question_id, lambda: _previewed(context, question_id))


def _previewed(context: JobContext, question_id: str) -> dict[str, Any]:
    with context.store.read(context.scope) as work:
        asked = ScoreQuestions(work).get(question_id).asked
    lake = lake_at(places_of(context.settings))
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
