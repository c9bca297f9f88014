"""What the routes of the scorecard do."""

from __future__ import annotations

from domain.scorecard import DEFAULT, SETTING, parse_plan, plan_as_setting
from serving.scorecard.schemas import PlanIn, PlanOut
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Work


def shown(work: Work) -> PlanOut:
    held = OrganizationSettings(work).current(SETTING)
    return PlanOut(
        version=held.version if held else None,
        changed_at=held.valid_from if held else None,
        **(dict(held.value) if held else plan_as_setting(DEFAULT)),
    )


def put(work: Work, body: PlanIn) -> PlanOut:
    """A new version; the same again makes none. Raises InvalidInput for targets that contradict themselves."""
    OrganizationSettings(work).change(SETTING, plan_as_setting(parse_plan(body.model_dump(mode="json"))))
    return shown(work)
