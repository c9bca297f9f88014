"""What came into mailboxes: read once, sealed for whom it is from, and corrected by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, or_, select

from domain.errors import NotFound
from domain.filters import Condition, FieldType, Sort
from domain.replies.intents import Intent
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.repositories.mailboxes import REMOVED
from storage.ops.repositories.subject_keys import SubjectKeys
from storage.ops.tables import Company, Contact, InboundMessage, InboxReading, Mailbox, OutreachSequence

TABLE, COLUMN = "inbound_messages", "sealed_content"
FIELDS = {
    "kind": ListField(FieldType.TEXT, InboundMessage.kind),
    "intent": ListField(FieldType.TEXT, InboundMessage.intent),
    "contact_id": ListField(FieldType.TEXT, InboundMessage.contact_id),
    "mailbox_id": ListField(FieldType.TEXT, InboundMessage.mailbox_id),
    "sequence_id": ListField(FieldType.TEXT, InboundMessage.sequence_id),
    "received_at": ListField(FieldType.DATETIME, InboundMessage.received_at, is_sortable=True),
}
NEWEST = Sort("received_at", descending=True)


@dataclass(frozen=True, slots=True)
class ReplyContent:
    """What a message says, as far as it is kept: the sender's own words, and what a server said of a failure."""

    sender: str
    subject: str
    written: str
    named: tuple[str, ...] = ()
    diagnostic: str = ""


class InboundMessages(Repository):
    def is_known(self, mailbox_id: str, message_key: str, organization_id: str | None = None) -> bool:
        """Whether this mailbox brought this message already."""
        asked = select(InboundMessage.inbound_message_id).where(
            InboundMessage.organization_id == self.target(organization_id),
            InboundMessage.mailbox_id == mailbox_id,
            InboundMessage.message_key == message_key,
        )
        return self.session.execute(asked).first() is not None

    def add(
        self, mailbox_id: str, message_key: str, *, content: ReplyContent | None = None, **facts: Any
    ) -> InboundMessage:
        """Keeps one. `content` is sealed for the contact of `facts`; without a contact nothing of it is kept."""
        target = self.target()
        contact_id = self.own(Contact, facts.pop("contact_id", None), target)
        made = InboundMessage(
            organization_id=target, mailbox_id=self.own(Mailbox, mailbox_id, target), message_key=message_key,
            contact_id=contact_id, **facts,
        )  # fmt: skip
        if content is not None and contact_id is not None:
            sealer, _ = SubjectKeys(self.work).ensure_all({contact_id}, target)[contact_id]
            made.sealed_for = contact_id
            made.sealed_content = sealer.seal(msgspec.json.encode(content), target, TABLE, COLUMN)
        self.session.add(made)
        self.session.flush()
        return made

    def get(self, inbound_message_id: str) -> InboundMessage:
        """Raises NotFound."""
        found = self.by_id(InboundMessage, inbound_message_id)
        if found is None:
            raise NotFound("There is no such reply here.")
        return found

    def page(
        self,
        conditions: Sequence[Condition] = (),
        *,
        sort: Sort = NEWEST,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Answers to ours, with contact, company and sequence."""
        asked: Select[*tuple[Any, ...]] = (
            select(InboundMessage, Contact, Company, OutreachSequence)
            .outerjoin(Contact, Contact.contact_id == InboundMessage.contact_id)
            .outerjoin(Company, Company.company_id == Contact.company_id)
            .outerjoin(OutreachSequence, OutreachSequence.sequence_id == InboundMessage.sequence_id)
            .where(self.readable(InboundMessage.organization_id), InboundMessage.is_answer.is_(True))
            .where(*(clause(condition, FIELDS[condition.field]) for condition in conditions))
        )
        return page(
            self.work, asked, fields=FIELDS, key=InboundMessage.inbound_message_id, sort=sort, limit=limit, cursor=cursor,
            with_total=True,
        )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """How many answers of each kind, people's by intent (as corrected)."""
        what = func.coalesce(
            func.nullif(InboundMessage.corrected_intent, ""),
            func.nullif(InboundMessage.intent, ""),
            InboundMessage.kind,
        )
        asked = (
            select(what, func.count())
            .where(self.readable(InboundMessage.organization_id), InboundMessage.is_answer.is_(True))
            .group_by(what)
        )
        return {name: int(count) for name, count in self.session.execute(asked).tuples()}

    def contents(self, messages: Sequence[InboundMessage]) -> dict[str, ReplyContent]:
        """What messages say, by id; those whose person was forgotten are silent."""
        found: dict[str, ReplyContent] = {}
        for organization_id in sorted({one.organization_id for one in messages}):
            own = [one for one in messages if one.organization_id == organization_id and one.sealed_content]
            keys = SubjectKeys(self.work).find_all({one.sealed_for for one in own if one.sealed_for}, organization_id)
            for one in own:
                if one.sealed_for in keys and one.sealed_content is not None:
                    plain = keys[one.sealed_for][0].open(one.sealed_content, organization_id, TABLE, COLUMN)
                    found[one.inbound_message_id] = msgspec.json.decode(plain, type=ReplyContent)
        return found

    def correct(self, message: InboundMessage, intent: Intent) -> None:
        """A person says what it is; what was read stays beside it."""
        self.writable(message.organization_id)
        before = {"intent": message.corrected_intent or message.intent}
        message.corrected_intent, message.corrected_by = (
            intent.value,
            f"{self.work.actor.kind}:{self.work.actor.id}"[:80],
        )
        message.corrected_at = message.updated_at = self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "correct", "reply", message.inbound_message_id, before=before, after={"intent": intent.value}
        )


class InboxReadings(Repository):
    def of_mailbox(self, mailbox_id: str) -> InboxReading:
        """How far a mailbox was read; made when first asked for."""
        target = self.target()
        asked = select(InboxReading).where(
            InboxReading.organization_id == target, InboxReading.mailbox_id == mailbox_id
        )
        found = self.session.scalars(asked).first()
        if found is None:
            mailbox = self.own(Mailbox, mailbox_id, target)
            found = InboxReading(organization_id=target, mailbox_id=mailbox, last_uid=0, next_at=self.work.now())
            self.session.add(found)
            self.session.flush()
        return found

    def of_organization(self) -> dict[str, InboxReading]:
        """How far each mailbox of the organization was read."""
        asked = select(InboxReading).where(InboxReading.organization_id == self.target())
        return {found.mailbox_id: found for found in self.session.scalars(asked)}

    def moved(
        self, mailbox_id: str, *, uid_validity: int | None, last_uid: int, next_at: datetime, problem: str = ""
    ) -> None:
        """Notes how far it was read, and when to look again."""
        found = self.of_mailbox(mailbox_id)
        found.uid_validity, found.last_uid, found.problem = uid_validity, last_uid, problem[:200]
        found.next_at, found.read_at, found.updated_at = next_at, self.work.now(), self.work.now()
        self.session.flush()

    def connected(self, *, due_by: datetime | None = None, limit: int = 500) -> list[tuple[str, str]]:
        """(organization, mailbox) of those that have an inbox (SystemScope), longest unread first; with `due_by`, whose
        time is up by then."""
        self.require_system()
        asked = (
            select(Mailbox.organization_id, Mailbox.mailbox_id, Mailbox.imap)
            .outerjoin(InboxReading, InboxReading.mailbox_id == Mailbox.mailbox_id)
            .where(Mailbox.status.not_in(("broken", REMOVED)))
            .order_by(InboxReading.next_at.nulls_first(), Mailbox.mailbox_id)
            .limit(limit)
        )
        if due_by is not None:
            asked = asked.where(or_(InboxReading.next_at.is_(None), InboxReading.next_at <= due_by))
        rows = self.session.execute(asked).tuples()
        return [(organization_id, mailbox_id) for organization_id, mailbox_id, imap in rows if _is_readable(imap)]


def _is_readable(imap: Mapping[str, Any] | None) -> bool:
    return bool(imap and imap.get("host"))
