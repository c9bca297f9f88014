"""Answers a search for companies like some and unlike others, from the vectors and features of the last build.

In the lane of long jobs: the first search of a process opens the vectors, which must keep no lead waiting for its score.
What was read of an organization is kept until its next build.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import Any, NamedTuple

from domain.companies import SizeBand
from domain.errors import InvalidInput, NotConfigured
from domain.settings import Settings
from models_ml.similarity.dataset import Companies, read_companies
from models_ml.similarity.index import EXACT_UP_TO, shortlist, vectors_of
from models_ml.similarity.lookalikes import NO_TEXT
from models_ml.similarity.reasons import Words
from models_ml.similarity.search import Matrix, Wishes, find, seeds_of
from serving.jobs.answering import answer_kept, lake_at, places_of
from serving.jobs.base import JobContext
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.lookalike_marks import LookalikeMarks
from storage.ops.repositories.lookalike_searches import LookalikeSearches

KIND = "find_lookalikes"
LANE = "long"
KEPT_ORGANIZATIONS = 4

STANDS = """
    select
        (select count(*) from duckdb_tables() where database_name = 'lake' and table_name = 'company_features') as count,
        (select max(finished_at) from lake.meta.builds where name = 'marts') as built_at,
        (select max(embedded_at) from lake.ml.similarity__embeddings where organization_id = ?) as embedded_at
"""


class _Known(NamedTuple):
    """What is known of an organization's companies as of one build."""

    companies: Companies
    vectors: Matrix | None
    """None where there are so many that a search reads only a shortlist."""
    embedder: str
    words: Words


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`{lookalike_search_id}`."""
    search_id = str(payload["lookalike_search_id"])
    answer_kept(context, LookalikeSearches, search_id, lambda: _answer(context, search_id))


def _answer(context: JobContext, search_id: str) -> dict[str, Any]:
    with context.store.read(context.scope) as work:
        asked = LookalikeSearches(work).get(search_id).asked
    known = _known(context)
    wishes = Wishes(**{**asked, "sizes": tuple(SizeBand(band) for band in asked.get("sizes", ()))})
    with context.store.read(context.scope) as work:
        domains = {name: facts.domain for name, facts in zip(known.companies.ids, known.companies.facts, strict=True)}
        suppressed = Suppressions(work).suppressed_companies(domains)
        marked = LookalikeMarks(work).standing(domains)
    companies, vectors, title = known.companies, known.vectors, known.embedder
    if vectors is None:
        seeds, _ = seeds_of(companies, wishes, marked)
        companies = companies.only(shortlist(context.settings, context.organization_id, companies, seeds))
        vectors, embedder = vectors_of(context.settings, context.organization_id, companies)
        title = embedder.title if embedder else NO_TEXT
    found = find(companies, vectors, wishes, suppressed=suppressed, marked=marked, words=known.words)
    return {
        "items": [asdict(one) for one in found.lookalikes],
        "positive_count": found.positive_count,
        "negative_count": found.negative_count,
        "candidate_count": found.candidate_count,
        "text_weight": found.text_weight,
        "embedder": title,
        "notes": found.notes,
    }


def _known(context: JobContext) -> _Known:
    places = places_of(context.settings)
    try:
        (stands,) = lake_at(places).arrow(STANDS, [context.organization_id]).to_pylist()
    except NotConfigured:
        stands = {"count": 0}
    if not stands["count"]:
        raise InvalidInput("no company has been built yet", hint="It fills in after the first pipeline run.")
    return _read(places, context.organization_id, f"{stands['built_at']}|{stands['embedded_at']}")


@lru_cache(maxsize=KEPT_ORGANIZATIONS)
def _read(places: str, organization_id: str, as_of: str) -> _Known:  # noqa: ARG001  a newer build is another entry
    companies = read_companies(lake_at(places), organization_id)
    words = Words(companies.texts)
    if len(companies) > EXACT_UP_TO:
        return _Known(companies, None, "", words)
    vectors, embedder = vectors_of(Settings.model_validate_json(places), organization_id, companies)
    return _Known(companies, vectors, embedder.title if embedder else NO_TEXT, words)
