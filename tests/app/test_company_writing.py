"""A company is written down and corrected in a real browser."""

from __future__ import annotations

import httpx
import pytest

from app.api_client import ApiClient, CompanyQuery
from tests.app.conftest import click_until, keep_picture

pytestmark = pytest.mark.browser
SLOW = 20_000


def test_a_company_is_added_and_corrected_by_hand(visit, running):
    from playwright.sync_api import expect

    api = ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)
    page = visit("companies")
    click_until(page.get_by_role("button", name="New company"), page.get_by_label("Website", exact=True))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Website", exact=True).fill("https://www.brightwater.example/about")
    dialog.get_by_label("Name", exact=True).fill("Brightwater")
    keep_picture(page, "company_new")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("dialog", name="Brightwater")).to_be_visible(timeout=SLOW)
    (made,) = api.companies(CompanyQuery(q="brightwater"), limit=5)["items"]
    assert made["domain"] == "brightwater.example"

    click_until(dialog.get_by_text("Correct name, website"), dialog.get_by_label("Industry", exact=True))
    dialog.get_by_label("Industry", exact=True).fill("Water treatment")
    dialog.get_by_label("Country (two letters)", exact=True).fill("nl")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_text("Water treatment · NL")).to_be_visible(timeout=SLOW)
    keep_picture(page, "company_corrected")
    (now,) = api.companies(CompanyQuery(q="brightwater"), limit=5)["items"]
    assert (now["industry"], now["country"]) == ("Water treatment", "NL")
    assert page.problems == []
