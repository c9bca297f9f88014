"""The pipelines of an organization: versions of a setting, with the built-in ones where it has none."""

from __future__ import annotations

from sqlalchemy import func, select

from domain.errors import Conflict, InvalidInput
from domain.pipelines import DEFAULT_PIPELINES, SETTING, Pipeline, as_setting, parse_pipelines
from storage.ops.repositories.base import Repository
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.tables import Deal


class Pipelines(Repository):
    def all(self) -> tuple[Pipeline, ...]:
        """Those that hold now, in their order."""
        held = OrganizationSettings(self.work).current(SETTING)
        return parse_pipelines(held.value) if held else DEFAULT_PIPELINES

    def get(self, key: str) -> Pipeline:
        """Raises InvalidInput for a pipeline that is not here."""
        pipelines = self.all()
        found = next((pipeline for pipeline in pipelines if pipeline.key == key), None)
        if found is None:
            known = ", ".join(pipeline.key for pipeline in pipelines)
            raise InvalidInput(f"there is no pipeline {key!r}", hint=f"Pipelines: {known}.")
        return found

    def put(self, pipelines: tuple[Pipeline, ...]) -> None:
        """A new version. Raises Conflict where deals stand in a pipeline or stage that it leaves out."""
        kept = {(pipeline.key, stage.key) for pipeline in pipelines for stage in pipeline.stages}
        left_out = sorted(self._peopled() - kept)
        if left_out:
            places = ", ".join(f"{pipeline}/{stage}" for pipeline, stage in left_out)
            raise Conflict(f"deals stand in {places}", hint="Move them first, or keep these stages.")
        OrganizationSettings(self.work).put(SETTING, as_setting(pipelines))

    def _peopled(self) -> set[tuple[str, str]]:
        """Pipelines and own stages in which deals stand now."""
        former = {pipeline.key: pipeline for pipeline in self.all()}
        key = func.coalesce(Deal.stage_key, Deal.stage)
        rows = self.session.execute(
            select(Deal.pipeline, key).where(Deal.organization_id == self.target()).distinct()
        ).all()
        return {
            (pipeline, stage)
            for pipeline, stage in rows
            if pipeline in former and any(each.key == stage for each in former[pipeline].stages)
        }
