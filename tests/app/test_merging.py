"""Two records are compared, made one, and made two again, in a real browser."""

from __future__ import annotations

import httpx
import pytest

from app.api_client import ApiClient, ContactQuery
from tests.app.conftest import SCHEMES, click_cell, keep_picture
from tests.app.test_leads_at_once import tick

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def api(running) -> ApiClient:
    return ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)


def names(api):
    found = api.contacts(ContactQuery(q="person2"))["items"]
    return sorted((item["contact_id"], item["first_name"], item["email"], item["phone"]) for item in found)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_leads_become_one_and_two_again(visit, api, scheme):
    from playwright.sync_api import expect

    before = names(api)
    page = visit("leads", scheme=scheme)
    page.get_by_placeholder("Name, e-mail, company, title").fill("person2")
    expect(page.get_by_text(f"{len(before)} leads match")).to_be_visible(timeout=20_000)
    page.get_by_text("Edit many").click()
    expect(page.get_by_text("Tick rows in the list")).to_be_visible(timeout=15_000)
    table = page.get_by_test_id("stDataFrame").first
    for row, told in ((0, "Apply to 1 lead"), (1, "Apply to 2 leads")):
        tick(page, table, row, told)
    page.get_by_role("button", name="Merge the two").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The record that stays")).to_be_visible(timeout=15_000)
    expect(dialog.get_by_text("First name", exact=True).first).to_be_visible(timeout=15_000)
    keep_picture(page, f"merge_{scheme}")
    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_text(f"{len(before) - 1} leads match")).to_be_visible(timeout=20_000)
    (survivor,) = [
        found for found in names(api) if api.merges(found[0]) and api.merges(found[0])[0]["status"] == "merged"
    ]
    page.get_by_text("Edit many").click()
    page.get_by_placeholder("Name, e-mail, company, title").fill(survivor[2])
    expect(page.get_by_text("1 lead match")).to_be_visible(timeout=20_000)
    click_cell(page, 0, "Score and details")
    undo = page.get_by_role("dialog").get_by_role("button", name="Undo merge")
    undo.scroll_into_view_if_needed()
    keep_picture(page, f"merge_undo_{scheme}")
    undo.click()
    expect(undo).to_have_count(0, timeout=15_000)
    assert names(api) == before
    assert page.problems == []
