"""What would happen, by the same decision that sends: each person's next message, when, from which mailbox, or why not.

Time is walked forward for each person from wait to wait; what was planned for those before them takes its place in caps
and gaps. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.ids import new_id
from domain.outreach.deciding import Outcome, Verdict
from domain.outreach.send_times import BEST, RANDOM
from domain.outreach.sequences import Sequence as Definition
from domain.outreach.steps import EmailStep
from domain.outreach.walking import Position, enter, go_on
from domain.settings import Settings
from serving.sending.deciding import plan, stand_at
from serving.sending.gathering import Case, Situation, gather
from serving.sending.writing import Desk, Draft
from storage.ops.repositories.ways import Way
from storage.ops.store import Work
from storage.ops.tables import OutreachSequence

PASSES = frozenset(
    {
        "campaign_window", "mailbox_window", "contact_window", "mailbox_gap", "recipient_domain_throttle",
        "touched_lately", "campaign_not_begun", BEST, RANDOM,
    }
)  # fmt: skip
"""Waits that end by themselves at a time that is known; those of caps do too."""
MOST_WAITS = 500
HORIZON = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One person's. `outcome`: `send`, `wait`, `stop`, or `finish` where no message is left. `held_by`: the first gate
    that keeps a message from leaving at once."""

    contact_id: str
    step_id: str
    outcome: str
    reason: str
    detail: dict[str, object]
    at: datetime | None = None
    mailbox: str = ""
    draft: Draft | None = None
    held_by: str = ""


def rehearse(
    work: Work,
    settings: Settings,
    row: OutreachSequence,
    people: Sequence[Way],
    now: datetime,
    *,
    switched_on: bool,
) -> list[Rehearsed]:
    """Under SystemScope; walking moves `people`. `switched_on`: as if the sequence were."""
    situation = gather(work, settings, row, people, now, is_hypothetical=switched_on)
    desk = Desk(work, settings, situation)
    return [_next_message(situation, desk, case, now) for case in situation.cases]


def newcomer(
    row: OutreachSequence, definition: Definition, contact_id: str, company_id: str | None, now: datetime
) -> Way:
    """Somebody as if they were enrolled now; never kept."""
    place = enter(definition, now)
    return Way(
        enrolment_id=new_id(), organization_id=row.organization_id, sequence_id=row.sequence_id, version=row.version,
        contact_id=contact_id, company_id=company_id, step_id=place.step_id, arrived_at=now,
        due_at=place.due_at, next_at=place.due_at, created_at=now,
    )  # fmt: skip


def _next_message(situation: Situation, desk: Desk, case: Case, now: datetime) -> Rehearsed:
    at, held_by = max(now, case.enrolment.next_at or now), ""
    for _ in range(MOST_WAITS):
        position, verdict = plan(situation, case, at)
        if position.is_at_end:
            return Rehearsed(case.enrolment.contact_id, position.step_id, "finish", "end_reached", {})
        if position.due_at > at:
            at, held_by = position.due_at, held_by or "step_waits"
        elif verdict is None:
            stand_at(case.enrolment, go_on(case.definition, position, at))
        elif verdict.outcome is Outcome.SEND:
            return replace(_written(situation, desk, case, position, verdict, at), held_by=held_by)
        elif verdict.until is None or not _passes(verdict) or verdict.until <= at or verdict.until - now > HORIZON:
            return _held(case, position, verdict)
        else:
            at, held_by = verdict.until, held_by or verdict.reason
    return Rehearsed(case.enrolment.contact_id, case.enrolment.step_id, "wait", "too_far_away", {})


def _written(
    situation: Situation, desk: Desk, case: Case, position: Position, verdict: Verdict, at: datetime
) -> Rehearsed:
    step = case.definition.by_id[position.step_id]
    assert isinstance(step, EmailStep)
    assert verdict.mailbox_id is not None
    mailbox = situation.rows[verdict.mailbox_id]
    draft = desk.write(case, step, mailbox)
    if draft.missing:
        missing = Verdict(Outcome.WAIT, "variable_missing", {"variables": sorted(draft.missing)})
        return _held(case, position, missing)
    situation.count(case, verdict.mailbox_id, at)
    return Rehearsed(
        case.enrolment.contact_id, position.step_id, "send", verdict.reason, dict(verdict.detail), at, mailbox.address,
        draft,
    )  # fmt: skip


def _held(case: Case, position: Position, verdict: Verdict) -> Rehearsed:
    return Rehearsed(
        case.enrolment.contact_id, position.step_id, verdict.outcome.value, verdict.reason, dict(verdict.detail),
        verdict.until,
    )  # fmt: skip


def _passes(verdict: Verdict) -> bool:
    return verdict.reason in PASSES or verdict.reason.startswith("cap_")
