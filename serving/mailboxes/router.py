"""/v1/mailboxes, /v1/sending-domains, /v1/tracking and /v1/soft-bounces: accounts that mail is sent from, their limits, keys
that sign, what is noted of messages, and when an address that they come back from rests."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from domain.deliverability.records import Resolver
from domain.outreach.soft_bounces import SoftBounceRule
from domain.outreach.tracking import TrackingSetting
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deliverability.router import system_resolver
from serving.deps import SettingsDep, StoreDep
from serving.lists import IfMatch
from serving.mailboxes import domains, service, tracking
from serving.mailboxes.schemas import (
    AskedIn,
    CapIn,
    DkimKeyIn,
    InboxTestOut,
    MailboxFields,
    MailboxIn,
    MailboxListOut,
    MailboxOut,
    MailboxSwitch,
    SendingDomainIn,
    SendingDomainListOut,
    SendingDomainOut,
    TestSend,
    TestSendOut,
    TrackingOut,
)
from serving.sending import resting

router = APIRouter(prefix="/v1", tags=["mailboxes"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SEQUENCES_READ)]
Writer = Annotated[Principal, may(Permission.MAILBOXES_WRITE)]


@router.get("/mailboxes")
def list_mailboxes(store: StoreDep, principal: Reader, settings: SettingsDep) -> MailboxListOut:
    """All mailboxes of the organization, without their passwords, and whether each sends now, with its limits stacked."""
    with store.read(principal.scope) as work:
        return service.list_mailboxes(work, settings)


@router.post("/mailboxes", status_code=201)
def connect_mailbox(body: MailboxIn, store: StoreDep, principal: Writer, settings: SettingsDep) -> MailboxOut:
    """Connects an account; its password is kept encrypted. 409 where it is connected already; one that was removed comes
    back with its threads."""
    with store.write(principal.scope, principal.actor) as work:
        return service.create(work, settings, body)


@router.patch("/mailboxes/{mailbox_id}")
def change_mailbox(
    *,
    mailbox_id: str,
    body: MailboxFields,
    store: StoreDep,
    principal: Writer,
    settings: SettingsDep,
    if_match: IfMatch = None,
) -> MailboxOut:
    """Writes what is sent; what is not sent stays."""
    with store.write(principal.scope, principal.actor) as work:
        return service.change(work, settings, mailbox_id, body, if_match)


@router.delete("/mailboxes/{mailbox_id}", status_code=204)
def remove_mailbox(mailbox_id: str, store: StoreDep, principal: Writer) -> None:
    """Forgets its passwords; nothing leaves it any more. Who is in a thread of it waits, until it is connected again."""
    with store.write(principal.scope, principal.actor) as work:
        service.remove(work, mailbox_id)


@router.post("/mailboxes/{mailbox_id}/switch")
def switch_mailbox(
    mailbox_id: str, body: MailboxSwitch, store: StoreDep, principal: Writer, settings: SettingsDep
) -> MailboxOut:
    """Stops a mailbox with everything that is queued in it, or lets it go on."""
    with store.write(principal.scope, principal.actor) as work:
        return service.switch(work, settings, mailbox_id, body)


@router.post("/mailboxes/{mailbox_id}/test")
def test_mailbox(
    mailbox_id: str, body: TestSend, store: StoreDep, principal: Writer, settings: SettingsDep
) -> TestSendOut:
    """Sends one message and answers what the server said."""
    return service.test_send(store, settings, principal, mailbox_id, body.to)


@router.post("/mailboxes/{mailbox_id}/test-inbox")
def test_inbox(mailbox_id: str, store: StoreDep, principal: Writer, settings: SettingsDep) -> InboxTestOut:
    """Logs in and opens the inbox; nothing in it is read or marked."""
    return service.test_inbox(store, settings, principal, mailbox_id)


@router.get("/sending-domains")
def list_sending_domains(store: StoreDep, principal: Reader) -> SendingDomainListOut:
    """The domains of all mailboxes, with their keys and what the domain doctor found last."""
    with store.read(principal.scope) as work:
        return domains.list_domains(work)


@router.put("/sending-domains/{domain}")
def put_sending_domain(domain: str, body: SendingDomainIn, store: StoreDep, principal: Writer) -> SendingDomainOut:
    """Sets a domain's limit and the key that signs for it; answers the DNS record to publish."""
    with store.write(principal.scope, principal.actor) as work:
        return domains.put_domain(work, domain, body)


@router.put("/sending-domains/{domain}/cap")
def put_sending_domain_cap(domain: str, body: CapIn, store: StoreDep, principal: Writer) -> SendingDomainOut:
    """Sets a domain's limit alone."""
    with store.write(principal.scope, principal.actor) as work:
        return domains.set_cap(work, domain, body.per_day)


@router.post("/sending-domains/{domain}/dkim-key", status_code=201)
def make_dkim_key(domain: str, body: DkimKeyIn, store: StoreDep, principal: Writer) -> SendingDomainOut:
    """Makes a key and answers the record to publish; it signs once a check has seen the record."""
    with store.write(principal.scope, principal.actor) as work:
        return domains.make_key(work, domain, body.selector)


@router.put("/sending-domains/{domain}/asked")
def put_domain_questions(domain: str, body: AskedIn, store: StoreDep, principal: Writer) -> SendingDomainOut:
    """What the domain doctor asks beyond the name: selectors, SPF include, addresses of an own server, tracking host."""
    with store.write(principal.scope, principal.actor) as work:
        return domains.ask(work, domain, body)


@router.post("/sending-domains/{domain}/check")
def check_sending_domain(
    domain: str,
    store: StoreDep,
    principal: Writer,
    settings: SettingsDep,
    resolver: Annotated[Resolver, Depends(system_resolver)],
) -> SendingDomainOut:
    """Asks DNS now and keeps what was found."""
    return domains.check(store, settings, principal, domain, resolver)


@router.get("/tracking")
def read_tracking(store: StoreDep, principal: Reader, settings: SettingsDep) -> TrackingOut:
    """Whether opens and clicks are noted, and over which address links lead from each domain that mail is sent from."""
    with store.read(principal.scope) as work:
        return tracking.read(work, settings)


@router.put("/tracking")
def put_tracking(body: TrackingSetting, store: StoreDep, principal: Writer, settings: SettingsDep) -> TrackingOut:
    """Holds for messages that are decided from now on, unless their sequence says otherwise."""
    with store.write(principal.scope, principal.actor) as work:
        return tracking.put(work, settings, body)


@router.get("/soft-bounces")
def read_soft_bounce_rule(store: StoreDep, principal: Reader) -> SoftBounceRule:
    """After how many failures that may pass, within how many days, an address rests, and for how long."""
    with store.read(principal.scope) as work:
        return resting.rule_of(work)


@router.put("/soft-bounces")
def put_soft_bounce_rule(body: SoftBounceRule, store: StoreDep, principal: Writer) -> SoftBounceRule:
    """Holds for failures from now on, with those before them that are within its days; rests that began go on."""
    with store.write(principal.scope, principal.actor) as work:
        return resting.put_rule(work, body)
