"""What the routes of mailboxes do."""

from __future__ import annotations

import asyncio
from typing import Any

from domain.contacts import Domain, EmailAddress
from domain.errors import InvalidInput, NotFound
from domain.ids import new_id
from domain.outreach.mailboxes import Terms
from domain.outreach.retries import Reply
from domain.settings import Settings
from serving import etags
from serving.access.principals import Principal
from serving.mail.base import Envelope, Outcome, Transport, all_transports
from serving.mail.composing import Sender, compose, new_message_id
from serving.mail.servers import Server
from serving.mail.signing import dns_record, load_key, sign
from serving.mailboxes.schemas import (
    MailboxFields,
    MailboxIn,
    MailboxListOut,
    MailboxOut,
    MailboxSwitch,
    SendingDomainIn,
    SendingDomainOut,
    ServerIn,
    TestSendOut,
)
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.mailboxes import Mailboxes, SendingDomains
from storage.ops.repositories.outbox import Content
from storage.ops.store import Store, Work
from storage.ops.tables import Mailbox

PLAIN = ("display_name", "signature")
TEST_WORDS = "This is a test of the mailbox {address}. Nobody else got it, and it counts in no limit.\n"


def list_mailboxes(work: Work) -> MailboxListOut:
    return MailboxListOut(items=[_out(work, each) for each in Mailboxes(work).of_organization()])


def create(work: Work, body: MailboxIn) -> MailboxOut:
    if body.transport not in all_transports():
        raise InvalidInput(f"no transport {body.transport!r}", hint=f"There are {', '.join(sorted(all_transports()))}.")
    if body.transport == "smtp" and body.smtp is None:
        raise InvalidInput("smtp needs a server", hint="Give host, port, security and username, or transport: file.")
    facts = {"transport": body.transport, "terms": {}, **_columns(body)}
    return _out(work, Mailboxes(work).add(EmailAddress.parse(body.address), secrets=_secrets(body), facts=facts))


def change(work: Work, mailbox_id: str, body: MailboxFields, if_match: str | None) -> MailboxOut:
    row = own(work, mailbox_id)
    etags.check(if_match, row.updated_at)
    return _out(work, Mailboxes(work).change(row, _columns(body), _secrets(body)))


def switch(work: Work, mailbox_id: str, body: MailboxSwitch) -> MailboxOut:
    row = own(work, mailbox_id)
    Mailboxes(work).set_status(row, body.status, body.reason)
    return _out(work, row)


def test_send(store: Store, settings: Settings, principal: Principal, mailbox_id: str, to: str) -> TestSendOut:
    """Hands a message over at once; the answer is the server's own."""
    recipient = EmailAddress.parse(to)
    with store.write(principal.scope, principal.actor) as work:
        row = own(work, mailbox_id)
        server = Server.of(row.smtp, Mailboxes(work).secrets_of(row).get("smtp", ""))
        domain = SendingDomains(work).of_organization().get(row.domain)
        key = SendingDomains(work).key_of(domain) if domain else None
        message = compose(
            Content(recipient.value, "A test of your mailbox", TEST_WORDS.format(address=row.address)),
            Sender(row.address, row.display_name),
            message_id=new_message_id(new_id(), row.domain), at=work.now(),
        )  # fmt: skip
        if key is not None and domain is not None:
            message = sign(message, key, domain=row.domain, selector=domain.dkim_selector, at=work.now())
        Audit(work).record("test", "mailbox", mailbox_id)
    outcome = asyncio.run(
        _handed_over(all_transports()[row.transport], server, settings, Envelope(row.address, recipient.value, message))
    )
    if isinstance(outcome, Reply):
        return TestSendOut(is_accepted=200 <= outcome.code < 300, code=outcome.code, text=outcome.text)
    return TestSendOut(is_accepted=False, code=None, text=outcome.reason)


def put_domain(work: Work, name: str, body: SendingDomainIn) -> SendingDomainOut:
    domain = Domain.parse(name)
    if body.dkim_key is not None:
        load_key(body.dkim_key.encode())
    row = SendingDomains(work).put(
        domain, per_day=body.per_day, dkim_selector=body.dkim_selector, dkim_key=body.dkim_key
    )
    key = SendingDomains(work).key_of(row)
    return SendingDomainOut(
        domain=row.domain, per_day=row.per_day, dkim_selector=row.dkim_selector,
        dns_name=f"{row.dkim_selector}._domainkey.{row.domain}" if key else "", dns_record=dns_record(key) if key else "",
    )  # fmt: skip


def own(work: Work, mailbox_id: str) -> Mailbox:
    """A mailbox of the chosen organization itself. Raises NotFound for a client's."""
    row = Mailboxes(work).get(mailbox_id)
    if row.organization_id != work.scope.organization_id:  # type: ignore[union-attr]
        raise NotFound("There is no such mailbox here.", hint="Choose the organization that it belongs to.")
    return row


async def _handed_over(transport: Transport, server: Server, settings: Settings, envelope: Envelope) -> Outcome:
    connection = transport.connect(server, settings)
    try:
        return await connection.send(envelope)
    finally:
        await connection.close()


def _columns(body: MailboxFields) -> dict[str, Any]:
    sent = body.model_dump(exclude_none=True, mode="json")
    return {name: sent[name] for name in (*PLAIN, "smtp", "imap", "terms") if name in sent}


def _secrets(body: MailboxFields) -> dict[str, str]:
    given = {"smtp": body.smtp_password, "imap": body.imap_password}
    return {name: value for name, value in given.items() if value}


def _out(work: Work, row: Mailbox) -> MailboxOut:
    return MailboxOut(
        mailbox_id=row.mailbox_id, address=row.address, display_name=row.display_name, transport=row.transport,
        status=row.status, status_reason=row.status_reason, smtp=ServerIn(**row.smtp) if row.smtp else None,
        imap=ServerIn(**row.imap) if row.imap else None,
        has_smtp_password="smtp" in Mailboxes(work).secrets_of(row), terms=Terms.model_validate(row.terms or {}),
        signature=row.signature, ramp_began_on=row.ramp_began_on, last_sent_on=row.last_sent_on,
        updated_at=row.updated_at, etag=etags.etag_of(row.updated_at),
    )  # fmt: skip
