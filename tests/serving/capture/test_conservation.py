"""Nothing disappears: what was sent is accepted, known already, or kept as rejected, and each event is told which."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.events import make_event
from tests.serving.capture.conftest import open_site

IDS = st.sampled_from([f"event-{number}" for number in range(8)])
GOOD = st.builds(lambda event_id: make_event(event_id=event_id), IDS)
BAD = st.one_of(
    st.builds(lambda event_id, kind: make_event(event_id=event_id, type=kind), IDS, st.sampled_from(["", "sneeze", 7])),
    st.builds(lambda value: make_event(event_id=value), st.sampled_from(["", "a b", "é", None, 3, "x" * 99])),
    st.builds(lambda moment: make_event(occurred_at=moment), st.sampled_from(["2020-01-01T00:00:00Z", "soon", 1])),
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)


@pytest.fixture
def any_site(capture_settings, store, clock):
    with open_site(capture_settings, store, clock) as opened:
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(st.lists(GOOD | BAD, max_size=6), min_size=1, max_size=4))
def test_sent_is_accepted_plus_duplicate_plus_rejected(any_site, requests):
    site = any_site
    stored_before, rejected_before = len(site.inbox()), len(site.rejected())
    told: Counter[str] = Counter()
    for events in requests:
        answer = site.post(json.dumps({"batch": events}))
        assert answer.status_code == 202
        results = answer.json()["results"]
        assert len(results) == len(events)
        counts = Counter(result["status"] for result in results)
        assert answer.json()["accepted"] == counts["accepted"]
        assert answer.json()["duplicates"] == counts["duplicate"]
        assert answer.json()["rejected"] == counts["rejected"]
        for event, result in zip(events, results, strict=True):
            is_good = isinstance(event, dict) and event.get("type") == "page_view" and is_acceptable(event)
            assert (result["status"] != "rejected") == is_good
        told += counts
    assert told.total() == sum(map(len, requests))
    assert len(site.inbox()) - stored_before == told["accepted"]
    assert len(site.rejected()) - rejected_before == told["rejected"]
    ids = [body["event_id"] for body, _ in site.inbox()]
    assert len(ids) == len(set(ids))


def is_acceptable(event):
    event_id = event.get("event_id")
    has_id = isinstance(event_id, str) and event_id not in {"", "a b", "é", "x" * 99}
    return has_id and event.get("occurred_at") == make_event()["occurred_at"]
