"""What a clock asks for, done: people are warned, a lead goes to somebody else. Each act once: it is noted in the
transaction that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.contacts import LifecycleStage
from domain.decisions import DecisionKind
from domain.service_levels import Act, Clock, Policy, acts_due, due_at, next_look_at
from domain.webhook_events import WebhookEvent
from serving.crm.presenters import display_name
from serving.routing.assignment import by_seniority, desk_of, link_to, name_of, reps_of, route_contact
from serving.service_levels.starting import read_policies
from serving.webhook_endpoints.publishing import publish
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.routing import Leads, RepDuties
from storage.ops.repositories.service_clocks import ServiceClocks, running_of
from storage.ops.store import Work
from storage.ops.tables import Contact, ServiceClock

NO_LEAD = {LifecycleStage.CUSTOMER, LifecycleStage.LOST}
"""Nobody waits for a first touch any more."""
NAMES = {Clock.SPEED_TO_LEAD: "Speed to lead", Clock.REP: "Owner's answer"}


def policy_of(work: Work, clock: ServiceClock) -> Policy:
    """The terms a clock was begun under."""
    time_zone = Organizations(work).get(clock.organization_id).time_zone
    (policy,) = read_policies({"policies": [clock.terms]}, time_zone)
    return policy


def look(work: Work, service_clock_id: str) -> tuple[Act, ...]:
    """Does what one clock asks for now, and answers what that was; nothing where another worker has done it."""
    clocks, now = ServiceClocks(work), work.now()
    clock = clocks.hold_due(service_clock_id, now)
    if clock is None:
        return ()
    contact = work.session.get(Contact, clock.contact_id)
    if contact is None or contact.deleted_at is not None or contact.lifecycle_stage in NO_LEAD:
        clocks.close(clock)
        return ()
    policy, running = policy_of(work, clock), running_of(clock)
    done = [Act(each) for each in clock.done_acts]
    due = acts_due(policy, running, done, now)
    note_look(clocks, clock, policy, [*done, *due], now)
    for act in due:
        _do(work, act, clock, policy, contact)
    return tuple(due)


def note_look(clocks: ServiceClocks, clock: ServiceClock, policy: Policy, done: Sequence[Act], now: datetime) -> None:
    """Keeps what was done, and when the clock is to be looked at again."""
    clocks.looked_at(clock, done, next_look_at(policy, running_of(clock), done, now))


def _do(work: Work, act: Act, clock: ServiceClock, policy: Policy, contact: Contact) -> None:
    now = work.now()
    detail: dict[str, Any] = {
        "contact_id": contact.contact_id,
        "policy": policy.name,
        "clock": clock.clock,
        "owner_user_id": contact.owner_user_id,
        "due_at": _iso(due_at(policy, running_of(clock), now)),
    }
    if act is Act.REASSIGN:
        detail["new_owner_user_id"] = _reassign(work, contact, policy)
    else:
        told = policy.escalates_to if act is Act.ESCALATE else contact.owner_user_id
        _tell(work, act, told, clock, contact, policy)
    Decisions(work).record(
        DecisionKind.SERVICE_LEVEL, "service_clock", clock.service_clock_id, act.value, clock.clock, detail
    )
    publish(work, TOLD_AS[act], detail | {"service_clock_id": clock.service_clock_id, "link": link_to(contact)})
    if act is not Act.WARN:
        Activities(work).add(
            kind="service_level",
            contact_id=contact.contact_id,
            summary=f"{NAMES[Clock(clock.clock)]}, “{policy.name}”: {SAID[act]}",
            detail=detail,
        )


TOLD_AS: Mapping[Act, WebhookEvent] = {
    Act.WARN: WebhookEvent.SLA_WARNED,
    Act.BREACH: WebhookEvent.SLA_BREACHED,
    Act.REASSIGN: WebhookEvent.SLA_REASSIGNED,
    Act.ESCALATE: WebhookEvent.SLA_ESCALATED,
}
SAID: Mapping[Act, str] = {
    Act.WARN: "soon due",
    Act.BREACH: "not touched in time",
    Act.REASSIGN: "passed on",
    Act.ESCALATE: "escalated",
}


def _reassign(work: Work, contact: Contact, policy: Policy) -> str | None:
    """Routes again, past the present owner; whom the lead was taken from is told so, and gets no more leads where the
    policy says so."""
    desk, former = desk_of(work), contact.owner_user_id
    if desk is None:
        return former
    facts = Leads(work).facts_of([contact.contact_id])[contact.contact_id]
    without = frozenset({former}) if former else frozenset[str]()
    routed = route_contact(work, contact, desk, facts, cause="service_level", without=without)
    if former in desk.people and former != routed.user_id:
        if policy.pauses_owner:
            _pause(work, str(former))
        Notifications(work).add(
            str(former),
            "lead_taken",
            f"{display_name(contact)} went to {desk.names[routed.user_id]}",
            body="It was not touched in time."
            + (" You get no new leads until you are back on duty." if policy.pauses_owner else ""),
            link=link_to(contact),
            contact_id=contact.contact_id,
        )
    return routed.user_id


def _pause(work: Work, user_id: str) -> None:
    duties = RepDuties(work)
    before = duties.all().get(user_id, {})
    if not before.get("is_paused"):
        duties.put(user_id, before | {"is_paused": True})
        Audit(work).record("change", "rep_duty", user_id, before=before, after=before | {"is_paused": True})


def _tell(work: Work, act: Act, wanted: str | None, clock: ServiceClock, contact: Contact, policy: Policy) -> None:
    """Whoever is meant, or, where they are nobody or have left, the most senior person there is."""
    reps = {member.user_id: member for member in reps_of(work)}
    if not reps:
        return
    user_id = wanted if wanted in reps else by_seniority(reps.values())[0].user_id
    owner = reps.get(contact.owner_user_id or "")
    due = due_at(policy, running_of(clock), work.now())
    Notifications(work).add(
        user_id,
        f"sla_{act.value}",
        f"{display_name(contact)}: {SAID[act]}",
        body=f"{NAMES[Clock(clock.clock)]}, “{policy.name}”, owner {name_of(owner) if owner else 'nobody'}"
        + (f", due {due:%-d %b %H:%M} UTC." if due else "."),
        link=link_to(contact),
        contact_id=contact.contact_id,
    )


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
