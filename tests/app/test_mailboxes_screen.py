"""The Mailboxes page in a real browser: an account is connected with a form and tested, and a domain says what to mend."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from domain.contacts import Domain
from domain.deliverability.records import Finding, State
from domain.tenancy import Actor, Scope
from serving.sending.health import look
from storage.ops.repositories.mailboxes import Mailboxes, SendingDomains
from storage.ops.repositories.provider_reports import ProviderWebhooks
from tests.app.conftest import SCHEMES, choose, keep_picture, make_client
from tests.factories import TESTER
from tests.factories.outreach import FREE, make_mailbox, make_outcomes

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def post_office(running):
    """A client with four mailboxes: two send, a person paused one, and the rule another."""
    ours = make_client(running, "Post office")
    port = running.sink.port
    imap = {"host": "imap.post.example", "port": 993, "security": "tls", "username": "mara@post.example"}
    make_mailbox(running.store, ours, port, "mara@post.example", display_name="Mara Lind", imap=imap)
    make_mailbox(running.store, ours, port, "otto@post.example", display_name="Otto", terms={**FREE, "per_day": 25})
    paused = make_mailbox(running.store, ours, port, "iris@letters.example", display_name="Iris", terms={})
    bad = make_mailbox(running.store, ours, port, "anna@letters.example", display_name="Anna")
    make_outcomes(running.store, bad, sent=60, bounces=7)
    findings = [
        Finding("mx", State.PASS, "2 mail servers.", records=("10 mx1.post.example", "20 mx2.post.example")),
        Finding(
            "spf", State.FAIL, "There is no SPF record.", 'Publish a TXT record at post.example: "v=spf1 mx ~all".'
        ),
        Finding(
            "dkim", State.UNKNOWN, "No key at a usual selector.", "Enter the selector that your provider signs with."
        ),
    ]
    with running.store.write(Scope.of(ours), TESTER) as work:
        Mailboxes(work).set_status(Mailboxes(work).get(paused.mailbox_id), "paused", "on holiday")
        row = SendingDomains(work).ensure(Domain("post.example"))
        SendingDomains(work).note_findings(row, [asdict(one) for one in findings])
        ProviderWebhooks(work).add("resend", "")
    with running.store.write(Scope.of(ours), Actor.system("health")) as work:
        look(work, ours)
    return ours


@pytest.mark.parametrize("scheme", SCHEMES)
def test_accounts_and_domains_say_how_they_stand(visit, post_office, scheme):
    from playwright.sync_api import expect

    page = visit(f"mailboxes?org={post_office}", scheme=scheme)
    expect(page.get_by_text("2 of 4 mailboxes")).to_be_visible()
    expect(page.get_by_text("Bounces: 7 of 60 within 7 days (11.67%)")).to_be_visible()
    keep_picture(page, f"mailboxes_{scheme}")
    page.get_by_role("radio", name="Domains").click()
    expect(page.get_by_text("There is no SPF record.")).to_be_visible()
    expect(page.get_by_text("Not looked at yet")).to_be_visible()
    keep_picture(page, f"mailboxes_domains_{scheme}")
    page.get_by_role("button", name="Make a key").first.click()
    expect(page.get_by_text("A key waits for its record").first).to_be_visible()
    keep_picture(page, f"mailboxes_key_{scheme}")
    page.get_by_role("radio", name="Delivery reports").click()
    expect(page.get_by_text("Waits for its secret").first).to_be_visible()
    keep_picture(page, f"mailboxes_reports_{scheme}")
    assert page.problems == []


def test_an_account_is_connected_with_a_form_tested_and_removed(visit, running):
    from playwright.sync_api import expect

    ours = make_client(running, "New office")
    page = visit(f"mailboxes?org={ours}")
    expect(page.get_by_text("No mailbox yet")).to_be_visible()
    page.get_by_role("button", name="Connect a mailbox").click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Address").fill("mara@post.example")
    form.get_by_role("textbox", name="Address").press("Enter")
    form.get_by_role("textbox", name="Host").first.fill("127.0.0.1")
    form.get_by_label("Port").first.fill(str(running.sink.port))
    keep_picture(page, "mailboxes_form")
    choose(form.get_by_role("combobox", name="TLS").first, "None (own network only)")
    form.get_by_role("textbox", name="User").first.fill("")
    form.get_by_text("Read answers (IMAP)").click()
    form.get_by_role("tab", name="Limits and hours").click()
    keep_picture(page, "mailboxes_form_limits")
    form.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="Mara Lind")).to_be_visible()
    page.get_by_role("button", name="Test").click()
    page.get_by_label("Send a real message to").fill("you@post.example")
    page.get_by_label("Send a real message to").press("Enter")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The server took the message to you@post.example")).to_be_visible()
    keep_picture(page, "mailboxes_tested")
    assert [message["From"] for message in running.sink.to("you@post.example")] == ["Mara Lind <mara@post.example>"]
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Why").fill("Mara is on holiday")
    keep_picture(page, "mailboxes_pause")
    page.get_by_role("button", name="Pause").last.click()
    expect(page.get_by_role("paragraph").get_by_text("Paused (Mara is on holiday)").first).to_be_visible()
    expect(page.get_by_text("Paused by")).to_be_visible()
    keep_picture(page, "mailboxes_paused")
    page.get_by_role("button", name="more_horiz").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No mailbox yet")).to_be_visible()
    assert page.problems == []
