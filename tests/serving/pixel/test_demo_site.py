"""The pixel and the form on a website of our own, against the real application: what arrives in the store."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from domain.contacts import EmailAddress
from domain.tenancy import Scope
from orchestration.demo_site import open_demo_site
from serving.main import create_app
from storage.ops.repositories.consents import Consents
from storage.ops.repositories.contacts import Contacts
from storage.ops.store import Store
from storage.ops.tables import ApiKey, EventInbox, FormSubmission, IdentityDecision, Job
from tests.browsers import serve
from tests.factories import make_organization, make_write_key

pytestmark = pytest.mark.browser


class Studio:
    """The address of the site, and what the store holds of its visitors."""

    def __init__(self, url: str, store: Store, organization_id: str) -> None:
        self.url = url
        self.store = store
        self.organization_id = organization_id
        self.scope = Scope.of(organization_id)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        with self.store.read(self.scope) as work:
            bodies = work.session.scalars(select(EventInbox.body).order_by(EventInbox.seq)).all()
        read = [json.loads(body) for body in bodies]
        return [event for event in read if kind in {None, event["type"]}]

    def rows(self, table: Any) -> list[Any]:
        with self.store.read(self.scope) as work:
            return list(work.session.scalars(select(table).where(table.organization_id == self.organization_id)))

    def wait(self, page: Any, holds: Any) -> Any:
        give_up_at = time.monotonic() + 20
        while not (found := holds()):
            assert time.monotonic() < give_up_at, [event["type"] for event in self.events()]
            page.wait_for_timeout(50)
        return found


@pytest.fixture
def studio(settings, sqlite_store):
    organization_id = make_organization(sqlite_store, "Brightside Studio").organization_id
    make_write_key(sqlite_store, organization_id, name="site")
    open_demo_site(sqlite_store, Scope.of(organization_id))
    short = settings.capture.model_copy(update={"form_min_seconds": 0.2})
    web = settings.web.model_copy(update={"role": "capture"})
    app = create_app(settings.model_copy(update={"web": web, "capture": short}), clock=utc_now_of(sqlite_store))
    with serve(app) as url:
        yield Studio(url, sqlite_store, organization_id)


def utc_now_of(store: Store) -> Any:
    """Browsers have the machine's time, so here the server has it too."""
    from domain.clock import utc_now

    store.clock = utc_now
    return utc_now


def test_a_visit_and_a_form_become_events_and_one_linked_lead_in_the_store(page, studio):
    page.goto(f"{studio.url}/demo-site/?utm_source=newsletter&utm_campaign=spring")
    page.click("text=Yes, remember me")
    page.click("nav >> text=Work")
    page.click("[data-case=harbour]")
    assert page.title() == "Harbour Logistics · Brightside Studio"
    page.click("nav >> text=Contact")
    page.wait_for_selector(".lh-form[novalidate]")
    page.fill("[name=email]", "Ada@Northwind.example")
    page.fill("[name=first_name]", "Ada")
    page.fill("[name=company]", "Northwind")
    page.select_option("[name=budget]", "over €5,000")
    page.check("[name=lh_consent]")
    page.wait_for_timeout(250)
    page.dblclick("text=Request a proposal >> nth=-1")
    page.wait_for_selector(".lh-thanks")
    assert "You will hear from us" in page.inner_text(".lh-thanks")
    studio.wait(page, lambda: studio.events("form_submit"))

    paths = [
        event["page"]["url"].removeprefix(f"{studio.url}/demo-site").split("?")[0]
        for event in studio.events("page_view")
    ]
    assert paths == ["/", "/case-studies", "/case-studies/harbour", "/contact"]
    views = studio.events("page_view")
    assert views[0]["utm"] == {"source": "newsletter", "campaign": "spring"}
    assert views[0].get("anonymous_id") is None
    (visitor,) = {event["anonymous_id"] for event in views[1:]}
    with studio.store.read(studio.scope) as work:
        contact = Contacts(work).find_by_email(EmailAddress.parse("ada@northwind.example"))
        assert contact.attributes == {"budget": "over €5,000"}
        assert len(Consents(work).of_contact(contact.contact_id)) == 1
    (submission,) = studio.rows(FormSubmission)
    assert (submission.status, submission.contact_id) == ("accepted", contact.contact_id)
    (edge,) = studio.rows(IdentityDecision)
    assert {edge.left_node, edge.right_node} == {f"anonymous:{visitor}", f"contact:{contact.contact_id}"}
    assert [job.kind for job in studio.rows(Job)] == ["score_contact"]
    assert page.problems == []


def test_mistakes_are_shown_beside_their_fields(page, studio):
    page.goto(f"{studio.url}/demo-site/contact")
    page.wait_for_selector(".lh-form[novalidate]")
    page.fill("[name=email]", "nobody")
    page.click(".lh-form button")
    page.wait_for_selector("[name=email][aria-invalid=true]")
    assert "does not look like an e-mail address" in page.inner_text(".lh-form")
    assert page.evaluate("document.activeElement.name") == "email"
    assert studio.rows(FormSubmission) == []


def test_the_form_works_without_script(chromium, studio):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{studio.url}/demo-site/contact")
    page.fill("[name=email]", "ada@northwind.example")
    page.fill("[name=first_name]", "Ada")
    page.wait_for_timeout(300)
    page.click(".lh-form button")
    assert "You will hear from us" in page.inner_text("main")
    context.close()
    (submission,) = studio.rows(FormSubmission)
    assert submission.status == "accepted"


def test_a_refusal_keeps_the_visitor_unknown_on_the_server_too(page, studio):
    page.goto(f"{studio.url}/demo-site/pricing")
    page.click("#consent [data-consent=none]")
    page.click("nav >> text=About")
    studio.wait(page, lambda: any("/about" in event["page"]["url"] for event in studio.events("page_view")))
    after = [event for event in studio.events("page_view") if "/about" in event["page"]["url"]]
    assert [event.get("anonymous_id") for event in after] == [None]
    assert page.evaluate("Object.keys(localStorage).sort()") == ["brightside_answered", "lh_consent"]
    assert page.context.cookies() == []


def test_identify_travels_with_the_events_and_waits_for_the_worker(page, studio):
    page.goto(f"{studio.url}/demo-site/")
    page.click("text=Yes, remember me")
    page.evaluate("lh('identify', {email: 'ada@northwind.example', first_name: 'Ada'})")
    (event,) = studio.wait(page, lambda: studio.events("identify"))
    assert "traits" not in event
    assert len(event["email_hash"]) == 64
    (job,) = studio.rows(Job)
    assert (job.kind, job.payload["traits"]["first_name"]) == ("identify", "Ada")


def test_every_page_is_there_and_without_complaint(page, studio):
    from serving.demo_site.pages import PAGES

    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in PAGES:
        answer = page.goto(f"{studio.url}/demo-site{path}")
        assert answer.status == 200
    assert (complaints, page.problems) == ([], [])


CUSTOMER_PAGE = """<!doctype html><title>A customer</title>
<script async src="{url}/lh.js" data-key="{key}" data-patience="20"></script>
<div data-lh-form="{form_id}"><a href="mailto:us@customer.example">Write to us</a></div>
<script async src="{url}/lh-form.js"></script>"""


def test_a_page_of_another_origin_sends_events_and_the_form(page, studio):
    form_id = open_demo_site(studio.store, studio.scope)
    (key,) = [row.prefix for row in studio.rows(ApiKey)]
    html = CUSTOMER_PAGE.format(url=studio.url, key=key, form_id=form_id)
    customer = Starlette(routes=[Route("/", lambda _request: HTMLResponse(html))])
    with serve(customer) as elsewhere:
        page.goto(elsewhere)
        page.fill("[name=email]", "ada@northwind.example")
        page.fill("[name=first_name]", "Ada")
        page.wait_for_timeout(250)
        page.click(".lh-form button")
        page.wait_for_selector(".lh-thanks")
        studio.wait(page, lambda: studio.events("form_submit"))
        (view,) = studio.events("page_view")
        assert view["page"]["url"] == f"{elsewhere}/"
        assert page.evaluate("localStorage.lh_queue || null") is None
        page.evaluate("lh('track', 'left')")
        page.goto("about:blank")
        studio.wait(page, lambda: studio.events("track"))
    (submission,) = studio.rows(FormSubmission)
    assert (submission.status, submission.anonymous_id) == ("accepted", view["anonymous_id"])
    assert page.problems == []
