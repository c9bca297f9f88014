"""Too much is refused plainly: nothing that was not stored is answered with a 2xx."""

from __future__ import annotations

import pytest

from serving.capture.rates import RateLimiter
from tests.factories.events import make_event
from tests.serving.capture.conftest import open_site


def limited(settings, **limits):
    return settings.model_copy(update={"capture": settings.capture.model_copy(update=limits)})


def test_a_body_over_the_limit_is_refused_whole(capture_settings, sqlite_store, clock):
    with open_site(limited(capture_settings, max_body_bytes=2_000), sqlite_store, clock) as site:
        answer = site.send(make_event(properties={"long": "x" * 2_000}))
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        streamed = site.client.post(f"/v1/collect?k={site.key}", content=(b"x" * 1_000 for _ in range(5)))
        assert streamed.status_code == 413
        assert site.inbox() == []


def test_a_batch_over_the_limit_is_refused_whole(capture_settings, sqlite_store, clock):
    with open_site(limited(capture_settings, max_batch=2), sqlite_store, clock) as site:
        assert site.send(make_event(), make_event(), make_event()).status_code == 413
        assert site.inbox() == []


def test_a_key_has_its_own_rate_and_is_told_when_to_come_back(capture_settings, sqlite_store, clock):
    with open_site(capture_settings, sqlite_store, clock, rate_per_minute=3) as site:
        assert site.send(make_event(), make_event()).status_code == 202
        answer = site.send(make_event(), make_event())
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert site.send(make_event()).status_code == 202
        assert len(site.inbox()) == 3


def test_a_refusal_can_be_read_by_the_page_that_caused_it(capture_settings, sqlite_store, clock):
    with open_site(capture_settings, sqlite_store, clock, rate_per_minute=1) as site:
        site.send(make_event())
        answer = site.send(make_event(), headers={"origin": "https://www.example.com"})
        assert answer.headers["access-control-allow-origin"] == "https://www.example.com"
        assert answer.headers["access-control-expose-headers"] == "retry-after"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://www.example.com", 202),
        ("https://WWW.example.com", 202),
        ("https://shop.example.org", 202),
        ("https://example.org", 403),
        ("http://www.example.com", 403),
        ("https://evil.com", 403),
        ("https://www.example.com.evil.com", 403),
        ("null", 403),
        (None, 202),
    ],
)
def test_a_key_is_used_from_its_allowed_origins(capture_settings, sqlite_store, clock, origin, status):
    allowed = ["https://www.example.com", "https://*.example.org"]
    with open_site(capture_settings, sqlite_store, clock, allowed_origins=allowed) as site:
        answer = site.send(make_event(), headers={"origin": origin} if origin else {})
        assert answer.status_code == status
        assert answer.headers.get("access-control-allow-origin") == origin
        assert len(site.inbox()) == (1 if status == 202 else 0)


@pytest.mark.parametrize(("origin", "status"), [("https://www.example.com", 204), ("https://evil.com", 403)])
def test_a_preflight_is_answered_by_the_keys_origins(capture_settings, sqlite_store, clock, origin, status):
    with open_site(capture_settings, sqlite_store, clock, allowed_origins=["https://www.example.com"]) as site:
        headers = {"origin": origin, "access-control-request-method": "POST"}
        answer = site.client.options(f"/v1/collect?k={site.key}", headers=headers)
    assert answer.status_code == status
    assert ("access-control-allow-methods" in answer.headers) == (status == 204)


def test_a_preflight_for_a_key_in_a_header_passes_for_the_request_is_checked_itself(sqlite_site):
    headers = {"origin": "https://www.example.com", "access-control-request-headers": "X-LH-Key, content-type"}
    assert sqlite_site.client.options("/v1/collect", headers=headers).status_code == 204


def test_a_minute_slides():
    now = [0.0]
    limiter = RateLimiter(now=lambda: now[0])
    assert limiter.wait("k", 60, 60) == 0
    assert limiter.wait("k", 1, 60) > 0
    now[0] = 90.0  # half of the first minute still counts
    assert limiter.wait("k", 30, 60) == 0
    assert 0 < limiter.wait("k", 1, 60) <= 1.1
    assert limiter.wait("other", 60, 60) == 0


@pytest.mark.parametrize("excess", [1, 10, 100])
def test_whoever_waits_as_long_as_told_is_let_through(excess):
    now = [59.0]
    limiter = RateLimiter(now=lambda: now[0])
    limiter.wait("k", 1000, 1000)
    now[0] = 61.0
    while wait := limiter.wait("k", excess, 1000):
        now[0] += wait
    assert now[0] < 61 + 60
