"""/v1/mailboxes and /v1/sending-domains: accounts that mail is sent from, their limits, and keys that sign."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.lists import IfMatch
from serving.mailboxes import service
from serving.mailboxes.schemas import (
    MailboxFields,
    MailboxIn,
    MailboxListOut,
    MailboxOut,
    MailboxSwitch,
    SendingDomainIn,
    SendingDomainOut,
    TestSend,
    TestSendOut,
)

router = APIRouter(prefix="/v1", tags=["mailboxes"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SEQUENCES_READ)]
Writer = Annotated[Principal, may(Permission.MAILBOXES_WRITE)]


@router.get("/mailboxes")
def list_mailboxes(store: StoreDep, principal: Reader) -> MailboxListOut:
    """All mailboxes of the organization, without their passwords."""
    with store.read(principal.scope) as work:
        return service.list_mailboxes(work)


@router.post("/mailboxes", status_code=201)
def connect_mailbox(body: MailboxIn, store: StoreDep, principal: Writer) -> MailboxOut:
    """Connects an account; its password is kept encrypted. 409 where it is connected already."""
    with store.write(principal.scope, principal.actor) as work:
        return service.create(work, body)


@router.patch("/mailboxes/{mailbox_id}")
def change_mailbox(
    mailbox_id: str, body: MailboxFields, store: StoreDep, principal: Writer, if_match: IfMatch = None
) -> MailboxOut:
    """Writes what is sent; what is not sent stays."""
    with store.write(principal.scope, principal.actor) as work:
        return service.change(work, mailbox_id, body, if_match)


@router.post("/mailboxes/{mailbox_id}/switch")
def switch_mailbox(mailbox_id: str, body: MailboxSwitch, store: StoreDep, principal: Writer) -> MailboxOut:
    """Stops a mailbox with everything that is queued in it, or lets it go on."""
    with store.write(principal.scope, principal.actor) as work:
        return service.switch(work, mailbox_id, body)


@router.post("/mailboxes/{mailbox_id}/test")
def test_mailbox(
    mailbox_id: str, body: TestSend, store: StoreDep, principal: Writer, settings: SettingsDep
) -> TestSendOut:
    """Sends one message and answers what the server said."""
    return service.test_send(store, settings, principal, mailbox_id, body.to)


@router.put("/sending-domains/{domain}")
def put_sending_domain(domain: str, body: SendingDomainIn, store: StoreDep, principal: Writer) -> SendingDomainOut:
    """Sets a domain's limit and the key that signs for it; answers the DNS record to publish."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put_domain(work, domain, body)
