"""Providers' answers are kept whole, and only when they are what the provider documents."""

from __future__ import annotations

import json

from tests.ingest.conftest import rows

ANSWERS = {
    "apollo": {"person": {"id": "64a7", "name": "Ada Lovelace", "title": "Analyst", "organization": {"id": "o1"}}},
    "hunter": {"data": {"email": "ada@example.org", "score": 97, "domain": "example.org"}, "meta": {"params": {}}},
    "pdl": {"status": 200, "likelihood": 8, "data": {"id": "qEnOZ5Oh0poWnQ1luFBfVw_0000", "full_name": "ada lovelace"}},
    "clearbit": {"person": None, "company": {"id": "c1", "domain": "example.org"}},
}


def envelope(provider: str, response: object, **changes: object) -> str:
    line = {
        "provider": provider, "entity": "person", "lookup_key": "hash-of-ada", "requested_at": "2026-02-01T10:00:00Z",
        "status": "found", "cost_minor": 10, "currency": "USD", "response": response,
    }  # fmt: skip
    return json.dumps({**line, **changes})


def test_each_provider_in_its_own_shape(land, lake):
    text = "\n".join(envelope(provider, response) for provider, response in ANSWERS.items())
    assert land("enrichment", "answers.jsonl", text).row_count == 4
    found = dict(rows(lake, "select provider, response from raw.enrichment__responses"))
    assert {provider: json.loads(response) for provider, response in found.items()} == ANSWERS


def test_an_answer_in_a_strange_shape_is_quarantined(land, lake):
    text = "\n".join(
        [
            envelope("apollo", {"error": "Invalid access credentials."}),
            envelope("hunter", {}, status="not_found"),
            envelope("pdl", ANSWERS["pdl"], currency=None),
            envelope("pdl", "not json"),
        ]
    )
    report = land("enrichment", "answers.jsonl", text)
    assert (report.row_count, report.quarantined_count) == (1, 3)
    assert {reason for (reason,) in rows(lake, "select reason from raw.quarantine__rows")} == {
        "the response does not have the shape that apollo documents",
        "a cost without a currency",
        "the response is not JSON",
    }
