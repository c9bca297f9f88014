"""What must not be stored is not stored: ids without consent, personal parameters, traits, full addresses."""

from __future__ import annotations

import json

import pytest

from domain.contacts import EmailAddress
from storage.ops.repositories.organizations import Organizations
from tests.factories import SYSTEM
from tests.factories.events import make_event

IDS = ("anonymous_id", "session_id", "click_ids", "user_hash", "email_hash", "traits")


def make_identify(**changes):
    return make_event(
        type="identify",
        traits={"email": "Ada@Example.com", "first_name": "Ada"},
        user_hash="abc",
        click_ids={"gclid": "click-1"},
        **changes,
    )


@pytest.mark.parametrize("consent", ["none", "anonymous", None])
def test_without_consent_no_id_is_stored_and_nobody_is_identified(site, consent):
    site.send(make_identify(consent=consent))
    stored = site.stored()
    assert [name for name in IDS if stored.get(name)] == []
    assert stored["consent"] == (consent or "none")
    assert site.jobs() == []
    assert "ada" not in json.dumps(site.inbox()).lower()


def test_without_any_consent_not_even_the_network_is_kept(sqlite_site):
    sqlite_site.send(make_event(consent="none"), headers={"x-forwarded-for": "192.28.1.1"})
    ((body, context),) = sqlite_site.inbox()
    assert "ip_network" not in context
    assert "user_agent" not in context
    assert body["device"] == {"language": "en"}


@pytest.mark.parametrize("consent", ["none", "anonymous"])
def test_an_id_does_not_stay_behind_in_an_address(sqlite_site, consent):
    url = "https://x.com/a?utm_source=google&gclid=click-1&mc_eid=reader-1&visitor=7#id=9"
    sqlite_site.send(make_event(consent=consent, page={"url": url, "referrer": "https://y.com/?fbclid=click-2"}))
    assert sqlite_site.stored()["page"] == {"url": "https://x.com/a?utm_source=google", "referrer": "https://y.com/"}


def test_consent_for_a_session_keeps_its_ids_and_links_no_person(sqlite_site):
    sqlite_site.send(make_identify(consent="session"))
    stored = sqlite_site.stored()
    assert stored["anonymous_id"] == "visitor-1"
    assert stored.get("email_hash") is None
    assert sqlite_site.jobs() == []


@pytest.mark.parametrize("signal", ["gpc", "dnt"])
def test_a_signal_of_the_browser_is_honoured_and_written_down(sqlite_site, signal):
    sqlite_site.send(make_identify(signals={signal: True}))
    stored = sqlite_site.stored()
    assert (stored["consent"], stored["consent_asked"]) == ("anonymous", "full")
    assert stored["signals"]["honoured"] is True
    assert [name for name in IDS if stored.get(name)] == []


@pytest.mark.parametrize("header", ["sec-gpc", "dnt"])
def test_the_same_signal_counts_as_a_header_of_the_request(sqlite_site, header):
    sqlite_site.send(make_event(), headers={header: "1"})
    assert sqlite_site.stored()["consent"] == "anonymous"


def test_an_identify_becomes_an_event_with_a_hash_and_a_job_with_the_traits(site):
    event = make_identify()
    site.send(event)
    stored = site.stored()
    with site.store.read(SYSTEM) as work:
        key = Organizations(work).hash_key(site.organization_id)
    assert stored["email_hash"] == EmailAddress.parse("ada@example.com").hashed(key)
    assert "traits" not in stored
    (job,) = site.jobs()
    assert (job.kind, job.organization_id, job.status) == ("identify", site.organization_id, "ready")
    assert job.payload["traits"] == event["traits"]
    assert (job.payload["event_id"], job.payload["user_hash"]) == (event["event_id"], "abc")


def test_an_identify_that_is_sent_twice_queues_one_job(site):
    event = make_identify()
    site.send(event)
    site.send(event, event)
    assert len(site.jobs()) == 1


def test_traits_of_a_company_are_no_personal_data(sqlite_site):
    sqlite_site.send(make_event(type="group", traits={"name": "Example Ltd", "domain": "example.com"}))
    assert sqlite_site.stored()["traits"]["domain"] == "example.com"


def test_personal_parameters_leave_the_page_and_campaign_parameters_stay(sqlite_site):
    url = (
        "https://u:p@www.example.com/thanks?email=ada%40example.com&utm_source=mail&gclid=x1&q=crm&ref=ada@example.com"
    )
    sqlite_site.send(
        make_event(page={"url": url, "referrer": "https://x.com/?phone=123&a=1", "title": "Hi ada@example.com"})
    )
    page = sqlite_site.stored()["page"]
    assert page["url"] == "https://www.example.com/thanks?utm_source=mail&gclid=x1&q=crm"
    assert page["referrer"] == "https://x.com/?a=1"
    assert page["title"] == "Hi [removed]"


def test_an_address_hidden_in_properties_or_tags_is_removed(sqlite_site):
    properties = {
        "email": "a@b.co",
        "plan": "pro",
        "note": "ask ada@example.com",
        "deep": [{"phone": "1"}],
        "name": "Guide",
    }
    sqlite_site.send(
        make_event(properties=properties, utm={"source": "ada@example.com"}, anonymous_id="ada@example.com")
    )
    stored = sqlite_site.stored()
    assert stored["properties"] == {"plan": "pro", "note": "ask [removed]", "deep": [{}], "name": "Guide"}
    assert stored["utm"] == {"source": "[removed]"}
    assert "anonymous_id" not in stored


def test_what_only_the_server_may_say_is_not_believed(sqlite_site):
    sqlite_site.send(make_event(email_hash="forged", consent_asked="full", contact_id="c1", is_bot=False))
    stored = sqlite_site.stored()
    assert {"email_hash", "consent_asked", "contact_id", "is_bot"}.isdisjoint(stored)


def test_a_driven_browser_is_flagged_by_its_own_word(sqlite_site):
    sqlite_site.send(make_event(device={"hints": {"webdriver": True}}))
    ((_, context),) = sqlite_site.inbox()
    assert (context["is_bot"], context["bot_reasons"]) == (True, ["webdriver"])


def test_whoever_asks_for_a_page_that_no_person_is_shown_is_flagged(sqlite_site):
    for number, path in enumerate(("/en/lh-trap/offers", "/pricing")):
        sqlite_site.send(make_event(event_id=f"e-{number}", page={"url": f"https://brightside.example{path}"}))
    (_, trapped), (_, shown) = sqlite_site.inbox()
    assert (trapped["is_bot"], trapped["bot_reasons"]) == (True, ["trap_visited"])
    assert shown["is_bot"] is False


def test_a_bot_is_flagged_and_kept(sqlite_site):
    sqlite_site.send(
        make_event(), headers={"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    )
    ((_, context),) = sqlite_site.inbox()
    assert context["is_bot"] is True
    assert "known_bot" in context["bot_reasons"]
