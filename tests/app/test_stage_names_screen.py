"""Stages are called what an organization calls them, in a real browser."""

from __future__ import annotations

import httpx
import pytest

from app.api_client import ApiClient, ContactQuery
from tests.app.conftest import keep_picture

pytestmark = pytest.mark.browser
SLOW = 20_000


def test_a_stage_is_renamed_and_every_page_says_so(visit, running):
    from playwright.sync_api import expect

    api = ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)
    page = visit("settings")
    page.get_by_role("radio", name="Pipelines").or_(
        page.get_by_role("button", name="Pipelines", exact=True)
    ).first.click()
    field = page.get_by_label("MQL", exact=True)
    field.fill("Warm enquiry", timeout=SLOW)
    keep_picture(page, "settings_stages")
    page.get_by_role("button", name="Save names").click()
    expect(page.get_by_text("The stages have these names from now on")).to_be_visible(timeout=SLOW)
    try:
        (lead, *_) = api.contacts(ContactQuery(stage=("mql",)))["items"]
        page = visit(f"leads?contact={lead['contact_id']}")
        expect(page.get_by_role("dialog").get_by_text("Warm enquiry").first).to_be_visible(timeout=SLOW)
        keep_picture(page, "leads_renamed_stage")
        assert page.problems == []
    finally:
        api.put_stage_names({})
