"""The Campaigns page in a real browser: a sequence is written, rehearsed, started, and says why it does not send."""

from __future__ import annotations

import pytest

from tests.app.conftest import SCHEMES, click_until, keep_picture, make_client
from tests.factories import make_contact
from tests.factories.outreach import HELLO, enrol_all, make_sequence

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def spring(running):
    ours = make_client(running, "Client in spring")
    made = make_sequence(running.store, ours, HELLO, active=False)
    people = [
        make_contact(running.store, ours, email=f"{name}@spring.example", first_name=name.title()).contact_id
        for name in ("iris", "otto", "wanda")
    ]
    enrol_all(running.store, made, people)
    return ours


def throw(page, label, why, keep=""):
    """A switch, whose reason is typed just before the click that throws it."""
    reason = page.get_by_role("textbox", name="Why", exact=True)
    click_until(page.get_by_role("button", name=label).first, reason)
    reason.fill(why)
    if keep:
        page.get_by_text("No end in sight").wait_for()
        keep_picture(page, keep)
    page.get_by_role("button", name=label).last.click()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_sequence_is_rehearsed_started_and_says_why_it_waits(visit, spring, scheme):
    from playwright.sync_api import expect

    page = visit(f"campaigns?org={spring}", scheme=scheme)
    expect(page.get_by_text("Nothing leaves").first).to_be_visible()
    first = page.get_by_text("It was not started yet").or_(page.get_by_text("It is paused"))
    expect(first.first).to_be_visible()
    keep_picture(page, f"campaigns_{scheme}")
    page.get_by_role("tab", name="Dry run").click()
    page.get_by_role("button", name="Rehearse").click()
    expect(page.get_by_role("button", name="Rehearse")).to_be_enabled()
    keep_picture(page, f"campaigns_dry_run_{scheme}")
    page.get_by_role("tab", name="Letters").click()
    expect(page.get_by_text("A link without TLS")).to_be_visible()
    page.get_by_text("A link without TLS").scroll_into_view_if_needed()
    keep_picture(page, f"campaigns_letters_{scheme}")
    throw(page, "Start", "", keep=f"campaigns_start_{scheme}")
    throw(page, "Pause", "The letter is wrong")
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    page.get_by_role("tab", name="Why isn't it sending?").click()
    expect(page.get_by_text("Mara Lind, just now: The letter is wrong")).to_be_visible()
    throw(page, "Stop all sending", "Trade fair")
    expect(page.get_by_text("Mara Lind, just now: Trade fair")).to_have_count(2)
    keep_picture(page, f"campaigns_stopped_{scheme}")
    throw(page, "Let it go on", "")
    expect(page.get_by_role("button", name="Stop all sending")).to_be_visible()
    assert page.problems == []
