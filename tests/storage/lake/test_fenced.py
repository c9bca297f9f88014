"""A question of one's own is answered over the marts of one's own organization, and over nothing else in the world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import QueryRefused, QueryTooDear
from domain.settings import Settings
from storage.lake import Lake
from storage.lake.fenced import Limits, ask_fenced, marts_of

OURS = "o-ours"


@pytest.fixture(scope="module")
def marts(tmp_path_factory) -> Iterator[Lake]:
    """Two organizations' leads, and a mart in which only the other has rows."""
    lake = Lake.open(Settings.model_validate({"data": {"dir": tmp_path_factory.mktemp("fenced") / "run"}}))
    lake.migrate()
    with lake.writer() as cursor:
        cursor.execute(
            "create table lake.marts.leads_daily as select case when i < 3 then 'o-ours' else 'o-theirs' end as "
            "organization_id, 'lead ' || i as name, i as lead_count from range(7) as t(i)"
        )
        cursor.execute(
            "create table lake.marts.contacts as select 'o-theirs' as organization_id, 'hidden@theirs.example' as email"
        )
    yield lake
    lake.close()


def test_sums_joins_and_windows_are_answered_with_names_and_types(marts):
    found = ask_fenced(
        marts, OURS,
        "with most as (select max(lead_count) as top from leads_daily) -- a remark\n"
        "select name, lead_count, top, row_number() over (order by name) as place from marts.leads_daily, most order by 1;",
    )  # fmt: skip
    assert found.rows == [("lead 0", 0, 2, 1), ("lead 1", 1, 2, 2), ("lead 2", 2, 2, 3)]
    assert [(one.name, one.data_type) for one in found.columns[:2]] == [("name", "VARCHAR"), ("lead_count", "BIGINT")]
    assert (found.is_cut, found.tables) == (False, ("leads_daily",))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from leads_daily",
        "select * from leads_daily where organization_id = 'o-theirs' or true",
        "select email as name from contacts union all select name from leads_daily",
        "from query('select * from marts.leads_daily union all by name select * from marts.contacts')",
        "from query_table('leads_daily')",
        "select * from leads_daily union all select 'x', 'y', 1 from lake.marts.contacts",
        "from lake.marts.leads_daily", "from lake.raw.website_events__events", "from raw.website_events__events",
        "select database_name, sql from duckdb_tables()", "from information_schema.tables", "show all tables",
        "select * from read_parquet('lake/data/**/*.parquet')", "select * from 'lake/catalog.sqlite'",
        "select * from read_text('/etc/hostname')", "from glob('/*')", "from duckdb_secrets()", "from incoming",
        "from sqlite_scan('lake/catalog.sqlite', 'ducklake_metadata')", "from duckdb_settings()",
    ],
)  # fmt: skip
def test_no_question_sees_anybody_elses_rows_or_any_file(marts, sql):
    try:
        said = str(ask_fenced(marts, OURS, sql).rows)
    except QueryRefused as refused:
        said = refused.message
    assert "hidden@" not in said
    assert not any(f"lead {number}" in said for number in range(3, 7))
    assert "run/lake" not in said
    assert str(Path.home()) not in said


@pytest.mark.parametrize(
    "sql",
    ["", "-- nothing", "select 1; select 2", "delete from leads_daily", "attach 'x.db'", "copy (select 1) to 'x.csv'",
     "set memory_limit = '90GB'", "create table t (i int)", "install httpfs", "load httpfs", "export database 'x'", "call x()",
     "selec 1", "select nothing_like_it from leads_daily", "select * from nowhere", "select * from load_aws_credentials()"],
)  # fmt: skip
def test_what_is_no_single_question_is_refused_in_words(marts, sql):
    with pytest.raises(QueryRefused) as refused:
        ask_fenced(marts, OURS, sql)
    assert refused.value.message


def test_more_rows_than_the_limit_are_cut_and_said_so(marts):
    found = ask_fenced(marts, OURS, "select i from range(10) as t(i)", Limits(rows=4))
    assert (len(found.rows), found.is_cut) == (4, True)


def test_a_question_that_takes_too_long_is_ended(marts):
    endless = "select count(*) from range(10000000000) as a(i), range(100000000) as b(j) where (i * j) % 7 = 3"
    with pytest.raises(QueryTooDear, match=r"longer than 0\.2 seconds"):
        ask_fenced(marts, OURS, endless, Limits(seconds=0.2))


def test_a_question_that_takes_too_much_memory_is_ended(marts):
    with pytest.raises(QueryTooDear, match="memory"):
        ask_fenced(marts, OURS, "select list(i) from range(100000000) as t(i)", Limits(memory="60MB"))


def test_the_marts_are_told_with_their_columns(marts):
    assert [column.name for column in marts_of(marts)["leads_daily"]] == ["organization_id", "name", "lead_count"]
