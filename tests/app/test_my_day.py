"""The operator's day in a real browser: what is due is done with a click, and what waits is opened where it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.api_client import ApiClient, ContactQuery
from domain.decisions import DecisionKind
from domain.tenancy import Scope
from storage.ops.repositories.decisions import Decisions
from tests.app.conftest import SCHEMES, click_cell, keep_picture
from tests.factories import TESTER

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def api(running) -> ApiClient:
    return ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token)


@pytest.fixture(scope="module")
def day(api) -> dict[str, str]:
    """Tasks of yesterday, in a moment and of next week; a deal that has stood for two months."""
    now = datetime.now(UTC)
    lead = api.contacts(ContactQuery(sort="score"), limit=1)["items"][0]
    about = {"contact_id": lead["contact_id"]}
    api.create_task(title="Send the audit", kind="email", due_at=(now - timedelta(days=1)).isoformat(), **about)
    api.create_task(title="Ring about budgets", kind="call", due_at=(now - timedelta(minutes=1)).isoformat())
    api.create_task(title="Quarterly review", due_at=(now + timedelta(days=7)).isoformat())
    api.create_deal(
        name="Old retainer", owner_user_id=api.me()["user_id"], amount_minor=500_000,
        opened_at=(now - timedelta(days=60)).isoformat(),
    )  # fmt: skip
    return {"lead": lead["display_name"]}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_day_is_seen_at_a_glance(visit, day, scheme):
    from playwright.sync_api import expect

    page = visit("", scheme)
    expect(page.get_by_role("heading", name="My day")).to_be_visible(timeout=20_000)
    for words in (
        "Send the audit",
        "Quarterly review",
        "Old retainer",
        "nothing planned",
        "Hottest leads nobody has called",
    ):
        expect(page.get_by_text(words).first).to_be_visible(timeout=20_000)
    keep_picture(page, f"my_day_{scheme}")
    assert page.problems == []


def test_a_task_is_done_and_another_put_off_with_one_click_each(visit, api, day):
    from playwright.sync_api import expect

    page = visit()
    expect(page.get_by_text("Ring about budgets")).to_be_visible(timeout=20_000)
    open_tasks = {task["title"]: task for task in api.tasks(["status:eq:open"])["items"]}
    done = page.locator(f".st-key-day_done_{open_tasks['Ring about budgets']['task_id']} button")
    done.first.click()
    expect(page.get_by_text("Done: Ring about budgets")).to_be_visible(timeout=15_000)
    expect(done).to_have_count(0, timeout=15_000)
    page.locator(f".st-key-day_snooze_{open_tasks['Send the audit']['task_id']} button").first.click()
    expect(page.get_by_text("tomorrow 09:00")).to_be_visible(timeout=15_000)
    left = {task["title"]: task for task in api.tasks(["status:eq:open"])["items"]}
    assert "Ring about budgets" not in left
    assert left["Send the audit"]["due"] == "upcoming"
    page.get_by_role("button", name=day["lead"]).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Title says decision maker", timeout=15_000)
    assert page.problems == []


def test_the_drawer_explains_plans_and_remembers(visit, api, running, day):
    from playwright.sync_api import expect

    lead = api.contacts(ContactQuery(q=day["lead"]), limit=1)["items"][0]
    with running.store.write(Scope.of(running.family.agency.organization_id), TESTER) as work:
        Decisions(work).record(
            DecisionKind.ROUTE, "contact", lead["contact_id"], api.me()["user_id"], "pool",
            {"steps": [{"rule": "Small ones", "outcome": "chosen", "user_id": api.me()["user_id"]}]},
        )  # fmt: skip
    api.log_activity(kind="meeting", summary="Met at the fair", contact_id=lead["contact_id"])
    page = visit("leads")
    page.get_by_placeholder("Name, e-mail, company, title").fill(day["lead"])
    expect(page.get_by_text("1 lead match")).to_be_visible(timeout=20_000)
    click_cell(page, 0, "Score and details")
    drawer = page.get_by_role("dialog")
    keep_picture(page, "contact_details")
    drawer.get_by_role("tab", name="Why").click()
    expect(drawer.get_by_text("Rule Small ones: chosen")).to_be_visible(timeout=15_000)
    expect(drawer.get_by_text("Mara Lind").first).to_be_visible()
    keep_picture(page, "contact_why")
    drawer.get_by_role("tab", name="Tasks").click()
    drawer.get_by_label("What is to do").fill("Send the case study")
    drawer.get_by_role("button", name="Add task").click()
    expect(drawer.get_by_text("Send the case study")).to_be_visible(timeout=15_000)
    keep_picture(page, "contact_tasks")
    drawer.get_by_role("tab", name="Timeline").click()
    expect(drawer.get_by_text("Met at the fair")).to_be_visible(timeout=15_000)
    drawer.get_by_label("In words").fill("Wants numbers by Friday")
    drawer.get_by_role("button", name="Write down").click()
    expect(drawer.get_by_text("Wants numbers by Friday").last).to_be_visible(timeout=15_000)
    keep_picture(page, "contact_timeline")
    assert {task["title"] for task in api.tasks([f"contact_id:eq:{lead['contact_id']}"])["items"]} >= {
        "Send the case study"
    }
    assert page.problems == []
