"""One story of a contact from three places: the store, the events still in the inbox, and the marts in the lake."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from domain.errors import LeadhouseError
from serving.crm.schemas import FreshnessOut, TimelineItem, TimelineOut
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.timelines import Timelines, UnlandedEvent
from storage.ops.store import Work
from storage.ops.tables import Activity

if TYPE_CHECKING:
    from storage.lake import Lake

logger = logging.getLogger(__name__)

TOUCHPOINTS = """
    select touched_at, kind, channel, source, medium, campaign, session_id
    from lake.marts.touchpoints
    where organization_id = ? and contact_id = ?
    order by touched_at desc, touchpoint_id
    limit ?
"""
SESSIONS = """
    select started_at, page_view_count, engaged_seconds, landing_page, channel, source, device_type, session_id
    from lake.marts.sessions
    where organization_id = ? and contact_id = ? and not is_bot
    order by started_at desc, session_id
    limit ?
"""
BROWSERS = """
    select distinct anonymous_id from lake.marts.sessions
    where organization_id = ? and contact_id = ? and anonymous_id is not null
    order by anonymous_id limit 50
"""
LAST_BUILD = "select max(finished_at) from lake.meta.builds where name = 'marts'"
EVENT_WORDS = {
    "page_view": "Viewed a page",
    "page_ping": "Stayed on a page",
    "scroll": "Scrolled",
    "link_click": "Clicked a link",
    "file_download": "Downloaded a file",
    "form_start": "Began a form",
    "form_submit": "Sent a form",
    "form_abandon": "Left a form",
    "chat_open": "Opened the chat",
    "identify": "Identified",
    "group": "Named a company",
}
QUIET_EVENTS = {"page_ping", "scroll"}
"""Signals that a person reads past; they still count in sessions."""


class LakeStory:
    """What the marts say about one contact, read once."""

    def __init__(self, lake: Lake | None, organization_id: str, contact_id: str, limit: int) -> None:
        self.items: list[TimelineItem] = []
        self.anonymous_ids: set[str] = set()
        self.freshness = FreshnessOut(source="lake", as_of_at=None, note="No history has been built yet.")
        if lake is None:
            return
        own = [organization_id, contact_id]
        try:
            with lake.reader() as cursor:
                built = cursor.execute(LAST_BUILD).fetchone()
                self.anonymous_ids = {row[0] for row in cursor.execute(BROWSERS, own).fetchall()}
                sessions = _rows(cursor, SESSIONS, [*own, limit])
                touches = _rows(cursor, TOUCHPOINTS, [*own, limit])
        except LeadhouseError as error:
            self.freshness.note = error.message
            return
        except Exception as error:  # noqa: BLE001  DuckDB is named in storage/lake only; a lake not built is no failure
            logger.info("the lake has no story yet: %s", error)
            return
        if built and built[0]:
            self.freshness = FreshnessOut(source="lake", as_of_at=_utc(built[0]))
        seen = {session["session_id"] for session in sessions}
        self.items = [_session(found) for found in sessions]
        self.items += [_touch(found) for found in touches if found["session_id"] not in seen]


def timeline_of(work: Work, lake: Lake | None, contact_id: str, *, limit: int, now: datetime) -> TimelineOut:
    """Newest first, at most `limit` lines, and how fresh each source is. Raises NotFound."""
    contact = ContactDetails(work).contact(contact_id)
    contact_id = contact.contact_id
    story = LakeStory(lake, contact.organization_id, contact_id, limit)
    timelines = Timelines(work)
    browsers = timelines.anonymous_ids(contact_id) | story.anonymous_ids
    events = timelines.unlanded_events(contact_id, contact.email_hash, browsers)
    items = [_activity(found) for found in timelines.activities(contact_id, limit=limit)]
    items += [_event(found) for found in events if found.type not in QUIET_EVENTS]
    items += story.items
    items.sort(key=lambda item: (item.at, item.kind, item.title), reverse=True)
    freshness = [
        FreshnessOut(source="store", as_of_at=now),
        FreshnessOut(source="inbox", as_of_at=now, note=f"{len(events)} events not landed yet" if events else ""),
        story.freshness,
    ]
    return TimelineOut(items=items[:limit], freshness=freshness)


def _activity(found: Activity) -> TimelineItem:
    actor = "bot" if found.is_automated and found.actor_kind == "contact" else found.actor_kind
    words = found.summary or found.kind.replace("_", " ").capitalize()
    outcome = str((found.detail or {}).get("outcome") or "") if actor == "human" else ""
    return TimelineItem(
        at=found.occurred_at, kind=found.kind, title=words, detail=outcome.replace("_", " "), source="store",
        actor=actor, actor_id=found.actor_id if actor == "human" else "",
    )  # fmt: skip


def _event(found: UnlandedEvent) -> TimelineItem:
    words = found.name or EVENT_WORDS.get(found.type, found.type.replace("_", " ").capitalize())
    actor = "bot" if found.is_bot else "contact"
    detail = found.page_title or found.page_url
    return TimelineItem(at=found.occurred_at, kind=found.type, title=words, detail=detail, source="inbox", actor=actor)


def _session(found: dict[str, Any]) -> TimelineItem:
    pages, seconds = found["page_view_count"] or 0, round(found["engaged_seconds"] or 0)
    words = f"Visited the site: {pages} page{'' if pages == 1 else 's'}"
    if seconds:
        words += f", {seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f", {seconds} s"
    parts = [found["landing_page"], f"via {found['channel']}" if found["channel"] else None, found["device_type"]]
    return TimelineItem(
        at=_utc(found["started_at"]),
        kind="session",
        title=words,
        detail=" · ".join(part for part in parts if part),
        source="lake",
        actor="contact",
    )


def _touch(found: dict[str, Any]) -> TimelineItem:
    parts = [found["channel"], found["source"], found["campaign"]]
    return TimelineItem(
        at=_utc(found["touched_at"]),
        kind="touchpoint",
        title=str(found["kind"] or "touch").replace("_", " ").capitalize(),
        detail=" · ".join(dict.fromkeys(part for part in parts if part)),
        source="lake",
        actor="contact",
    )


def _rows(cursor: Any, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    cursor.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
