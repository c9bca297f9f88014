"""Companies in a real browser: the feed, the drawer, more like these, and the proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.api_client import ApiClient, CompanyQuery
from storage.ops.repositories.lookalike_searches import LookalikeSearches
from storage.ops.tables import LookalikeSearch
from tests.app.conftest import choose, click_until, keep_picture
from tests.factories import TESTER, make_company_summary

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def companies(running):
    """Twelve companies of the agency: one customer, four that look like it, one that only its network gave away."""
    organization_id, now = running.family.agency.organization_id, datetime.now(UTC)
    for number in range(10):
        alike = (
            {
                "lookalike_rank": number, "lookalike_score": 96.0 - 7 * number, "closest_company_id": "alpine",
                "lookalike_summary": "Like Alpine Logistics: logistics, 95 and 120 employees, DE",
                "lookalike_reasons": ["Both in logistics", "Both in DE", "Shared words: freight, routing"],
            }
            if 1 <= number <= 4
            else {}
        )  # fmt: skip
        make_company_summary(
            running.store, organization_id, f"firm{number}", name=f"Firm {number:02d}", industry="Logistics",
            employee_count=90 + number, country="DE", session_count=number, visitor_count=number // 2,
            page_paths=["/pricing", "/cases"], first_channel="Organic Search", quality=2 + number % 9,
            last_seen_at=now - timedelta(days=2 + number), **alike,
        )  # fmt: skip
    make_company_summary(
        running.store, organization_id, "alpine", name="Alpine Logistics", status="customer", industry="Logistics",
        employee_count=120, country="DE", session_count=9, visitor_count=3, page_view_count=21, quality=9,
        page_paths=["/pricing"], first_channel="Referral", last_seen_at=now - timedelta(hours=2),
    )  # fmt: skip
    make_company_summary(
        running.store, organization_id, "network:campus.example", name="Campus University", session_count=2,
        visitor_count=2, last_seen_at=now - timedelta(days=1), network_type="education", network_confidence="medium",
    )  # fmt: skip


def test_companies_are_looked_at_filtered_and_opened(companies, visit):
    page = visit("companies")
    expect(page.get_by_text("12 companies", exact=True)).to_be_visible()
    keep_picture(page, "companies")
    page.get_by_role("button", name="Condition").click()
    choose(page.get_by_role("combobox", name="Attribute"), "Employees", types="Empl")
    page.get_by_role("spinbutton", name="Value").fill("95")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("6 companies match")).to_be_visible()
    page.keyboard.press("Escape")
    keep_picture(page, "companies_condition")
    page.get_by_role("button", name="Employees is at least 95").click()
    expect(page.get_by_text("12 companies", exact=True)).to_be_visible()
    page.get_by_placeholder("Name or domain").fill("alpine")
    expect(page.get_by_text("1 company match")).to_be_visible()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 90, "y": 38 + 18})
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Alpine Logistics")
    expect(drawer).to_contain_text("Quality 9 of 10")
    drawer.get_by_role("tab", name="Visits").click()
    expect(drawer).to_contain_text("via Organic Search")
    keep_picture(page, "company_drawer")
    assert page.problems == []


def test_a_view_of_companies_is_kept_and_ticked_ones_are_edited_together(companies, visit, running):
    page = visit("companies", scheme="dark", width=1280)
    api = ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)
    page.get_by_role("button", name="Customers", exact=True).click()
    expect(page.get_by_text("1 company match")).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text("12 companies", exact=True)).to_be_visible()
    page.get_by_placeholder("Name or domain").fill("firm")
    expect(page.get_by_text("10 companies match")).to_be_visible()
    called = page.get_by_label("Name", exact=True)
    click_until(page.get_by_role("button", name="Save view"), called)
    called.fill("The firms")
    page.get_by_role("button", name="Keep these filters").click()
    expect(page.get_by_role("button", name="The firms", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    (view,) = api.saved_views("company")
    assert view["question"] == {"q": "firm"}
    page.get_by_text("Edit many").click()
    expect(page.get_by_text("Tick rows in the list")).to_be_visible()
    place = {"x": 18, "y": 38 + 18}
    apply = page.get_by_role("button", name="Apply to 1 company", exact=True)
    click_until(page.get_by_test_id("stDataFrame").first, apply, position=place)
    page.get_by_role("combobox", name="Add tags").fill("Key account")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    keep_picture(page, "companies_bulk_dark")
    apply.click()
    expect(page.get_by_text("1 company changed")).to_be_visible()
    assert api.companies(CompanyQuery(filter=("tag:eq:key account",)))["total"] == 1
    assert page.problems == []
    api.delete_view(view["saved_view_id"])


def test_lists_are_searched_walked_opened_and_ticked_with_keys_alone(companies, visit):
    page = visit("leads", scheme="dark", width=1280)
    drawer, table = page.get_by_role("dialog"), page.get_by_test_id("stDataFrame").first
    page.get_by_test_id("hearsKeys").wait_for(state="attached")
    page.keyboard.press("?")
    expect(page.get_by_text("Next line, line before")).to_be_visible()
    keep_picture(page, "list_keys_dark")
    page.keyboard.press("?")
    expect(page.get_by_text("Next line, line before")).to_be_hidden()
    table.click(position={"x": 40, "y": 19})  # sorts the page by name, where another line is the second one
    page.keyboard.type("jjjk")
    page.keyboard.press("Enter")
    expect(drawer).to_contain_text("Person01 Miller")
    page.keyboard.type("jx")  # nothing moves under a drawer
    page.evaluate("document.activeElement.blur()")  # as when a drawer is drawn anew
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.keyboard.type("x")  # edits many, and ticks
    expect(page.get_by_role("button", name="Apply to 1 lead", exact=True)).to_be_visible()
    page.keyboard.type("jx")
    expect(page.get_by_role("button", name="Apply to 2 leads")).to_be_visible()
    page.keyboard.type("/jk?")
    expect(page.get_by_label("Search", exact=True)).to_have_value("jk?")
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    assert page.problems == []

    page = visit("companies")
    page.get_by_test_id("hearsKeys").wait_for(state="attached")
    page.keyboard.type("/firm")
    expect(page.get_by_text("10 companies match")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("jx")
    expect(page.get_by_role("button", name="Find more like this one")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Firm 01")
    assert page.problems == []


def test_the_standing_search_says_whom_a_company_is_like(companies, visit):
    page = visit("companies")
    page.get_by_role("tab", name="More like these").click()
    expect(page.get_by_text("Most like your customers, as of the last build")).to_be_visible()
    keep_picture(page, "companies_alike")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 90, "y": 38 + 18})
    expect(page.get_by_role("dialog")).to_contain_text("Shared words: freight")
    expect(page.get_by_role("dialog")).to_contain_text("Closest to Alpine Logistics")
    assert page.problems == []


def test_a_suggestion_that_does_not_fit_is_marked_seen_and_taken_back(companies, visit):
    page = visit("companies", scheme="dark", width=1280)
    page.get_by_role("tab", name="More like these").click()
    unfit = page.get_by_role("button", name="Not a fit")
    click_until(page.get_by_test_id("stDataFrame").first, unfit, position={"x": 18, "y": 38 + 18})
    unfit.click()
    expect(page.get_by_text("1 company marked as not a fit")).to_be_visible()
    expect(unfit).to_be_hidden()  # nothing is ticked: the row that was is gone
    page.get_by_role("tab", name="Marks").click()
    page.get_by_label("Domains").fill("rival.example rubbish")
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("1 domain excluded. No domains: rubbish")).to_be_visible()
    expect(page.get_by_text("Not a fit 1")).to_be_visible()
    undo = page.get_by_role("button", name="Undo 1 mark")
    click_until(page.get_by_test_id("stDataFrame").first, undo, position={"x": 18, "y": 38 + 36 + 18})
    keep_picture(page, "companies_marks_dark")
    undo.click()
    expect(page.get_by_text("Not a fit 0")).to_be_visible()
    assert page.problems == []


def test_selected_rows_become_seeds_and_the_answer_is_shown_when_it_comes(companies, visit, running):
    page = visit("companies")
    expect(page.get_by_text("12 companies", exact=True)).to_be_visible()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 18, "y": 38 + 18})
    page.get_by_role("button", name="Find more like this one").click()
    expect(page.get_by_text("The worker is busy")).to_be_visible(timeout=30_000)
    scope = running.family.agency_scope
    with running.store.write(scope, TESTER) as work:
        search = work.session.scalars(select(LookalikeSearch).order_by(LookalikeSearch.created_at.desc())).first()
        assert search.asked["positive_ids"] == ["alpine"]
        found = {"company_id": "firm3", "rank": 1, "score": 88.0, "text_closeness": 0.7, "firm_odds": 1.0,
                 "closest_company_id": "alpine", "closest_name": "Alpine Logistics", "summary": "Like Alpine",
                 "reasons": ["Both in DE"]}  # fmt: skip
        answer = {"items": [found], "positive_count": 1, "candidate_count": 11, "text_weight": 0.5, "embedder": "words"}
        LookalikeSearches(work).finish(search.lookalike_search_id, answer)
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("1 company of 11")).to_be_visible()
    assert page.problems == []


def test_the_proof_says_whether_it_beats_filters(companies, visit):
    page = visit("companies")
    page.get_by_role("tab", name="Proof").click()
    expect(page.get_by_text("Better than filters. 62% found.")).to_be_visible()
    expect(page.get_by_text("texts by hashed words")).to_be_visible()
    expect(page.get_by_text("47 stayed")).to_be_visible()
    expect(page.get_by_text("Acme Hotels")).to_be_visible()
    keep_picture(page, "companies_proof")
    assert page.problems == []
