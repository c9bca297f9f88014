"""A lead came in: its clock begins, and it is given to somebody, in the unit of work that writes it down.

Where the rules ask for a score, a lead that came in a moment ago has none: it is taken up when the worker has scored it,
or after `WAITS_AT_MOST` without one, by a job that is queued in the same unit of work.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.routing import SETTING as ROUTING
from domain.routing import Step, waits_for_score
from domain.service_levels import SETTING as SERVICE_LEVELS
from domain.service_levels import Clock, needs_score
from domain.webhook_events import WebhookEvent
from serving.routing.assignment import desk_of, link_to, route_contact
from serving.service_levels.starting import current_policies, start_clock
from serving.webhook_endpoints.publishing import publish
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.routing import Leads
from storage.ops.store import Work
from storage.ops.tables import Contact

WAITS_AT_MOST = timedelta(seconds=10)
"""For a score, which takes the worker less than one."""
TAKE_UP_LEAD = "take_up_lead"
"""The kind of job that does not wait any longer (`serving.jobs.take_up_lead`)."""


def take_up(work: Work, contact: Contact, *, is_new: bool) -> None:
    """`is_new`: whether they became a lead by this. Somebody without an owner is routed also when they come back. The
    clock begins when we hear of them, whenever it happened: nobody is late for what nobody knew."""
    contact_id = contact.contact_id
    if is_new:
        facts = {"contact_id": contact_id, "source": contact.source, "link": link_to(contact)}
        publish(work, WebhookEvent.LEAD_CREATED, facts)
    settings = OrganizationSettings(work)
    if settings.current(ROUTING) is None and settings.current(SERVICE_LEVELS) is None:
        return
    facts = Leads(work).facts_of([contact_id])[contact_id]
    if not _hangs_on_score(work, contact, facts, is_new=is_new):
        _take_up(work, contact, facts, is_new=is_new, since=None)
        return
    now = work.now()
    Jobs(work).enqueue(
        TAKE_UP_LEAD,
        payload={"contact_id": contact_id, "is_new": is_new, "since": now.isoformat()},
        run_at=now + WAITS_AT_MOST,
        unique_key=f"{TAKE_UP_LEAD}:{contact_id}",
    )


def waits(work: Work, contact_id: str) -> bool:
    """Whether a lead waits for its score."""
    return Jobs(work).waits_under(f"{TAKE_UP_LEAD}:{contact_id}")


def take_up_scored(work: Work, contact_id: str) -> None:
    """The score is there: a lead that waited for it is taken up. One that did not is left alone."""
    asked = Jobs(work).withdraw(f"{TAKE_UP_LEAD}:{contact_id}")
    if asked is not None:
        take_up_late(work, asked)


def take_up_late(work: Work, asked: dict[str, Any]) -> None:
    """A lead that waited, as the job says that was queued for it. Raises NotFound for one that is gone."""
    contact = Leads(work).held(str(asked["contact_id"]))
    facts = Leads(work).facts_of([contact.contact_id])[contact.contact_id]
    since = datetime.fromisoformat(str(asked["since"]))
    _take_up(work, contact, facts, is_new=bool(asked["is_new"]), since=since)


def _hangs_on_score(work: Work, contact: Contact, facts: dict[str, Any], *, is_new: bool) -> bool:
    if is_new and needs_score(current_policies(work), Clock.SPEED_TO_LEAD, facts):
        return True
    if contact.owner_user_id is not None or (desk := desk_of(work)) is None:
        return False
    return waits_for_score(desk.routing, facts, desk.people, now=work.now())


def _take_up(work: Work, contact: Contact, facts: dict[str, Any], *, is_new: bool, since: datetime | None) -> None:
    """`since`: when the lead began to wait for its score, or None."""
    if is_new:
        start_clock(work, contact, Clock.SPEED_TO_LEAD, facts, since=since)
    if contact.owner_user_id is None and (desk := desk_of(work)) is not None:
        waited = [_wait(work, since, facts)] if since is not None else []
        route_contact(work, contact, desk, facts, cause="new_lead", before=waited)


def _wait(work: Work, since: datetime, facts: dict[str, Any]) -> Step:
    seconds = round((work.now() - since).total_seconds(), 1)
    return Step("score", "waited", {"seconds": seconds, "is_scored": facts.get("score") is not None})
