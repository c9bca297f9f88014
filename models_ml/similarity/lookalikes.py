"""The standing search of an organization: companies like its customers and unlike the lost ones, with what it is worth."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from domain.clock import Clock, utc_now
from domain.ids import new_id
from domain.lookalikes import MarkedCompanies
from domain.settings import Settings
from models_ml.similarity.dataset import read_companies
from models_ml.similarity.evaluate import Evaluation, evaluate
from models_ml.similarity.feedback import Feedback, feedback_of
from models_ml.similarity.index import vectors_of
from models_ml.similarity.reasons import Words
from models_ml.similarity.search import UNMARKED, Found, Wishes, find
from storage.lake import Lake

LEAST_SEEDS = 5
"""Customers below which nothing is ranked: what three have in common is chance."""
KEPT = 500
"""Lookalikes written for an organization."""
NO_TEXT = "firmographics alone (nothing embedded)"

_COLUMNS = (
    "organization_id, company_id, rank, score, text_closeness, firm_odds, closest_company_id, closest_name, summary, "
    "reasons, run_id, ranked_at"
)
_RUN_COLUMNS = (
    "organization_id, run_id, ran_at, embedder, company_count, customer_count, negative_count, candidate_count, "
    "text_weight, lookalike_count, verdict, report"
)


@dataclass(frozen=True, slots=True)
class LookalikeReport:
    """One run for one organization."""

    organization_id: str
    run_id: str
    embedder: str
    company_count: int
    found: Found
    evaluation: Evaluation
    feedback: Feedback | None = None
    """None where nobody has marked anything."""

    @property
    def summary(self) -> str:
        return f"{len(self.found.lookalikes):,} lookalikes of {self.found.positive_count:,} customers. {self.verdict}"

    @property
    def verdict(self) -> str:
        return " ".join([*self.found.notes, self.evaluation.verdict])


def find_lookalikes(
    lake: Lake,
    settings: Settings,
    organization_id: str,
    *,
    suppressed: Collection[str] = (),
    marked: MarkedCompanies = UNMARKED,
    clock: Clock = utc_now,
) -> LookalikeReport:
    """Ranks, judges, and writes both to the lake. With too few customers it ranks nothing and
    writes why; an organization without companies leaves no trace."""
    companies = read_companies(lake, organization_id)
    vectors, embedder = vectors_of(settings, organization_id, companies)
    wishes = Wishes(from_customers=True, from_lost=True, limit=KEPT)
    customer_count = int(companies.is_customer.sum())
    feedback = None
    if customer_count < LEAST_SEEDS:
        note = f"Nothing is ranked yet: {customer_count} of {LEAST_SEEDS} customers that it takes."
        found = Found([], customer_count, 0, 0, 0.0, [note])
    else:
        words = Words(companies.texts)
        found = find(companies, vectors, wishes, suppressed=suppressed, marked=marked, words=words)
        if marked:
            without = find(companies, vectors, wishes, suppressed=suppressed, words=words)
            feedback = feedback_of(companies, marked, without, found)
    title = embedder.title if embedder else NO_TEXT
    judged = evaluate(companies, vectors, marked)
    report = LookalikeReport(organization_id, new_id(), title, len(companies), found, judged, feedback)
    if len(companies):
        _write(lake, report, clock)
    return report


def _told(report: LookalikeReport) -> dict[str, Any]:
    feedback = report.feedback.as_dict() if report.feedback else None
    return {**report.evaluation.as_dict(), "feedback": feedback}


def _write(lake: Lake, report: LookalikeReport, clock: Clock) -> None:
    """The organization's lookalikes are replaced, its runs added to, in one short transaction."""
    at = clock()
    found = report.found
    rows = [
        {
            "organization_id": report.organization_id,
            "company_id": one.company_id,
            "rank": one.rank,
            "score": one.score,
            "text_closeness": one.text_closeness,
            "firm_odds": one.firm_odds,
            "closest_company_id": one.closest_company_id,
            "closest_name": one.closest_name,
            "summary": one.summary,
            "reasons": json.dumps(one.reasons, ensure_ascii=False),
            "run_id": report.run_id,
            "ranked_at": at,
        }
        for one in found.lookalikes
    ]
    run: dict[str, Any] = {
        "organization_id": report.organization_id,
        "run_id": report.run_id,
        "ran_at": at,
        "embedder": report.embedder,
        "company_count": report.company_count,
        "customer_count": report.evaluation.customer_count,
        "negative_count": found.negative_count,
        "candidate_count": found.candidate_count,
        "text_weight": found.text_weight,
        "lookalike_count": len(rows),
        "verdict": report.verdict,
        "report": json.dumps(_told(report), ensure_ascii=False),
    }
    with lake.staging() as cursor:
        cursor.register("run_made", pa.Table.from_pylist([run]))
        if rows:
            cursor.register("rows_made", pa.Table.from_pylist(rows))
        with lake.commit(cursor):
            cursor.execute("delete from ml.similarity__lookalikes where organization_id = ?", [report.organization_id])
            if rows:
                cursor.execute(f"insert into ml.similarity__lookalikes ({_COLUMNS}) select {_COLUMNS} from rows_made")
            cursor.execute(f"insert into ml.similarity__runs ({_RUN_COLUMNS}) select {_RUN_COLUMNS} from run_made")
        cursor.unregister("run_made")
