"""Gives the contacts of an import their owners: `route_contacts {import_id}`. A contact that has one is left alone, so that
a job that is repeated goes on where it stood."""

from __future__ import annotations

from collections import Counter
from typing import Any

from domain.tenancy import Actor
from serving.jobs.base import JobContext, JobPaused
from serving.routing.assignment import desk_of, route_contact
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.routing import Leads
from storage.ops.store import Work

KIND = "route_contacts"
LANE = "long"
_AT_ONCE = 100


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Each owner is told once for every hundred contacts, not of each. Raises JobPaused when the worker stops."""
    import_id = str(payload["import_id"])
    while True:
        if context.is_stopping():
            raise JobPaused
        context.store.give_way()
        with context.store.write(context.scope, Actor.system("routing")) as work:
            if not _route_some(work, import_id):
                return


def _route_some(work: Work, import_id: str) -> bool:
    """Whether there may be more."""
    desk = desk_of(work)
    contacts = Leads(work).unowned_of_import(import_id, limit=_AT_ONCE)
    if desk is None or not contacts:
        return False
    facts = Leads(work).facts_of([contact.contact_id for contact in contacts])
    got: Counter[str] = Counter()
    for contact in contacts:
        routed = route_contact(work, contact, desk, facts[contact.contact_id], cause="import", tells=False)
        got[routed.user_id] += 1
    for user_id, count in sorted(got.items()):
        if user_id in desk.people:
            Notifications(work).add(
                user_id,
                "leads_assigned",
                f"{count} imported {'lead is' if count == 1 else 'leads are'} yours",
                link=f"/app/leads?import={import_id}",
            )
    return len(contacts) == _AT_ONCE
