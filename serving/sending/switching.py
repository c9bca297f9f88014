"""Who stopped sending or let it go on, when and why: of anything that has a switch, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel

from domain.decisions import DecisionKind
from serving.actors import names_of
from storage.ops.repositories.decisions import Decisions
from storage.ops.store import Work


class SwitchedOut(BaseModel):
    """The last time. `reason`: `by_hand`, or what a rule did it for; `why`: in words; `by`: a name, empty for a rule."""

    outcome: str
    reason: str
    why: str
    by: str
    at: datetime


def last_switched(work: Work, subject_kind: str, subject_ids: Collection[str]) -> dict[str, SwitchedOut]:
    """By id; nothing of what nobody ever switched."""
    found = Decisions(work).newest_about(DecisionKind.SWITCH, subject_kind, subject_ids)
    names = names_of(work, [(one.actor_kind, one.actor_id) for one in found.values()])
    return {
        key: SwitchedOut(
            outcome=one.outcome, reason=one.reason, why=str((one.detail or {}).get("why", "")),
            by=names.get(one.actor_id, ""), at=one.decided_at,
        )
        for key, one in found.items()
    }  # fmt: skip
