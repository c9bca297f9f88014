"""What the contact routes do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.settings import Settings
from domain.tenancy import Actor, Scope, SystemScope
from serving.crm import presenters
from serving.crm.schemas import (
    AttributeChoiceOut,
    ContactDetailOut,
    ContactListOut,
    FacetsOut,
    LiveOut,
    OverviewOut,
    TodayOut,
)
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.contact_questions import ContactQuestion
from storage.ops.repositories.overviews import Overviews
from storage.ops.repositories.quality_lists import QualityLists
from storage.ops.repositories.tags import Tags
from storage.ops.store import Store, Work

SEARCHES = frozenset({"q", "search"})
UNTOLD = SEARCHES | {"attribute", "filter"}
"""Filters that may hold a name."""
STAGES = ["visitor", "lead", "mql", "sql", "opportunity", "customer", "lost"]
BANDS = ["hot", "warm", "cool", "cold", "none"]


def list_contacts(
    work: Work, question: ContactQuestion, *, limit: int, cursor: str | None, with_total: bool
) -> ContactListOut:
    page = ContactLists(work).page(question, limit=limit, cursor=cursor, with_total=with_total)
    return ContactListOut(
        items=[presenters.contact_out(line) for line in page.lines],
        next_cursor=page.next_cursor,
        total=page.total,
        total_text=presenters.counted(page.total),
    )


def facets(work: Work) -> FacetsOut:
    lists = ContactLists(work)
    choices = [
        AttributeChoiceOut(
            key=found.key, label=found.label, data_type=found.data_type, role=found.role, options=found.options,
            is_filterable=found.is_filterable,
        )
        for found in lists.definitions()
        if found.archived_at is None
    ]  # fmt: skip
    tags = [tag.name for tag in Tags(work).all()]
    return FacetsOut(sources=lists.facets()["sources"], stages=STAGES, bands=BANDS, attributes=choices, tags=tags)


def detail(work: Work, contact_id: str) -> ContactDetailOut:
    return presenters.detail_out(ContactDetails(work).detail(contact_id), ContactLists(work).definitions())


def note_export(store: Store, scope: Scope, actor: Actor, filters: Mapping[str, Any]) -> None:
    """An export is an act that is answered for: who, when, and by which filters. What was searched for may be a name and
    is not kept."""
    told = {name: value for name, value in filters.items() if name not in UNTOLD}
    with store.write(SystemScope("an export is noted in every organization it reads"), actor) as work:
        is_searched = not SEARCHES.isdisjoint(filters)
        Audit(work).record_export("contacts", scope.readable_ids, {"filters": told, "is_searched": is_searched})


def live(work: Work, now: datetime) -> LiveOut:
    overviews = Overviews(work)
    today = overviews.today(now)
    waiting, newest_event_at = overviews.waiting_events()
    return LiveOut(
        as_of_at=now,
        today=TodayOut(
            time_zone=today.time_zone,
            begins_at=today.begins_at,
            lead_count=today.lead_count,
            lead_count_yesterday=today.lead_count_yesterday,
            form_submission_count=today.form_submission_count,
        ),
        waiting_event_count=waiting,
        newest_event_at=newest_event_at,
        trouble=QualityLists(work).counts(),
    )


def overview(work: Work, settings: Settings, now: datetime) -> OverviewOut:
    overviews, lists = Overviews(work), ContactLists(work)
    count = overviews.contact_count()
    newest = lists.page(ContactQuestion(), limit=8, with_total=False)
    hottest = lists.page(ContactQuestion(sort="score", min_score=0), limit=8, with_total=False)
    return OverviewOut(
        **dict(live(work, now)),
        contact_count=count,
        contact_count_text=presenters.counted(count) or "0",
        stage_counts=overviews.stage_counts(),
        newest=[presenters.contact_out(line) for line in newest.lines],
        hottest=[presenters.contact_out(line) for line in hottest.lines],
        not_configured=not_configured(settings),
    )


def not_configured(settings: Settings) -> list[str]:
    """What this instance could do and is not set up for, and what that costs, in words for people."""
    notes = []
    if settings.ai.api_key is None:
        notes.append("No language model is connected: texts are filled in from templates.")
    if settings.data.geoip_asn is None:
        notes.append("No network database of your own: visitors' companies are named from the small open set only.")
    return notes
