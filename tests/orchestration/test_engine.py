"""The same project on other engines than DuckDB: `make test-engine` runs it on Sail, in an environment that has it."""

from __future__ import annotations

import math
from importlib.util import find_spec
from shutil import which

import pytest

from domain.settings import EngineSettings
from orchestration.engine.build import build_on
from orchestration.state import DBT_PROJECT
from tests.dbt_project.stories import continue_the_stories, tell
from tests.dbt_project.world import BUILD_AT, World

pytestmark = pytest.mark.slow
NOT_BUILT_THERE: set[str] = set()
"""Models that only DuckDB builds; docs/how-to/outgrow-one-machine.md names them too."""


INSTALLED_BY = {"sail": ("pysail", "make test-engine"), "spark": ("py4j", "pip install dbt-spark pyspark")}
"""The package that only this engine brings, and how to get it; an environment holds one of the two."""


@pytest.fixture(scope="module", params=INSTALLED_BY)
def built(request, tmp_path_factory):
    """All stories, built by DuckDB; what its public tables held; and then built by the other engine over them."""
    package, command = INSTALLED_BY[request.param]
    if find_spec(package) is None or (request.param == "spark" and which("java") is None):
        pytest.skip(
            f"{request.param} is not installed here: `{command}`, in an environment of its own (and Java for Spark)"
        )
    world = World(tmp_path_factory.mktemp("engine"))
    tell(world)
    continue_the_stories(world)
    world.build()
    before = {name: world.rows(f"select * from {name} order by all") for name in _public(world)}
    report = build_on(request.param, world.lake, EngineSettings(), clock=lambda: BUILD_AT)
    yield world, before, report
    world.close()


def test_every_model_is_built_and_every_data_test_holds(built):
    _, _, report = built
    models = {path.stem for path in (DBT_PROJECT / "models").rglob("*.sql")}
    assert report.model_count == len(models - NOT_BUILT_THERE)
    assert report.test_count


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
