"""Writing back: each company as the last build has it, with its place among the lookalikes, for lists and drawers.

A summary that says the same as the one that is there is not written again; transactions are short, so that captured
events get their turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.clock import Clock, utc_now
from domain.companies import CompanyFacts, quality_of
from domain.lookalikes import MarkedCompanies
from domain.tenancy import Actor, Scope
from storage.lake import Lake
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.lookalike_marks import LookalikeMarks
from storage.ops.store import Store
from storage.ops.tables import CompanySummary

CHUNK = 200
"""Rows a transaction: the lock is held ≤ 25 ms."""
COMPARED = 2_000

SUMMARIES = """
    select
        companies.company_id, companies.name, companies.domain, companies.industry, companies.employee_count,
        companies.country, companies.contact_count, companies.visitor_count, companies.session_count,
        companies.page_view_count, companies.deal_count, companies.first_seen_at, companies.last_seen_at,
        companies.first_channel, companies.network_type, companies.network_confidence,
        companies.is_customer, companies.has_open_deal, companies.is_lost,
        features.titles, features.page_paths, lookalikes.rank as lookalike_rank, lookalikes.score as lookalike_score,
        lookalikes.summary as lookalike_summary, lookalikes.reasons as lookalike_reasons, lookalikes.closest_company_id
    from lake.marts.companies as companies
    inner join lake.features.company_features as features
        on companies.organization_id = features.organization_id and companies.company_id = features.company_id
    left join lake.ml.similarity__lookalikes as lookalikes
        on companies.organization_id = lookalikes.organization_id and companies.company_id = lookalikes.company_id
    where companies.organization_id = ?
    order by companies.company_id
"""
COUNTS = ("contact_count", "visitor_count", "session_count", "page_view_count", "deal_count")
AS_THEY_ARE = (
    "company_id", "industry", "employee_count", "domain", "first_seen_at", "last_seen_at", "first_channel",
    "network_type", "network_confidence", "lookalike_rank", "lookalike_score", "closest_company_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompanyActivation:
    """What was written back for one organization."""

    organization_id: str
    company_count: int
    written_count: int
    removed_count: int


def activate_companies(lake: Lake, store: Store, organization_id: str, *, clock: Clock = utc_now) -> CompanyActivation:
    """Brings the store's summaries to what marts and lookalikes say."""
    scope, actor = Scope.of(organization_id), Actor("model", "similarity")
    total = written = 0
    present: set[str] = set()
    for rows in _batches(_rows(lake, organization_id, clock()), COMPARED):
        total += len(rows)
        present.update(str(row["company_id"]) for row in rows)
        with store.read(scope) as work:
            before = CompanyLists(work).of([str(row["company_id"]) for row in rows])
            changed = [row for row in rows if not _says_the_same(before.get(str(row["company_id"])), row)]
        for start in range(0, len(changed), CHUNK):
            with store.write(scope, actor) as work:
                written += CompanyLists(work).put(changed[start : start + CHUNK])
    return CompanyActivation(organization_id, total, written, _remove_missing(store, scope, actor, present))


def left_alone_and_marked(lake: Lake, store: Store, organization_id: str) -> tuple[set[str], MarkedCompanies]:
    """The companies that must not be contacted, by themselves or by their domain; and what people said of those that were
    suggested to them."""
    table = lake.arrow(
        "select company_id, domain from lake.features.company_features where organization_id = ?", [organization_id]
    )
    domains = dict(zip(table["company_id"].to_pylist(), table["domain"].to_pylist(), strict=True))
    with store.read(Scope.of(organization_id)) as work:
        return Suppressions(work).suppressed_companies(domains), LookalikeMarks(work).standing(domains)


def _rows(lake: Lake, organization_id: str, now: datetime) -> Iterator[dict[str, Any]]:
    for batch in lake.arrow(SUMMARIES, [organization_id]).to_batches(COMPARED):
        for found in batch.to_pylist():
            yield _summary(found, now)


def _summary(found: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    pages = [path for path in (found["page_paths"] or "").split(" | ") if path]
    titles = tuple(title for title in (found["titles"] or "").split(" | ") if title)
    facts = CompanyFacts(
        name=found["name"] or "", domain=found["domain"] or "", industry=found["industry"] or "",
        employee_count=found["employee_count"], country=found["country"] or "", titles=titles,
    )  # fmt: skip
    quality = quality_of(
        facts, session_count=found["session_count"], visitor_count=found["visitor_count"],
        last_seen_at=found["last_seen_at"], now=now,
    )  # fmt: skip
    return {
        **{name: found[name] for name in (*AS_THEY_ARE, *COUNTS)},
        "name": (facts.name or facts.domain or "Unnamed company")[:200],
        "country": facts.country[:2] or None,
        "status": _status(found),
        "page_paths": pages,
        "activity": quality.activity,
        "richness": quality.richness,
        "quality": quality.total,
        "lookalike_summary": found["lookalike_summary"] or "",
        "lookalike_reasons": json.loads(found["lookalike_reasons"]) if found["lookalike_reasons"] else [],
        "refreshed_at": now,
    }


def _status(found: Mapping[str, Any]) -> str:
    if found["is_customer"]:
        return "customer"
    if found["has_open_deal"]:
        return "open_deal"
    return "lost" if found["is_lost"] else "prospect"


def _says_the_same(last: CompanySummary | None, row: Mapping[str, Any]) -> bool:
    return last is not None and all(
        getattr(last, name) == value for name, value in row.items() if name != "refreshed_at"
    )


def _remove_missing(store: Store, scope: Scope, actor: Actor, present: set[str]) -> int:
    """Summaries of companies that the marts no longer have, found in one walk."""
    removed, last = 0, ""
    while True:
        with store.read(scope) as work:
            ids = CompanyLists(work).ids_after(last, COMPARED)
        if not ids:
            return removed
        last = ids[-1]
        gone: Sequence[str] = [company_id for company_id in ids if company_id not in present]
        for start in range(0, len(gone), CHUNK):
            with store.write(scope, actor) as work:
                removed += CompanyLists(work).remove(gone[start : start + CHUNK])


def _batches(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
