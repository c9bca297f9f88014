"""What the routes of mailboxes do."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from typing import Any

from pydantic import BaseModel

from domain.contacts import EmailAddress
from domain.errors import InvalidInput, LeadhouseError, NotFound
from domain.ids import new_id
from domain.outreach.health import LINES, Band
from domain.outreach.mailboxes import terms_of
from domain.outreach.retries import Phase, Reply
from domain.outreach.standing import Standing, standing
from domain.settings import Settings
from serving import etags
from serving.access.principals import Principal
from serving.mail.base import Envelope, Outcome, Transport, all_transports
from serving.mail.composing import Sender, compose, new_message_id
from serving.mail.servers import Server, address_of
from serving.mail.signing import sign
from serving.mailboxes.schemas import (
    HealthOut,
    InboxOut,
    InboxTestOut,
    MailboxFields,
    MailboxIn,
    MailboxListOut,
    MailboxOut,
    MailboxSwitch,
    ReadingOut,
    ServerIn,
    StandingOut,
    TestSendOut,
)
from serving.replies.imap import Inbox
from serving.sending.gathering import mailboxes_now
from serving.sending.health import is_stopped, let_go_on
from serving.sending.switches import closed_now
from serving.sending.switching import SwitchedOut, last_switched
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import REMOVED, Mailboxes, SendingDomains
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import Content
from storage.ops.repositories.replies import InboxReadings
from storage.ops.store import Store, Work
from storage.ops.tables import InboxReading, Mailbox

PLAIN = ("display_name", "signature", "reply_to")
TEST_WORDS = "This is a test of the mailbox {address}. Nobody else got it, and it counts in no limit.\n"


def list_mailboxes(work: Work, settings: Settings) -> MailboxListOut:
    return MailboxListOut(items=_out_all(work, settings))


def create(work: Work, settings: Settings, body: MailboxIn) -> MailboxOut:
    if body.transport not in all_transports():
        raise InvalidInput(f"no transport {body.transport!r}", hint=f"There are {', '.join(sorted(all_transports()))}.")
    transport = all_transports()[body.transport]
    if transport.needs == "server" and body.smtp is None:
        raise InvalidInput(
            f"{body.transport} needs a server", hint="Give host, port, security and username, or transport: file."
        )
    if transport.needs == "key" and not body.smtp_password:
        raise InvalidInput(f"{body.transport} needs a key", hint="Give its API key as smtp_password.")
    usual = {"smtp": asdict(transport.usual, dict_factory=_without_password)} if transport.usual else {}
    facts = {"transport": body.transport, "terms": {}, **usual, **_columns(body)}
    made = Mailboxes(work).add(EmailAddress.parse(body.address), secrets=_secrets(body), facts=facts)
    return _out_all(work, settings, made)[0]


def change(work: Work, settings: Settings, mailbox_id: str, body: MailboxFields, if_match: str | None) -> MailboxOut:
    row = own(work, mailbox_id)
    etags.check(if_match, row.updated_at)
    changed = Mailboxes(work).change(row, _columns(body), _secrets(body))
    return _out_all(work, settings, changed)[0]


def switch(work: Work, settings: Settings, mailbox_id: str, body: MailboxSwitch) -> MailboxOut:
    row = own(work, mailbox_id)
    if body.status == "connected":
        let_go_on(work, row)
    Mailboxes(work).set_status(row, body.status, body.reason)
    return _out_all(work, settings, row)[0]


def remove(work: Work, mailbox_id: str) -> None:
    Mailboxes(work).remove(own(work, mailbox_id))


def test_send(store: Store, settings: Settings, principal: Principal, mailbox_id: str, to: str) -> TestSendOut:
    """Hands a message over at once; the answer is the server's own."""
    recipient = EmailAddress.parse(to)
    with store.write(principal.scope, principal.actor) as work:
        row = own(work, mailbox_id)
        server = Server.of(row.smtp, Mailboxes(work).secrets_of(row).get("smtp", ""))
        domain = SendingDomains(work).of_organization().get(row.domain)
        transport = all_transports()[row.transport]
        key = SendingDomains(work).key_of(domain) if domain and not transport.signs else None
        message = compose(
            Content(recipient.value, "A test of your mailbox", TEST_WORDS.format(address=row.address)),
            Sender(row.address, row.display_name, row.reply_to),
            message_id=new_message_id(new_id(), row.domain), at=work.now(),
        )  # fmt: skip
        if key is not None and domain is not None:
            message = sign(message, key, domain=row.domain, selector=domain.dkim_selector, at=work.now())
        Audit(work).record("test", "mailbox", mailbox_id)
    outcome = asyncio.run(
        _handed_over(transport, server, settings, Envelope(row.address, recipient.value, message, new_id()))
    )
    signed = key is not None
    if isinstance(outcome, Reply):
        return TestSendOut(
            is_accepted=200 <= outcome.code < 300, code=outcome.code, text=outcome.text, phase=outcome.phase.value,
            is_signed=signed,
        )  # fmt: skip
    return TestSendOut(is_accepted=False, code=None, text=outcome.reason, phase=Phase.DATA.value, is_signed=signed)


def test_inbox(store: Store, settings: Settings, principal: Principal, mailbox_id: str) -> InboxTestOut:
    """Logs in and opens the inbox without reading anything. Raises InvalidInput for a mailbox without one."""
    with store.write(principal.scope, principal.actor) as work:
        row = own(work, mailbox_id)
        if not row.imap.get("host"):
            raise InvalidInput("this mailbox has no IMAP server", hint="Edit it, so that answers can be read.")
        server = Server.of(row.imap, Mailboxes(work).secrets_of(row).get("imap", ""))
        Audit(work).record("test_inbox", "mailbox", mailbox_id)
    try:
        with Inbox(server, address_of(server, settings.outreach.local_servers)):
            return InboxTestOut(is_open=True, text="The inbox opens.")
    except LeadhouseError as problem:
        return InboxTestOut(is_open=False, text=problem.message)
    except OSError as problem:
        return InboxTestOut(is_open=False, text=f"{server.host}:{server.port} was not reached: {problem}"[:300])


def own(work: Work, mailbox_id: str) -> Mailbox:
    """A mailbox of the chosen organization itself. Raises NotFound for a client's."""
    row = Mailboxes(work).get(mailbox_id)
    if row.organization_id != work.scope.organization_id or row.status == REMOVED:  # type: ignore[union-attr]
        raise NotFound("There is no such mailbox here.", hint="Choose the organization that it belongs to.")
    return row


async def _handed_over(transport: Transport, server: Server, settings: Settings, envelope: Envelope) -> Outcome:
    connection = transport.connect(server, settings)
    try:
        return await connection.send(envelope)
    finally:
        await connection.close()


def _without_password(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if name != "password"}


def _columns(body: MailboxFields) -> dict[str, Any]:
    """What was sent; an empty ramp within `terms` is a value too."""
    sent = {name: getattr(body, name) for name in (*PLAIN, "smtp", "imap", "terms")}
    columns = {
        name: value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        for name, value in sent.items()
        if value is not None
    }
    if body.reply_to:
        columns["reply_to"] = EmailAddress.parse(body.reply_to).value
    return columns


def _secrets(body: MailboxFields) -> dict[str, str]:
    given = {"smtp": body.smtp_password, "imap": body.imap_password}
    return {name: value for name, value in given.items() if value}


def _out_all(work: Work, settings: Settings, only: Mailbox | None = None) -> list[MailboxOut]:
    """With how each stands now. The others are read for one as well: those of a domain share its limit."""
    organization_id, now = work.scope.organization_id, work.now()  # type: ignore[union-attr]
    zone = Organizations(work).get(organization_id).time_zone
    every = {row.mailbox_id: row for row in Mailboxes(work).of_organization()}
    found, _ = mailboxes_now(work, every, zone, now, organization_id)
    rows = [only] if only else [row for row in every.values() if row.status != REMOVED]
    shut = closed_now(work.store, settings, organization_id)
    people = Enrolments(work).people_by_mailbox()
    readings = InboxReadings(work).of_organization()
    switched = last_switched(work, "mailbox", [row.mailbox_id for row in rows])
    return [
        _out(
            work, row, standing(replace(found[row.mailbox_id], closed=shut or found[row.mailbox_id].closed), now),
            people.get(row.mailbox_id, 0), readings.get(row.mailbox_id), switched.get(row.mailbox_id),
        )
        for row in rows
    ]  # fmt: skip


def _out(
    work: Work,
    row: Mailbox,
    stands: Standing,
    people_count: int,
    reading: InboxReading | None,
    switched: SwitchedOut | None,
) -> MailboxOut:
    secrets = Mailboxes(work).secrets_of(row)
    return MailboxOut(
        mailbox_id=row.mailbox_id, address=row.address, display_name=row.display_name, transport=row.transport,
        status=row.status, status_reason=row.status_reason, smtp=ServerIn(**row.smtp) if row.smtp else None,
        imap=ServerIn(**row.imap) if row.imap else None, has_smtp_password="smtp" in secrets,
        has_imap_password="imap" in secrets, terms=terms_of(row.terms or {}), signature=row.signature,
        reply_to=row.reply_to, standing=StandingOut.model_validate(stands), people_count=people_count,
        health=_health(row), switched=switched,
        is_stopped_for_health=switched is not None and is_stopped(row, switched.reason),
        inbox=InboxOut(read_at=reading.read_at, problem=reading.problem) if reading and row.imap else None,
        ramp_began_on=row.ramp_began_on, last_sent_on=row.last_sent_on, updated_at=row.updated_at,
        etag=etags.etag_of(row.updated_at),
    )  # fmt: skip


def _health(row: Mailbox) -> HealthOut:
    kept = row.health or {}
    return HealthOut(
        band=Band(row.health_band), reason=kept.get("reason", ""), looked_at=row.health_looked_at,
        counts_from=row.health_from,
        readings=[
            ReadingOut(**one, floor=LINES[one["measure"]].floor, lines=LINES[one["measure"]].by_band)
            for one in kept.get("readings", ())
        ],
    )  # fmt: skip
