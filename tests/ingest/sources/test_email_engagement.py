"""What happened to messages: from our own columns, and from Resend's webhooks."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from tests.ingest.conftest import rows

ALL = (
    "select type, message_id, campaign, sequence_step, email_hash, occurred_at, link_url, is_machine "
    "from raw.email_engagement__events order by occurred_at, email_hash"
)


def test_our_own_columns_as_csv_and_as_json_lines(land, lake, hashed):
    text = "type,message_id,campaign,sequence_step,email,occurred_at\nopen,m1,c,2,ada@example.org,2026-02-01 10:00:00+01:00\n"
    assert land("email_engagement", "a.csv", text).row_count == 1
    line = {
        "event_id": "e",
        "type": "replied",
        "message_id": "m1",
        "email_hash": "h",
        "occurred_at": "2026-02-02T10:00:00Z",
    }
    assert land("email_engagement", "b.jsonl", json.dumps(line)).row_count == 1
    opened, replied = rows(lake, ALL)
    assert opened[:5] == ("opened", "m1", "c", 2, hashed("ada@example.org"))
    assert opened[5].isoformat() == "2026-02-01T09:00:00+00:00"
    assert replied[0] == "replied"


def test_a_click_on_a_link_that_nobody_is_shown_is_a_machines_from_the_first_look(land, lake):
    clicks = [
        {
            "type": "clicked",
            "message_id": "m1",
            "email_hash": "h",
            "occurred_at": f"2026-02-02T10:00:0{number}Z",
            "url": url,
        }
        for number, url in enumerate(("https://a.example/pricing", "https://a.example/lh-trap?utm_source=n"))
    ]
    land("email_engagement", "c.jsonl", "\n".join(json.dumps(click) for click in clicks))
    found = rows(lake, "select is_machine, machine_reason from raw.email_engagement__events order by occurred_at")
    assert found == [(False, None), (True, "trap_clicked")]


def test_webhooks_of_resend(land, lake, hashed):
    data = {
        "email_id": "56761188", "from": "Us <us@example.com>", "to": ["Ada <ada@example.org>", "bob@example.org"],
        "subject": "Hello", "tags": [{"name": "campaign", "value": "founders"}],
    }  # fmt: skip
    hooks = [
        {"type": "email.delivered", "created_at": "2026-02-22T23:41:12.126Z", "data": data},
        {"type": "email.clicked", "created_at": "2026-02-22T23:50:00.000Z",
         "data": {**data, "to": ["ada@example.org"], "click": {"link": "https://example.com/x", "timestamp": "2026-02-22T23:49:59.000Z"}}},
        {"type": "email.bounced", "created_at": "2026-02-23T00:00:00.000Z",
         "data": {**data, "to": ["bob@example.org"], "bounce": {"type": "Permanent", "subType": "Suppressed", "message": "bob@example.org is gone"}}},
        {"type": "email.delivery_delayed", "created_at": "2026-02-23T00:00:00.000Z", "data": data},
    ]  # fmt: skip
    report = land("email_engagement", "hooks.jsonl", "\n".join(json.dumps(hook) for hook in hooks))
    assert (report.row_count, report.quarantined_count) == (4, 1)
    found = rows(lake, ALL)
    assert [row[0] for row in found] == ["delivered", "delivered", "clicked", "bounced"]
    assert {row[4] for row in found[:2]} == {hashed("ada@example.org"), hashed("bob@example.org")}
    assert (found[2][6], found[2][2]) == ("https://example.com/x", "founders")
    landed = json.dumps(lake.arrow("select * from raw.email_engagement__events").to_pylist(), default=str)
    assert "example.org" not in landed
    again = land("email_engagement", "again.jsonl", json.dumps(hooks[0]))
    assert (again.row_count, again.known_count) == (0, 2)


def as_parquet(records) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), content)
    return content.getvalue()


def reports(**changes):
    """Mails of all kinds, as an export has them: typed columns, an address instead of its hash."""
    when = datetime(2026, 2, 2, 10, tzinfo=UTC)
    one = {
        "event_id": "", "type": "", "message_id": "m1", "campaign": "c", "sequence_step": 2, "email": "ada@example.org",
        "occurred_at": when, "link_url": None, "is_machine": False, "machine_reason": None, "properties": None,
    }  # fmt: skip
    kinds = [
        {"type": "Open", "is_machine": True, "machine_reason": "image_proxy", "properties": '{"user_agent": "x"}'},
        {"type": "clicked", "link_url": "https://a.example/lh-trap?utm_source=n"},
        {"type": "click", "link_url": "https://a.example/pricing", "sequence_step": None},
        {"type": "replied", "email": " Bob@Example.org "},
        {"type": "sent", "email": "no address"},
    ]
    return [one | kind | {"event_id": f"e{number}"} | changes for number, kind in enumerate(kinds)]


def landed(lake):
    return rows(lake, "select * exclude (_loaded_at, _batch_id) from raw.email_engagement__events order by event_id")


def test_columns_of_parquet_arrive_as_rows_do(land, lake, hashed):
    land("email_engagement", "mails.parquet", as_parquet(reports()))
    by_columns = landed(lake)
    assert [row[2] for row in by_columns] == ["opened", "clicked", "clicked", "replied", "sent"]
    lake_of_rows = [{**report, "weather": "rain"} for report in reports(message_id="m2")]
    with lake.staging() as cursor, lake.commit(cursor):
        cursor.execute("delete from raw.email_engagement__events")
    assert land("email_engagement", "unknown-column.parquet", as_parquet(lake_of_rows)).row_count == len(by_columns)
    assert [(*row[:3], "m1", *row[4:]) for row in landed(lake)] == by_columns


def test_files_whose_columns_are_text_are_read_row_by_row(land, lake):
    spelled = [report | {"occurred_at": "02/13/2026 10:00"} for report in reports()]
    assert land("email_engagement", "spelled.parquet", as_parquet(spelled)).row_count == len(spelled)
    nameless = reports(event_id=None, message_id="m3")
    assert land("email_engagement", "nameless.parquet", as_parquet(nameless)).row_count == len(nameless)


def test_a_bad_row_of_columns_goes_to_quarantine_as_a_record_that_can_be_replayed(land, lake):
    report = land("email_engagement", "bad.parquet", as_parquet(reports()[:1] + reports(type="pondered")[1:2]))
    assert (report.row_count, report.quarantined_count) == (1, 1)
    ((row, rule),) = rows(lake, "select row, rule from raw.quarantine__rows")
    assert rule == "known_type"
    record = json.loads(row)
    assert (record["event_id"], record["type"], record["sequence_step"]) == ("e1", "pondered", 2)
    assert "ada@example.org" not in row
    assert land("email_engagement", "mended.jsonl", json.dumps(record | {"type": "clicked"})).row_count == 1
