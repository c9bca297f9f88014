"""What the routes of replies do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.filters import parse_filters, parse_sort
from domain.replies.intents import SUPPRESSING, Intent
from domain.replies.verdicts import MessageKind
from serving.crm.presenters import company_name, display_name
from serving.replies.schemas import ReplyCountsOut, ReplyListOut, ReplyOut
from serving.sending.signalling import unsubscribe
from serving.tasks.schemas import Ref
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.repositories.outbox import Outbox
from storage.ops.repositories.replies import FIELDS, NEWEST, InboundMessages, ReplyContent
from storage.ops.store import Work
from storage.ops.tables import Company, Contact, InboundMessage, OutreachSequence

NOTHING = ReplyContent("", "", "")


def list_replies(work: Work, filters: Sequence[str], sort: str, *, limit: int, cursor: str | None) -> ReplyListOut:
    found = InboundMessages(work).page(
        parse_filters(filters, types_of(FIELDS)),
        sort=parse_sort(sort, sortable(FIELDS), NEWEST),
        limit=limit,
        cursor=cursor,
    )
    contents = InboundMessages(work).contents([row[0] for row in found.rows])
    return ReplyListOut(
        items=[_out(row[0], row[1], row[2], row[3], contents) for row in found.rows],
        next_cursor=found.next_cursor,
        total=found.total,
    )


def counts(work: Work) -> ReplyCountsOut:
    return ReplyCountsOut(counts=InboundMessages(work).counts())


def correct(work: Work, inbound_message_id: str, intent: Intent) -> ReplyOut:
    """A person says what a reply is. If that is a demand, nobody is written to there any more; taking it back lifts
    nothing: a person does that at the contact."""
    replies = InboundMessages(work)
    message = replies.get(inbound_message_id)
    replies.correct(message, intent)
    contents = replies.contents([message])
    contact = work.session.get(Contact, message.contact_id) if message.contact_id else None
    if intent in SUPPRESSING and message.outbox_message_id:
        sent = Outbox(work).get(message.outbox_message_id)
        enrolment = next(iter(Enrolments(work).load([sent.enrolment_id])), None)
        if enrolment is not None and contact is not None and contact.email:
            unsubscribe(work, enrolment, {contact.email}, f"reply:{message.inbound_message_id}")
    company = work.session.get(Company, contact.company_id) if contact and contact.company_id else None
    sequence = work.session.get(OutreachSequence, message.sequence_id) if message.sequence_id else None
    return _out(message, contact, company, sequence, contents)


def _out(
    message: InboundMessage,
    contact: Contact | None,
    company: Company | None,
    sequence: OutreachSequence | None,
    contents: Mapping[str, ReplyContent],
) -> ReplyOut:
    content = contents.get(message.inbound_message_id, NOTHING)
    intent = message.corrected_intent or message.intent
    facts: dict[str, Any] = {
        name: getattr(message, name)
        for name in (
            "inbound_message_id", "rule", "confidence", "classified_by", "likeliest", "matched_by", "match_confidence",
            "again_on", "received_at",
        )
    }  # fmt: skip
    return ReplyOut(
        **facts,
        kind=MessageKind(message.kind),
        intent=Intent(intent) if intent else None,
        read_as=Intent(message.intent) if message.intent else None,
        is_corrected=bool(message.corrected_intent),
        contact=Ref(id=contact.contact_id, name=display_name(contact)) if contact else None,
        company=Ref(id=company.company_id, name=company_name(company) or "") if company else None,
        sequence=Ref(id=sequence.sequence_id, name=sequence.name) if sequence else None,
        sender=content.sender,
        subject=content.subject,
        written=content.written,
        named=list(content.named),
        diagnostic=content.diagnostic,
    )
