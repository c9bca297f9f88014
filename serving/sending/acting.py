"""What a sequence does besides writing: it changes the contact, tells its owner, or asks a person to do something."""

from __future__ import annotations

from datetime import timedelta

from domain.contacts import LifecycleStage
from domain.outreach.steps import ActionStep, TaskStep
from serving.crm.presenters import display_name
from serving.routing.assignment import link_to
from serving.sending.gathering import Case
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.tasks import Tasks
from storage.ops.store import Work
from storage.ops.tables import Contact, Task


def act(work: Work, step: ActionStep, case: Case) -> None:
    """Does what the step says to the contact."""
    contact = work.session.get_one(Contact, case.enrolment.contact_id)
    match step.do:
        case "set_stage":
            assert step.stage is not None
            Contacts(work).move_to(contact, LifecycleStage(step.stage), reason="sequence")
        case "set_attribute":
            contact.attributes = {**(contact.attributes or {}), step.attribute: step.value}
        case "notify_owner":
            if contact.owner_user_id:
                Notifications(work).add(
                    contact.owner_user_id, "sequence", f"{display_name(contact)}: {step.message}"[:200],
                    contact_id=contact.contact_id, link=link_to(contact),
                    organization_id=contact.organization_id,
                )  # fmt: skip


def make_task(work: Work, step: TaskStep, case: Case) -> str:
    """Answers its id; it is the contact's owner's."""
    assert case.known is not None
    contact = case.known.contact
    made = Tasks(work).add(
        step.title,
        kind=step.kind,
        contact_id=contact.contact_id,
        company_id=contact.company_id,
        organization_id=contact.organization_id,
        body=step.body,
        due_at=work.now() + timedelta(days=step.due_in_days),
        assignee_user_id=contact.owner_user_id,
        source="sequence",
    )
    return made.task_id


def is_task_done(work: Work, task_id: str) -> bool:
    """Whether the sequence may go on: it is done, cancelled, or gone."""
    found = work.session.get(Task, task_id)
    return found is None or found.status != "open"
