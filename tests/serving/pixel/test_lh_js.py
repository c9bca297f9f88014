"""The pixel in a real browser, against a collector that remembers."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from serving.pixel import build
from tests.serving.pixel.conftest import Site

pytestmark = pytest.mark.browser

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


def visit(page: Any, site: Site, path: str = "/first", *, attributes: str = "", before: str = "") -> None:
    joint = "&" if "?" in path else "?"
    page.goto(f"{site.url}{path}{joint}attributes={quote(attributes)}&before={quote(before)}")


def stop_the_clock(page: Any) -> None:
    """From here on the page's time moves only when a test says so."""
    page.clock.install(time=datetime(2026, 5, 4, 9, tzinfo=UTC))
    page.clock.pause_at(datetime(2026, 5, 4, 9, 0, 1, tzinfo=UTC))


def refused(page: Any, site: Site, times: int) -> None:
    """Lets the browser go on until it has taken note of a refusal: only then has it set the timer that a test may run."""
    site.wait_for(lambda: len(site.requests) >= times and "lh_queue" in kept(page), page.wait_for_timeout)


def arrived(page: Any, site: Site, kind: str, count: int = 1) -> list[dict[str, Any]]:
    return site.wait_for(lambda: site.of(kind) if len(site.of(kind)) >= count else None, page.wait_for_timeout)


def kept(page: Any) -> dict[str, str]:
    """Whatever the pixel left on the device."""
    return page.evaluate("({...localStorage, ...sessionStorage, ...(document.cookie && {cookie: document.cookie})})")


def test_the_pixel_stays_under_three_kilobytes():
    assert len(gzip.compress((build.BUILD / "lh.js").read_bytes(), 9)) < 3000


def test_a_page_view_tells_the_page_the_campaign_and_the_device(page, site):
    visit(page, site, "/first?utm_source=news&utm_campaign=may&gclid=g1")
    (event,) = arrived(page, site, "page_view")
    assert re.fullmatch(r"\d{13}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", event["event_id"])
    assert UUID.match(event["anonymous_id"])
    assert UUID.match(event["session_id"])
    assert event["page"]["url"].startswith(f"{site.url}/first?utm_source=news")
    assert event["page"]["title"] == "/first"
    assert event["utm"] == {"source": "news", "campaign": "may"}
    assert event["click_ids"] == {"gclid": "g1"}
    assert event["consent"] == "full"
    assert event["signals"] == {"gpc": False, "dnt": False}
    assert event["device"]["viewport"] == "1280x800"
    assert event["device"]["time_zone"]
    assert site.requests[0]["type"].startswith("text/plain")
    assert site.requests[0]["key"] == "lhw_test"
    assert site.requests[0]["sent_at"] >= event["occurred_at"]
    assert page.problems == []


def test_the_visitor_is_the_same_on_the_next_page_and_on_the_next_visit(page, site):
    visit(page, site)
    arrived(page, site, "page_view")
    page.click("#next")
    first, second = arrived(page, site, "page_view", 2)
    assert first["anonymous_id"] == second["anonymous_id"]
    assert first["session_id"] == second["session_id"]
    assert second["page"]["referrer"].startswith(f"{site.url}/first")
    page.evaluate("document.cookie = 'lh_id=;max-age=0;path=/'")
    page.reload()
    assert arrived(page, site, "page_view", 3)[-1]["anonymous_id"] == first["anonymous_id"]


def test_a_session_ends_after_half_an_hour_of_silence(page, site):
    stop_the_clock(page)
    visit(page, site)
    page.clock.run_for(100)
    (first,) = arrived(page, site, "page_view")
    page.clock.fast_forward(31 * 60 * 1000)
    page.evaluate("lh('track', 'woke_up')")
    page.clock.run_for(100)
    (later,) = arrived(page, site, "track")
    assert later["anonymous_id"] == first["anonymous_id"]
    assert later["session_id"] != first["session_id"]


def test_a_route_change_of_an_application_is_a_page_view_and_its_time_belongs_to_the_page_before(page, site):
    stop_the_clock(page)
    visit(page, site)
    page.clock.run_for(5000)
    page.evaluate("history.pushState({}, '', '/projects/one'); document.title = 'One'")
    page.clock.run_for(2000)
    page.evaluate("history.replaceState({}, '', '/projects/two')")
    page.clock.run_for(2000)
    page.evaluate("history.replaceState({scroll: 1}, '', '/projects/two')")
    page.clock.run_for(100)
    page.evaluate("history.back()")
    site.wait_for(lambda: page.url.endswith("/first") or "/first?" in page.url, page.wait_for_timeout)
    page.clock.run_for(1000)
    views = arrived(page, site, "page_view", 4)
    assert [view["page"]["url"].removeprefix(site.url).split("?")[0] for view in views] == [
        "/first",
        "/projects/one",
        "/projects/two",
        "/first",
    ]
    assert views[1]["page"]["title"] == "One"
    assert views[2]["page"]["referrer"] == f"{site.url}/projects/one"
    pings = arrived(page, site, "page_ping", 2)
    assert "/first" in pings[0]["page"]["url"]
    assert pings[0]["properties"]["engaged_seconds"] == pytest.approx(5, abs=0.2)
    assert pings[1]["page"]["url"].endswith("/projects/one")
    assert pings[1]["properties"]["engaged_seconds"] == pytest.approx(2, abs=0.2)


def test_heartbeats_come_after_ten_seconds_and_every_thirty_and_add_up(page, site):
    stop_the_clock(page)
    visit(page, site)
    page.clock.run_for(9_500)
    assert site.of("page_ping") == []
    page.clock.run_for(31_500)
    pings = arrived(page, site, "page_ping", 2)
    assert [ping["properties"]["engaged_seconds"] for ping in pings] == pytest.approx([10, 30], abs=0.3)


def test_time_in_a_hidden_tab_does_not_count(page, site):
    stop_the_clock(page)
    visit(page, site, attributes="data-min-visit=5 data-heartbeat=5")
    page.clock.run_for(2000)
    hide(page, is_hidden=True)
    (ping,) = arrived(page, site, "page_ping")
    assert ping["properties"]["engaged_seconds"] == pytest.approx(2, abs=0.2)
    page.clock.run_for(60_000)
    hide(page, is_hidden=False)
    page.clock.run_for(4_000)
    assert len(site.of("page_ping")) == 1
    page.clock.run_for(1_500)
    assert arrived(page, site, "page_ping", 2)[1]["properties"]["engaged_seconds"] == pytest.approx(5, abs=0.2)


def hide(page: Any, *, is_hidden: bool) -> None:
    page.evaluate(
        "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }",
        is_hidden,
    )


def test_scrolling_tells_each_quarter_once(page, site):
    visit(page, site)
    arrived(page, site, "page_view")
    for share in (0.3, 0.55, 0.3, 1):
        page.evaluate("(share) => scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight))", share)
        page.wait_for_timeout(60)
    scrolls = arrived(page, site, "scroll", 4)
    assert [event["properties"]["percent"] for event in scrolls] == [25, 50, 75, 100]


def test_outbound_clicks_downloads_and_named_elements_are_told_without_their_query(page, site):
    visit(page, site)
    page.evaluate(
        "document.querySelectorAll('a').forEach((a) => a.addEventListener('click', (e) => e.preventDefault()))"
    )
    for name in ("#out", "#file", "#named", "#mail", "#next"):
        page.click(name)
    arrived(page, site, "track")
    out, mail = arrived(page, site, "link_click", 2)
    (file,) = arrived(page, site, "file_download")
    assert out["properties"] == {"url": "https://elsewhere.example/path", "host": "elsewhere.example"}
    assert mail["properties"] == {"url": "mailto:", "host": ""}
    assert file["properties"] == {"url": f"{site.url}/files/brochure.pdf", "extension": "pdf"}
    assert site.of("track")[0]["name"] == "demo_opened"


def test_a_form_tells_its_start_its_submission_and_never_what_was_written(page, site):
    visit(page, site)
    page.fill("[name=email]", "ada@example.com")
    page.fill("[name=budget]", "a lot")
    page.click("#send")
    (start,) = arrived(page, site, "form_start")
    (submit,) = arrived(page, site, "form_submit")
    assert start["properties"]["form_id"] == "quote"
    assert 0 <= submit["properties"].pop("seconds") < 60
    assert submit["properties"] == {"form_id": "quote", "last_field": "budget"}
    arrived(page, site, "page_view", 2)
    assert site.of("form_abandon") == []
    assert "ada@example.com" not in str([event for event in site.events if event["type"].startswith("form")])


def test_leaving_a_begun_form_is_an_abandonment_with_the_last_field(page, site):
    visit(page, site)
    page.fill("[name=email]", "ada@example.com")
    page.click("#next")
    (event,) = arrived(page, site, "form_abandon")
    assert event["properties"]["last_field"] == "email"
    assert "/first" in event["page"]["url"]


def test_what_the_collector_refuses_for_now_is_sent_again_and_once(page, site):
    stop_the_clock(page)
    site.answers.extend([503, 503])
    visit(page, site)
    page.clock.run_for(100)
    refused(page, site, 1)
    page.clock.run_for(1_600)
    refused(page, site, 2)
    page.clock.run_for(3_100)
    (event,) = arrived(page, site, "page_view")
    assert [request["status"] for request in site.requests] == [503, 503, 202]
    assert {request["batch"][0]["event_id"] for request in site.requests} == {event["event_id"]}
    assert "lh_queue" not in kept(page)


def test_what_could_not_be_sent_goes_out_with_the_next_page(page, site):
    site.answers.append(503)
    visit(page, site)
    site.wait_for(lambda: site.requests and "lh_queue" in kept(page), page.wait_for_timeout)
    page.goto(f"{site.url}/second")
    views = arrived(page, site, "page_view", 2)
    assert ["/first" in views[0]["page"]["url"], "/second" in views[1]["page"]["url"]] == [True, True]


def test_the_list_of_what_waits_is_bounded_and_sent_in_batches_of_fifty(page, site):
    stop_the_clock(page)
    site.answers.extend([503] * 3)
    visit(page, site)
    page.clock.run_for(100)
    refused(page, site, 1)
    page.evaluate("localStorage.lh_queue = JSON.stringify(Array.from({length: 260}, (_, i) => ({event_id: 'e' + i})))")
    page.clock.run_for(2_000)
    refused(page, site, 2)
    assert [len(request["batch"]) for request in site.requests] == [1, 50]
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    waiting = page.evaluate("JSON.parse(localStorage.lh_queue).map(event => event.event_id)")
    assert len(waiting) == 200
    assert {"e0", "e259"} & set(waiting) == {"e259"}, "the newest are kept"


def test_leaving_a_page_sends_what_is_left_by_beacon(page, site):
    stop_the_clock(page)
    visit(page, site, attributes="data-patience=60000")
    page.clock.run_for(3_000)
    assert site.requests == []
    page.goto("about:blank")
    (ping,) = arrived(page, site, "page_ping")
    assert ping["properties"]["engaged_seconds"] == pytest.approx(3, abs=0.2)
    assert len(site.of("page_view")) == 1


@pytest.mark.parametrize("level", ["none", "anonymous"])
def test_without_consent_no_event_carries_an_id_and_nothing_is_kept(page, site, level):
    visit(page, site, "/first?gclid=g1&utm_source=news", attributes=f"data-consent={level}")
    page.evaluate("lh('identify', {email: 'ada@example.com'})")
    page.click("#named")
    arrived(page, site, "track")
    assert kept(page) == {}
    for event in site.events:
        assert (event["anonymous_id"], event["session_id"], event["click_ids"]) == (None, None, {})
        assert event["page"]["url"] == f"{site.url}/first"
        assert event["utm"] == {"source": "news"}
        assert event["consent"] == level
    assert site.of("identify") == []


def test_at_none_only_bare_facts_are_told(page, site):
    visit(page, site, attributes="data-consent=none")
    page.evaluate("scrollTo(0, 1e5)")
    page.click("#named")
    arrived(page, site, "track")
    assert {event["type"] for event in site.events} == {"page_view", "track"}
    assert all(event["device"] == {} for event in site.events)


def test_consent_to_a_session_keeps_ids_in_the_tab_only(page, site):
    visit(page, site, attributes="data-consent=session")
    (event,) = arrived(page, site, "page_view")
    assert UUID.match(event["anonymous_id"])
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("sessionStorage.lh_id") == event["anonymous_id"]


def test_consent_given_in_the_middle_of_a_visit_does_not_reach_back(page, site):
    visit(page, site, "/first?utm_source=news&gclid=g1", attributes="data-consent=anonymous")
    page.evaluate("lh('identify', {email: 'ada@example.com'}, 'hash')")
    arrived(page, site, "page_view")
    page.evaluate("lh('consent', 'full')")
    page.click("#named")
    (named,) = arrived(page, site, "track")
    (identified,) = arrived(page, site, "identify")
    assert site.of("page_view")[0]["anonymous_id"] is None
    assert UUID.match(named["anonymous_id"])
    assert named["utm"] == {"source": "news"}
    assert named["click_ids"] == {"gclid": "g1"}
    assert identified["traits"] == {"email": "ada@example.com"}
    assert identified["user_hash"] == "hash"
    page.goto(f"{site.url}/second?attributes={quote('data-consent=anonymous')}")
    assert arrived(page, site, "page_view", 2)[1]["anonymous_id"] == named["anonymous_id"]


def test_consent_withdrawn_removes_every_trace_and_stays_withdrawn(page, site):
    visit(page, site)
    arrived(page, site, "page_view")
    assert "lh_id" in kept(page)
    page.evaluate("lh('consent', 'none')")
    assert kept(page) == {"lh_consent": "none"}
    page.goto(f"{site.url}/second")
    assert arrived(page, site, "page_view", 2)[1]["anonymous_id"] is None
    assert kept(page) == {"lh_consent": "none"}


def test_consent_queued_before_loading_holds_for_the_first_event(page, site):
    visit(page, site, before="lh('track','early');lh('consent','anonymous')")
    arrived(page, site, "track")
    assert {event["consent"] for event in site.events} == {"anonymous"}
    assert [event["type"] for event in site.events] == ["page_view", "track"]


@pytest.mark.parametrize(
    ("signal", "script"),
    [
        ("gpc", "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"),
        ("dnt", "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})"),
    ],
)
def test_a_privacy_signal_opts_out_whatever_was_answered(page, site, signal, script):
    page.add_init_script(script)
    visit(page, site, before="lh('consent','full')")
    (event,) = arrived(page, site, "page_view")
    assert event["signals"][signal] is True
    assert event["consent"] == "anonymous"
    assert event["anonymous_id"] is None
    assert "lh_id" not in str(kept(page))


def test_identify_group_and_track_carry_what_the_site_says(page, site):
    visit(page, site)
    page.evaluate(
        "lh('identify', {email: 'ada@example.com'}, 'h'); lh('group', {name: 'Acme', domain: 'acme.example'});"
        "lh('track', 'quote_requested', {plan: 'team'})"
    )
    (tracked,) = arrived(page, site, "track")
    assert (tracked["name"], tracked["properties"]) == ("quote_requested", {"plan": "team"})
    assert site.of("identify")[0]["traits"] == {"email": "ada@example.com"}
    assert site.of("group")[0]["traits"] == {"name": "Acme", "domain": "acme.example"}


def test_after_a_reset_another_person_is_at_the_browser(page, site):
    visit(page, site)
    (first,) = arrived(page, site, "page_view")
    page.evaluate("lh('reset'); lh('track', 'again')")
    (again,) = arrived(page, site, "track")
    assert again["anonymous_id"] != first["anonymous_id"]


def test_a_prerendered_page_is_silent_until_it_is_shown(page, site):
    page.add_init_script("Object.defineProperty(document, 'prerendering', {value: true, configurable: true})")
    visit(page, site)
    page.wait_for_timeout(150)
    assert site.requests == []
    page.evaluate(
        "Object.defineProperty(document, 'prerendering', {value: false}); document.dispatchEvent(new Event('prerenderingchange'))"
    )
    arrived(page, site, "page_view")


def test_a_browser_that_refuses_storage_is_heard_and_gets_no_id_for_each_event(page, site):
    refuse_storage(page)
    page.add_init_script("Object.defineProperty(document, 'cookie', {get: () => '', set() {}})")
    visit(page, site)
    page.click("#named")
    arrived(page, site, "track")
    assert {event["anonymous_id"] for event in site.events} == {None}
    assert {event["session_id"] for event in site.events} == {None}
    assert page.problems == []


def test_without_storage_what_failed_waits_in_memory(page, site):
    refuse_storage(page)
    stop_the_clock(page)
    site.answers.append(503)
    visit(page, site)
    page.clock.run_for(100)
    site.wait_for(lambda: site.of("page_view"), page.clock.run_for)
    assert [request["status"] for request in site.requests] == [503, 202]


def refuse_storage(page: Any) -> None:
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get() { throw new Error('refused') }})"
    )


def test_a_batch_too_large_to_outlive_the_page_is_sent_while_the_page_lives(page, site):
    visit(page, site)
    arrived(page, site, "page_view")
    page.evaluate("for (let i = 0; i < 3; i++) lh('track', 'large', {text: 'x'.repeat(40_000)})")
    assert len(arrived(page, site, "track", 3)) == 3
    assert "lh_queue" not in kept(page)


def test_a_script_loaded_twice_counts_once(page, site):
    visit(page, site)
    arrived(page, site, "page_view")
    page.evaluate(
        "new Promise((done) => { const s = document.createElement('script'); s.src = '/lh.js'; s.dataset.key = 'x'; s.onload = done; document.head.append(s) })"
    )
    page.wait_for_timeout(100)
    assert len(site.of("page_view")) == 1


def test_a_trap_is_laid_where_the_site_asks_for_one_and_nobody_sees_or_reaches_it(page, site):
    visit(page, site)
    arrived(page, site, "page_view")
    assert page.locator("a[href*='lh-trap']").count() == 0
    visit(page, site, "/second", attributes='data-trap="/lh-trap/offers"')
    site.wait_for(lambda: len(site.of("page_view")) == 2, page.wait_for_timeout)
    trap = page.locator("a[href='/lh-trap/offers']")
    assert trap.count() == 1
    assert not trap.is_visible()
    assert (trap.get_attribute("rel"), trap.get_attribute("aria-hidden")) == ("nofollow", "true")
    page.goto(site.url + trap.get_attribute("href"))  # what reads the source goes there, and that page tells it
    site.wait_for(lambda: "/lh-trap" in site.of("page_view")[-1]["page"]["url"], page.wait_for_timeout)
