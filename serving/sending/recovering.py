"""Messages whose worker died, or that stood in the queue for too long: each is sent, sent again, or shown to be in doubt,
by what can be known of it."""

from __future__ import annotations

import logging
from datetime import timedelta

from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from serving.mail.base import Uncertain, all_transports
from serving.sending.journal import Trace, drop_journal, read_journal
from serving.sending.settling import Carried, settle
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.outbox import REPEATED, Content, Outbox
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store, Work
from storage.ops.tables import OutboxMessage

SCOPE, ACTOR = SystemScope("sending"), Actor.system("outreach")
STALE_AFTER = timedelta(minutes=10)
"""A decision holds for so long: after it, windows and caps are asked anew."""
log = logging.getLogger("leadhouse.worker")


def recover(store: Store, settings: Settings) -> int:
    """Looks into messages whose lease has lapsed; answers how many.

    `claimed`: its bytes never went out, it goes back. `sending`: the dead worker's journal knows whether its turn had
    come and what the server answered; where it had come and no answer is written, nobody can know, unless its provider
    knows the message again by its key.
    """
    with store.write(SCOPE, ACTOR) as work:
        lapsed = Outbox(work).lapsed(store.clock())
        if not lapsed:
            return 0
        journals = {worker: read_journal(settings, worker) for worker in {one.leased_by or "" for one in lapsed}}
        contents: dict[str, Content] = {}
        for organization_id in sorted({one.organization_id for one in lapsed}):
            own = [one for one in lapsed if one.organization_id == organization_id]
            contents |= Outbox(work).contents(own, organization_id)
        carried, back = [], []
        for one in lapsed:
            trace = _trace(one, journals[one.leased_by or ""])
            if not trace.has_begun:
                back.append(one)
            elif one.outbox_message_id in contents:
                content = contents[one.outbox_message_id]
                repeats_for = all_transports()[Mailboxes(work).get(one.mailbox_id).transport].repeats_for
                carried.append(_carried(one, content.to, content.subject, trace, repeats_for))
        settle(work, carried)
        _give_back(work, back)
    log.warning("%d messages had outlived their worker: %d go back", len(lapsed), len(back))
    for worker in journals:
        drop_journal(settings, worker)
    return len(lapsed)


def refresh(store: Store) -> int:
    """Takes messages back whose decision is too old; they are decided on anew. Answers how many."""
    now = store.clock()
    with store.write(SCOPE, ACTOR) as work:
        stale = Outbox(work).stale(now - STALE_AFTER)
        Outbox(work).settle(
            [{"outbox_message_id": one.outbox_message_id, "status": "retry", "counted_at": None} for one in stale]
        )
        for organization_id in sorted({one.organization_id for one in stale}):
            own = [one for one in stale if one.organization_id == organization_id]
            for enrolment in Enrolments(work).load({one.enrolment_id for one in own}, organization_id):
                if enrolment.status == "active":
                    enrolment.next_at, enrolment.reason = now, "decided_too_long_ago"
            work.session.flush()
            Sequences(work).hasten({one.sequence_id for one in own}, now, organization_id)
    return len(stale)


def _trace(one: OutboxMessage, journal: dict[tuple[str, int], Trace] | None) -> Trace:
    if one.status == "claimed":
        return Trace(has_begun=False)
    if journal is None:
        return Trace(has_begun=True)
    return journal.get((one.outbox_message_id, one.tries), Trace(has_begun=False))


def _give_back(work: Work, messages: list[OutboxMessage]) -> None:
    for one in messages:
        one.tries -= 1 if one.status == "sending" else 0
        one.status, one.leased_by, one.leased_until = "queued", None, None
    work.session.flush()


def _carried(one: OutboxMessage, recipient: str, subject: str, trace: Trace, repeats_for: timedelta) -> Carried:
    return Carried(
        outbox_message_id=one.outbox_message_id, organization_id=one.organization_id, enrolment_id=one.enrolment_id,
        sequence_id=one.sequence_id, step_id=one.step_id, mailbox_id=one.mailbox_id, contact_id=one.contact_id,
        recipient=recipient, subject=subject, tries=one.tries, first_tried_at=one.first_tried_at or one.decided_at,
        outcome=trace.reply or Uncertain("the worker died while the message was on the wire", repeats_for),
        is_repeat=one.reply_class == REPEATED,
    )  # fmt: skip
