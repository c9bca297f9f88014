"""The settings in a real browser: somebody is invited, a key is made, a second factor set up from its QR code's secret."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest

from domain.one_time_codes import code_at, step_at
from domain.tenancy import Role
from tests.app.conftest import PASSWORD, click_until, keep_picture
from tests.factories import make_session, make_user

pytestmark = pytest.mark.browser


def part(page, name):
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()


def test_somebody_is_invited_and_takes_the_seat(visit, running, chromium):
    from playwright.sync_api import expect

    make_user(running.store, running.family.agency.organization_id, email="bo@northwind.example", name="Bo Okafor")
    page = visit("settings")
    expect(page.get_by_text("bo@northwind.example")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("noor@northwind.example")
    page.get_by_role("button", name="Make a link").click()
    shown = page.get_by_role("dialog").get_by_text(re.compile("/invite/"))
    expect(shown).to_be_visible(timeout=10_000)
    keep_picture(page, "settings_invited")
    link = shown.inner_text().strip()
    context = chromium.new_context()
    other = context.new_page()
    other.goto(running.address + "/invite/" + link.rpartition("/")[2])
    keep_picture(other, "settings_invite_page")
    other.get_by_label("Your name").fill("Noor Haddad")
    other.get_by_label("Password").fill("a quiet river in spring")
    other.get_by_role("button", name="Create account and join").click()
    other.wait_for_url(re.compile("/app/"))
    context.close()
    page.reload()
    expect(page.get_by_text("noor@northwind.example")).to_be_visible(timeout=20_000)
    disable = page.get_by_role("button", name="Disable")
    click_until(page.get_by_test_id("stPopover").get_by_role("button").last, disable)
    disable.click(timeout=10_000)
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible(timeout=10_000)
    keep_picture(page, "settings_members_light")
    assert page.problems == []


def test_a_key_is_shown_once(visit, running):
    from playwright.sync_api import expect

    page = visit("settings", scheme="dark")
    part(page, "API keys")
    page.get_by_role("button", name="New key").click(timeout=20_000)
    page.get_by_label("Name").fill("Nightly export")
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog").get_by_text(re.compile("lh_sec_"))
    expect(shown).to_be_visible(timeout=10_000)
    key = shown.inner_text().strip()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nightly export")).to_be_visible(timeout=10_000)
    for name in ("Rotate", "Revoke now"):
        act = page.get_by_role("button", name=name)
        click_until(page.get_by_test_id("stPopover").get_by_role("button").last, act)
        act.click(timeout=10_000)
        if name == "Rotate":
            expect(page.get_by_role("dialog").get_by_text(re.compile("lh_sec_"))).to_be_visible(timeout=10_000)
            page.get_by_role("dialog").get_by_role("button", name="Close").click()
            expect(page.get_by_text("Ending", exact=True)).to_be_visible(timeout=10_000)
            keep_picture(page, "settings_keys_dark")
    expect(page.get_by_text("Ended keys (1)")).to_be_visible(timeout=10_000)
    assert key not in page.content()
    assert page.problems == []


def test_a_second_factor_is_set_up(visit, running, chromium):
    from playwright.sync_api import expect

    user = make_user(
        running.store, running.family.agency.organization_id, email="tess@northwind.example", name="Tess",
        role=Role.VIEWER, password=PASSWORD,
    )  # fmt: skip
    token = make_session(running.store, user.user_id)
    make_session(running.store, user.user_id)
    page = visit("settings")
    page.context.add_cookies([{"name": "lh_session", "value": token, "url": running.address}])
    page.goto("/app/settings")
    part(page, "Security")
    page.get_by_role("button", name="Set up").click(timeout=20_000)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("dialog").get_by_role("img").first).to_be_visible(timeout=10_000)
    keep_picture(page, "settings_qr")
    page.get_by_text("It cannot be scanned").click()
    secret = base64.b32decode(page.get_by_role("dialog").locator("code").inner_text().strip())
    page.get_by_label("Code", exact=True).fill(code_at(secret, step_at(datetime.now(UTC))))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Keep these recovery codes")).to_be_visible(timeout=10_000)
    keep_picture(page, "settings_recovery")
    page.keyboard.press("Escape")
    expect(page.get_by_text("10 recovery codes left")).to_be_visible(timeout=10_000)
    keep_picture(page, "settings_security_light")
    assert page.problems == []
