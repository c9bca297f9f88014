"""Leads leave the lists and come back, and what is wrong about one is corrected, in a real browser."""

from __future__ import annotations

import httpx
import pytest

from app.api_client import ApiClient, ContactQuery
from tests.app.conftest import click_until, keep_picture

pytestmark = pytest.mark.browser
SLOW = 20_000


@pytest.fixture
def api(running) -> ApiClient:
    return ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)


@pytest.fixture
def lead(api):
    """A lead of its own, gone from the lists after the test."""
    made = api.add_contact(first_name="Typo", last_name="Smith", email="typo@gmial.example")
    yield made["contact_id"]
    api.archive_contacts([made["contact_id"]])


def test_a_lead_is_corrected_archived_and_restored(visit, api, lead):
    from playwright.sync_api import expect

    page = visit(f"leads?contact={lead}")
    drawer = page.get_by_role("dialog")
    form = drawer.get_by_text("Correct name, address, company, title, phone or country")
    click_until(form, drawer.get_by_label("E-mail", exact=True))
    drawer.get_by_label("E-mail", exact=True).fill("typo@smith.example")
    drawer.get_by_label("Company", exact=True).fill("Smith & Sons")
    keep_picture(page, "lead_correcting")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(drawer.get_by_text("Corrected", exact=True)).to_be_visible(timeout=SLOW)
    found = api.contact(lead)
    assert (found["email"], found["company"]["name"]) == ("typo@smith.example", "Smith & Sons")

    archive = drawer.get_by_role("button", name="Archive", exact=True)
    click_until(archive, page.get_by_role("button", name="Archive this lead"))
    keep_picture(page, "lead_archiving")
    page.get_by_role("button", name="Archive this lead").click()
    expect(drawer.first).to_be_hidden(timeout=SLOW)
    assert api.contacts(ContactQuery(q="typo"))["items"] == []

    page.get_by_role("button", name="Archived", exact=True).click()
    expect(drawer.get_by_text("Typo Smith")).to_be_visible(timeout=SLOW)
    keep_picture(page, "leads_archived")
    drawer.get_by_role("button", name="Restore").first.click()
    expect(drawer.get_by_text("Typo Smith is back")).to_be_visible(timeout=SLOW)
    assert [item["contact_id"] for item in api.contacts(ContactQuery(q="typo"))["items"]] == [lead]
    assert page.problems == []


def test_ticked_leads_are_archived_together(visit, api, lead):
    from playwright.sync_api import expect

    page = visit("leads?q=typo")
    expect(page.get_by_text("1 lead matches")).to_be_visible(timeout=SLOW)
    page.get_by_text("Edit many").click()
    page.get_by_text("All that match").click()
    archive = page.get_by_role("button", name="Archive", exact=True)
    click_until(archive, page.get_by_role("button", name="Archive all that match, up to 500"))
    page.get_by_role("button", name="Archive all that match, up to 500").click()
    expect(page.get_by_test_id("stToast").get_by_text("Archived", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Nobody matches")).to_be_visible(timeout=SLOW)
    assert page.problems == []
