"""Who stopped sending or let it go on, when and why: of anything that has a switch, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel

from domain.decisions import DecisionKind
from domain.settings import Settings
from serving.access.principals import Principal
from serving.actors import names_of
from serving.sending.installation import installation_stop
from serving.sending.switches import SCOPE, SETTING, switched_off
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work

ORGANIZATION = "organization"


class SwitchedOut(BaseModel):
    """The last time. `reason`: `by_hand`, or what a rule did it for; `why`: in words; `by`: a name, empty for a rule."""

    outcome: str
    reason: str
    why: str
    by: str
    at: datetime


class StopOut(BaseModel):
    """A switch that is off: which one (`reason`, as a diagnosis names it), who switched it off, when and why; empty where
    nobody can know, or where it is its agency's own affair."""

    reason: str
    by: str
    at: datetime | None
    why: str


def last_switched(
    work: Work, subject_kind: str, subject_ids: Collection[str], organization_id: str | None = None
) -> dict[str, SwitchedOut]:
    """By id; nothing of what nobody ever switched."""
    found = Decisions(work).newest_about(DecisionKind.SWITCH, subject_kind, subject_ids, organization_id)
    names = names_of(work, [(one.actor_kind, one.actor_id) for one in found.values()])
    return {
        key: SwitchedOut(
            outcome=one.outcome, reason=one.reason, why=str((one.detail or {}).get("why", "")),
            by=names.get(one.actor_id, ""), at=one.decided_at,
        )
        for key, one in found.items()
    }  # fmt: skip


def switch_organization(work: Work, *, is_stopped: bool, why: str) -> None:
    """Writes a row of the ledger where it changes anything."""
    organization_id, before = work.scope.organization_id, OrganizationSettings(work).current(SETTING)  # type: ignore[union-attr]
    made = OrganizationSettings(work).change(SETTING, {"is_stopped": is_stopped, "reason": why})
    if made is not before:
        Decisions(work).record(
            DecisionKind.SWITCH, ORGANIZATION, organization_id, "stopped" if is_stopped else "on", "by_hand",
            {"why": why}, is_act=True,
        )  # fmt: skip


def stops(store: Store, settings: Settings, principal: Principal) -> list[StopOut]:
    """Switches that are off above the sequences and mailboxes of the chosen organization, the outermost first."""
    organization_id = principal.scope.organization_id
    found = []
    if (installation := installation_stop(settings)) is not None:
        found.append(
            StopOut(reason="installation_stopped", by=installation.by, at=installation.at, why=installation.why)
        )
    works_at = {organization_id, *(seat.organization_id for seat in principal.organizations)}
    with store.read(SCOPE) as work:
        found += [
            _stop(work, whose, reason, is_told=whose in works_at)
            for reason, whose in switched_off(work, organization_id)
        ]
    return found


def _stop(work: Work, organization_id: str, reason: str, *, is_told: bool) -> StopOut:
    """`is_told`: whether the reader may know who and why; a client is told that it was its agency, by its name."""
    held = OrganizationSettings(work).current(SETTING, organization_id=organization_id)
    assert held is not None
    last = last_switched(work, ORGANIZATION, [organization_id], organization_id).get(organization_id)
    at = last.at if last else held.valid_from
    if not is_told:
        return StopOut(reason=reason, by=Organizations(work).get(organization_id).name, at=at, why="")
    return StopOut(reason=reason, by=last.by if last else "", at=at, why=str(held.value.get("reason", "")))
