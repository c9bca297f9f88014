"""Domains that mailboxes send from: their cap, the key that signs, and what DNS says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from domain.contacts import Domain
from domain.deliverability.doctor import OWN_KEY
from domain.deliverability.records import Finding, Resolver, State
from domain.errors import NotFound
from domain.settings import Settings
from serving.access.principals import Principal
from serving.deliverability.schemas import FindingOut
from serving.deliverability.service import examined, overall, own_host
from serving.mail.signing import dns_record, load_key, new_key, public_part
from serving.mailboxes.schemas import (
    AskedIn,
    DkimRecordOut,
    SendingDomainIn,
    SendingDomainListOut,
    SendingDomainOut,
)
from storage.ops.repositories.mailboxes import Mailboxes, SendingDomains
from storage.ops.store import Store, Work
from storage.ops.tables import SendingDomain


def list_domains(work: Work) -> SendingDomainListOut:
    """Those of mailboxes, and those that something was set for."""
    kept = SendingDomains(work).of_organization()
    counts = _mailbox_counts(work)
    shown = [_out(work, kept[name], counts[name]) if name in kept else _unset(name, counts[name]) for name in counts]
    alone = [_out(work, row, 0) for name, row in kept.items() if name not in counts]
    return SendingDomainListOut(items=sorted([*shown, *alone], key=lambda each: (-each.mailbox_count, each.domain)))


def put_domain(work: Work, name: str, body: SendingDomainIn) -> SendingDomainOut:
    domain = Domain.parse(name)
    if body.dkim_key is not None:
        load_key(body.dkim_key.encode())
    row = SendingDomains(work).put(
        domain, per_day=body.per_day, dkim_selector=body.dkim_selector, dkim_key=body.dkim_key
    )
    return _out(work, row, _mailbox_counts(work)[domain.value])


def set_cap(work: Work, name: str, per_day: int | None) -> SendingDomainOut:
    """Changes the cap alone."""
    domain = Domain.parse(name)
    held = SendingDomains(work).ensure(domain)
    row = SendingDomains(work).put(domain, per_day=per_day, dkim_selector=held.dkim_selector)
    return _out(work, row, _mailbox_counts(work)[domain.value])


def make_key(work: Work, name: str, selector: str) -> SendingDomainOut:
    """A key that signs once its record is seen in DNS. Until then the one that signs now goes on."""
    domain = Domain.parse(name)
    held = SendingDomains(work).ensure(domain)
    chosen = selector or _fresh_selector(f"lh{work.now():%Y%m}", held.dkim_selector)
    row = SendingDomains(work).propose_key(domain, chosen, new_key())
    return _out(work, row, _mailbox_counts(work)[domain.value])


def ask(work: Work, name: str, body: AskedIn) -> SendingDomainOut:
    """Sets what is asked beyond the name."""
    row = SendingDomains(work).ensure(Domain.parse(name))
    SendingDomains(work).ask(row, body.model_dump())
    return _out(work, row, _mailbox_counts(work)[row.domain])


def check(store: Store, settings: Settings, principal: Principal, name: str, resolver: Resolver) -> SendingDomainOut:
    """Asks DNS now and keeps what was found; a key whose record is there begins to sign.

    Raises NotFound for a domain that no mailbox of the organization has and nothing was set for.
    """
    domain = Domain.parse(name)
    with store.read(principal.scope) as work:
        held = SendingDomains(work).of_organization().get(domain.value)
        if held is None and not _mailbox_counts(work)[domain.value]:
            raise NotFound("No mailbox sends from this domain.", hint="Connect one first.")
    with store.write(principal.scope, principal.actor) as work:
        row = SendingDomains(work).ensure(domain)
        asked = AskedIn.model_validate(row.asked or {})
        own_keys = _own_keys(work, row)
    findings = examined(
        resolver, domain.value, selectors=asked.selectors, own_keys=tuple(own_keys.items()),
        spf_include=asked.spf_include, addresses=asked.addresses, tracking_host=asked.tracking_host,
        tracking_target=own_host(settings),
    )  # fmt: skip
    with store.write(principal.scope, principal.actor) as work:
        row = SendingDomains(work).ensure(domain)
        SendingDomains(work).note_findings(row, [asdict(finding) for finding in findings])
        waits = row.next_dkim_selector
        if waits in _published(own_keys, findings) and own_keys[waits] == _own_keys(work, row).get(waits):
            SendingDomains(work).take_up_key(row)
        return _out(work, row, _mailbox_counts(work)[domain.value])


def _own_keys(work: Work, row: SendingDomain) -> dict[str, str]:
    """The public part by selector, of the key that signs and of the one that waits."""
    domains = SendingDomains(work)
    pairs = ((row.dkim_selector, domains.key_of(row)), (row.next_dkim_selector, domains.next_key_of(row)))
    return {selector: public_part(pem) for selector, pem in pairs if pem is not None}


def _published(own_keys: Mapping[str, str], findings: list[Finding]) -> set[str]:
    """Selectors whose record was seen: `examine` answers for our keys in their order."""
    states = [one.state for one in findings if one.check == OWN_KEY]
    return {selector for selector, state in zip(own_keys, states, strict=True) if state is State.PASS}


def _fresh_selector(wanted: str, taken: str) -> str:
    """A new key gets a new name: receivers may hold the record of the former one for a day."""
    return f"{wanted}b" if wanted == taken else wanted


def _mailbox_counts(work: Work) -> Counter[str]:
    return Counter(row.domain for row in Mailboxes(work).in_use())


def _out(work: Work, row: SendingDomain, mailbox_count: int) -> SendingDomainOut:
    key, waiting = SendingDomains(work).key_of(row), SendingDomains(work).next_key_of(row)
    findings = [Finding(**_finding(each)) for each in row.findings or ()]
    return SendingDomainOut(
        domain=row.domain, per_day=row.per_day, mailbox_count=mailbox_count, dkim_selector=row.dkim_selector,
        dns_name=_record_name(row.dkim_selector, row.domain) if key else "", dns_record=dns_record(key) if key else "",
        next_key=DkimRecordOut(
            selector=row.next_dkim_selector, dns_name=_record_name(row.next_dkim_selector, row.domain),
            dns_record=dns_record(waiting),
        ) if waiting else None,
        asked=AskedIn.model_validate(row.asked or {}), state=overall(findings) if findings else State.UNKNOWN,
        findings=[FindingOut.model_validate(each) for each in findings], checked_at=row.checked_at,
    )  # fmt: skip


def _unset(name: str, mailbox_count: int) -> SendingDomainOut:
    return SendingDomainOut(
        domain=name, per_day=None, mailbox_count=mailbox_count, dkim_selector="", dns_name="", dns_record="",
        next_key=None, asked=AskedIn(), state=State.UNKNOWN, findings=[], checked_at=None,
    )  # fmt: skip


def _finding(kept: dict[str, Any]) -> dict[str, Any]:
    return {**kept, "state": State(kept["state"]), "records": tuple(kept["records"])}


def _record_name(selector: str, domain: str) -> str:
    return f"{selector}._domainkey.{domain}"
