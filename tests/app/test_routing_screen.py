"""Routing in a real browser: a rule is written, tried on the past, switched on, and the next lead's drawer says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.contacts import EmailAddress
from domain.merging import ContactFacts
from domain.tenancy import Actor, Scope
from serving.identify.service import LeadClaim, Source, record_lead
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import ServiceClock
from tests.app.conftest import choose, keep_picture
from tests.factories import SYSTEM, TESTER, make_contact, make_user

pytestmark = pytest.mark.browser
SLOW = 20_000


@pytest.fixture(scope="module")
def office(running) -> str:
    """A client of its own with two who sell, three contacts, and a promise of a quarter of an hour."""
    with running.store.write(SYSTEM, TESTER) as work:
        made = Organizations(work).create_client(running.family.agency.organization_id, "Routed client").organization_id
    for name in ("Ada Byron", "Bob Noyce"):
        make_user(running.store, made, name=name)
    for country in ("DE", "AT", "US"):
        make_contact(running.store, made, first_name="Known", last_name=country, country=country)
    policy = {
        "name": "Quarter of an hour",
        "clock": "speed_to_lead",
        "target_minutes": 15,
        "reassigns_after_minutes": 30,
    }
    with running.store.write(Scope.of(made), TESTER) as work:
        OrganizationSettings(work).put("service_levels", {"policies": [policy]})
    return str(made)


def new_lead(running, office):
    with running.store.write(Scope.of(office), Actor.system("form:test")) as work:
        facts = ContactFacts(
            email=EmailAddress.parse("george@new.example"), first_name="George", last_name="Sand", country="DE"
        )
        return record_lead(work, LeadClaim(Source.FORM, facts, occurred_at=datetime.now(UTC))).contact_id


def test_a_rule_is_tried_switched_on_and_explained(visit, running, office):
    from playwright.sync_api import expect

    page = visit(f"routing?org={office}")
    expect(page.get_by_text("No rules yet")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Add a rule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("German speakers")
    dialog.get_by_role("textbox", name="Which leads").fill("country:in:DE,AT,CH")
    choose(dialog.get_by_role("combobox", name="People"), "Ada Byron")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(page.get_by_text("country is one of DE, AT, CH")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Try on the last 90 days").click()
    expect(page.get_by_text("What these rules would have done")).to_be_visible(timeout=SLOW)
    keep_picture(page, "routing_tried")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("On · version 1")).to_be_visible(timeout=SLOW)

    lead = new_lead(running, office)
    with running.store.write(Scope.of(office), TESTER) as work:
        for clock in work.session.query(ServiceClock).filter_by(contact_id=lead):
            clock.started_at -= timedelta(minutes=20)
    keep_picture(page, "routing_rules")
    page.get_by_role("tab", name="People").click()
    expect(page.get_by_text("takes leads now").first).to_be_visible(timeout=SLOW)
    keep_picture(page, "routing_people")
    page.get_by_role("tab", name="Service levels").click()
    expect(page.get_by_text("1 breached")).to_be_visible(timeout=SLOW)
    keep_picture(page, "routing_levels")

    page = visit(f"leads?contact={lead}&org={office}", scheme="dark")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Owner: Ada Byron")).to_be_visible(timeout=SLOW)
    expect(drawer.get_by_text("German speakers: Ada Byron")).to_be_visible()
    keep_picture(page, "routing_drawer")
    assert page.problems == []
