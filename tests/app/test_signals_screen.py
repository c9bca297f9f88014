"""The Signals page in a real browser: warm companies and a burst, the feed, and a signal that waits for its company."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.clock import utc_now
from domain.tenancy import Scope
from serving.plays.playing import play
from serving.plays.schemas import PlaysIn
from serving.plays.service import put
from serving.signals.taking import take
from storage.ops.repositories.signal_feeds import SignalFeeds
from storage.ops.tables import BuyingSignal
from tests.app.conftest import SCHEMES, keep_picture, make_client, open_tab
from tests.factories import TESTER, make_company, make_contact

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def watched(running):
    """A client with a warm company, a busy one, and one that is talked of more than ever."""
    ours = make_client(running, "Client with signals")
    for name in ("Rocket Works", "Alpine Freight", "Blue Kitchens"):
        make_company(running.store, ours, domain=f"{name.split()[0].casefold()}.example", name=name)
    make_contact(running.store, ours, email="ada@rocket.example", first_name="Ada", last_name="Byron")
    now = utc_now()

    def told(kind, about, title, days, **more):
        return {"kind": kind, "title": title, "observed_at": f"{now - timedelta(days=days):%Y-%m-%d}", **about, **more}

    rocket, alpine, blue = ({"domain": f"{name}.example"} for name in ("rocket", "alpine", "blue"))
    items = [
        told("funding", rocket, "Raised twelve million", 12, url="https://news.example/rocket"),
        told("job_change", {"email": "ada@rocket.example", **rocket}, "Ada Byron is head of sales now", 30),
        *(told("hiring", alpine, f"Looks for a driver in depot {n}", 3 + 6 * n) for n in range(12)),
        *(told("news", blue, f"Review of kitchen {n}", n % 5) for n in range(7)),
        told("news", {"domain": "nowhere.example"}, "Opened a shop", 1),
    ]
    plays = [
        {"key": "funded", "name": "Funded companies", "is_on": True, "kinds": ["funding", "job_change"], "when": [],
         "acts": {"task": {"title": "Congratulate them"}}},
        {"key": "busy", "name": "In the news", "kinds": ["news"], "when": ["strength:gte:30"], "acts": {"alert": ["owner"]}},
    ]  # fmt: skip
    with running.store.write(Scope.of(ours), TESTER) as work:
        put(work, PlaysIn(plays=plays))
        feeds = SignalFeeds(work)
        feeds.was_read(
            feeds.add("https://trade.example/feed", name="Trade news"),
            etag="", last_modified="", entries=9, matched=2, kept=5,
        )  # fmt: skip
        feeds.failed(
            feeds.add("https://rocket.example/feed", name="Rocket's blog", about="rocket.example"),
            "the feed answers 410",
        )
        take(work, items, source="news-desk")
        for row in work.session.query(BuyingSignal):
            play(work, row.buying_signal_id)
        for row in work.session.query(BuyingSignal):
            row.created_at = now - timedelta(days=120)
    return ours


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_warm_what_came_in_and_what_waits(visit, watched, scheme):
    from playwright.sync_api import expect

    page = visit(f"signals?org={watched}", scheme=scheme)
    expect(
        page.get_by_text("3 companies with signals in the last year, 1 with more than usual this week.")
    ).to_be_visible()
    keep_picture(page, f"signals_{scheme}")
    open_tab(page, "Feed")
    expect(page.get_by_text("What each kind weighs, and how fast it fades")).to_be_visible()
    keep_picture(page, f"signals_feed_{scheme}")
    open_tab(page, "Plays")
    expect(page.get_by_text("Fired 1 time, left alone 1 time in 90 days")).to_be_visible()
    page.get_by_role("button", name="Try on the last 90 days").click()
    expect(page.get_by_text("What these plays would have done")).to_be_visible()
    keep_picture(page, f"signals_plays_{scheme}")
    open_tab(page, "Lift")
    expect(page.get_by_text("Nothing to compare yet")).to_be_visible()
    open_tab(page, "Sources")
    expect(page.get_by_text("No program sends signals yet")).to_be_visible()
    expect(page.get_by_text("9 entries, 2 about companies here")).to_be_visible()
    keep_picture(page, f"signals_sources_{scheme}")
    open_tab(page, "Refused · 1")
    expect(page.get_by_role("button", name="Try all again")).to_be_visible()
    keep_picture(page, f"signals_refused_{scheme}")
    assert page.problems == []
