"""Messages from the queue to mail servers: claimed in a batch, composed and signed, marked, carried by connections that
are kept, and settled in a batch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.errors import LeadhouseError
from domain.outreach.retries import Phase, Reply
from domain.outreach.unsubscribing import make_token
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from serving.mail.base import Connection, Envelope, Outcome, all_transports
from serving.mail.composing import Sender, compose
from serving.mail.servers import Server
from serving.mail.signing import sign
from serving.sending.installation import is_installation_stopped
from serving.sending.journal import Journal
from serving.sending.permits import EVERY, Permits, give_back
from serving.sending.settling import Carried, forgotten, settle
from serving.sending.switches import stopped_organizations
from serving.sending.tracking import address_of, led_over
from serving.sending.writing import PATH
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import Mailboxes, SendingDomains
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import Outbox, Ready
from storage.ops.repositories.outreach_facts import OutreachFacts
from storage.ops.store import Store, Work
from storage.ops.tables import Mailbox

SCOPE, ACTOR = SystemScope("sending"), Actor.system("outreach")
log = logging.getLogger("leadhouse.worker")
Probe = Callable[[str], None]
"""Told of each point that a message passes: `claimed`, `composed`, `marked`, `handed_over`, `settled`. For tests of what
a worker that dies there leaves behind."""


def unwatched(point: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _Account:
    """A mailbox with all that its messages need, opened once a batch."""

    mailbox: Mailbox
    server: Server
    dkim_key: bytes | None
    dkim_selector: str
    hash_key: bytes
    tracking_address: str
    """Under which its tracked links are answered."""


class HandOver:
    """One worker's. Connections stay open between batches; `close` ends them."""

    def __init__(
        self, store: Store, settings: Settings, worker: str, probe: Probe = unwatched, *, looks_every: float = EVERY
    ) -> None:
        self._store, self._settings, self._worker, self._probe = store, settings, worker, probe
        self._journal = Journal(settings, worker)
        self._connections: dict[tuple[str, int], tuple[Server, Connection]] = {}
        self._unsettled: list[Carried] = []
        self._held_back: list[Ready] = []
        self._looks_every = looks_every

    async def run_once(self) -> int:
        """Claims a batch and carries it; answers how many messages it held."""
        if self._unsettled or self._held_back:
            self._settle()
        if is_installation_stopped(self._settings):
            return 0
        with self._store.read(SCOPE) as work:
            if not Outbox(work).is_waiting():
                return 0
        ready, accounts = self._claim()
        if not ready:
            return 0
        self._probe("claimed")
        composed = self._compose(ready, accounts)
        self._probe("composed")
        with self._store.write(SCOPE, ACTOR) as work:
            ours = Outbox(work).mark_sending(composed, self._worker, self._store.clock())
        self._probe("marked")
        await self._carry([one for one in ready if one.outbox_message_id in ours], composed, accounts)
        self._probe("handed_over")
        self._store.give_way()
        self._settle()
        self._probe("settled")
        return len(ready)

    def _settle(self) -> None:
        """What was carried, and what was held back, is kept in hand until the store has it."""
        with self._store.write(SCOPE, ACTOR) as work:
            settle(work, self._unsettled)
            if self._held_back:
                give_back(work, self._held_back, self._worker)
        self._unsettled.clear()
        self._held_back.clear()
        self._journal.forget()

    async def close(self) -> None:
        await asyncio.gather(*(connection.close() for _, connection in self._connections.values()))
        self._connections.clear()
        self._journal.close(is_settled=not (self._unsettled or self._held_back))

    def _claim(self) -> tuple[list[Ready], dict[str, _Account]]:
        now = self._store.clock()
        until = now + timedelta(seconds=self._settings.outreach.lease_seconds)
        with self._store.write(SCOPE, ACTOR, is_durable=False) as work:  # durable is what marks them, before they leave
            ready = Outbox(work).claim(
                self._worker, limit=self._settings.outreach.batch, leased_until=until,
                without=stopped_organizations(work),
            )  # fmt: skip
            ready = self._without_suppressed(work, ready)
            accounts = self._accounts(work, {one.mailbox_id for one in ready})
        return ready, accounts

    def _without_suppressed(self, work: Work, ready: Sequence[Ready]) -> list[Ready]:
        """Whoever asked to be left alone since the decision is."""
        kept = []
        for organization_id, campaign_id in sorted({(one.organization_id, one.campaign_id) for one in ready}):
            own = [one for one in ready if (one.organization_id, one.campaign_id) == (organization_id, campaign_id)]
            facts = OutreachFacts(work)
            people = facts.people({one.contact_id for one in own}, organization_id)
            suppressed = facts.suppressed(people, campaign_id, organization_id)
            stopped = [one for one in own if one.contact_id in suppressed]
            if stopped:
                Outbox(work).release([one.outbox_message_id for one in stopped], self._worker)
                for enrolment in Enrolments(work).load({one.enrolment_id for one in stopped}, organization_id):
                    reason = suppressed[enrolment.contact_id].reason
                    Enrolments(work).end(enrolment, "stopped", "suppressed", {"because": reason})
                work.session.flush()
                Outbox(work).cancel_of({one.enrolment_id for one in stopped}, organization_id)
            kept += [one for one in own if one.contact_id not in suppressed]
        return kept

    def _accounts(self, work: Work, mailbox_ids: set[str]) -> dict[str, _Account]:
        found = {}
        for mailbox_id in sorted(mailbox_ids):
            mailbox = Mailboxes(work).get(mailbox_id)
            secret = Mailboxes(work).secrets_of(mailbox).get("smtp", "")
            domain = SendingDomains(work).of_organization(mailbox.organization_id).get(mailbox.domain)
            signs = all_transports()[mailbox.transport].signs
            found[mailbox_id] = _Account(
                mailbox,
                Server.of(mailbox.smtp, secret),
                SendingDomains(work).key_of(domain) if domain and not signs else None,
                domain.dkim_selector if domain else "",
                Organizations(work).hash_key(mailbox.organization_id),
                address_of(domain, self._settings),
            )
        return found

    def _compose(self, ready: Sequence[Ready], accounts: Mapping[str, _Account]) -> dict[str, bytes]:
        """Bytes by message; one that cannot be composed is refused, and says why."""
        found, refused = {}, []
        for one in ready:
            try:
                found[one.outbox_message_id] = self._bytes(one, accounts[one.mailbox_id])
            except LeadhouseError as error:
                refused.append((one, Reply(554, f"not composed: {error.message}", Phase.SENDER)))
        if refused:
            with self._store.write(SCOPE, ACTOR) as work:
                Outbox(work).mark_sending({one.outbox_message_id for one, _ in refused}, self._worker, work.now())
                settle(work, [self._carried(one, outcome) for one, outcome in refused])
        return found

    def _bytes(self, one: Ready, account: _Account) -> bytes:
        now, mailbox = self._store.clock(), account.mailbox
        token = make_token(one.organization_id, one.enrolment_id, account.hash_key)
        message = compose(
            led_over(one, account.tracking_address, account.hash_key),
            Sender(mailbox.address, mailbox.display_name, mailbox.reply_to),
            message_id=one.message_id,
            at=now,
            unsubscribe_url=f"{self._settings.public_url}{PATH}/{token}",
            token=token,
        )
        if account.dkim_key is None:
            return message
        return sign(message, account.dkim_key, domain=mailbox.domain, selector=account.dkim_selector, at=now)

    async def _carry(
        self, ready: Sequence[Ready], composed: Mapping[str, bytes], accounts: Mapping[str, _Account]
    ) -> None:
        """Each mailbox has its connections, each of which carries one message after another."""
        permits = Permits(self._store, self._settings, self._worker, self._looks_every)
        queues: dict[str, asyncio.Queue[Ready]] = {}
        for one in ready:
            queues.setdefault(one.mailbox_id, asyncio.Queue()).put_nowait(one)

        async def carry_on(connection: Connection, queue: asyncio.Queue[Ready], mailbox: Mailbox) -> None:
            sender, repeats_for = mailbox.address, all_transports()[mailbox.transport].repeats_for
            while not queue.empty():
                one = queue.get_nowait()
                if not permits.allow(one):
                    self._held_back.append(one)
                    continue
                tries = one.tries + 1
                self._journal.began(one.outbox_message_id, tries)
                envelope = Envelope(sender, one.content.to, composed[one.outbox_message_id], one.outbox_message_id)
                outcome = forgotten(one, repeats_for, self._store.clock()) or await connection.send(envelope)
                if isinstance(outcome, Reply):
                    self._journal.answered(one.outbox_message_id, tries, outcome)
                self._probe("answered")
                self._unsettled.append(self._carried(one, outcome))

        async with asyncio.TaskGroup() as group:
            for mailbox_id, queue in queues.items():
                account = accounts[mailbox_id]
                for number in range(min(self._settings.outreach.connections, queue.qsize())):
                    connection = await self._connection(account, number)
                    group.create_task(carry_on(connection, queue, account.mailbox))

    async def _connection(self, account: _Account, number: int) -> Connection:
        """Kept for as long as the mailbox's server and login are the same."""
        key = (account.mailbox.mailbox_id, number)
        kept = self._connections.get(key)
        if kept is not None and kept[0] == account.server:
            return kept[1]
        if kept is not None:
            await kept[1].close()
        made = all_transports()[account.mailbox.transport].connect(account.server, self._settings)
        self._connections[key] = (account.server, made)
        return made

    def _carried(self, one: Ready, outcome: Outcome) -> Carried:
        return Carried(
            outbox_message_id=one.outbox_message_id, organization_id=one.organization_id,
            enrolment_id=one.enrolment_id, sequence_id=one.sequence_id, step_id=one.step_id,
            mailbox_id=one.mailbox_id, contact_id=one.contact_id, recipient=one.content.to,
            subject=one.content.subject, tries=one.tries + 1,
            first_tried_at=one.first_tried_at or self._store.clock(), outcome=outcome, is_repeat=one.is_repeat,
        )  # fmt: skip
