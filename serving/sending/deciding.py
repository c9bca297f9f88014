"""One look at a sequence: who is due goes on, is sent to, waits or stops, each with its reason.

Messages are rendered before the store's write lock is taken, and message, ledger row and place in the sequence are written
together. What changed between the two is seen: on SQLite the lock is not to be had then, on PostgreSQL, and after that on
SQLite, the people are held, and everything is read and decided anew under the lock.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.decisions import DecisionKind
from domain.ids import new_id
from domain.outreach.deciding import LOOK_AGAIN, Outcome, Verdict, decide
from domain.outreach.send_times import ARM, BEST, RANDOM
from domain.outreach.steps import ActionStep, EmailStep, TaskStep
from domain.outreach.walking import Position, go_on, walk
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from serving.mail.composing import new_message_id
from serving.sending.acting import act, is_task_done, make_task
from serving.sending.gathering import Case, Situation, gather
from serving.sending.timing import GOES_AGAIN, timed
from serving.sending.writing import Desk, Draft
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.outbox import Outbox
from storage.ops.repositories.sequences import Look, Sequences
from storage.ops.repositories.ways import Way, Ways
from storage.ops.store import Overtaken, Store, Work
from storage.ops.tables import OutreachSequence

SCOPE, ACTOR = SystemScope("sending"), Actor.system("outreach")
OF_ALL = frozenset(
    {
        "installation_stopped", "agency_stopped", "organization_stopped", "sequence_paused", "sequence_draft", "sequence_ended",
        "campaign_not_begun", "campaign_window", "cap_sequence_per_day", "no_mailbox",
    }
)  # fmt: skip
"""Reasons that hold for everybody in a sequence: nobody is asked one by one."""
OF_THE_PERSON = frozenset(
    {
        "in_another_sequence", "company_limit", "touched_lately", "variable_missing", "recipient_domain_throttle",
        "contact_window", BEST, RANDOM,
    }
)  # fmt: skip
"""Reasons that say nothing about the next one in line; any other wait of somebody new is the mailboxes', so everybody's
who is new."""
log = logging.getLogger("leadhouse.worker")


@dataclass(slots=True)
class Looked:
    """What a look came to."""

    sent: int = 0
    moved: int = 0
    waiting: Verdict | None = None
    """Why everybody waits, or everybody new."""
    is_full: bool = False
    """There may be more that are due."""
    is_noted: bool = False
    """The sequence says when it is looked at next."""

    def add(self, other: Looked) -> None:
        """What came of another line of the same look."""
        self.sent, self.moved = self.sent + other.sent, self.moved + other.moved
        self.is_full = self.is_full or (other.is_full and other.waiting is None)
        self.waiting = other.waiting or self.waiting

    def with_(self, other: Looked) -> Looked:
        """Both, before either is saved."""
        both = replace(self)
        both.add(other)
        return both


def look(store: Store, settings: Settings, found: Look) -> Looked:
    """Goes through those who are due, up to `outreach.batch` of each priority."""
    total, now = Looked(), store.clock()
    with store.read(SCOPE) as work:
        row = Sequences(work).get(found.sequence_id)
        newest_first = Sequences(work).version(row.sequence_id, row.version).definition.get("priority") == "new"
        due = [
            Enrolments(work).due(
                found.sequence_id, now, limit=settings.outreach.batch, priority=priority,
                organization_id=found.organization_id,
            )
            for priority in ((0, 1) if newest_first else (1, 0))
        ]  # fmt: skip
    lines = [ids for ids in due if ids]
    for number, ids in enumerate(lines, 1):
        looked = _look_at(store, settings, found, ids, total, is_last=number == len(lines))
        if looked.is_noted:
            return total
        if looked.waiting is not None and looked.waiting.reason in OF_ALL:
            break
    with store.write(SCOPE, ACTOR) as work:
        held = Sequences(work).hold(found.sequence_id, found.organization_id)
        if held is not None:
            _look_again(work, held, total)
    return total


def _look_at(
    store: Store, settings: Settings, found: Look, ids: Sequence[str], total: Looked, *, is_last: bool
) -> Looked:
    """Those of one priority; what comes of it is added to `total`, and noted where they are the last of a look.

    Where the store can tell that nobody wrote meanwhile, one reading is enough, and what was rendered is not lost where
    somebody did. A power cut may undo what was decided, and it is decided anew: no byte leaves before a commit that is
    durable (`Outbox.mark_sending`).
    """
    now, drafts = store.clock(), dict[str, Draft]()

    def carry_out(work: Work, *, may_write: bool) -> Looked:
        row = Sequences(work).hold(found.sequence_id, found.organization_id)
        if row is None:
            return Looked()
        Mailboxes(work).hold_all(found.organization_id)
        held = Ways(work).hold_due(ids, now, found.organization_id)
        situation = gather(work, settings, row, held, now)
        desk = Desk(work, settings, situation) if may_write else None
        looked = _carry_out(work, situation, desk, drafts, now)
        looked.is_full = len(ids) >= settings.outreach.batch
        if is_last:
            _look_again(work, row, total.with_(looked))
            looked.is_noted = True
        return looked

    if store.can_begin_by_reading:
        with suppress(Overtaken):
            with store.write_after_reading(SCOPE, ACTOR, is_durable=False) as work:
                looked = carry_out(work, may_write=True)
            total.add(looked)
            return looked
    else:
        with store.read(SCOPE) as work:
            row = Sequences(work).get(found.sequence_id)
            situation = gather(work, settings, row, Ways(work).load(ids, found.organization_id), now)
            _draft_all(Desk(work, settings, situation), situation, drafts, now)
    store.give_way()
    with store.write(SCOPE, ACTOR, is_durable=False) as work:
        looked = carry_out(work, may_write=False)
    total.add(looked)
    return looked


def _draft_all(desk: Desk, situation: Situation, drafts: dict[str, Draft], now: datetime) -> None:
    """What those would get who may be written to, by enrolment."""
    for case in situation.cases:
        position, verdict = plan(situation, case, now)
        if verdict is None or verdict.outcome is not Outcome.SEND or verdict.mailbox_id is None:
            if verdict is not None and _holds_up(verdict, case):
                break
            continue
        drafts[case.enrolment.enrolment_id] = draft = _draft(desk, situation, case, position, verdict)
        if not draft.missing:
            situation.count(case, verdict.mailbox_id, now)


def _draft(desk: Desk, situation: Situation, case: Case, position: Position, verdict: Verdict) -> Draft:
    step = case.definition.by_id[position.step_id]
    assert isinstance(step, EmailStep)
    assert verdict.mailbox_id is not None
    return desk.write(case, step, situation.rows[verdict.mailbox_id])


def plan(
    situation: Situation, case: Case, now: datetime, missing: Sequence[str] = (), only_mailbox: str | None = None
) -> tuple[Position, Verdict | None]:
    """Where somebody is now, and whether the message there leaves; no verdict where something else is to be done."""
    position = walk(case.definition, case.position, case.facts, now, case.units)
    if position.is_at_end or position.due_at > now:
        return position, None
    step = case.definition.by_id[position.step_id]
    if not isinstance(step, EmailStep):
        return position, None
    carriers = [one for one in situation.carriers(case) if only_mailbox in {None, one.mailbox_id}]
    verdict = decide(
        situation.campaigns[case.enrolment.version],
        situation.person(case),
        carriers,
        now=now,
        is_first=case.enrolment.sent_count == 0,
        missing=missing,
        recipient_domain_times=situation.domain_times.get(case.domain),
    )
    return _timed(situation, case, position, verdict, now)


def _timed(
    situation: Situation, case: Case, position: Position, verdict: Verdict, now: datetime
) -> tuple[Position, Verdict]:
    """A message that may leave now, where its sequence waits for the best hour."""
    timing, one = case.definition.timing, case.enrolment
    clock = situation.clocks.get(one.contact_id)
    if not timing.best_hour or clock is None or verdict.outcome is not Outcome.SEND or one.reason in GOES_AGAIN:
        return position, verdict
    assert verdict.mailbox_id is not None
    arm = timing.arm(one.sequence_id, one.contact_id, position.arms.get(ARM))
    position = replace(position, arms={**position.arms, ARM: arm})
    windows = [situation.campaigns[one.version].window, situation.all_mailboxes[verdict.mailbox_id].window]
    if case.person.window is not None:
        windows.append(case.person.window)
    return position, timed(timing, clock, position, verdict, windows, f"{one.contact_id}:{position.step_id}", now)


def _carry_out(work: Work, situation: Situation, desk: Desk | None, drafts: dict[str, Draft], now: datetime) -> Looked:
    """Decides and writes down. `drafts`: what was rendered before; with a desk it is rendered here, and kept in them."""
    looked, batch = Looked(), _Batch(work, situation, now)
    before = [case.enrolment.place() for case in situation.cases]
    for case in situation.cases:
        verdict = _go(batch, case, desk, drafts, now)
        looked.moved += 1
        if verdict is not None and _holds_up(verdict, case):
            looked.waiting = verdict
            break
    if desk is not None:
        work.store.give_way()
    Ways(work).write(
        case.enrolment for case, place in zip(situation.cases, before, strict=True) if case.enrolment.place() != place
    )
    looked.sent = batch.write()
    return looked


def _holds_up(verdict: Verdict, case: Case) -> bool:
    """Whether a wait is not only this person's: then the rest of the line is left as it stands."""
    if verdict.outcome is not Outcome.WAIT:
        return False
    is_new = case.enrolment.mailbox_id is None
    return verdict.reason in OF_ALL or (is_new and verdict.reason not in OF_THE_PERSON)


def _go(batch: _Batch, case: Case, desk: Desk | None, drafts: dict[str, Draft], now: datetime) -> Verdict | None:
    """Takes somebody as far as they get now."""
    situation, key = batch.situation, case.enrolment.enrolment_id
    draft = drafts.get(key)
    position, verdict = _plan_with(draft, situation, case, now)
    if desk is not None and verdict is not None and verdict.outcome is Outcome.SEND:
        draft = drafts[key] = _draft(desk, situation, case, position, verdict)
        if draft.missing:
            position, verdict = _plan_with(draft, situation, case, now)
    for _ in range(len(case.definition.steps) + 1):
        if position.is_at_end:
            batch.finish(case, position)
            return None
        if position.due_at > now:
            batch.move(case, position)
            return None
        if verdict is not None:
            return batch.apply(case, position, verdict, draft)
        if case.person.is_gone or case.person.ended_by:
            batch.stop(case, position, Verdict(Outcome.STOP, case.person.ended_by or "contact_gone"))
            return None
        moved = batch.do(case, position)
        if moved is None:
            return None
        stand_at(case.enrolment, moved)
        position, verdict = _plan_with(draft, situation, case, now)
    return None


def _plan_with(draft: Draft | None, situation: Situation, case: Case, now: datetime) -> tuple[Position, Verdict | None]:
    """With what was rendered: it leaves by the mailbox that it was written for."""
    return plan(situation, case, now, draft.missing, draft.mailbox_id) if draft else plan(situation, case, now)


class _Batch:
    """Changes of many people, written together at the end."""

    def __init__(self, work: Work, situation: Situation, now: datetime) -> None:
        self.work, self.situation, self.now = work, situation, now
        self._organization_id = situation.row.organization_id
        self._messages: list[tuple[dict[str, Any], Draft]] = []
        self._again: list[str] = []
        self._decisions: dict[DecisionKind, list[dict[str, Any]]] = {}

    def move(self, case: Case, position: Position) -> None:
        """They wait in a step that waits."""
        stand_at(case.enrolment, position)
        case.enrolment.next_at, case.enrolment.reason, case.enrolment.detail = position.due_at, "", {}

    def finish(self, case: Case, position: Position) -> None:
        stand_at(case.enrolment, position)
        case.enrolment.end("finished", "", {}, self.now)
        self._decide(DecisionKind.SEQUENCE, case, position, "finished", "end_reached", {})

    def stop(self, case: Case, position: Position, verdict: Verdict) -> None:
        stand_at(case.enrolment, position)
        case.enrolment.end("stopped", verdict.reason, verdict.detail, self.now)
        Outbox(self.work).cancel_of([case.enrolment.enrolment_id], self._organization_id)
        self._decide(DecisionKind.SEND, case, position, "stop", verdict.reason, verdict.detail)

    def do(self, case: Case, position: Position) -> Position | None:
        """An action, or a task; answers the next place, or None where they wait for the task."""
        step = case.definition.by_id[position.step_id]
        if isinstance(step, ActionStep):
            act(self.work, step, case)
            self._decide(DecisionKind.SEQUENCE, case, position, step.do, step.id, {"value": step.value or step.stage})
        elif isinstance(step, TaskStep):
            if case.enrolment.task_id is None:
                case.enrolment.task_id = make_task(self.work, step, case)
                self._decide(
                    DecisionKind.SEQUENCE, case, position, "task", step.id, {"task_id": case.enrolment.task_id}
                )
            if step.waits and not is_task_done(self.work, case.enrolment.task_id):
                stand_at(case.enrolment, position)
                case.enrolment.next_at, case.enrolment.reason = self.now + LOOK_AGAIN, "task_open"
                return None
            case.enrolment.task_id = None
        return go_on(case.definition, position, self.now)

    def apply(self, case: Case, position: Position, verdict: Verdict, draft: Draft | None) -> Verdict | None:
        """What a verdict about a message asks for; answers it where it may hold up others."""
        one = case.enrolment
        if verdict.outcome is Outcome.SEND and (draft is None or draft.step_id != position.step_id):
            return None  # it opened, or they went on, between reading and writing: the next look writes it
        if verdict.outcome is Outcome.SEND and draft is not None and verdict.mailbox_id == draft.mailbox_id:
            self._send(case, position, verdict, draft)
            return None
        if verdict.outcome is Outcome.STOP:
            self.stop(case, position, verdict)
            return None
        if draft is not None and verdict.reason == "no_mailbox":
            return None  # the mailbox it was written for was switched off meanwhile
        stand_at(one, position)
        if not _holds_up(verdict, case):
            one.next_at, one.reason, one.detail = verdict.until, verdict.reason, dict(verdict.detail)
            self._decide(DecisionKind.SEND, case, position, "wait", verdict.reason, verdict.detail)
        return verdict

    def write(self) -> int:
        """Everything decided; answers how many messages."""
        outbox = Outbox(self.work)
        outbox.queue(
            [row for row, _ in self._messages], [draft.content for _, draft in self._messages], self._organization_id
        )
        if self._again:
            outbox.requeue(self._again, self._organization_id)
        for kind, rows in self._decisions.items():
            Decisions(self.work).record_each(kind, "enrolment", rows, organization_id=self._organization_id)
        self.work.session.flush()
        return len(self._messages) + len(self._again)

    def _send(self, case: Case, position: Position, verdict: Verdict, draft: Draft) -> None:
        one, is_first = case.enrolment, case.enrolment.sent_count == 0
        stand_at(one, position)
        self.situation.count(case, draft.mailbox_id, self.now)
        one.mailbox_id, one.next_at, one.reason, one.detail = draft.mailbox_id, None, "sending", {}
        detail = {**verdict.detail, "step": position.step_id, "arms": dict(position.arms)}
        if draft.outbox_message_id is not None:
            self._again.append(draft.outbox_message_id)
        else:
            message_id = new_id()
            detail["outbox_message_id"] = message_id
            self._messages.append(
                (
                    {
                        "outbox_message_id": message_id,
                        "enrolment_id": one.enrolment_id,
                        "sequence_id": one.sequence_id,
                        "campaign_id": self.situation.row.campaign_id,
                        "step_id": position.step_id,
                        "attempt": one.attempt,
                        "is_first": is_first,
                        "mailbox_id": draft.mailbox_id,
                        "contact_id": one.contact_id,
                        "recipient_domain": case.domain,
                        "message_id": new_message_id(message_id, self.situation.rows[draft.mailbox_id].domain),
                        "decided_at": self.now,
                        "counted_at": self.now,
                    },
                    draft,
                )
            )
        self._decide(DecisionKind.SEND, case, position, "send", f"{verdict.reason}:{position.step_id}", detail)

    def _decide(
        self, kind: DecisionKind, case: Case, position: Position, outcome: str, reason: str, detail: Mapping[str, Any]
    ) -> None:
        self._decisions.setdefault(kind, []).append(
            {
                "subject_id": case.enrolment.enrolment_id,
                "outcome": outcome,
                "reason": reason[:120],
                "detail": {"contact_id": case.enrolment.contact_id, "step": position.step_id, **detail},
                "rule_version": f"{case.enrolment.sequence_id}:{case.enrolment.version}",
            }
        )


def _look_again(work: Work, row: OutreachSequence, looked: Looked) -> None:
    """When a sequence that is held is looked at next: at once where more may be due, else when the next one is, or what
    holds all of it up may be over."""
    now, wait = work.now(), looked.waiting
    if row.status != "active":
        return
    if wait is None:
        due = Enrolments(work).next_due(row.sequence_id, row.organization_id)
        at = now if looked.is_full else min(due or now + LOOK_AGAIN, now + LOOK_AGAIN)
        Sequences(work).look_again(row, at if looked.moved else max(at, now + timedelta(seconds=1)), {})
        return
    at = min(wait.until or now + LOOK_AGAIN, now + LOOK_AGAIN)
    waiting = {
        "reason": wait.reason, "detail": dict(wait.detail), "is_of_all": wait.reason in OF_ALL,
        "until": wait.until.isoformat() if wait.until else None,
    }  # fmt: skip
    changed = (row.waiting or {}).get("reason") != wait.reason
    Sequences(work).look_again(row, max(at, now + timedelta(seconds=1)), waiting)
    if changed:
        Decisions(work).record(
            DecisionKind.SEND, "sequence", row.sequence_id, "wait", wait.reason, wait.detail,
            organization_id=row.organization_id,
        )  # fmt: skip


def stand_at(way: Way, position: Position) -> None:
    """Puts somebody where walking has brought them."""
    way.step_id, way.arrived_at, way.due_at = position.step_id, position.arrived_at, position.due_at
    way.arms = dict(position.arms)
