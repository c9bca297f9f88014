"""History of a site as Parquet: columns go to the lake as they are, and arrive as the same rows as lines of JSON do."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest.conftest import rows as select

AT = datetime(2026, 3, 2, 11, 59, 58, 250_000, tzinfo=UTC)


def a_row(n: int, **changes):
    """A page view with the columns of an export."""
    return {
        "event_id": f"event-{n}", "type": "page_view", "anonymous_id": "visitor-1", "session_hint": "visit-1",
        "occurred_at": AT, "sent_at": AT, "received_at": AT, "consent": "full",
        "page_url": "https://www.Acme.example/pricing?plan=pro&email=ada%40firm.example", "page_title": "Pricing",
        "referrer": "https://google.com/", "utm_source": "google", "utm_medium": "cpc", "gclid": "g-1",
        "user_agent": "Mozilla/5.0", "network_type": "isp", "network_asn": 64497, "is_bot": False, "country": "DE",
        "properties": '{"plan":"pro"}', "email": "Ada@Firm.example", **changes,
    }  # fmt: skip


def as_line(row) -> str:
    """The same event as the collector writes it."""
    return json.dumps({
        "event_id": row["event_id"], "type": row["type"], "anonymous_id": row["anonymous_id"],
        "session_id": row["session_hint"], "consent": row["consent"],
        **{name: row[name].isoformat() for name in ("occurred_at", "sent_at", "received_at")},
        "page": {"url": row["page_url"], "title": row["page_title"], "referrer": row["referrer"]},
        "utm": {"source": row["utm_source"], "medium": row["utm_medium"]}, "click_ids": {"gclid": row["gclid"]},
        "context": {"user_agent": row["user_agent"], "network_type": row["network_type"], "asn": row["network_asn"],
                    "is_bot": row["is_bot"], "country": row["country"]},
        "properties": {"plan": "pro"}, "traits": {"email": row["email"]},
    })  # fmt: skip


def as_parquet(rows) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def landed(lake) -> list[dict]:
    """What is in the lake, which is empty again afterwards."""
    found = lake.arrow(
        "select * exclude (_loaded_at, _batch_id) from lake.raw.website_events__events order by event_id"
    )
    with lake.writer() as cursor:
        cursor.execute("delete from raw.website_events__events")
    return found.to_pylist()


def test_columns_arrive_as_lines_of_json_do(land, lake, hashed):
    rows = [a_row(1), a_row(2, email=None, page_url="https://www.acme.example/")]
    land("website_events", "events.parquet", as_parquet(rows))
    by_columns = landed(lake)
    land("website_events", "events.jsonl", "\n".join(as_line(row) for row in rows))
    assert by_columns == landed(lake)
    first = by_columns[0]
    assert first["email_hash"] == hashed("ada@firm.example")
    assert first["page_url"] == "https://www.Acme.example/pricing?plan=pro"
    assert (first["page_host"], first["page_path"]) == ("www.acme.example", "/pricing")


def test_rows_of_columns_say_the_same_as_columns(land, lake):
    """A column we do not know sends a file the slower way, record by record."""
    rows = [a_row(1), a_row(2, email=None)]
    land("website_events", "known.parquet", as_parquet(rows))
    by_columns = landed(lake)
    land("website_events", "unknown.parquet", as_parquet([{**row, "weather": "rain"} for row in rows]))
    assert by_columns == landed(lake)


def test_a_bad_row_of_columns_goes_to_quarantine_as_the_event_it_is(land, lake):
    report = land("website_events", "events.parquet", as_parquet([a_row(1), a_row(2, type="pageview")]))
    assert (report.row_count, report.quarantined_count) == (1, 1)
    ((rule, row),) = select(lake, "select rule, row from raw.quarantine__rows")
    assert rule == "known_type"
    assert "Firm.example" not in row
    body = json.loads(json.loads(row)["body"])
    assert body["page"]["url"] == "https://www.Acme.example/pricing?plan=pro"
    assert body["click_ids"] == {"gclid": "g-1", "fbclid": None, "msclkid": None, "li_fat_id": None, "ttclid": None}


def test_a_file_lands_once_whichever_way_it_is_read(land):
    content = as_parquet([a_row(1)])
    assert land("website_events", "events.parquet", content).row_count == 1
    assert land("website_events", "again.parquet", content).is_repeat


@pytest.mark.parametrize(
    "changes", [{"occurred_at": None}, {"occurred_at": "yesterday"}, {"event_id": ""}, {"consent": "maybe"}]
)
def test_what_a_rule_refuses_is_refused_in_columns_too(land, changes):
    report = land("website_events", "events.parquet", as_parquet([{**a_row(1), **changes}]))
    assert (report.row_count, report.quarantined_count) == (0, 1)
