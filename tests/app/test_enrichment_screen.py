"""The Enrichment page in a real browser: begun without an account, a workflow with its chains and price, a run and its dead
letters, and the providers' record."""

from __future__ import annotations

import pytest

from domain.clock import utc_now
from tests.app.conftest import SCHEMES, keep_picture, make_client, open_tab
from tests.factories import make_company
from tests.factories.enrichment import Desk
from tests.vendor_server import Said

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def worked(running, vendors):
    """A client whose companies were enriched by two providers, one of which answered with a page for some of them."""
    vendors.forget()
    ours = make_client(running, "Client with facts")
    desk = Desk(running.store, running.settings, ours, vendors, utc_now)
    names = ["Rocket Works", "Alpine Freight", "Blue Kitchens", "Cedar Clinics"]
    for number, name in enumerate(names):
        make_company(running.store, ours, domain=f"site{number}.example", name=name)
    desk.connect_api("registry", price=0)
    desk.connect_api("atlas", price=25_000)
    page = Said("<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
    vendors.says("/registry/", lambda asked: Said({"size": 30} if asked.path.endswith("0.example") else {}))
    vendors.says(
        "/atlas/",
        lambda asked: page if asked.path.endswith("3.example") else Said({"size": 140, "industry": "Logistics"}),
    )
    workflow = desk.workflow(
        {"employee_count": ["registry", "atlas"], "industry": ["atlas", "hunter"]},
        ceilings={"per_row": 0.1, "per_run": 20},
    )
    desk.run(workflow)
    return ours


def test_it_begins_without_an_account(visit, running):
    from playwright.sync_api import expect

    page = visit(f"enrichment?org={make_client(running, 'Client without facts')}")
    page.get_by_role("button", name="Use what is free").click()
    expect(page.get_by_text("No account is connected")).to_be_visible()
    expect(page.get_by_text("Enriches new leads").or_(page.get_by_text("Not on for new leads")).first).to_be_visible()
    assert page.problems == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_workflow_its_price_its_run_and_the_record_of_its_providers(visit, worked, scheme):
    from playwright.sync_api import expect

    page = visit(f"enrichment?org={worked}", scheme=scheme)
    expect(page.get_by_text("not connected").first).to_be_visible()
    page.get_by_role("button", name="What would it cost?").click()
    expect(page.get_by_text("To be expected")).to_be_visible()
    keep_picture(page, f"enrichment_{scheme}")
    open_tab(page, "Runs")
    expect(page.get_by_text("1 dead letter")).to_be_visible()
    keep_picture(page, f"enrichment_runs_{scheme}")
    open_tab(page, "Providers")
    expect(page.get_by_text("Who can be connected")).to_be_visible()
    keep_picture(page, f"enrichment_providers_{scheme}")
    open_tab(page, "Scoreboard")
    expect(page.get_by_text("95 % intervals")).to_be_visible()
    keep_picture(page, f"enrichment_scoreboard_{scheme}")
    assert page.problems == []
