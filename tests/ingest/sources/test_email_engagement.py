"""What happened to messages: from our own columns, and from Resend's webhooks."""

from __future__ import annotations

import json

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
