"""What a site is answered, and what is stored by then."""

from __future__ import annotations

import json

import pytest

from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.tables import ApiKey, EventKey
from tests.factories import SYSTEM, TESTER
from tests.factories.events import make_event


def test_an_event_is_stored_when_it_is_answered(site):
    event = make_event()
    answer = site.send(event)
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": 0,
        "results": [{"event_id": event["event_id"], "status": "accepted"}],
    }
    ((body, context),) = site.inbox()
    assert body["event_id"] == event["event_id"]
    assert body["page"]["title"] == "Pricing"
    assert (context["browser"], context["os"], context["device_type"]) == ("Chrome 126", "Windows 10", "desktop")


def test_the_same_event_twice_is_stored_once(site):
    event = make_event()
    site.send(event)
    again = site.send(event).json()
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert again["results"][0]["status"] == "duplicate"
    assert len(site.inbox()) == 1


def test_the_same_id_twice_in_a_batch_counts_once(site):
    event = make_event()
    answer = site.send(event, make_event(), event).json()
    assert [result["status"] for result in answer["results"]] == ["accepted", "accepted", "duplicate"]
    assert len(site.inbox()) == 2


def test_two_organizations_may_use_the_same_id(site):
    event = make_event()
    site.send(event)
    from tests.factories import make_organization

    other = make_organization(site.store)
    with site.store.write(SYSTEM, TESTER) as work:
        key = ApiKeys(work).create_write_key("other", organization_id=other.organization_id)
    assert site.post(json.dumps(event), key=key).json()["accepted"] == 1


def test_a_retry_after_the_event_has_landed_is_still_a_duplicate(site, clock):
    event = make_event()
    with site.store.write(SYSTEM, TESTER) as work:
        landed = {"organization_id": site.organization_id, "event_id": event["event_id"], "landed_at": clock()}
        work.session.add(EventKey(**landed))
    assert site.send(event).json()["duplicates"] == 1
    assert site.inbox() == []


def test_one_bad_event_does_not_take_its_neighbours_with_it(site):
    good = make_event(), make_event()
    answer = site.send(good[0], {"event_id": "x", "type": 7}, good[1], make_event(type="sneeze")).json()
    assert (answer["accepted"], answer["rejected"]) == (2, 2)
    statuses = [(result["status"], result.get("reason")) for result in answer["results"]]
    assert statuses == [("accepted", None), ("rejected", "schema"), ("accepted", None), ("rejected", "unknown_type")]
    assert {body["event_id"] for body, _ in site.inbox()} == {event["event_id"] for event in good}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event_id": None}, "missing_id"),
        ({"event_id": "with space"}, "bad_id"),
        ({"event_id": "x" * 65}, "bad_id"),
        ({"event_id": "nul\x00"}, "bad_id"),
        ({"type": None}, "missing_type"),
        ({"type": "sneeze"}, "unknown_type"),
        ({"type": "track"}, "missing_name"),
        ({"occurred_at": "2026-01-30T11:59:59Z"}, "too_late"),
        ({"occurred_at": "2026-03-03T12:00:01Z"}, "in_the_future"),
        ({"occurred_at": "2026-03-02T12:20:00Z", "sent_at": "2026-03-02T12:00:00Z"}, "in_the_future"),
        ({"occurred_at": "2026-03-02T12:00:00"}, "schema"),
        ({"occurred_at": "yesterday"}, "schema"),
        ({"properties": ["a"]}, "schema"),
        ({"page": "https://example.com"}, "schema"),
        ({"consent": "maybe"}, "schema"),
        ({"properties": {"long": "x" * 70_000}}, "too_large"),
    ],
)
def test_a_refused_event_names_its_reason_and_is_kept_as_it_came(sqlite_site, changes, reason):
    event = make_event(**changes)
    answer = sqlite_site.send(event)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["reason"]) == ("event_rejected", reason)
    (kept,) = sqlite_site.rejected()
    assert (kept.reason, kept.organization_id) == (reason, sqlite_site.organization_id)
    if reason != "too_large":
        assert json.loads(kept.body) == event


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[1, 2", b'{"event_id": "\xc3("}'])
def test_what_is_no_json_is_kept_too(site, body):
    answer = site.post(body)
    assert (answer.status_code, answer.json()["reason"]) == (422, "not_json")
    assert site.rejected()[0].reason == "not_json"


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"null", b'{"batch": 7}', b'{"batch": {}}'])
def test_json_that_is_no_event_is_kept_too(sqlite_site, body):
    answer = sqlite_site.post(body)
    assert answer.status_code == 422
    assert len(sqlite_site.rejected()) == 1


def test_characters_that_a_database_cannot_hold_are_kept_escaped_or_replaced(site):
    event = make_event(properties={"odd": "\x00 \ud83d\ude00 \u2028"}, page={"title": "nul \x00"})
    assert site.send(event).json()["accepted"] == 1
    assert site.stored()["properties"]["odd"] == "\x00 😀 \u2028"
    assert site.post(b'{"event_id": "\x00"}').status_code == 422
    assert site.post(b'{"event_id": "a", "type": "page_view", "properties": {"x": "\\ud800"}}').status_code in {
        202,
        422,
    }


def test_an_empty_batch_is_no_mistake(sqlite_site):
    answer = sqlite_site.post(b'{"batch": []}')
    assert (answer.status_code, answer.json()["results"]) == (202, [])


def test_the_moment_of_sending_belongs_to_every_event_of_a_batch(sqlite_site):
    sqlite_site.send(make_event(), make_event(sent_at="2026-03-02T11:59:00Z"), sent_at="2026-03-02T12:00:05Z")
    assert [body["sent_at"] for body, _ in sqlite_site.inbox()] == ["2026-03-02T12:00:05Z", "2026-03-02T11:59:00Z"]


def test_a_clock_that_is_days_wrong_is_no_reason_to_refuse(sqlite_site):
    event = make_event(occurred_at="2025-12-01T08:00:00Z", sent_at="2025-12-01T08:00:02Z")
    assert sqlite_site.send(event).json()["accepted"] == 1


def test_without_a_key_nobody_is_known(sqlite_site):
    answer = sqlite_site.client.post("/v1/collect", json=make_event())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert sqlite_site.post("{}", key="lh_pub_unknown").status_code == 401


def test_the_key_may_come_in_a_header(sqlite_site):
    headers = {"x-lh-key": sqlite_site.key}
    assert sqlite_site.client.post("/v1/collect", json=make_event(), headers=headers).status_code == 202


def test_a_revoked_key_is_refused(site, clock):
    with site.store.write(SYSTEM, TESTER) as work:
        keys = ApiKeys(work)
        for row in keys.all():
            keys.revoke(row.api_key_id, clock())
    answer = site.send(make_event())
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert site.inbox() == []


def test_a_secret_key_sends_no_events(sqlite_site):
    with sqlite_site.store.write(SYSTEM, TESTER) as work:
        secret = ApiKeys(work).create_secret_key("server", organization_id=sqlite_site.organization_id)
    assert sqlite_site.post("{}", key=secret[:16]).status_code == 401


def test_only_posting_is_allowed(sqlite_site):
    answer = sqlite_site.client.get("/v1/collect", params={"k": sqlite_site.key})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


def test_a_key_row_says_when_the_organization_is_gone(sqlite_site):
    with sqlite_site.store.read(SYSTEM) as work:
        assert work.session.query(ApiKey).count() == 1
