"""What the routes of companies do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.companies import SizeBand
from domain.lookalikes import MarkKind
from serving import etags
from serving.companies.filtering import CompanyFilters
from serving.companies.schemas import (
    CompanyDealOut,
    CompanyDetailOut,
    CompanyFacetsOut,
    CompanyLineOut,
    CompanyListOut,
    LookalikeOut,
    LookalikesIn,
    LookalikesOut,
    NetworkOut,
    PersonOut,
    QualityOut,
    StandingOut,
)
from serving.crm.presenters import counted, display_name
from storage.ops.repositories.company_lists import CompanyLists, People
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.lookalike_marks import LookalikeMarks
from storage.ops.repositories.lookalike_searches import LookalikeSearches
from storage.ops.repositories.tags import Tags
from storage.ops.store import Work
from storage.ops.tables import CompanySummary, CompanyTag, LookalikeSearch

JOB = "find_lookalikes"
NOBODY = People()


def list_companies(
    work: Work, asked: CompanyFilters, *, limit: int, cursor: str | None, with_total: bool
) -> CompanyListOut:
    """Raises InvalidInput for a filter, order or cursor that this list does not know."""
    lists = CompanyLists(work)
    page = lists.page(
        search=asked.q,
        conditions=asked.conditions,
        sort=asked.order,
        limit=limit,
        cursor=cursor,
        with_total=with_total,
    )
    ids = [row.company_id for row in page.rows]
    people, tags, marks = lists.people_of(ids), Tags(work).names_of(CompanyTag, ids), marks_of(work, page.rows)
    return CompanyListOut(
        items=[
            line_out(row, people.get(row.company_id, NOBODY), tags.get(row.company_id, ()), marks.get(row.company_id))
            for row in page.rows
        ],
        next_cursor=page.next_cursor,
        total=page.total,
        total_text=counted(page.total),
    )


def facets(work: Work) -> CompanyFacetsOut:
    tags = [tag.name for tag in Tags(work).all()]
    return CompanyFacetsOut(**CompanyLists(work).facets(), sizes=[band.value for band in SizeBand], tags=tags)


def detail(work: Work, company_id: str) -> CompanyDetailOut:
    """Raises NotFound."""
    lists = CompanyLists(work)
    story = lists.story(company_id)
    summary, company = story.summary, story.company
    known = company or summary
    assert known is not None
    company_id = known.company_id
    people = lists.people_of([company_id]).get(company_id, NOBODY)
    closest = summary.closest_company_id if summary else None
    tags = Tags(work).names_of(CompanyTag, [company_id]).get(company_id, [])
    return CompanyDetailOut(
        company_id=company_id,
        name=known.name,
        domain=known.domain,
        industry=known.industry,
        employee_count=known.employee_count,
        country=known.country,
        attributes=company.attributes if company else {},
        tags=tags,
        summary=line_out(summary, people, tags, marks_of(work, [summary]).get(company_id)) if summary else None,
        closest_name=lists.names_of([closest]).get(closest, "") if closest else "",
        people=[
            PersonOut(
                contact_id=contact.contact_id,
                display_name=display_name(contact),
                title=contact.title,
                lifecycle_stage=contact.lifecycle_stage,
                score=score.score if score else None,
                band=score.band if score else None,
            )
            for contact, score in story.people
        ],
        deals=[
            CompanyDealOut(
                deal_id=deal.deal_id,
                name=deal.name,
                stage=deal.stage,
                amount_minor=deal.amount_minor,
                currency=deal.currency,
                opened_at=deal.opened_at,
                closed_at=deal.closed_at,
            )
            for deal in story.deals
        ],
        etag=etags.etag_of(company.updated_at) if company else "",
    )


def ask_for_lookalikes(work: Work, body: LookalikesIn) -> str:
    """Keeps the question and queues its answer; returns the search's id."""
    made = LookalikeSearches(work).ask(body.model_dump(mode="json"))
    Jobs(work).enqueue(
        JOB,
        organization_id=made.organization_id,
        payload={"lookalike_search_id": made.lookalike_search_id},
        priority=1,
    )
    return made.lookalike_search_id


def lookalikes(work: Work, lookalike_search_id: str) -> LookalikesOut:
    """Raises NotFound."""
    search = LookalikeSearches(work).get(lookalike_search_id)
    answer: dict[str, Any] = search.answer
    found: list[dict[str, Any]] = answer.get("items", [])
    lists = CompanyLists(work)
    ids = [one["company_id"] for one in found]
    summaries, people, tags = lists.of(ids), lists.people_of(ids), Tags(work).names_of(CompanyTag, ids)
    marks = marks_of(work, list(summaries.values()))
    items = []
    for one in found:
        company_id = one["company_id"]
        summary, mark = summaries.get(company_id), marks.get(company_id)
        if mark is not None and mark.hides:
            continue
        known = people.get(company_id, NOBODY)
        line = line_out(summary, known, tags.get(company_id, ()), mark) if summary else None
        items.append(LookalikeOut(**one, company=line))
    return _search_out(search, items)


def marks_of(work: Work, rows: Sequence[CompanySummary]) -> dict[str, MarkKind]:
    """What people said of these companies, by id."""
    found = LookalikeMarks(work).of({row.company_id: row.domain for row in rows})
    return {company_id: MarkKind(mark.kind) for company_id, mark in found.items()}


def line_out(row: CompanySummary, people: People, tags: Sequence[str], mark: MarkKind | None) -> CompanyLineOut:
    return CompanyLineOut(
        company_id=row.company_id,
        name=row.name,
        domain=row.domain,
        industry=row.industry,
        employee_count=row.employee_count,
        country=row.country,
        status=row.status,
        contact_count=row.contact_count,
        visitor_count=row.visitor_count,
        session_count=row.session_count,
        page_view_count=row.page_view_count,
        deal_count=row.deal_count,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        source=row.first_channel,
        pages=row.page_paths,
        network=NetworkOut(type=row.network_type, confidence=row.network_confidence) if row.network_type else None,
        quality=QualityOut(total=row.quality, activity=row.activity, richness=row.richness),
        lookalike=None if mark is not None and mark.hides else _standing(row),
        lookalike_mark=mark,
        best_score=people.best_score,
        best_band=people.best_band,
        owner_name=people.owner_name,
        tags=list(tags),
        refreshed_at=row.refreshed_at,
    )


def _standing(row: CompanySummary) -> StandingOut | None:
    if row.lookalike_rank is None:
        return None
    return StandingOut(
        rank=row.lookalike_rank,
        score=row.lookalike_score or 0.0,
        summary=row.lookalike_summary,
        reasons=row.lookalike_reasons,
        closest_company_id=row.closest_company_id,
    )


def _search_out(search: LookalikeSearch, items: list[LookalikeOut]) -> LookalikesOut:
    answer: dict[str, Any] = search.answer
    return LookalikesOut(
        lookalike_search_id=search.lookalike_search_id,
        status=search.status,
        problem=search.problem,
        asked=search.asked,
        items=items,
        positive_count=answer.get("positive_count", 0),
        negative_count=answer.get("negative_count", 0),
        candidate_count=answer.get("candidate_count", 0),
        text_weight=answer.get("text_weight", 0.0),
        embedder=answer.get("embedder", ""),
        notes=answer.get("notes", []),
        created_at=search.created_at,
        finished_at=search.finished_at,
    )
