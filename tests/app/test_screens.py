"""A person clicks through every page in a real browser: light and dark, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from domain.clock import utc_now
from domain.tenancy import Scope
from storage.ops.tables import Contact
from tests.app.conftest import (
    EMAIL,
    PASSWORD,
    SCHEMES,
    choose,
    click_cell,
    click_until,
    keep_picture,
    open_tab,
    score_contact,
)
from tests.factories import TESTER, make_contact

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)


def test_a_person_signs_in_and_out(chromium, running):
    context = chromium.new_context(base_url=running.address)
    page = context.new_page()
    page.goto("/")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Email").or_(page.get_by_label("E-mail")).first.fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="My day")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Mara Lind").click()
    page.get_by_role("link", name="Log out").click()
    expect(page).to_have_url(re.compile("/login"), timeout=10_000)
    page.goto("/app/")
    expect(page).to_have_url(re.compile("/login"))
    context.close()


def test_the_overview_shows_numbers_charts_and_their_freshness(visit):
    page = visit("overview")
    tiles = page.get_by_test_id("stMetric")
    expect(tiles.filter(has_text="Leads today")).to_contain_text("4")
    expect(tiles.filter(has_text="Sessions")).not_to_contain_text("–")
    expect(tiles.filter(has_text="Won")).to_contain_text("$")
    expect(page.get_by_text(re.compile(r"^.*built (just now|\d+ min ago)")).first).to_be_visible()
    expect(page.get_by_text("Organic Search").first).to_be_attached()
    keep_picture(page, "overview")
    page.get_by_role("button", name="Newest").or_(page.get_by_role("radio", name="Newest")).first.click()
    page.get_by_role("button", name="Person39").click()
    expect(page.get_by_role("dialog")).to_contain_text("Title says decision maker")
    assert page.problems == []


def test_leads_are_searched_filtered_opened_and_turned(visit):
    page = visit("leads")
    expect(page.get_by_text("40 leads", exact=True)).to_be_visible()
    keep_picture(page, "leads")
    page.get_by_placeholder("Name, e-mail, company, title").fill("person07")
    expect(page.get_by_text("1 lead match")).to_be_visible()
    click_cell(page, 0, "Score and details")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Person07 Miller")
    expect(drawer).to_contain_text("+14")
    keep_picture(page, "drawer")
    drawer.get_by_role("tab", name="Timeline").click()
    expect(drawer).to_contain_text("Store: as of just now")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    page.get_by_placeholder("Name, e-mail, company, title").fill("nobody-here")
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    page.get_by_role("button", name="Clear all filters").click()
    expect(page.get_by_text("40 leads", exact=True)).to_be_visible()
    assert page.problems == []


def test_a_new_lead_appears_with_its_score_while_one_looks(visit, running):
    page = visit("leads")
    expect(page.get_by_text(re.compile("^4[0-9] leads$"))).to_be_visible()
    organization_id = running.family.agency.organization_id
    contact = make_contact(running.store, organization_id, email="fresh@mail.example", first_name="Fresh")
    score_contact(running.store, contact, 88, "hot")
    try:
        # asked for every second: two on a quiet machine, more under the load of a whole test run
        expect(page.get_by_text("41 leads", exact=True)).to_be_visible(timeout=6_000)
        click_cell(page, 0, "Score and details")
        expect(page.get_by_role("dialog")).to_contain_text("Fresh")
        expect(page.get_by_role("dialog")).to_contain_text("Title says decision maker")
    finally:
        with running.store.write(Scope.of(organization_id), TESTER) as work:
            work.session.get(Contact, contact.contact_id).deleted_at = utc_now()


def test_rejected_events_are_looked_at_and_replayed(visit, running):
    page = visit("data-quality")
    expect(page.get_by_test_id("stMetric").filter(has_text="Marts")).to_contain_text(re.compile("Just now|min ago"))
    expect(page.get_by_text("1 of 2")).to_be_visible()
    keep_picture(page, "data_quality")
    page.get_by_role("tab", name="Rejected events (3)").click()
    expect(page.get_by_role("button", name="Replay all 3")).to_be_visible()
    page.get_by_role("button", name="Replay all 3").click()
    expect(page.get_by_text("Queued. What passes now")).to_be_visible()
    page.get_by_role("tab", name="Quarantine (1)").click()
    expect(page.get_by_text("The amount is below zero.")).to_be_visible()
    page.get_by_role("button", name="Replay").first.click()
    expect(page.get_by_text("waits for the next landing")).to_be_visible()
    page.get_by_role("tab", name="Machines").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Found in hindsight")).to_contain_text("2")
    expect(page.get_by_text("What version 2 of the rules changed")).to_be_visible()
    keep_picture(page, "machines")
    for name in ("Held submissions", "Failed jobs"):
        open_tab(page, name)
    assert page.problems == []


def test_a_suspect_column_is_seen_and_used_with_a_reason(visit):
    page = visit("model")
    tiles = page.get_by_test_id("stMetric")
    expect(tiles.filter(has_text="AUC, newest leads")).to_contain_text("0.")
    expect(page.get_by_text("grow out of the outcome").first).to_be_visible()
    expect(page.get_by_text("Base rate").first).to_be_visible()
    keep_picture(page, "model")
    expect(page.get_by_text("What to do.")).to_be_visible()
    page.get_by_text("What to do.").scroll_into_view_if_needed()
    keep_picture(page, "model_drift")
    page.get_by_role("button", name="Use it").first.click()
    page.get_by_label("Why is this value there before the outcome?").fill("It is the length of the call before")
    page.get_by_role("button", name="Use from the next training on").click()
    expect(page.get_by_text("says: It is the length of the call before")).to_be_visible()
    page.get_by_role("button", name="Leave out again").click()
    expect(page.get_by_role("button", name="Use it").first).to_be_visible()
    page.get_by_text("Model card").click()
    expect(page.get_by_text("What it is for")).to_be_visible()
    page.get_by_role("tab", name="Rules").click()
    tried = page.get_by_text("The worker is busy")
    click_until(page.get_by_role("button", name="Try on the last 90 days"), tried, seconds=25)
    keep_picture(page, "model_rules")
    assert page.problems == []


def test_the_organization_is_switched_and_takes_its_leads_along(visit):
    page = visit("leads")
    expect(page.get_by_text(re.compile("^4[0-9] leads$"))).to_be_visible()
    choose(page.get_by_test_id("stSidebar").get_by_role("combobox"), re.compile("Client of Northwind"))
    expect(page.get_by_text("1 lead", exact=True)).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Overview").click()
    expect(page.get_by_text("No lead in this time.")).to_be_visible()
    assert page.problems == []


@pytest.mark.parametrize("path", ["", "overview", "leads", "model", "companies", "data-quality"])
@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("dark", 390),
        pytest.param("dark", 1440, marks=pytest.mark.slow),
        pytest.param("light", 390, marks=pytest.mark.slow),
    ],
)
def test_every_page_stands_in_the_dark_and_on_a_phone(visit, path, scheme, width):
    page = visit(path, scheme, width)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    keep_picture(page, f"{path or 'my_day'}_{scheme}_{width}")
    assert page.problems == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_models_stand_side_by_side_with_paths_and_return(visit, scheme):
    page = visit("attribution", scheme)
    expect(page.get_by_text("Leads by channel under 4 models")).to_be_visible()
    expect(page.get_by_text(re.compile("Look-back 90 days, 100 touches"))).to_be_visible()
    expect(page.get_by_text(re.compile("Other channels, for Shapley: Audio, SMS"))).to_be_visible()
    expect(page.get_by_text("Paths to a lead")).to_be_visible()
    expect(page.get_by_text(re.compile("no rate from CHF to USD"))).to_be_visible()
    expect(page.get_by_text(re.compile("channels we do not know.*Billboard"))).to_be_visible()
    keep_picture(page, f"attribution_{scheme}")
    page.get_by_text("Paths to a lead").scroll_into_view_if_needed()
    page.mouse.wheel(0, 700)
    keep_picture(page, f"attribution_{scheme}_below")
    page.get_by_role("radio", name="Customer").or_(page.get_by_role("button", name="Customer")).first.click()
    expect(page.get_by_text("Customers by channel under 4 models")).to_be_visible()
    assert page.problems == []
