"""Somebody leaves, and somebody else goes on with their contacts, open deals and open tasks."""

from __future__ import annotations

from domain.errors import InvalidInput
from domain.permissions import GRANTS, Permission
from domain.tenancy import SystemScope
from serving.access.principals import Principal
from serving.crm.editing import write_part
from serving.routing.assignment import name_of, reps_of
from storage.ops.repositories.audit import Act, Audit
from storage.ops.repositories.handovers import Belongings, Handovers
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.members import members_of
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work

JOB = "hand_over"
AT_ONCE = 10
HANDING = SystemScope("work that is handed over, also at an agency's clients")


def belongings(store: Store, principal: Principal, user_id: str) -> Belongings:
    """What a person has here and, of an agency, at its clients."""
    with store.read(HANDING) as work:
        found = [Handovers(work).count(user_id, each) for each in _family(work, principal)]
    return Belongings(
        sum(each.contact_count for each in found),
        sum(each.deal_count for each in found),
        sum(each.task_count for each in found),
    )


def ask(store: Store, principal: Principal, user_id: str, to_user_id: str) -> Belongings:
    """Queues it, a job for each organization where there is something; answers how much.

    Raises InvalidInput where the other one does not work with contacts here.
    """
    fit = {
        member.user_id
        for member in members_of(store, principal.scope.organization_id)
        if Permission.CONTACTS_WRITE in GRANTS[member.role]
    }
    if to_user_id not in fit or to_user_id == user_id:
        raise InvalidInput("this person does not work with contacts here", hint="Choose an operator, admin or owner.")
    found = belongings(store, principal, user_id)
    with store.write(HANDING, principal.actor) as work:
        for organization_id in _family(work, principal):
            if Handovers(work).count(user_id, organization_id).total:
                Jobs(work).enqueue(
                    JOB,
                    organization_id=organization_id,
                    payload={"from": user_id, "to": to_user_id, "by": principal.person},
                    unique_key=f"{JOB}:{user_id}",
                )
        Audit(work).record(
            "hand_over", "membership", user_id, organization_id=principal.scope.organization_id,
            after={"to": to_user_id, "contacts": found.contact_count, "deals": found.deal_count, "tasks": found.task_count},
        )  # fmt: skip
    return found


def hand_some(work: Work, user_id: str, to_user_id: str) -> int:
    """A part of it, each with its row in the audit log; answers how many. Repeating it goes on where it stood."""
    handovers = Handovers(work)
    if ids := handovers.contact_ids(user_id, limit=AT_ONCE):
        names = {member.user_id: name_of(member) for member in reps_of(work)}
        return len(write_part(work, ids, {"owner_user_id": to_user_id}, names))
    acts = []
    for deal in handovers.deals(user_id, limit=AT_ONCE):
        deal.owner_user_id = to_user_id
        acts.append(_act("deal", deal.deal_id, "owner_user_id", user_id, to_user_id))
    if not acts:
        for task in handovers.tasks(user_id, limit=AT_ONCE):
            task.assignee_user_id = to_user_id
            acts.append(_act("task", task.task_id, "assignee_user_id", user_id, to_user_id))
    work.session.flush()
    Audit(work).record_all(acts)
    return len(acts)


def tell(work: Work, to_user_id: str, count: int) -> None:
    """One word for all of it."""
    if count:
        Notifications(work).add(
            to_user_id, "work_handed_over", f"{count} contacts, deals and tasks are yours", link="/app/my-day"
        )


def _act(entity: str, entity_id: str, field: str, before: str, after: str) -> Act:
    return Act("hand_over", entity, entity_id, before={field: before}, after={field: after})


def _family(work: Work, principal: Principal) -> list[str]:
    return [each.organization_id for each in Organizations(work).with_clients(principal.scope.organization_id)]
