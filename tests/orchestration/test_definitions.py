"""What Dagster loads: every asset named by the grammar, owned, described, and watched where it goes stale."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import dagster as dg
import pytest

from domain.settings import Settings
from ingest.registry import all_sources
from orchestration import state
from orchestration.keys import LAYERS, relation_of
from storage.lake import Lake


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    """The loaded definitions, on run-time state of their own."""
    folder = tmp_path_factory.mktemp("run")
    kept = dict(os.environ)
    os.environ["LEADHOUSE_DATA__DIR"] = str(folder)
    for opened in (state.current_settings, state.open_store, state.open_lake):
        opened.cache_clear()
    Lake.open(Settings.load(os.environ)).migrate()
    from orchestration.definitions import defs

    yield defs()
    os.environ.clear()
    os.environ.update(kept)
    for opened in (state.current_settings, state.open_store, state.open_lake):
        opened.cache_clear()


@pytest.fixture(scope="module")
def specs(definitions):
    graph = definitions.resolve_asset_graph()
    return [spec for spec in definitions.resolve_all_asset_specs() if spec.key in graph.materializable_asset_keys]


def test_every_asset_has_a_group_an_owner_and_a_description(specs):
    assert [spec.key.path for spec in specs if not (spec.group_name and spec.owners and spec.description)] == []


def test_every_asset_is_named_by_the_grammar(specs):
    odd = [spec.key.path for spec in specs if relation_of(spec.key) is None and spec.key.path[0] != "activation"]
    assert odd == []
    assert {path[0] for path in (spec.key.path for spec in specs)} <= {"raw", "ml", "activation", *LAYERS}


def test_every_raw_table_of_every_source_is_an_asset(specs):
    keys = {tuple(spec.key.path) for spec in specs}
    wanted = {("raw", *feed.table.name.split("__", 1)) for source in all_sources().values() for feed in source.feeds}
    assert wanted <= keys


def test_marts_features_and_landed_tables_say_when_they_are_stale(specs):
    watched = {spec.key for spec in specs if spec.freshness_policy is not None}
    assert all(spec.key in watched for spec in specs if spec.group_name in {"marts", "features"})
    assert dg.AssetKey(["raw", "website_events", "events"]) in watched


def test_personal_data_is_tagged(specs):
    tagged = {spec.key.to_user_string() for spec in specs if "pii" in spec.tags}
    assert "raw/operational/changes" in tagged


def test_the_jobs_schedules_and_sensors_of_the_design_are_there(definitions):
    repository = definitions.get_repository_def()
    assert {"land", "build_marts", "train_models", "activate", "refresh", "keep_tidy"} <= set(repository.job_names)
    assert {schedule.name for schedule in repository.schedule_defs} >= {"refresh_hourly", "train_models_weekly"}
    assert {sensor.name for sensor in repository.sensor_defs} >= {"land_when_waiting", "refresh_after_imports"}


def test_lookalikes_are_ranked_and_written_back_whenever_marts_are_fresh(definitions):
    wanted = {"ml/similarity/embeddings", "ml/similarity/lookalikes", "activation/store/companies"}
    for name in ("activate", "refresh"):
        made = definitions.resolve_job_def(name).asset_layer.executable_asset_keys
        assert wanted <= {key.to_user_string() for key in made}


def test_loading_the_definitions_imports_no_language_model_and_no_vector_store(definitions):
    assert definitions is not None
    code = "import sys, orchestration.defs.ml.similarity; sys.exit(' '.join({'torch', 'lancedb', 'transformers'} & set(sys.modules)) or 0)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_landing_is_asked_for_at_most_once_a_minute(definitions):
    sensor = definitions.get_repository_def().get_sensor_def("land_when_waiting")
    assert sensor.minimum_interval_seconds >= 60


def test_a_relation_is_read_off_its_key():
    assert relation_of(dg.AssetKey(["raw", "website_events", "events"])) == "raw.website_events__events"
    assert relation_of(dg.AssetKey(["marts", "contacts"])) == "marts.contacts"
    assert relation_of(dg.AssetKey(["ml", "lead_scoring", "scores"])) == "ml.lead_scoring__scores"
    assert relation_of(dg.AssetKey(["activation", "store", "scores"])) is None


def test_every_cron_line_stands_in_automation():
    found = [
        str(path)
        for path in (state.ROOT / "orchestration").rglob("*.py")
        if re.search(r"cron_schedule=", path.read_text()) and "automation" not in path.parts
    ]
    assert found == []
