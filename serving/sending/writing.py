"""What each person gets: rendered for them and the mailbox that carries it, in the thread that there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.outreach.steps import EmailStep
from domain.outreach.threads import follow
from domain.outreach.unsubscribing import make_token
from domain.settings import Settings
from serving.mail.templates import render
from serving.sending.gathering import Case, Situation
from serving.sending.tracking import noting, setting_of
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import Content, Outbox
from storage.ops.repositories.outreach_facts import Known
from storage.ops.store import Work
from storage.ops.tables import Mailbox

PATH = "/u"
OF_CONTACT = ("email", "first_name", "last_name", "title", "country", "phone")
OF_COMPANY = ("name", "domain", "industry", "country", "employee_count")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message for somebody. `outbox_message_id`: it exists already, a server put it off; its content stays."""

    mailbox_id: str
    step_id: str
    content: Content = field(repr=False)
    missing: tuple[str, ...] = ()
    outbox_message_id: str | None = None


class Desk:
    """Writes for the people of one situation; what was written to them before is read once for all."""

    def __init__(self, work: Work, settings: Settings, situation: Situation) -> None:
        self._situation, self._public_url = situation, settings.public_url
        organization_id = situation.row.organization_id
        outbox = Outbox(work)
        started = {case.enrolment.enrolment_id for case in situation.cases if case.enrolment.mailbox_id}
        self._put_off = outbox.put_off(started, organization_id) if started else {}
        self._threads = outbox.threads(started, organization_id) if started else {}
        before = [one for thread in self._threads.values() for one in thread]
        self._contents = outbox.contents([*before, *self._put_off.values()], organization_id) if started else {}
        self._key = Organizations(work).hash_key(organization_id)
        self._tracking = setting_of(work, organization_id)

    def write(self, case: Case, step: EmailStep, mailbox: Mailbox) -> Draft:
        """The step's message for somebody, from a mailbox."""
        one = case.enrolment
        waiting = self._put_off.get(one.enrolment_id)
        if waiting is not None and waiting.step_id == step.id:
            return Draft(
                mailbox.mailbox_id, step.id, self._contents[waiting.outbox_message_id],
                outbox_message_id=waiting.outbox_message_id,
            )  # fmt: skip
        thread = [
            (sent.message_id, self._contents[sent.outbox_message_id].subject)
            for sent in self._threads.get(one.enrolment_id, ())
            if sent.outbox_message_id in self._contents
        ]
        token = make_token(one.organization_id, one.enrolment_id, self._key)
        rendered = render(
            case.definition,
            step,
            variables_of(case.known, mailbox, f"{self._public_url}{PATH}/{token}"),
            seed=(one.enrolment_id, step.id),
        )
        place = follow(rendered.subject, thread)
        content = Content(
            to=case.person.email, subject=place.subject, text=rendered.text, html=rendered.html,
            in_reply_to=place.in_reply_to, references=place.references,
        )  # fmt: skip
        tracked = self._tracking.of(case.definition.tracking, is_first=one.sent_count == 0)
        return Draft(mailbox.mailbox_id, step.id, noting(content, tracked), rendered.missing)


def variables_of(known: Known | None, mailbox: Mailbox, unsubscribe_url: str) -> dict[str, Any]:
    """What a template may say. Empty values are left out, so that a fallback takes their place."""
    contact: Mapping[str, Any] = {}
    company: Mapping[str, Any] = {}
    if known is not None:
        found = known.contact
        contact = {name: getattr(found, name) for name in OF_CONTACT} | {"attributes": _filled(found.attributes or {})}
        if known.company is not None:
            company = {name: getattr(known.company, name) for name in OF_COMPANY}
    sender = {"name": mailbox.display_name, "address": mailbox.address, "signature": mailbox.signature}
    return {
        "contact": _filled(contact),
        "company": _filled(company),
        "sender": _filled(sender),
        "unsubscribe_url": unsubscribe_url,
    }


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value != ""}
