"""The lake keeps its promises: made once, read by anyone, written by one, erased to the last byte."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from domain.errors import NotConfigured, StoreBusy
from domain.settings import Settings
from storage.lake import Lake
from storage.lake.maintenance import Erasure
from storage.lake.schemas import RAW_TABLES, TABLES

INSERT = "insert into raw.ad_spend__spend (organization_id, spend_id, campaign, amount_minor) values (?, ?, ?, ?)"


def rows(lake: Lake, sql: str) -> list[tuple]:
    with lake.reader() as cursor:
        return cursor.execute(sql).fetchall()


def test_migrating_twice_does_everything_once(lake: Lake) -> None:
    present = {name for (name,) in rows(lake, "select schema_name || '.' || table_name from duckdb_tables()")}
    assert {table.full_name for table in TABLES} <= present
    assert lake.migrate() == []


def test_every_raw_table_says_when_and_in_which_batch_a_row_was_loaded() -> None:
    for table in RAW_TABLES:
        assert list(table.columns)[-2:] == ["_loaded_at", "_batch_id"]
        assert next(iter(table.columns)) == "organization_id"


def test_a_column_added_in_code_is_added_to_the_table(lake: Lake) -> None:
    with lake.writer() as cursor:
        cursor.execute("alter table raw.ad_spend__spend drop column click_count")
    assert lake.migrate() == ["added raw.ad_spend__spend.click_count"]


def test_verdicts_kept_before_they_named_an_owner_are_given_one_or_shown_to_nobody(lake: Lake) -> None:
    with lake.writer() as cursor:
        cursor.execute("alter table meta.check_results drop column organization_id")
        for batch in ("0.0..7.120", "landed-file", "refused-file"):
            cursor.execute("insert into meta.check_results (source, batch_id) values ('ad_spend', ?)", [batch])
        cursor.execute("insert into meta.landed_batches values ('ad_spend', 'org-a', 'landed-file', 'x.csv', 1, now())")
    assert lake.migrate() == ["added meta.check_results.organization_id"]
    found = rows(lake, "select batch_id, organization_id from meta.check_results order by batch_id")
    assert found == [("0.0..7.120", None), ("landed-file", "org-a"), ("refused-file", "")]


def test_reading_a_lake_that_was_never_made_says_what_to_do(tmp_path: Path) -> None:
    lake = Lake.open(Settings.model_validate({"data": {"dir": tmp_path}}))
    with pytest.raises(NotConfigured) as caught, lake.reader():
        pass
    assert "leadhouse migrate" in (caught.value.hint or "")


def test_a_failed_write_leaves_nothing(lake: Lake) -> None:
    def half_a_write() -> None:
        with lake.writer() as cursor:
            cursor.execute(INSERT, ["a", "1", "x", 1])
            raise RuntimeError("stop here")

    with pytest.raises(RuntimeError):
        half_a_write()
    assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(0,)]


def test_a_reader_cannot_write(lake: Lake) -> None:
    with lake.reader() as cursor, pytest.raises(Exception, match="read-only"):
        cursor.execute(INSERT, ["a", "1", "x", 1])


def test_a_write_waits_for_the_build_and_then_says_that_the_lake_is_busy(
    lake: Lake, settings_of_lake: Settings
) -> None:
    other = Lake.open(settings_of_lake)
    with lake.exclusive(), pytest.raises(StoreBusy), other.writer(wait_seconds=0.1):
        pass
    with other.writer(wait_seconds=0.1) as cursor:
        cursor.execute(INSERT, ["a", "1", "x", 1])
    other.close()


def test_the_thread_that_builds_may_write_in_between(lake: Lake) -> None:
    with lake.exclusive(), lake.writer(wait_seconds=0) as cursor:
        cursor.execute(INSERT, ["a", "1", "x", 1])
    assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(1,)]


def test_a_build_shuts_out_other_threads_of_the_process(lake: Lake) -> None:
    refused: list[str] = []

    def write() -> None:
        try:
            with lake.writer(wait_seconds=0.05):
                pass
        except StoreBusy as busy:
            refused.append(busy.code)

    with lake.exclusive():
        other = threading.Thread(target=write)
        other.start()
        other.join()
    assert refused == ["store_busy"]


def test_readers_never_fail_while_another_process_writes(lake: Lake, settings_of_lake: Settings) -> None:
    code = (
        "import sys; from domain.settings import Settings; from storage.lake import Lake\n"
        "lake = Lake.open(Settings.model_validate({'data': {'dir': sys.argv[1]}}))\n"
        "for n in range(15):\n"
        "    with lake.writer() as cursor:\n"
        "        cursor.execute('insert into raw.ad_spend__spend (organization_id, spend_id, amount_minor) '\n"
        "                       'select ?, cast(n as text), 1 from range(200) t(n)', [str(n)])\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(settings_of_lake.data.dir)])
    seen = []
    while other.poll() is None:
        seen += rows(lake, "select count(*) from raw.ad_spend__spend")
    assert other.returncode == 0
    assert all(count % 200 == 0 for (count,) in seen)
    assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(3000,)]


def test_erasure_leaves_no_byte_of_it_in_files_or_catalog(lake: Lake, settings_of_lake: Settings) -> None:
    secret = "zzz-erase-me@example.org"
    with lake.writer() as cursor:
        cursor.execute(INSERT, ["a", "0", secret, 1])  # inlined in the catalog
    with lake.writer() as cursor:  # and in a file, where it is the largest value of its column
        cursor.execute(
            "insert into raw.ad_spend__spend (organization_id, spend_id, campaign, amount_minor) "
            "select 'a', cast(n as text), case n when 7 then ? else 'kept' end, 1 from range(500) t(n)",
            [secret],
        )
    assert holding(settings_of_lake, b"zzz-erase-me")
    report = lake.erase([Erasure("raw.ad_spend__spend", "campaign = ?", (secret,))])
    assert report.is_compact
    assert holding(settings_of_lake, b"zzz-erase-me") == []
    assert rows(lake, "select count(*), count(distinct campaign) from raw.ad_spend__spend") == [(499, 1)]


def holding(settings: Settings, needle: bytes) -> list[str]:
    lake = Lake.open(settings)  # a fresh reader decompresses what grep cannot see
    found = [
        path.name
        for path in settings.lake_dir.rglob("*")
        if path.is_file() and not path.is_symlink() and needle in path.read_bytes()
    ]
    with lake.reader() as cursor:
        for path in settings.lake_dir.rglob("*.parquet"):
            hits = cursor.execute(
                f"select count(*) from read_parquet('{path}') where contains(campaign, ?)", [needle.decode()]
            )
            found += [path.name] * hits.fetchone()[0]
    lake.close()
    return found


def test_maintenance_merges_small_files_and_keeps_every_row(lake: Lake) -> None:
    for n in range(4):
        with lake.writer() as cursor:
            cursor.execute(
                "insert into raw.ad_spend__spend (organization_id, spend_id) select ?, cast(i as text) from range(300) t(i)",
                [str(n)],
            )
    before = rows(lake, "select sum(file_count) from ducklake_table_info('lake')")[0][0]
    report = lake.maintain()
    assert report.file_count < before
    assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(1200,)]


def test_dbt_is_told_where_the_lake_is(lake: Lake) -> None:
    environment = lake.dbt_environment()
    assert environment["LEADHOUSE_LAKE_URI"].startswith("ducklake:sqlite:/")
    assert Path(environment["LEADHOUSE_LAKE_EXTENSIONS"]).is_dir()
    assert {"LEADHOUSE_LAKE_DATA", "LEADHOUSE_LAKE_THREADS", "LEADHOUSE_LAKE_MEMORY"} < set(environment)


@pytest.mark.postgresql
def test_on_a_postgresql_catalog_two_processes_write_in_turn_and_erasure_is_complete(postgresql_server, tmp_path: Path):
    name = f"leadhouse_lake_{os.getpid()}"
    postgresql_server.create_database(name)
    url = postgresql_server.url.set(database=name)
    parts = {"dbname": name, "host": url.host or url.query.get("host"), "port": url.port, "user": url.username}
    dsn = " ".join(f"{key}={value}" for key, value in parts.items() if value)
    settings = Settings.model_validate({"data": {"dir": tmp_path}, "lake": {"catalog": dsn}})
    lake, other = Lake.open(settings), Lake.open(settings)
    try:
        lake.migrate()
        assert other.migrate() == []
        with lake.exclusive(), pytest.raises(StoreBusy), other.writer(wait_seconds=0.1):
            pass
        for one in (lake, other):
            with one.writer() as cursor:
                cursor.execute(INSERT, ["a", "1", "zzz-erase-me", 1])
        assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(2,)]
        lake.erase([Erasure("raw.ad_spend__spend", "campaign = ?", ("zzz-erase-me",))])
        assert rows(other, "select count(*) from raw.ad_spend__spend") == [(0,)]
        assert not [path for path in tmp_path.rglob("*.parquet") if b"zzz-erase-me" in path.read_bytes()]
        assert lake.dbt_environment()["LEADHOUSE_LAKE_URI"].startswith("ducklake:postgres:")
    finally:
        lake.close()
        other.close()
        postgresql_server.drop_database(name)
