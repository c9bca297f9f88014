"""The pixel of a page without JavaScript."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.events import CHROME

PAGE = "https://www.example.com/pricing?utm_source=google&email=ada@example.com&gclid=x"


def view(site, **headers):
    sent = {"referer": PAGE, "user-agent": CHROME} | headers
    return site.client.get("/v1/p.gif", params={"k": site.key, "t": "Pricing"}, headers=sent)


def test_a_view_is_stored_and_answered_with_an_image_that_no_cache_keeps(site):
    answer = view(site)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert "no-store" in answer.headers["cache-control"]
    stored = site.stored()
    assert (stored["type"], stored["consent"]) == ("page_view", "none")
    assert stored["page"]["url"] == "https://www.example.com/pricing?utm_source=google"
    assert stored["utm"] == {"source": "google"}
    assert "click_ids" not in stored


def test_a_repeated_request_counts_once_and_a_later_visit_again(site, clock):
    view(site)
    view(site)
    assert len(site.inbox()) == 1
    clock.now += timedelta(minutes=1)
    view(site)
    assert len(site.inbox()) == 2


def test_two_browsers_are_two_views(sqlite_site):
    view(sqlite_site)
    view(sqlite_site, **{"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"})
    assert len(sqlite_site.inbox()) == 2


def test_an_unknown_key_gets_no_image(sqlite_site):
    assert sqlite_site.client.get("/v1/p.gif?k=nobody").status_code == 401
