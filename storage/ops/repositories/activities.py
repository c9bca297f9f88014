"""The timeline of people, companies and deals: what happened, and who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.filters import FieldType, Sort
from domain.service_levels import is_touch
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, page
from storage.ops.repositories.service_clocks import ServiceClocks
from storage.ops.tables import Activity, Company, Contact, Deal

KIND_OF_ACTOR = {"user": "human", "model": "ai"}
"""How the timeline names the actors of a unit of work; the rest are `system`."""
FIELDS = {"occurred_at": ListField(FieldType.DATETIME, Activity.occurred_at, is_sortable=True)}
NEWEST = Sort("occurred_at", descending=True)


class Activities(Repository):
    def add(
        self,
        *,
        kind: str,
        contact_id: str | None = None,
        company_id: str | None = None,
        deal_id: str | None = None,
        summary: str = "",
        detail: Mapping[str, Any] | None = None,
        actor_kind: str | None = None,
        is_automated: bool | None = None,
        occurred_at: datetime | None = None,
        known_at: datetime | None = None,
        organization_id: str | None = None,
    ) -> Activity:
        """One line. The actor is the unit of work's unless `actor_kind` says `contact` or `bot`. Where it says that a
        person reached out, the contact's clocks of service levels stop; where the contact did, those that were paused go
        on."""
        kind_of_actor = actor_kind or KIND_OF_ACTOR.get(self.work.actor.kind, "system")
        now = self.work.now()
        target = self.target(organization_id)
        made = Activity(
            organization_id=target,
            contact_id=self.own(Contact, contact_id, target),
            company_id=self.own(Company, company_id, target),
            deal_id=self.own(Deal, deal_id, target),
            kind=kind,
            summary=summary,
            detail=dict(detail or {}),
            actor_kind=kind_of_actor,
            actor_id=self.work.actor.id if actor_kind is None else "",
            is_automated=kind_of_actor in {"system", "ai", "bot"} if is_automated is None else is_automated,
            occurred_at=occurred_at or now,
            known_at=known_at or now,
        )
        self.session.add(made)
        self.session.flush()
        if contact_id is not None and is_touch(_done(kind, made.detail), kind_of_actor):
            ServiceClocks(self.work).touch([contact_id], made.occurred_at, target)
        elif contact_id is not None and kind_of_actor == "contact":
            ServiceClocks(self.work).heard_from(contact_id, target)
        return made

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """In bulk, as mappings of column to value; answers them as written. History stops no clock: what is told of the
        past was done before the lead was anybody's."""
        return self.insert_rows(Activity, rows)

    def of_contact(self, contact_id: str, *, limit: int = 200, before: datetime | None = None) -> list[Activity]:
        """A contact's lines, newest first; `before` pages on."""
        query = select(Activity).where(Activity.contact_id == contact_id, self.readable(Activity.organization_id))
        if before is not None:
            query = query.where(Activity.occurred_at < before)
        return list(
            self.session.scalars(query.order_by(Activity.occurred_at.desc(), Activity.activity_id.desc()).limit(limit))
        )

    def page(
        self,
        *,
        contact_id: str | None = None,
        company_id: str | None = None,
        deal_id: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Activity], str | None]:
        """Lines about all that is named, newest first, and the cursor of the next page. Raises InvalidInput."""
        asked = select(Activity).where(Activity.organization_id == self.target())
        for column, wanted in (
            (Activity.contact_id, contact_id), (Activity.company_id, company_id), (Activity.deal_id, deal_id),
        ):  # fmt: skip
            if wanted is not None:
                asked = asked.where(column == wanted)
        found = page(
            self.work, asked, fields=FIELDS, key=Activity.activity_id, sort=NEWEST, limit=limit, cursor=cursor,
            with_total=False,
        )  # fmt: skip
        return found.rows, found.next_cursor


def _done(kind: str, detail: Mapping[str, Any]) -> str:
    """What was done: a task that is ticked off was a call, a meeting…"""
    return str(detail.get("kind", kind)) if kind == "task_done" else kind
