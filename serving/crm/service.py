"""What the contact routes do, in one unit of work each."""

from __future__ import annotations

from datetime import datetime

from domain.settings import Settings
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
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.contact_questions import ContactQuestion
from storage.ops.repositories.overviews import Overviews
from storage.ops.repositories.quality_lists import QualityLists
from storage.ops.repositories.tags import Tags
from storage.ops.store import Work

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
