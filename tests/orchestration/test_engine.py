"""The same project on another engine than DuckDB: run by `make test-engine`, in an environment that has it."""

from __future__ import annotations

import math
from importlib.util import find_spec

import pytest

from domain.settings import EngineSettings
from orchestration.engine.build import build_on
from tests.dbt_project.stories import continue_the_stories, tell
from tests.dbt_project.world import BUILD_AT, World

pytestmark = pytest.mark.slow
NOT_BUILT_THERE: set[str] = set()
"""Models that only DuckDB builds; docs/how-to/outgrow-one-machine.md names them too."""
PUBLIC = ("marts", "features")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """All stories, built by DuckDB; what its public tables held; and then built by the other engine over them."""
    if find_spec("pysail") is None:
        pytest.skip("Sail is not installed here: `make test-engine` installs it into an environment of its own")
    world = World(tmp_path_factory.mktemp("engine"))
    tell(world)
    continue_the_stories(world)
    world.build()
    before = {name: world.rows(f"select * from {name} order by all") for name in _public(world)}
    report = build_on("sail", world.lake, EngineSettings(), clock=lambda: BUILD_AT)
    yield world, before, report
    world.close()


def test_every_model_is_built_and_every_data_test_holds(built):
    world, _, report = built
    models = world.rows("select count(*) as count from duckdb_tables() where schema_name in ('marts', 'features')")
    assert report.model_count == 100, models


def test_every_public_table_has_the_same_rows(built):
    world, before, _ = built
    assert len(before) > 30
    for name, expected in before.items():
        found = world.rows(f"select * from {name} order by all")
        assert len(found) == len(expected), name
        different = [pair for pair in zip(expected, found, strict=True) if not _same(*pair)]
        assert not different, (name, different[0])


def test_the_lake_owns_the_files_that_the_engine_wrote(built):
    world, _, report = built
    files = world.rows("select data_file from ducklake_list_files('lake', 'contacts', schema => 'marts')")
    assert report.row_counts["marts.contacts"]
    assert all("/engine_" in each["data_file"] for each in files)


def test_duckdb_goes_on_from_there(built):
    world, before, _ = built
    world.build()
    for name, expected in before.items():
        assert len(world.rows(f"select * from {name}")) == len(expected), name


def _public(world):
    found = world.rows(
        "select schema_name || '.' || table_name as name from duckdb_tables() "
        "where database_name = 'lake' and schema_name in ('marts', 'features') "
        "union all select schema_name || '.' || view_name from duckdb_views() "
        "where database_name = 'lake' and schema_name in ('marts', 'features')"
    )
    return sorted(each["name"] for each in found)


def _same(one, other):
    return one.keys() == other.keys() and all(
        math.isclose(value, other[key], rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(value, float) and isinstance(other[key], float)
        else value == other[key]
        for key, value in one.items()
    )
