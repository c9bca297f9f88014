"""The health of an organization's mailboxes: looked at every quarter of an hour, and what a bad band does."""

from __future__ import annotations

from typing import Any

from domain.decisions import DecisionKind
from domain.outreach.health import RULE_VERSION, STOPPED_FOR, Band, Health, Judgement, Sender, judge_all
from domain.permissions import GRANTS, Permission
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.mailbox_outcomes import MailboxOutcomes
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.members import members_of
from storage.ops.repositories.notifications import Notifications
from storage.ops.store import Work
from storage.ops.tables import Mailbox


def look(work: Work, organization_id: str) -> list[str]:
    """Judges every mailbox that is in use; answers the ids of those that were paused. A look that changes nothing writes
    down nothing but its numbers."""
    rows = {row.mailbox_id: row for row in Mailboxes(work).in_use()}
    outcomes = MailboxOutcomes(work).of_mailboxes(rows, work.now())
    found = judge_all(
        [
            Sender(
                key, row.domain, row.status == "connected", *outcomes[key], Band(row.health_band),
                str((row.health or {}).get("reason", "")),
            )
            for key, row in rows.items()
        ]
    )  # fmt: skip
    paused = []
    for key, judgement in found.items():
        _note(work, rows[key], judgement, organization_id)
        if judgement.pauses_for:
            _pause(work, rows[key], judgement)
            paused.append(key)
    return paused


def let_go_on(work: Work, mailbox: Mailbox) -> None:
    """Before a person lets a mailbox go on: where the rule had paused it, what was sent until now counts no more, and one
    that was blocked begins its ramp anew."""
    last = Decisions(work).last(DecisionKind.SWITCH, "mailbox", mailbox.mailbox_id)
    if last is not None and is_stopped(mailbox, last.reason):
        Mailboxes(work).count_anew(mailbox, ramp_too=mailbox.health_band == Band.BLOCKED)


def is_stopped(mailbox: Mailbox, reason: str) -> bool:
    """Whether it is the rule that holds it; `reason`: what the ledger says of its last switch."""
    return mailbox.status == "paused" and reason in STOPPED_FOR


def written(health: Health) -> dict[str, Any]:
    """As it is kept with a mailbox."""
    return {
        "reason": health.reason,
        "readings": [
            {
                "measure": one.measure, "days": one.days, "tried": one.tried, "found": one.found, "rate": one.rate,
                "band": one.band.value,
            }
            for one in health.readings
        ],
    }  # fmt: skip


def _note(work: Work, row: Mailbox, judgement: Judgement, organization_id: str) -> None:
    """One line of the ledger where the band is another than before; one that pauses it is told with the pause."""
    health, before = judgement.health, Band(row.health_band)
    Mailboxes(work).note_health(row, health.band, written(health))
    if not judgement.pauses_for and health.band is not before and {health.band, before} != {Band.UNKNOWN, Band.GOOD}:
        Decisions(work).record(
            DecisionKind.HEALTH, "mailbox", row.mailbox_id, health.band.value, health.reason or "better_numbers",
            {"before": before.value, "why": health.words}, RULE_VERSION, is_act=True, organization_id=organization_id,
        )  # fmt: skip


def _pause(work: Work, row: Mailbox, judgement: Judgement) -> None:
    """With its reason, and whoever can do something about it is told."""
    Mailboxes(work).set_status(row, "paused", judgement.words, because=judgement.pauses_for)
    for member in members_of(work.store, row.organization_id):
        if Permission.MAILBOXES_WRITE in GRANTS[member.role]:
            Notifications(work).add(
                member.user_id, "mailbox_paused", f"{row.address} was paused", link="/app/mailboxes",
                body=f"{judgement.words}. Nothing leaves it until somebody lets it go on.",
            )  # fmt: skip
