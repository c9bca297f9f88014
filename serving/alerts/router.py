"""/v1/alerts: rules that say when somebody is told of a number, judged after every build of the marts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter

from domain.alerts import SETTING, AlertRule, parse_rules
from domain.decisions import DecisionKind
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.alerts.schemas import AlertRuleOut, AlertRulesIn, AlertRulesOut, TriedListOut, TriedOut, VerdictOut
from serving.alerts.watching import SUBJECT, judged, words_of
from serving.crm.dependencies import LakeDep
from serving.deps import StoreDep
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.members import require_member
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Work

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("")
def read_alerts(store: StoreDep, principal: Reader) -> AlertRulesOut:
    """The rules that hold now, each with what was last said of it and why."""
    with store.read(principal.scope) as work:
        return _shown(work)


@router.put("")
def put_alerts(body: AlertRulesIn, store: StoreDep, principal: Designer) -> AlertRulesOut:
    """A new version of all rules. 422 for rules that contradict themselves, or that belong to somebody who does not work
    here."""
    rules = _parsed(body)
    for owner in {rule.owner_user_id for rule in rules}:
        require_member(store, principal.scope.organization_id, owner)
    with store.write(principal.scope, principal.actor) as work:
        OrganizationSettings(work).change(SETTING, {"rules": [asdict(rule) for rule in rules]})
        return _shown(work)


@router.post("/try")
def try_alerts(body: AlertRulesIn, store: StoreDep, lake: LakeDep, principal: Reader) -> TriedListOut:
    """What rules would say now. Nothing is kept and nobody told."""
    with store.read(principal.scope) as work:
        found = judged(work, lake, _parsed(body))
    return TriedListOut(
        items=[
            TriedOut(
                key=rule.key, outcome=judgement.outcome, reason=judgement.reason,
                words=words_of(rule, judgement, principal.organization.currency), detail=dict(judgement.detail),
            )
            for rule, judgement in found
        ]
    )  # fmt: skip


def _parsed(body: AlertRulesIn) -> tuple[AlertRule, ...]:
    return parse_rules(body.model_dump(mode="json"))


def _shown(work: Work) -> AlertRulesOut:
    held = OrganizationSettings(work).current(SETTING)
    rules = parse_rules(held.value) if held else ()
    said = Decisions(work).newest_about(DecisionKind.ALERT, SUBJECT, [rule.key for rule in rules])
    return AlertRulesOut(
        version=held.version if held else None,
        rules=[
            AlertRuleOut(
                **asdict(rule),
                last=VerdictOut.model_validate(said[rule.key], from_attributes=True) if rule.key in said else None,
            )
            for rule in rules
        ],
    )
