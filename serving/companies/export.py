"""A filtered list of companies as CSV, in the columns people see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.lookalikes import MarkKind
from serving.companies.filtering import CompanyFilters
from serving.companies.service import NOBODY, marks_of
from serving.exports import Rows
from storage.ops.repositories.company_lists import CompanyLists, People
from storage.ops.repositories.tags import Tags
from storage.ops.store import Work
from storage.ops.tables import CompanySummary, CompanyTag

COLUMNS = (
    "company_id", "name", "domain", "industry", "employee_count", "country", "status", "quality", "lookalike_score",
    "lookalike_reasons", "lookalike_mark", "visits", "pages_viewed", "visitors", "contacts", "deals", "best_score", "best_band", "owner",
    "first_seen_at", "last_seen_at", "first_channel", "most_read", "network", "network_confidence", "tags",
)  # fmt: skip


def rows_of(asked: CompanyFilters) -> Rows:
    """A line for each company of the list, as of the last build."""

    def rows(work: Work) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
        return COLUMNS, _lines(work, asked)

    return rows


def _lines(work: Work, asked: CompanyFilters) -> Iterator[Sequence[object]]:
    lists, tags = CompanyLists(work), Tags(work)
    for summaries in lists.every(search=asked.q, conditions=asked.conditions, sort=asked.order):
        ids = [row.company_id for row in summaries]
        people, tagged, marks = lists.people_of(ids), tags.names_of(CompanyTag, ids), marks_of(work, summaries)
        for row in summaries:
            company_id = row.company_id
            yield _cells(row, people.get(company_id, NOBODY), tagged.get(company_id, ()), marks.get(company_id))


def _cells(row: CompanySummary, people: People, tags: Sequence[str], mark: MarkKind | None) -> Sequence[object]:
    is_hidden = mark is not None and mark.hides
    return [
        row.company_id,
        row.name,
        row.domain,
        row.industry,
        row.employee_count,
        row.country,
        row.status,
        row.quality,
        None if is_hidden else row.lookalike_score,
        "" if is_hidden else "; ".join(row.lookalike_reasons or ()),
        mark,
        row.session_count,
        row.page_view_count,
        row.visitor_count,
        row.contact_count,
        row.deal_count,
        None if people.best_score is None else round(people.best_score),
        people.best_band,
        people.owner_name,
        row.first_seen_at.isoformat() if row.first_seen_at else None,
        row.last_seen_at.isoformat() if row.last_seen_at else None,
        row.first_channel,
        "; ".join(row.page_paths or ()),
        row.network_type,
        row.network_confidence,
        "; ".join(tags),
    ]
