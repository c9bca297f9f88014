"""A person shares what a dashboard shows, and somebody without an account reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.conftest import SCHEMES, keep_picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_shared_dashboard_is_read_without_an_account_until_it_is_taken_back(visit, chromium, scheme):
    page = visit("roi", scheme)
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Northwind, this quarter")
    keep_picture(page, f"share_{scheme}")
    dialog.get_by_role("button", name="Make the link").click()
    link = dialog.get_by_test_id("stCode").inner_text(timeout=15_000).strip()

    outside = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    reader = outside.new_page()
    problems = []
    reader.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    reader.goto(link)
    expect(reader.get_by_role("heading", name="Northwind, this quarter")).to_be_visible()
    expect(reader.get_by_role("row", name="Paid Search")).to_contain_text("$")
    assert problems == []
    keep_picture(reader, f"shared_roi_{scheme}")

    dialog.get_by_role("button", name="Links").or_(dialog.get_by_role("radio", name="Links")).first.click()
    expect(dialog.get_by_text("opened 1 time").first).to_be_visible()
    keep_picture(page, f"share_links_{scheme}")
    dialog.get_by_role("button", name="End").first.click()
    expect(dialog.get_by_text("taken back", exact=False).first).to_be_visible()
    assert reader.reload().status == 404
    keep_picture(reader, f"shared_gone_{scheme}")
    outside.close()


def test_a_rule_is_added_with_what_it_says_now_and_is_removed(visit):
    page = visit("overview")
    page.get_by_role("button", name="Alerts", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("No rule yet", exact=False)).to_be_visible()
    dialog.get_by_role("button", name="New rule").or_(dialog.get_by_role("radio", name="New rule")).first.click()
    dialog.get_by_label("Name").fill("Many leads")
    dialog.get_by_role("button", name="Add the rule").click()
    expect(dialog.get_by_text("As of the last build: Leads of 7 days", exact=False)).to_be_visible()
    keep_picture(page, "alerts_new")
    dialog.get_by_role("button", name="Rules").or_(dialog.get_by_role("radio", name="Rules")).first.click()
    expect(dialog.get_by_text("Leads of 7 days above 10", exact=False)).to_be_visible()
    keep_picture(page, "alerts_rules")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog.get_by_text("No rule yet", exact=False)).to_be_visible()
