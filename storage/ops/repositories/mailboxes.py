"""Mailboxes with their secrets, and the domains they send from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import or_, select, update

from domain.contacts import Domain, EmailAddress
from domain.decisions import DecisionKind
from domain.errors import Conflict, NotFound
from domain.outreach.health import Band
from domain.outreach.limits import ramp_begins
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.decisions import Decisions
from storage.ops.tables import Mailbox, SendingDomain

PLACE = ("mailboxes", "sealed_secrets")
DKIM_PLACE = ("sending_domains", "sealed_dkim_key")
NEXT_DKIM_PLACE = ("sending_domains", "sealed_next_dkim_key")
REMOVED = "removed"


class Mailboxes(Repository):
    def add(self, address: EmailAddress, *, secrets: Mapping[str, str], facts: Mapping[str, Any]) -> Mailbox:
        """Connects a mailbox. `facts`: display_name, transport, smtp, imap, terms, signature, reply_to. One that was
        removed comes back, with the threads that hang on it. Raises Conflict where it is connected already."""
        target = self.target()
        known = self.session.scalar(
            select(Mailbox).where(Mailbox.organization_id == target, Mailbox.address == address.value)
        )
        if known is not None:
            if known.status != REMOVED:
                raise Conflict(f"{address} is connected already")
            self.set_status(known, "connected")
            return self.change(known, facts, secrets)
        made = Mailbox(
            organization_id=target, address=address.value, domain=address.domain.value,
            ramp_began_on=self.work.now().date(), sealed_secrets=self._sealed(secrets, target), **facts,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record("connect", "mailbox", made.mailbox_id, after=shown(made))
        return made

    def change(self, mailbox: Mailbox, changes: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> Mailbox:
        """Sets columns. A new host of a server forgets its password, unless a new one comes along: secrets are never sent
        to another server."""
        target, before = self.writable(mailbox.organization_id), shown(mailbox)
        kept = self.secrets_of(mailbox)
        for name, value in changes.items():
            former = getattr(mailbox, name)
            if name in {"smtp", "imap"} and former and (former.get("host"), former.get("port")) != (
                value.get("host"), value.get("port"),
            ):  # fmt: skip
                kept.pop(name, None)
            setattr(mailbox, name, value)
        mailbox.sealed_secrets = self._sealed({**kept, **(secrets or {})}, target)
        mailbox.updated_at = self.work.now()
        self.session.flush()
        after = shown(mailbox) | {"are_secrets_new": bool(secrets)}
        Audit(self.work).record("change", "mailbox", mailbox.mailbox_id, before=before, after=after)
        return mailbox

    def set_status(self, mailbox: Mailbox, status: str, reason: str = "", *, because: str = "by_hand") -> None:
        """The kill switch of a mailbox: what is queued in it waits. `reason`: in words; `because`: what the ledger keeps
        it under, with who and when."""
        self.writable(mailbox.organization_id)
        if (mailbox.status, mailbox.status_reason) == (status, reason):
            return
        before = shown(mailbox)
        mailbox.status, mailbox.status_reason, mailbox.updated_at = status, reason[:200], self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "switch", "mailbox", mailbox.mailbox_id, before=before, after=shown(mailbox),
            organization_id=mailbox.organization_id,
        )  # fmt: skip
        Decisions(self.work).record(
            DecisionKind.SWITCH, "mailbox", mailbox.mailbox_id, status, because,
            {"why": mailbox.status_reason, "before": before["status"]}, is_act=True,
            organization_id=mailbox.organization_id,
        )  # fmt: skip

    def note_health(self, mailbox: Mailbox, band: Band, health: Mapping[str, Any]) -> None:
        """What a look found; it is no change that anybody made."""
        self.session.execute(
            update(Mailbox)
            .where(
                Mailbox.mailbox_id == mailbox.mailbox_id,
                Mailbox.organization_id == self.writable(mailbox.organization_id),
            )
            .values(
                health_band=band.value, health=dict(health), health_looked_at=self.work.now(),
                updated_at=Mailbox.updated_at,
            )
        )  # fmt: skip

    def count_anew(self, mailbox: Mailbox, *, ramp_too: bool) -> None:
        """From now on it is judged by what it sends from now on; `ramp_too`: it also begins its ramp anew."""
        self.writable(mailbox.organization_id)
        now = self.work.now()
        mailbox.health_band, mailbox.health, mailbox.health_from, mailbox.updated_at = "unknown", {}, now, now
        if ramp_too:
            mailbox.ramp_began_on = now.date()
        self.session.flush()

    def organizations_to_judge(self, looked_before: datetime) -> list[str]:
        """Those with a mailbox whose health was not looked at since (SystemScope)."""
        self.require_system()
        asked = select(Mailbox.organization_id).where(
            Mailbox.status != REMOVED,
            or_(Mailbox.health_looked_at.is_(None), Mailbox.health_looked_at <= looked_before),
        )
        return list(self.session.scalars(asked.distinct().order_by(Mailbox.organization_id)))

    def remove(self, mailbox: Mailbox) -> None:
        """Nothing leaves it any more, and its passwords are forgotten."""
        self.writable(mailbox.organization_id)
        mailbox.sealed_secrets, mailbox.imap = None, {}
        self.set_status(mailbox, REMOVED)

    def get(self, mailbox_id: str) -> Mailbox:
        """Raises NotFound."""
        found = self.by_id(Mailbox, mailbox_id)
        if found is None:
            raise NotFound("There is no such mailbox here.")
        return found

    def of_organization(self, organization_id: str | None = None) -> list[Mailbox]:
        """All of an organization's, by address: those that were removed too, for threads hang on them."""
        asked = select(Mailbox).where(Mailbox.organization_id == self.target(organization_id))
        return list(self.session.scalars(asked.order_by(Mailbox.address)))

    def in_use(self) -> list[Mailbox]:
        """Without those that were removed."""
        return [found for found in self.of_organization() if found.status != REMOVED]

    def hold_all(self, organization_id: str) -> list[Mailbox]:
        """The same, held until the unit of work ends: what two workers decide for one organization is in order."""
        asked = (
            select(Mailbox)
            .where(Mailbox.organization_id == self.target(organization_id))
            .order_by(Mailbox.mailbox_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(asked))

    def secrets_of(self, mailbox: Mailbox) -> dict[str, str]:
        """Passwords by `smtp` and `imap`; empty where there are none."""
        self.writable(mailbox.organization_id)
        if mailbox.sealed_secrets is None:
            return {}
        plain = self.work.sealer.open(mailbox.sealed_secrets, mailbox.organization_id, *PLACE)
        found: dict[str, str] = msgspec.json.decode(plain)
        return found

    def sent_on(self, mailbox: Mailbox, day: date) -> None:
        """The day on which it last sent; after two weeks of silence its ramp begins anew."""
        self.writable(mailbox.organization_id)
        mailbox.ramp_began_on = ramp_begins(mailbox.ramp_began_on, mailbox.last_sent_on, day)
        mailbox.last_sent_on = day
        self.session.flush()

    def _sealed(self, secrets: Mapping[str, str], organization_id: str) -> bytes | None:
        held = {name: value for name, value in secrets.items() if value}
        return self.work.sealer.seal(msgspec.json.encode(held), organization_id, *PLACE) if held else None


class SendingDomains(Repository):
    def of_organization(self, organization_id: str | None = None) -> dict[str, SendingDomain]:
        """All of an organization's, by name."""
        asked = select(SendingDomain).where(SendingDomain.organization_id == self.target(organization_id))
        return {found.domain: found for found in self.session.scalars(asked.order_by(SendingDomain.domain))}

    def put(
        self, domain: Domain, *, per_day: int | None, dkim_selector: str = "", dkim_key: str | None = None
    ) -> SendingDomain:
        """Sets a domain's cap and key; without `dkim_key` the one that is kept stays. An empty selector takes it away."""
        target = self.target()
        found = self.of_organization().get(domain.value)
        before = _domain_shown(found) if found else None
        if found is None:
            found = SendingDomain(organization_id=target, domain=domain.value)
            self.session.add(found)
        found.per_day, found.dkim_selector = per_day, dkim_selector
        if not dkim_selector:
            found.sealed_dkim_key = None
        elif dkim_key is not None:
            found.sealed_dkim_key = self.work.sealer.seal(dkim_key.encode(), target, *DKIM_PLACE)
        found.updated_at = self.work.now()
        self.session.flush()
        after = _domain_shown(found) | {"is_key_new": dkim_key is not None}
        Audit(self.work).record(
            "change" if before else "create", "sending_domain", found.sending_domain_id, before=before, after=after
        )
        return found

    def key_of(self, domain: SendingDomain) -> bytes | None:
        """The PEM that signs, or None."""
        self.writable(domain.organization_id)
        if domain.sealed_dkim_key is None:
            return None
        return self.work.sealer.open(domain.sealed_dkim_key, domain.organization_id, *DKIM_PLACE)

    def next_key_of(self, domain: SendingDomain) -> bytes | None:
        """The PEM that will sign once its record is seen, or None."""
        self.writable(domain.organization_id)
        if domain.sealed_next_dkim_key is None:
            return None
        return self.work.sealer.open(domain.sealed_next_dkim_key, domain.organization_id, *NEXT_DKIM_PLACE)

    def ensure(self, domain: Domain) -> SendingDomain:
        """The domain's row, made where there is none."""
        return self.of_organization().get(domain.value) or self.put(domain, per_day=None)

    def propose_key(self, domain: Domain, selector: str, pem: bytes) -> SendingDomain:
        """Keeps a key that signs once its record is seen (`take_up_key`); the one that signs now goes on."""
        found, target = self.ensure(domain), self.target()
        found.next_dkim_selector = selector
        found.sealed_next_dkim_key = self.work.sealer.seal(pem, target, *NEXT_DKIM_PLACE)
        found.updated_at = self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "propose_key",
            "sending_domain",
            found.sending_domain_id,
            after={"domain": domain.value, "selector": selector},
        )
        return found

    def take_up_key(self, domain: SendingDomain) -> None:
        """From now on the proposed key signs."""
        pem = self.next_key_of(domain)
        if pem is None:
            return
        self.put(
            Domain(domain.domain),
            per_day=domain.per_day,
            dkim_selector=domain.next_dkim_selector,
            dkim_key=pem.decode(),
        )
        domain.next_dkim_selector, domain.sealed_next_dkim_key = "", None
        self.session.flush()

    def ask(self, domain: SendingDomain, asked: Mapping[str, Any]) -> None:
        """Keeps what the domain doctor shall ask besides."""
        self.writable(domain.organization_id)
        before = dict(domain.asked or {})
        if before == dict(asked):
            return
        domain.asked, domain.updated_at = dict(asked), self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "change", "sending_domain", domain.sending_domain_id, before=before, after=dict(asked),
            organization_id=domain.organization_id,
        )  # fmt: skip

    def note_findings(self, domain: SendingDomain, findings: Sequence[Mapping[str, Any]]) -> None:
        """Keeps what the domain doctor found now."""
        self.writable(domain.organization_id)
        domain.findings, domain.checked_at = [dict(each) for each in findings], self.work.now()
        self.session.flush()


def shown(mailbox: Mailbox) -> dict[str, Any]:
    """What the audit log keeps: never a secret."""
    names = ("address", "display_name", "transport", "status", "status_reason", "smtp", "imap", "terms", "reply_to")
    return {name: getattr(mailbox, name) for name in names}


def _domain_shown(domain: SendingDomain) -> dict[str, Any]:
    return {
        "domain": domain.domain,
        "per_day": domain.per_day,
        "dkim_selector": domain.dkim_selector,
        "has_key": domain.sealed_dkim_key is not None,
    }
