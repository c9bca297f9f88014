"""What a build promises whatever it is built from, and how the project reads."""

from __future__ import annotations

import re

from tests.dbt_project.conftest import LAYERS
from tests.dbt_project.world import PROJECT, World

MODELS = sorted((PROJECT / "models").rglob("*.sql"))


def test_a_build_in_steps_equals_one_from_nothing_and_one_thread_equals_two(told):
    in_steps = fingerprints(told.world)
    single = World(told.world.folder, threads=1)
    single.build(full_refresh=True)
    assert fingerprints(single) == in_steps
    single.close()


def test_the_rules_hold_in_dbts_own_unit_tests(told):
    told.world.dbt("test", "--select", "test_type:unit")


def test_every_model_has_its_sheet_beside_it_and_opens_with_its_grain():
    assert [path.name for path in MODELS if not path.with_suffix(".yml").is_file()] == []
    assert [path.name for path in MODELS if not path.read_text().startswith("-- One row per ")] == []


def test_every_source_of_the_lake_is_staged():
    from ingest.registry import all_sources

    staged = {folder.name for folder in (PROJECT / "models/staging").iterdir()}
    assert staged == set(all_sources())


def test_every_window_of_rows_ends_in_a_unique_key():
    unique = re.compile(
        r"(_id|_key|seq end|_number|_order|_by|seq|evidence|pattern|campaign|valid_from|stretch_number|is_inverse|loaded_at desc"
        r"|identity_node|node|spend_on|title|page_path)( desc| asc)?\s*(rows between[^)]*)?$"
    )
    windows = {
        f"{path.stem}: {' '.join(window.split())}"
        for path in MODELS
        for window in re.findall(r"over \(\s*partition by.*?order by(.*?)\n?\s*\)", path.read_text(), re.DOTALL)
    }
    loose = {window for window in windows if not unique.search(window)}
    assert loose == set()


def test_models_use_only_sql_that_every_engine_shares():
    forbidden = re.compile(r"\b(qualify|group by all|pivot|epoch|strftime|regexp_matches|unnest|arg_max|exclude)\b|->>")
    assert [path.stem for path in MODELS if forbidden.search(_code(path.read_text()))] == []


def fingerprints(world: World) -> dict[str, tuple[int, str]]:
    """Rows and their order-free hash for every table the project makes."""
    tables = world.rows(
        "select table_schema, table_name from information_schema.tables "
        f"where table_catalog = 'lake' and table_schema in {LAYERS} and table_type = 'BASE TABLE'"
    )
    found = {}
    for table in tables:
        name = f"{table['table_schema']}.{table['table_name']}"
        (row,) = world.rows(f"select count(*) as rows, cast(sum(hash(t)) as varchar) as hash from lake.{name} as t")
        found[name] = (row["rows"], row["hash"])
    return found


def _code(sql: str) -> str:
    return "\n".join(line.partition("--")[0] for line in sql.lower().splitlines())
