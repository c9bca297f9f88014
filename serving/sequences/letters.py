"""The messages of a sequence as somebody would read them, with what to look at before they are sent. Nothing is kept."""

from __future__ import annotations

from domain.deliverability.wording import Letter, remarks_on
from domain.errors import NotFound
from domain.outreach.sequences import Sequence, emails, openers
from domain.settings import Settings
from serving.deliverability.schemas import RemarkOut
from serving.mail.templates import render
from serving.sending.gathering import carriers
from serving.sending.writing import PATH, variables_of
from serving.sequences.documents import read_document
from serving.sequences.schemas import LetterOut, LettersIn, LettersOut
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.outreach_facts import OutreachFacts
from storage.ops.store import Work
from storage.ops.tables import Mailbox


def letters(work: Work, settings: Settings, body: LettersIn) -> LettersOut:
    """Each message of the document for one contact, or for somebody of whom nothing is known. Raises InvalidInput for a
    document with faults, NotFound for a contact that is not the organization's."""
    sequence = read_document(body.source)
    organization_id = work.scope.organization_id  # type: ignore[union-attr]
    people = OutreachFacts(work).people([body.contact_id] if body.contact_id else [], organization_id)
    if body.contact_id and not people:
        raise NotFound("There is no such contact here.")
    known = people.get(body.contact_id or "")
    variables = variables_of(known, _sender(work, sequence), f"{settings.public_url}{PATH}/example")
    seed = body.contact_id or "example"
    first = openers(sequence)
    shown, subject = [], ""
    for step in emails(sequence):
        rendered = render(sequence, step, variables, (seed, step.id))
        is_first = step.id in first
        subject = rendered.subject or f"Re: {subject.removeprefix('Re: ')}"
        letter = Letter(subject, rendered.text, rendered.html, is_first=is_first)
        shown.append(
            LetterOut(
                step_id=step.id, subject=subject, text=rendered.text, html=rendered.html, is_first=is_first,
                missing=list(rendered.missing), remarks=[RemarkOut.model_validate(one) for one in remarks_on(letter)],
            )
        )  # fmt: skip
    return LettersOut(items=shown)


def _sender(work: Work, sequence: Sequence) -> Mailbox:
    """The first mailbox that may carry it; before there is one, somebody without a name."""
    rows = Mailboxes(work).in_use()
    return next(
        iter(carriers(sequence, rows) or rows),
        Mailbox(display_name="Your name", address="you@example.com", signature=""),
    )
