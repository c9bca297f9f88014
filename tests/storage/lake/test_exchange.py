"""Tables that go to another engine as files, and come back as files that are the lake's."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.lake import Lake
from storage.lake.exchange import place_of
from storage.lake.maintenance import Erasure

SPEND = "raw.ad_spend__spend"
SPENT = "select spend_id from raw.ad_spend__spend order by 1"
INSERT = f"insert into {SPEND} (organization_id, spend_id, campaign) values ('org', ?, 'spring')"


@pytest.fixture
def written(lake: Lake) -> Path:
    """One row of our own in the lake, and two of an engine in files beside it."""
    with lake.writer() as cursor:
        cursor.execute(INSERT, ["ours"])
    handed_out, folder = Path(lake.catalog.data_path) / "engine_work", Path(lake.catalog.data_path) / "engine_1"
    lake.hand_out(handed_out, [SPEND])
    rows = pq.read_table(place_of(handed_out, SPEND)).drop(["snapshot_id"])
    theirs = [{**row, "spend_id": name} for row in rows.to_pylist() for name in ("erica", "theirs")]
    place_of(folder, SPEND).mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(theirs, schema=rows.schema), place_of(folder, SPEND) / "part.parquet")
    return folder


def spent(lake: Lake) -> list[str]:
    return lake.arrow(SPENT)["spend_id"].to_pylist()


def test_files_of_an_engine_replace_the_rows_of_a_table(lake: Lake, written: Path) -> None:
    assert lake.take_in(written, [SPEND], {}) == {SPEND: 2}
    assert spent(lake) == ["erica", "theirs"]


def test_where_one_table_cannot_be_taken_in_none_is(lake: Lake, written: Path) -> None:
    with pytest.raises(duckdb.Error):
        lake.take_in(written, [SPEND, "raw.no_such_table"], {})
    assert spent(lake) == ["ours"]


def test_a_row_that_an_engine_wrote_is_erased_to_the_last_byte(lake: Lake, written: Path) -> None:
    lake.take_in(written, [SPEND], {})
    lake.erase([Erasure(SPEND, "spend_id = ?", ("erica",))])
    assert spent(lake) == ["theirs"]
    assert not list(written.rglob("*.parquet"))
