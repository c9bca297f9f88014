"""Every dbt model as an asset: before the identity components, after them, and after attribution is solved."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, DbtProject, dbt_assets

from orchestration import rejudging
from orchestration.builds import FAIL_AFTER, WARN_AFTER, record_build
from orchestration.keys import model_key
from orchestration.manifest import manifest_path
from orchestration.resources import House

OWNER = "team:analytics"
MARTS_FOLLOW = "dbt_after_identity"
LAST_PART = "dbt_after_attribution"
FRESH_MARTS = dg.FreshnessPolicy.time_window(fail_window=FAIL_AFTER, warn_window=WARN_AFTER)


class LakeTranslator(DagsterDbtTranslator):
    """Names dbt nodes by our key grammar; everything else stays as Dagster has it."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return _source_key(dbt_resource_props)
        return model_key(dbt_resource_props["schema"], dbt_resource_props["name"])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        fresh = spec.group_name in {"marts", "features"}
        return spec.replace_attributes(freshness_policy=FRESH_MARTS) if fresh else spec

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002  Dagster's signature
        return [OWNER]


def _source_key(node: Mapping[str, Any]) -> dg.AssetKey:
    source, dots, table = str(node["identifier"]).partition("__")
    if node["schema"] in {"raw", "ml"} and dots:
        return dg.AssetKey([node["schema"], source, table])
    return dg.AssetKey([node["schema"], node["identifier"]])


TRANSLATOR = LakeTranslator(DagsterDbtTranslatorSettings(enable_asset_checks=True))


def _built(select: str, name: str, exclude: str | None = None) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest_path(),
        select=select,
        exclude=exclude,
        name=name,
        dagster_dbt_translator=TRANSLATOR,
        pool="lake_write",
        retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
    )
    def build(context: dg.AssetExecutionContext, dbt: DbtCliResource, house: House) -> Iterator[Any]:
        if name == MARTS_FOLLOW:
            rejudging.begin(house.lake, house.clock())
        # Landing waits meanwhile: with a SQLite catalog a second writer would make the build fail.
        with house.lake.exclusive():
            yield from dbt.cli(["build", "--exclude-resource-type", "unit_test"], context=context).stream()
        if name == LAST_PART:
            rejudging.finish(house.lake, rejudging.MARTS)
            record_build(house.lake, "marts", "built and tested", house.clock())

    return build


dbt_before_identity = _built("tag:before_identity", "dbt_before_identity")
dbt_after_identity = _built("tag:after_identity", MARTS_FOLLOW, exclude="tag:after_attribution")
dbt_after_attribution = _built("tag:after_attribution", LAST_PART)
