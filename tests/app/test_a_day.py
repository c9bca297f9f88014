"""A day in the life of an agency with twelve clients of the simulator, in a real browser: the account manager's, and a look
through the eyes of a client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import httpx
import pytest

from app.api_client import ApiClient
from data.simulator.crm import write_crm
from data.simulator.parameters import DEFAULT_CLIENTS, WorldParameters
from data.simulator.world import World
from domain.contacts import EmailAddress
from domain.merging import ContactFacts
from domain.tenancy import Actor, Role, Scope
from orchestration.simulation import ensure_client
from serving.identify.service import LeadClaim, Source, record_lead
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.service_clocks import ServiceClocks
from tests.app.conftest import EMAIL, PASSWORD, choose, click_until, keep_picture
from tests.factories import SYSTEM, make_user

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = (
    "Brightside Studio", "Lattice Software", "Harbor Health", "Fernwell Industrial", "Alder & Pine", "Cobalt Freight",
    "Dune Mobility", "Everline Energy", "Foxglove Foods", "Granite Legal", "Hollow Oak", "Indigo Robotics",
)  # fmt: skip
DAYS = 45


@dataclass(frozen=True, slots=True)
class Agency:
    """Its first client, an API as the account manager there, the lead of this morning, and a client viewer's address."""

    client_id: str
    api: ApiClient
    lead_id: str
    viewer_email: str


@pytest.fixture(scope="module")
def agency(running) -> Agency:
    """Twelve clients with a past of forty-five days; the first one routes its leads and promises to call them."""
    store, now = running.store, datetime.now(UTC)
    plans = tuple(
        DEFAULT_CLIENTS[number % 4].model_copy(update={"name": name, "share": 1 / len(NAMES)})
        for number, name in enumerate(NAMES)
    )
    world = WorldParameters(
        event_count=12_000, days=DAYS, starts_on=now.date() - timedelta(days=DAYS), clients=plans, prospect_share=0.3
    )
    with store.read(SYSTEM) as work:
        slug = Organizations(work).get(running.family.agency.organization_id).slug
    named = [ensure_client(store, plan, slug) for plan in plans]
    for client, organization in zip(World(world).clients(), named, strict=True):
        write_crm(
            store, Scope.of(organization.organization_id), client, until=datetime.combine(now.date(), time(), UTC)
        )
    client_id = named[0].organization_id
    api = ApiClient(httpx.Client(base_url=running.address, timeout=30), running.token, client_id)
    me = api.me()["user_id"]
    api.put_routing(
        {"rules": [{"name": "Everybody", "people": {me: 1}, "on_duty_only": False}], "fallback_user_id": me}
    )
    api.put_service_levels([{"name": "Within five minutes", "clock": "speed_to_lead", "target_minutes": 5}])
    scope = Scope.of(client_id)
    with store.write(scope, Actor.system("form:test")) as work:
        facts = ContactFacts(email=EmailAddress.parse("ines@harvest.example"), first_name="Ines", last_name="Moreau")
        lead = record_lead(work, LeadClaim(Source.FORM, facts, occurred_at=now))
    with store.write(scope, Actor.system("test")) as work:
        (clock,) = ServiceClocks(work).running(lead.contact_id)
        clock.started_at = now - timedelta(minutes=4, seconds=30)
    api.create_task(title="Send Ines the case study", kind="email", contact_id=lead.contact_id, due_at=now.isoformat())
    api.create_deal(name="Spring campaign", owner_user_id=me, amount_minor=1_800_000, stage="sql")
    viewer = "vera@brightside.example"
    make_user(store, client_id, email=viewer, name="Vera Costa", role=Role.CLIENT_VIEWER, password=PASSWORD)
    return Agency(client_id, api, lead.contact_id, viewer)


def sign_in(chromium, running, email):
    context = chromium.new_context(base_url=running.address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto("/login")
    page.get_by_label("Email").or_(page.get_by_label("E-mail")).first.fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").first.click()
    page.get_by_role("heading", level=1).wait_for(timeout=20_000)
    return page


def menu(page, name):
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, level=1).wait_for(timeout=20_000)


def until(page, holds):
    """What is typed stands on the screen before it is sent."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came to hold")


def carry(page, card, target):
    """By hand: a board that scrolls must not scroll under the mouse, as it does in `drag_to`."""
    target.scroll_into_view_if_needed()
    card_box, box = card.bounding_box(), target.bounding_box()
    page.mouse.move(card_box["x"] + 40, card_box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 40, steps=12)
    page.mouse.up()


def test_an_account_manager_works_through_her_day(chromium, running, agency):
    from playwright.sync_api import expect

    page = sign_in(chromium, running, EMAIL)
    expect(page.get_by_role("heading", name="My day")).to_be_visible(timeout=20_000)
    box, options = page.get_by_test_id("stSidebar").get_by_role("combobox"), page.get_by_role("option")
    click_until(box, options.first)
    expect(options.filter(has_text=re.compile("|".join(NAMES)))).to_have_count(len(NAMES))
    page.keyboard.press("Escape")
    choose(box, re.compile("Brightside Studio"))

    tiles = page.get_by_test_id("stMetric")
    expect(tiles.filter(has_text="SLA at risk")).to_contain_text("1", timeout=20_000)
    expect(page.get_by_text("Call these first")).to_be_visible()
    keep_picture(page, "day_1_my_day")
    page.get_by_role("button", name="Ines Moreau").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Owner: Mara Lind")).to_be_visible(timeout=15_000)
    keep_picture(page, "day_2_lead")
    drawer.get_by_role("tab", name="Timeline").click()
    drawer.get_by_role("radio", name="Call").or_(drawer.get_by_role("button", name="Call", exact=True)).first.click()
    drawer.get_by_label("In words").fill("Rang her: wants an offer by Friday")
    drawer.get_by_role("button", name="Write down").click()
    expect(drawer.get_by_text("Rang her: wants an offer by Friday").last).to_be_visible(timeout=15_000)
    keep_picture(page, "day_3_call_logged")
    until(page, lambda: agency.api.service_clocks()["items"] == [])
    page.keyboard.press("Escape")
    expect(page.get_by_text("Call these first")).to_have_count(0, timeout=30_000)

    page.get_by_role("button", name="Done").or_(page.locator("[class*='st-key-day_done_'] button")).first.click()
    expect(page.get_by_text("Done: Send Ines the case study")).to_be_visible(timeout=15_000)
    assert agency.api.tasks(["status:eq:open", "assignee_user_id:eq:me"])["items"] == []

    menu(page, "Deals")
    card = page.get_by_role("button", name=re.compile("^Spring campaign,"))
    expect(card).to_be_visible(timeout=20_000)
    carry(page, card, page.get_by_role("region", name="Opportunity", exact=True).get_by_role("list"))
    expect(page.get_by_text("Spring campaign → Opportunity")).to_be_visible(timeout=10_000)
    keep_picture(page, "day_4_deal_moved")
    (deal,) = agency.api.deals(["name:contains:Spring campaign"])["items"]
    assert deal["stage"] == "opportunity"
    page.reload()
    expect(page.get_by_test_id("stSidebar").get_by_role("combobox")).to_have_value(
        re.compile("Brightside Studio"), timeout=20_000
    )

    menu(page, "Routing")
    page.get_by_role("button", name="Try on the last 90 days").click(timeout=20_000)
    expect(page.get_by_text("What these rules would have done")).to_be_visible(timeout=20_000)
    keep_picture(page, "day_5_routing_tried")
    page.get_by_role("tab", name="Service levels").click()
    expect(page.get_by_text("Within five minutes")).to_be_visible(timeout=15_000)
    keep_picture(page, "day_6_service_levels")
    assert page.problems == []
    page.context.close()
    with running.store.read(Scope.of(agency.client_id)) as work:
        looked = [act for act in Audit(work).page(limit=200, entity="visit") if act.action == "look_in"]
    assert len(looked) == len({act.entity_id for act in looked}) > 0


def test_a_client_sees_results_and_not_how_the_agency_works(chromium, running, agency):
    from playwright.sync_api import expect

    page = sign_in(chromium, running, agency.viewer_email)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("link", name="Deals", exact=True)).to_be_visible(timeout=20_000)
    for hidden in ("My day", "Routing"):
        expect(sidebar.get_by_role("link", name=hidden, exact=True)).to_have_count(0)
    expect(sidebar.get_by_role("combobox")).to_have_count(0)
    keep_picture(page, "day_7_client")
    menu(page, "Deals")
    expect(page.get_by_role("button", name="New deal")).to_have_count(0)
    keep_picture(page, "day_8_client_deals")
    page.goto("/app/routing")
    expect(page.get_by_text("What these rules would have done")).to_have_count(0)
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "lh_session")
    page.context.close()
    asked = httpx.Client(base_url=running.address, headers={"Authorization": f"Bearer {token}"})
    other = {"X-LH-Organization": running.family.agency.organization_id}
    for path in ("routing", "members", "tasks", "service-levels", "webhook-endpoints", "audit", "api-keys"):
        assert asked.get(f"/v1/{path}").status_code == 403, path
    assert asked.get("/v1/contacts", headers=other).status_code == 404
    assert asked.get("/v1/contacts").status_code == 200
    assert asked.patch(f"/v1/contacts/{agency.lead_id}", json={"title": "x"}).status_code == 403
