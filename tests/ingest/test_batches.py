"""A file lands whole or not at all, and never twice."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from domain.errors import NotFound
from ingest import registry
from ingest.batches import BatchRefused, land_file
from storage.ops.tables import DecisionLedger
from tests.ingest.conftest import CONTEXT, SYSTEM, make_event, rows

SPEND = "spend_on,channel,campaign,amount,currency\n2026-02-01,Paid Search,spring,12.50,EUR\n2026-02-02,Paid Search,spring,7,EUR\n"
EVENTS = "select event_id, type, page_host, utm_source, email_hash, received_at from raw.website_events__events order by event_id"


def test_the_same_file_lands_once_and_says_so(land, lake):
    first, again = land("ad_spend", "a.csv", SPEND), land("ad_spend", "copy of a.csv", SPEND)
    assert (first.row_count, first.is_repeat) == (2, False)
    assert (again.row_count, again.is_repeat) == (0, True)
    assert again.summary == "copy of a.csv has landed before: nothing to do."
    assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(2,)]
    assert rows(lake, "select file_name, row_count from meta.landed_batches") == [("a.csv", 2)]


def test_a_landed_file_is_in_the_ledger_with_its_counts(land, sqlite_store):
    report = land("ad_spend", "a.csv", SPEND)
    with sqlite_store.read(SYSTEM) as work:
        (decision,) = work.session.query(DecisionLedger).all()
    assert (decision.kind, decision.subject_id, decision.outcome) == ("land", report.batch_id, "landed")
    assert decision.detail == {"file": "a.csv", "rows": 2, "quarantined": 0, "known": 0}


def test_a_missing_file_an_unknown_source_and_a_strange_organization_are_named(
    land, lake, sqlite_store, clock, tmp_path
):
    with pytest.raises(NotFound, match="no file"):
        land_file(lake, sqlite_store, "ad_spend", "org", tmp_path / "none.csv", clock=clock)
    with pytest.raises(NotFound) as caught:
        land("ad_spent", "a.csv", SPEND)
    assert "ad_spend" in (caught.value.hint or "")
    with pytest.raises(NotFound):
        land_file(lake, sqlite_store, "ad_spend", "nobody", tmp_path / "a.csv", clock=clock)


def test_history_of_a_site_lands_from_json_lines(land, lake, hashed):
    lines = [
        {**make_event(1), "context": CONTEXT, "received_at": "2026-03-02T12:00:01Z"},
        {**make_event(2, type="identify"), "traits": {"email": "Ada@Example.org", "first_name": "Ada"}},
        {**make_event(3), "page": {"url": "https://shop.example/?mail=ada%40example.org&utm_source=news"}, "utm": None},
    ]
    report = land("website_events", "history.jsonl", "\n".join(json.dumps(line) for line in lines) + "\nnot json\n")
    assert (report.row_count, report.quarantined_count) == (3, 1)
    first, second, third = lake.arrow(EVENTS).to_pylist()
    assert first["received_at"].isoformat() == "2026-03-02T12:00:01+00:00"
    assert second["email_hash"] == hashed("ada@example.org")
    assert third["utm_source"] == "news"
    everything = json.dumps(lake.arrow("select * from raw.website_events__events").to_pylist(), default=str)
    assert "ada" not in everything.casefold()


def test_history_of_a_site_lands_from_rows_of_our_columns(land, lake, tmp_path, clock, sqlite_store, organization_id):
    header = "event_id,type,anonymous_id,occurred_at,consent,page_url,utm_source,gclid,is_bot,bot_reasons,browser\n"
    line = "e-1,page_view,v-1,2026-02-01T10:00:00Z,full,https://a.example/x?y=1,google,g-1,true,headless,Chrome\n"
    assert land("website_events", "history.csv", header + line).row_count == 1
    import pyarrow.csv
    import pyarrow.parquet

    table = pyarrow.csv.read_csv(tmp_path / "history.csv").set_column(0, "event_id", [["e-2"]])
    pyarrow.parquet.write_table(table, tmp_path / "history.parquet")
    path = tmp_path / "history.parquet"
    assert (
        land_file(lake, sqlite_store, "website_events", organization_id, path, clock=clock, gate=False).row_count == 1
    )
    found = rows(
        lake,
        "select event_id, page_path, utm_source, gclid, is_bot, bot_reasons, browser "
        "from raw.website_events__events order by event_id",
    )
    assert [row[1:] for row in found] == [("/x", "google", "g-1", True, "headless", "Chrome")] * 2


def test_an_event_of_history_that_was_captured_live_lands_once(land, lake):
    land("website_events", "a.jsonl", json.dumps(make_event(1)))
    report = land("website_events", "b.jsonl", json.dumps(make_event(1, name="x")) + "\n" + json.dumps(make_event(2)))
    assert (report.row_count, report.known_count) == (1, 1)
    assert rows(lake, "select count(*), count(distinct event_id) from raw.website_events__events") == [(2, 2)]


def test_a_gzipped_file_is_its_content(land, lake):
    assert land("ad_spend", "spend.csv.gz", gzip.compress(SPEND.encode())).row_count == 2


def test_a_file_that_breaks_the_suite_is_refused_whole_and_the_reason_kept_for_its_owner(land, lake, organization_id):
    strict = registry.source("email_engagement").feed()
    lines = [
        {"type": "sent", "email_hash": "h", "occurred_at": "2026-02-01T10:00:00Z", "event_id": str(n)} for n in range(3)
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    report = land("email_engagement", "fine.jsonl", text, gate=True)
    assert all(check.is_success for check in report.checks)
    assert len(report.checks) == len(strict.suite)
    mixed = "spend_on,channel,campaign,amount,currency\n2026-02-01,Email,x,1,EUR\n2026-02-01,Email,x,1,USD\n"
    with pytest.raises(BatchRefused, match="a day and campaign comes once"):
        land("ad_spend", "mixed.csv", mixed, gate=True)
    assert rows(lake, "select count(*) from raw.ad_spend__spend") == [(0,)]
    kept = rows(
        lake, "select check_name, organization_id from meta.check_results where not is_success and severity = 'error'"
    )
    assert kept == [("a day and campaign comes once", organization_id)]
    assert land("ad_spend", "mixed.csv", mixed, gate=False).row_count == 2


def test_every_source_is_whole():
    for name, source in registry.all_sources().items():
        assert source.name == name
        for feed in source.feeds:
            assert feed.table.name.startswith(f"{name}__")
            assert set(feed.key) <= set(feed.table.columns)
            assert feed.shape or feed.parse
            assert feed.read or feed.door
            assert len({rule.name for rule in feed.rules}) == len(feed.rules)
            assert len({check.name for check in feed.suite}) == len(feed.suite)
            assert replace(feed) == feed
