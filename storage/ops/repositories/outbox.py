"""Messages on their way: queued with the decision, claimed under a lease, handed over, and settled in groups."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import Row, Select, case, func, select, update

from domain.contacts import EmailAddress
from domain.errors import NotFound
from storage.ops.repositories.base import Repository
from storage.ops.repositories.subject_keys import SubjectKeys
from storage.ops.tables import Contact, Enrolment, Mailbox, MessageEvent, OutboxMessage, OutreachSequence

TABLE, COLUMN = "outbox_messages", "sealed_content"
REPEATED = "repeat"
"""The class of a message that may have left and is handed over again, to a provider that knows it by its key."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, and where it stands in its thread."""

    to: str
    subject: str
    text: str
    html: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """Where its links lead, by their number from 1, if clicks are noted; text and html hold them as they were written."""
    has_pixel: bool = False
    has_trap: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that a worker has claimed, opened."""

    outbox_message_id: str
    organization_id: str
    enrolment_id: str
    sequence_id: str
    campaign_id: str
    step_id: str
    attempt: int
    mailbox_id: str
    contact_id: str
    recipient_domain: str
    message_id: str
    tries: int
    is_first: bool
    decided_at: datetime
    first_tried_at: datetime | None
    is_repeat: bool
    """It may have left before."""
    content: Content = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A message with whom it is for, their way through the sequence, and the mailbox that carries it."""

    message: OutboxMessage
    contact: Contact
    enrolment: Enrolment
    mailbox: Mailbox


class Outbox(Repository):
    """Claiming and settling are the worker's, under SystemScope."""

    def queue(self, rows: Sequence[Mapping[str, Any]], contents: Sequence[Content], organization_id: str) -> list[str]:
        """Writes decided messages, their contents sealed for the contacts; answers ids in order."""
        target = self.target(organization_id)
        keys = SubjectKeys(self.work).ensure_all({row["contact_id"] for row in rows}, target)
        sealed = [
            {
                **row,
                "sealed_for": row["contact_id"],
                "sealed_content": keys[row["contact_id"]][0].seal(msgspec.json.encode(content), target, TABLE, COLUMN),
                "organization_id": target,
            }
            for row, content in zip(rows, contents, strict=True)
        ]
        return [str(row["outbox_message_id"]) for row in self.insert_rows(OutboxMessage, sealed)]

    def requeue(self, outbox_message_ids: Collection[str], organization_id: str) -> None:
        """Those that a server put off were decided on again: they go out now."""
        now = self.work.now()
        self._set(outbox_message_ids, organization_id, status="queued", decided_at=now, counted_at=now)

    def threads(self, enrolment_ids: Collection[str], organization_id: str) -> dict[str, list[OutboxMessage]]:
        """What was sent, or may have been, to each of them, oldest first."""
        asked = (
            select(OutboxMessage)
            .where(
                OutboxMessage.enrolment_id.in_(sorted(enrolment_ids)),
                OutboxMessage.organization_id == self.target(organization_id),
                OutboxMessage.status.in_(("sent", "unknown")),
            )
            .order_by(OutboxMessage.decided_at, OutboxMessage.outbox_message_id)
        )
        return _grouped(self.session.scalars(asked))

    def put_off(self, enrolment_ids: Collection[str], organization_id: str) -> dict[str, OutboxMessage]:
        """The message of each that a server told to come later."""
        asked = select(OutboxMessage).where(
            OutboxMessage.enrolment_id.in_(sorted(enrolment_ids)),
            OutboxMessage.organization_id == self.target(organization_id),
            OutboxMessage.status == "retry",
        )
        return {found.enrolment_id: found for found in self.session.scalars(asked)}

    def contents(self, messages: Collection[Sealed], organization_id: str) -> dict[str, Content]:
        """What messages say, by id; those whose key is gone are silent."""
        found = SubjectKeys(self.work).find_all({one.sealed_for for one in messages}, self.target(organization_id))
        return {
            one.outbox_message_id: _opened(
                found[one.sealed_for][0].open(one.sealed_content, organization_id, TABLE, COLUMN)
            )
            for one in messages
            if one.sealed_for in found
        }

    def is_waiting(self) -> bool:
        """Whether there is anything to claim: a cheap read, so that an idle worker takes no lock (SystemScope)."""
        self.require_system()
        return self.session.scalars(_claimable(select(OutboxMessage.outbox_message_id)).limit(1)).first() is not None

    def claim(self, worker: str, *, limit: int, leased_until: datetime, without: Collection[str] = ()) -> list[Ready]:
        """Messages whose mailbox and sequence are switched on and whose person is still on the way, leased to `worker`
        (SystemScope). `without`: organizations whose switch is off."""
        self.require_system()
        asked = (
            _claimable(select(*_OF_READY))
            .where(OutboxMessage.organization_id.not_in(sorted(without)))
            .order_by(OutboxMessage.decided_at, OutboxMessage.outbox_message_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=OutboxMessage)
        )
        rows = self.session.execute(asked).all()
        if not rows:
            return []
        ids = [row.outbox_message_id for row in rows]
        self._move(ids, ("queued",), status="claimed", leased_by=worker, leased_until=leased_until)
        contents: dict[str, Content] = {}
        for organization_id in sorted({row.organization_id for row in rows}):
            contents |= self.contents([row for row in rows if row.organization_id == organization_id], organization_id)
        silent = [each for each in ids if each not in contents]  # their key is gone: they were forgotten
        if silent:
            self._move(silent, ("claimed",), status="cancelled", counted_at=None, leased_by=None, leased_until=None)
        return [_ready(row, contents[row.outbox_message_id]) for row in rows if row.outbox_message_id in contents]

    def mark_sending(self, outbox_message_ids: Collection[str], worker: str, now: datetime) -> set[str]:
        """Notes that their bytes are about to go out; answers those that are still ours (SystemScope)."""
        self.require_system()
        taken = self.session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.outbox_message_id.in_(sorted(outbox_message_ids)),
                OutboxMessage.status == "claimed",
                OutboxMessage.leased_by == worker,
            )
            .values(
                status="sending", tries=OutboxMessage.tries + 1,
                first_tried_at=func.coalesce(OutboxMessage.first_tried_at, now), updated_at=now,
            )
            .returning(OutboxMessage.outbox_message_id)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        return set(taken.scalars())

    def may_still_leave(self, worker: str, *, without: Collection[str] = ()) -> set[str]:
        """Of what a worker is about to send: those that `claim` would still give it (SystemScope)."""
        self.require_system()
        asked = _claimable(select(OutboxMessage.outbox_message_id), "sending").where(
            OutboxMessage.leased_by == worker, OutboxMessage.organization_id.not_in(sorted(without))
        )
        return set(self.session.scalars(asked))

    def hold(self, outbox_message_ids: Collection[str]) -> dict[str, str]:
        """The state of each, held until the unit of work ends (SystemScope)."""
        self.require_system()
        asked = (
            select(OutboxMessage.outbox_message_id, OutboxMessage.status)
            .where(OutboxMessage.outbox_message_id.in_(sorted(outbox_message_ids)))
            .order_by(OutboxMessage.outbox_message_id)
            .with_for_update()
        )
        return dict(self.session.execute(asked).tuples().all())

    def settle(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many outcomes in one statement (SystemScope): each row has `outbox_message_id` and the same columns."""
        self.require_system()
        self.update_rows(OutboxMessage, rows, key="outbox_message_id")

    def release(self, outbox_message_ids: Collection[str], worker: str) -> None:
        """Gives back what was claimed, or marked as about to go out, and did not begin (SystemScope)."""
        self.require_system()
        self.session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.outbox_message_id.in_(sorted(outbox_message_ids)),
                OutboxMessage.status.in_(("claimed", "sending")),
                OutboxMessage.leased_by == worker,
            )
            .values(
                status="queued", leased_by=None, leased_until=None, updated_at=self.work.now(),
                tries=OutboxMessage.tries - case((OutboxMessage.status == "sending", 1), else_=0),
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip

    def extend(self, worker: str, until: datetime) -> None:
        """Keeps the leases of a worker alive (SystemScope)."""
        self.require_system()
        self.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.leased_by == worker, OutboxMessage.status.in_(("claimed", "sending")))
            .values(leased_until=until, updated_at=OutboxMessage.updated_at)
            .execution_options(synchronize_session=False)
        )

    def lapsed(self, now: datetime, *, limit: int = 500) -> list[OutboxMessage]:
        """Messages whose worker is gone, held (SystemScope)."""
        self.require_system()
        asked = (
            select(OutboxMessage)
            .where(OutboxMessage.status.in_(("claimed", "sending")), OutboxMessage.leased_until < now)
            .order_by(OutboxMessage.outbox_message_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self.session.scalars(asked))

    def stale(self, decided_before: datetime, *, limit: int = 500) -> list[OutboxMessage]:
        """Messages that stand in the queue for too long for their decision to hold, held (SystemScope)."""
        self.require_system()
        asked = (
            select(OutboxMessage)
            .where(OutboxMessage.status == "queued", OutboxMessage.decided_at < decided_before)
            .order_by(OutboxMessage.decided_at, OutboxMessage.outbox_message_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self.session.scalars(asked))

    def cancel_of(self, enrolment_ids: Collection[str], organization_id: str | None = None) -> int:
        """What has not left yet does not leave; answers how many those were. Of what may have left nobody will know."""
        may_have_left = OutboxMessage.reply_class == REPEATED
        return self._set(
            enrolment_ids, organization_id, of_enrolments=True, leased_by=None, leased_until=None,
            status=case((may_have_left, "unknown"), else_="cancelled"),
            counted_at=case((may_have_left, OutboxMessage.counted_at), else_=None),
        )  # fmt: skip

    def take_back_of(self, enrolment_ids: Collection[str], organization_id: str | None = None) -> int:
        """What has not left yet waits, to be decided on again; answers how many those were."""
        may_have_left = OutboxMessage.reply_class == REPEATED
        return self._set(
            enrolment_ids, organization_id, of_enrolments=True, leased_by=None, leased_until=None, status="retry",
            counted_at=case((may_have_left, OutboxMessage.counted_at), else_=None),
        )  # fmt: skip

    def get(self, outbox_message_id: str) -> OutboxMessage:
        """Raises NotFound."""
        found = self.by_id(OutboxMessage, outbox_message_id)
        if found is None:
            raise NotFound("There is no such message here.")
        return found

    def find(self, outbox_message_id: str, organization_id: str | None = None) -> OutboxMessage | None:
        """A message of the organization, or none."""
        asked = select(OutboxMessage).where(
            OutboxMessage.outbox_message_id == outbox_message_id,
            OutboxMessage.organization_id == self.target(organization_id),
        )
        return self.session.scalars(asked).first()

    def of_enrolment(self, enrolment_id: str) -> list[OutboxMessage]:
        """Oldest first."""
        asked = select(OutboxMessage).where(
            OutboxMessage.enrolment_id == enrolment_id, self.readable(OutboxMessage.organization_id)
        )
        return list(self.session.scalars(asked.order_by(OutboxMessage.decided_at, OutboxMessage.outbox_message_id)))

    def of_sequence(self, sequence_id: str, *, status: str = "", limit: int = 100) -> list[Told]:
        """The newest messages of a sequence, of one state or of all, with whom they are for and who carries them."""
        asked = (
            select(OutboxMessage, Contact, Enrolment, Mailbox)
            .join(Contact, Contact.contact_id == OutboxMessage.contact_id)
            .join(Enrolment, Enrolment.enrolment_id == OutboxMessage.enrolment_id)
            .join(Mailbox, Mailbox.mailbox_id == OutboxMessage.mailbox_id)
            .where(OutboxMessage.sequence_id == sequence_id, self.readable(OutboxMessage.organization_id))
            .order_by(OutboxMessage.decided_at.desc(), OutboxMessage.outbox_message_id.desc())
            .limit(limit)
        )
        if status:
            asked = asked.where(OutboxMessage.status == status)
        return [Told(*row) for row in self.session.execute(asked).tuples()]

    def find_by_message_ids(
        self, message_ids: Collection[str], organization_id: str | None = None
    ) -> list[OutboxMessage]:
        """Ours that these Message-IDs name."""
        asked = select(OutboxMessage).where(
            OutboxMessage.message_id.in_(sorted(message_ids)),
            OutboxMessage.organization_id == self.target(organization_id),
        )
        return list(
            self.session.scalars(asked.order_by(OutboxMessage.decided_at.desc(), OutboxMessage.outbox_message_id))
        )

    def newest_to(
        self, email: EmailAddress, mailbox_id: str, since: datetime, organization_id: str | None = None
    ) -> OutboxMessage | None:
        """The last message that a mailbox sent to an address."""
        target = self.target(organization_id)
        return self.session.scalars(
            select(OutboxMessage)
            .join(Contact, Contact.contact_id == OutboxMessage.contact_id)
            .where(
                Contact.organization_id == target,
                Contact.email == email.value,
                OutboxMessage.organization_id == target,
                OutboxMessage.mailbox_id == mailbox_id,
                OutboxMessage.sent_at > since,
            )
            .order_by(OutboxMessage.sent_at.desc(), OutboxMessage.outbox_message_id.desc())
            .limit(1)
        ).first()

    def _set(
        self, ids: Collection[str], organization_id: str | None, *, of_enrolments: bool = False, **values: Any
    ) -> int:
        column = OutboxMessage.enrolment_id if of_enrolments else OutboxMessage.outbox_message_id
        changed = self.session.execute(
            update(OutboxMessage)
            .where(
                column.in_(sorted(ids)),
                OutboxMessage.organization_id == self.target(organization_id),
                OutboxMessage.status.in_(("queued", "retry")),
            )
            .values(updated_at=self.work.now(), **values)
            .returning(OutboxMessage.outbox_message_id)
            .execution_options(synchronize_session=False)
        )
        return len(changed.all())

    def _move(self, ids: Collection[str], before: Collection[str], **values: Any) -> None:
        self.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.outbox_message_id.in_(sorted(ids)), OutboxMessage.status.in_(sorted(before)))
            .values(updated_at=self.work.now(), **values)
            .execution_options(synchronize_session=False)
        )


class MessageEvents(Repository):
    def add_all(self, rows: Iterable[Mapping[str, Any]], organization_id: str) -> None:
        """History lines; those with a `dedupe_key` that is there already are left out."""
        wanted = {str(row["dedupe_key"]): {**row, "organization_id": self.target(organization_id)} for row in rows}
        if not wanted:
            return
        known = self.known(wanted, organization_id)
        self.insert_rows(MessageEvent, [row for key, row in wanted.items() if key not in known])

    def known(self, dedupe_keys: Collection[str], organization_id: str) -> set[str]:
        """Those of the keys under which something was written down."""
        asked = select(MessageEvent.dedupe_key).where(
            MessageEvent.organization_id == self.target(organization_id),
            MessageEvent.dedupe_key.in_(sorted(dedupe_keys)),
        )
        return set(self.session.scalars(asked))

    def of_contact(
        self, contact_id: str, kinds: Collection[str], since: datetime, organization_id: str | None = None
    ) -> list[MessageEvent]:
        """What happened to messages to a contact after a moment, oldest first."""
        asked = select(MessageEvent).where(
            MessageEvent.contact_id == contact_id,
            MessageEvent.organization_id == self.target(organization_id),
            MessageEvent.kind.in_(sorted(kinds)),
            MessageEvent.occurred_at > since,
        )
        return list(self.session.scalars(asked.order_by(MessageEvent.occurred_at, MessageEvent.message_event_id)))

    def counts(self, sequence_id: str) -> dict[str, int]:
        """How often each thing happened to messages of a sequence."""
        asked = (
            select(MessageEvent.kind, func.count())
            .where(MessageEvent.sequence_id == sequence_id, self.readable(MessageEvent.organization_id))
            .group_by(MessageEvent.kind)
        )
        return {kind: int(count) for kind, count in self.session.execute(asked).tuples()}


class Sealed(Protocol):
    """A message whose content is closed: a row, or what was read of one."""

    @property
    def outbox_message_id(self) -> str: ...

    @property
    def sealed_content(self) -> bytes: ...

    @property
    def sealed_for(self) -> str: ...


class AboutMessage(Protocol):
    """Whatever knows which message it speaks of, and where that stood."""

    @property
    def outbox_message_id(self) -> str: ...

    @property
    def sequence_id(self) -> str: ...

    @property
    def step_id(self) -> str: ...

    @property
    def mailbox_id(self) -> str: ...

    @property
    def contact_id(self) -> str: ...


def event_of(
    message: AboutMessage, kind: str, at: datetime, dedupe_key: str, detail: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A line for the history of a message, for `MessageEvents.add_all`."""
    return {
        "outbox_message_id": message.outbox_message_id, "sequence_id": message.sequence_id, "step_id": message.step_id,
        "mailbox_id": message.mailbox_id, "contact_id": message.contact_id, "kind": kind, "detail": dict(detail or {}),
        "dedupe_key": dedupe_key, "occurred_at": at,
    }  # fmt: skip


def _claimable(asked: Select[Any], status: str = "queued") -> Select[Any]:
    """What may leave: mailbox and sequence are switched on, and the person is still on the way."""
    return (
        asked.join(Mailbox, Mailbox.mailbox_id == OutboxMessage.mailbox_id)
        .join(OutreachSequence, OutreachSequence.sequence_id == OutboxMessage.sequence_id)
        .join(Enrolment, Enrolment.enrolment_id == OutboxMessage.enrolment_id)
        .where(
            OutboxMessage.status == status,
            Mailbox.status == "connected",
            OutreachSequence.status == "active",
            Enrolment.status == "active",
        )
    )


def _grouped(messages: Iterable[OutboxMessage]) -> dict[str, list[OutboxMessage]]:
    found: dict[str, list[OutboxMessage]] = {}
    for message in messages:
        found.setdefault(message.enrolment_id, []).append(message)
    return found


def _opened(plain: bytes) -> Content:
    return msgspec.json.decode(plain, type=Content)


_OF_READY: list[Any] = [
    OutboxMessage.outbox_message_id, OutboxMessage.organization_id, OutboxMessage.enrolment_id,
    OutboxMessage.sequence_id, OutboxMessage.campaign_id, OutboxMessage.step_id, OutboxMessage.attempt,
    OutboxMessage.mailbox_id, OutboxMessage.contact_id, OutboxMessage.recipient_domain, OutboxMessage.message_id,
    OutboxMessage.tries, OutboxMessage.is_first, OutboxMessage.decided_at, OutboxMessage.first_tried_at,
    OutboxMessage.reply_class, OutboxMessage.sealed_content, OutboxMessage.sealed_for,
]  # fmt: skip


def _ready(row: Row[Any], content: Content) -> Ready:
    return Ready(
        outbox_message_id=row.outbox_message_id, organization_id=row.organization_id, enrolment_id=row.enrolment_id,
        sequence_id=row.sequence_id, campaign_id=row.campaign_id, step_id=row.step_id, attempt=row.attempt,
        mailbox_id=row.mailbox_id, contact_id=row.contact_id, recipient_domain=row.recipient_domain,
        message_id=row.message_id, tries=row.tries, is_first=row.is_first, decided_at=row.decided_at,
        first_tried_at=row.first_tried_at, is_repeat=row.reply_class == REPEATED, content=content,
    )  # fmt: skip
