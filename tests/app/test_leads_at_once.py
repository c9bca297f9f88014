"""Many leads at once in a real browser: a view is kept and comes back, rows are edited together, all is searched."""

from __future__ import annotations

import httpx
import pytest

from app.api_client import ApiClient, ContactQuery
from tests.app.conftest import choose, click_until, keep_picture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def api(running) -> ApiClient:
    return ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)


def test_a_view_is_kept_and_brings_its_filters_back(visit, api):
    from playwright.sync_api import expect

    page = visit("leads")
    page.get_by_placeholder("Name, e-mail, company, title").fill("person1")
    expect(page.get_by_text("11 leads match")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name", exact=True).fill("The teens")
    page.get_by_role("button", name="Keep these filters").click()
    chip = page.get_by_role("button", name="The teens", exact=True)
    expect(chip).to_be_visible(timeout=15_000)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text("40 leads", exact=True)).to_be_visible(timeout=15_000)
    chip.click()
    expect(page.get_by_text("11 leads match")).to_be_visible(timeout=15_000)
    keep_picture(page, "leads_views")
    (view,) = api.saved_views("contact")
    assert view["question"] == {"q": "person1"}
    assert page.problems == []
    api.delete_view(view["saved_view_id"])


def test_the_list_is_asked_about_a_custom_field_and_a_view_keeps_that_with_its_columns(visit, api):
    from playwright.sync_api import expect

    page = visit("leads")
    expect(page.get_by_text("40 leads", exact=True)).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Condition").click()
    choose(page.get_by_role("combobox", name="Attribute"), "Budget", types="Budg")
    page.get_by_role("spinbutton", name="Value").fill("5000")
    page.keyboard.press("Tab")
    keep_picture(page, "leads_condition")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("20 leads match")).to_be_visible(timeout=15_000)
    chip = page.get_by_role("button", name="Budget is at least 5000")
    expect(chip).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverButton").filter(has_text="Columns").click()
    columns = page.get_by_role("combobox", name="Columns")
    for name in ("Score", "Budget", "Plan"):
        choose(columns, name, types=name)
    page.keyboard.press("Escape")
    called = page.get_by_label("Name", exact=True)
    click_until(page.get_by_role("button", name="Save view"), called)
    called.fill("Large budgets")
    page.get_by_role("button", name="Keep these filters").click()
    view = page.get_by_role("button", name="Large budgets", exact=True)
    expect(view).to_be_visible(timeout=15_000)
    page.keyboard.press("Escape")
    keep_picture(page, "leads_columns")
    chip.click()
    expect(page.get_by_text("40 leads", exact=True)).to_be_visible(timeout=15_000)
    view.click()
    expect(page.get_by_text("20 leads match")).to_be_visible(timeout=15_000)
    page.emulate_media(color_scheme="dark")
    keep_picture(page, "leads_columns_dark")
    (kept,) = api.saved_views("contact")
    assert kept["question"] == {"filter": ["custom.budget:gte:5000"], "columns": ["Score", "Budget", "Plan"]}
    assert page.problems == []
    api.delete_view(kept["saved_view_id"])


def tick(page, table, row, told):
    place = {"x": 18, "y": 38 + 36 * row + 18}
    click_until(table, page.get_by_role("button", name=told, exact=True), position=place)


def test_ticked_rows_are_edited_together(visit, api):
    from playwright.sync_api import expect

    page = visit("leads", scheme="dark")
    page.get_by_placeholder("Name, e-mail, company, title").fill("person3")
    expect(page.get_by_text("11 leads match")).to_be_visible(timeout=20_000)
    page.get_by_text("Edit many").click()
    expect(page.get_by_text("Tick rows in the list")).to_be_visible(timeout=15_000)
    table = page.get_by_test_id("stDataFrame").first
    for row, told in ((0, "Apply to 1 lead"), (1, "Apply to 2 leads")):
        tick(page, table, row, told)
    choose(page.get_by_role("combobox", name="Stage").last, "Opportunity")
    keep_picture(page, "leads_bulk")
    page.get_by_role("button", name="Apply to 2 leads").click()
    expect(page.get_by_text("2 leads changed")).to_be_visible(timeout=15_000)
    changed = api.contacts(ContactQuery(q="person3", stage=("opportunity",)))["items"]
    assert len(changed) == 2
    for lead in changed:
        api.change_contact(lead["contact_id"], lifecycle_stage="lead")
    assert page.problems == []


def test_all_is_searched_from_anywhere_by_keyboard(visit):
    from playwright.sync_api import expect

    page = visit("imports")
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="Search")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("No file has been imported yet.").or_(page.get_by_text("History")).first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_placeholder("A name, an e-mail address").fill("person07")
    find = page.get_by_role("button", name="Person07 Miller")
    expect(find).to_be_visible(timeout=15_000)
    keep_picture(page, "search")
    find.click()
    expect(page.get_by_role("heading", name="Leads")).to_be_attached(timeout=15_000)
    expect(page.get_by_role("dialog")).to_contain_text("Title says decision maker", timeout=15_000)
    assert page.problems == []
