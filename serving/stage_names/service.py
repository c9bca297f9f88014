"""What the routes of stages do, and what other parts ask."""

from __future__ import annotations

from collections.abc import Mapping

from domain.stage_names import SETTING, named, own_names
from domain.wording import STAGE_LABELS
from serving.stage_names.schemas import StageOut, StagesOut
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Work


def names_of(work: Work) -> dict[str, str]:
    """What this organization calls its stages."""
    held = OrganizationSettings(work).current(SETTING)
    return named(held.value if held else {})


def put(work: Work, names: Mapping[str, str]) -> None:
    """Raises InvalidInput as `own_names` does."""
    OrganizationSettings(work).change(SETTING, own_names(names))


def stages(work: Work) -> StagesOut:
    return StagesOut(
        items=[
            StageOut(stage=stage, name=name, default_name=STAGE_LABELS[stage]) for stage, name in names_of(work).items()
        ]
    )
