"""The board of deals in a real browser: cards are moved by mouse and keyboard, and what a stage asks for is asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.deals import DealStage
from domain.tenancy import Scope
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.tasks import Tasks
from storage.ops.tables import Deal
from tests.app.conftest import choose, keep_picture
from tests.factories import TESTER, make_company

pytestmark = pytest.mark.browser
DEALS = [
    ("Website relaunch", "lead", 1_200_000, 2),
    ("SEO retainer", "lead", 480_000, 30),
    ("Paid media", "sql", 2_400_000, 3),
    ("Brand workshop", "proposal", 950_000, 20),
    ("CRM migration", "negotiation", 6_000_000, 1),
    ("Annual report", "won", 1_500_000, 9),
]


@pytest.fixture(scope="module")
def deals(running) -> dict[str, str]:
    """Six deals of two companies, one of which rots and one of which has a task."""
    organization_id = running.family.agency.organization_id
    companies = [
        make_company(running.store, organization_id, domain=f"board{n}.example", name=name)
        for n, name in enumerate(("Alpine Logistics", "Brook & Co"))
    ]
    now = datetime.now(UTC)
    made = {}
    with running.store.write(Scope.of(organization_id), TESTER) as work:
        for number, (name, stage, amount, days) in enumerate(DEALS):
            deal = Deals(work).create(
                name, amount_minor=amount, currency="USD", company_id=companies[number % 2].company_id,
                stage=DealStage(stage), stage_key=stage, opened_at=now - timedelta(days=days),
            )  # fmt: skip
            made[name] = deal.deal_id
        Tasks(work).add("Send the offer", deal_id=made["Brand workshop"], due_at=now + timedelta(days=1))
    return made


def column(page, name):
    return page.get_by_role("region", name=name, exact=True)


def card(page, name):
    return page.get_by_role("button", name=re.compile(rf"^{name},"))


def stage_of(running, deal_id):
    with running.store.read(Scope.of(running.family.agency.organization_id)) as work:
        found = work.session.get(Deal, deal_id)
        return found.stage_key, found.lost_reason


def test_a_card_is_dragged_into_another_column_and_stays_there(visit, running, deals):
    from playwright.sync_api import expect

    page = visit("deals")
    expect(card(page, "Paid media")).to_be_visible(timeout=20_000)
    keep_picture(page, "deals_light")
    card(page, "Website relaunch").drag_to(column(page, "SQL").get_by_role("list"))
    expect(page.get_by_text("Website relaunch → SQL")).to_be_visible(timeout=10_000)
    expect(column(page, "SQL").get_by_text("$36.0k", exact=True)).to_be_visible(timeout=10_000)
    assert stage_of(running, deals["Website relaunch"])[0] == "sql"
    page.reload()
    expect(column(page, "SQL").get_by_text("Website relaunch")).to_be_visible(timeout=20_000)
    assert page.problems == []


def test_a_card_is_moved_by_keyboard_alone(visit, running, deals):
    from playwright.sync_api import expect

    page = visit("deals")
    expect(card(page, "CRM migration")).to_be_visible(timeout=20_000)
    card(page, "CRM migration").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("CRM migration → Won")).to_be_visible(timeout=10_000)
    assert stage_of(running, deals["CRM migration"])[0] == "won"


def test_a_loss_asks_for_its_reason_and_the_card_stays_until_it_is_given(visit, running, deals):
    from playwright.sync_api import expect

    page = visit("deals")
    expect(card(page, "SEO retainer")).to_be_visible(timeout=20_000)
    card(page, "SEO retainer").focus()
    page.keyboard.press("Space")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("This stage asks for more")).to_be_visible(timeout=10_000)
    assert stage_of(running, deals["SEO retainer"])[0] == "lead"
    keep_picture(page, "deals_asks")
    choose(page.get_by_role("dialog").get_by_role("combobox"), "Timing")
    page.get_by_role("button", name="Move to Lost").click()
    expect(page.get_by_text("Moved to Lost")).to_be_visible(timeout=10_000)
    assert stage_of(running, deals["SEO retainer"]) == ("lost", "Timing")


def test_the_drawer_shows_what_is_planned_and_takes_a_note(visit, running, deals):
    from playwright.sync_api import expect

    page = visit("deals", scheme="dark")
    expect(card(page, "Brand workshop")).to_be_visible(timeout=20_000)
    keep_picture(page, "deals_dark")
    card(page, "Brand workshop").focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("weighted $4,750")).to_be_visible(timeout=10_000)
    keep_picture(page, "deals_drawer")
    drawer.get_by_role("tab", name="Tasks").click()
    expect(drawer.get_by_text("Send the offer")).to_be_visible(timeout=10_000)
    drawer.get_by_role("tab", name="History").click()
    drawer.get_by_label("In words").fill("They want a second workshop in May")
    drawer.get_by_role("button", name="Write down").click()
    expect(drawer.get_by_text("They want a second workshop in May").last).to_be_visible(timeout=10_000)
    keep_picture(page, "deals_history")


def test_a_deal_is_made_in_another_currency(visit, running):
    from playwright.sync_api import expect

    page = visit("deals")
    page.get_by_role("button", name="New deal").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Zurich launch")
    dialog.get_by_label("Amount").fill("2500.50")
    choose(dialog.get_by_role("combobox", name="Currency"), re.compile("CHF"))
    keep_picture(page, "deals_new")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Deal created")).to_be_visible(timeout=15_000)
    with running.store.read(Scope.of(running.family.agency.organization_id)) as work:
        (made,) = work.session.scalars(select(Deal).where(Deal.name == "Zurich launch"))
        assert (made.amount_minor, made.currency) == (250_050, "CHF")
    card(page, "Zurich launch").focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    choose(drawer.get_by_role("combobox", name="Currency"), re.compile("JPY"), types="JPY")
    keep_picture(page, "deals_currency")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(drawer.get_by_text("weighted ¥")).to_be_visible(timeout=10_000)
    with running.store.read(Scope.of(running.family.agency.organization_id)) as work:
        (made,) = work.session.scalars(select(Deal).where(Deal.name == "Zurich launch"))
        assert made.currency == "JPY"
    assert page.problems == []
