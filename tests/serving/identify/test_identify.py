"""Who a visitor turned out to be, and who may say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from domain.contacts import EmailAddress
from domain.tenancy import Scope
from serving.jobs import identify as identify_job
from serving.jobs.base import JobContext
from serving.main import create_app
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.consents import Consents
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import (
    Activity,
    AttributeDefinition,
    Company,
    Consent,
    Contact,
    DecisionLedger,
    IdentityDecision,
    Job,
)
from tests.factories import SYSTEM, TESTER, make_contact, make_organization, make_secret_key, make_write_key

ADA = EmailAddress.parse("ada@northwind.example")
SAID = {"traits": {"email": ADA.value, "first_name": "Ada"}, "anonymous_id": "browser-1"}


@pytest.fixture
def organization(store):
    return make_organization(store)


@pytest.fixture
def client(store, settings, clock):
    web = settings.web.model_copy(update={"role": "api"})
    app = create_app(settings.model_copy(update={"web": web}), store=store, clock=clock)
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def write_key(store, organization):
    return make_write_key(store, organization.organization_id)


@pytest.fixture
def signature(store, organization):
    with store.read(SYSTEM) as work:
        return ADA.hashed(Organizations(work).hash_key(organization.organization_id))


@pytest.fixture
def found(store, organization):
    """What the store holds of Ada, and how many rows of a table there are."""
    scope = Scope.of(organization.organization_id)

    class Found:
        @property
        def contact(self) -> Contact | None:
            with store.read(scope) as work:
                return Contacts(work).find_by_email(ADA)

        def rows(self, table):
            with store.read(scope) as work:
                return list(
                    work.session.scalars(select(table).where(table.organization_id == organization.organization_id))
                )

        def count(self, table) -> int:
            with store.read(scope) as work:
                return work.session.scalar(select(func.count()).select_from(table))

    return Found()


def test_an_unsigned_call_makes_a_contact_and_an_edge_of_low_confidence_and_tells_nobody(client, write_key, found):
    answer = client.post("/v1/identify", params={"k": write_key}, json=SAID)
    assert answer.status_code == 202
    assert answer.json() == {
        "status": "accepted",
        "is_signed": False,
        "ignored": [],
        "contact_id": None,
        "outcome": None,
    }
    assert found.contact.first_name == "Ada"
    (edge,) = found.rows(IdentityDecision)
    assert (edge.rule, edge.confidence) == ("identify_unsigned", 0.4)
    assert [job.kind for job in found.rows(Job)] == ["score_contact"]
    (stage, decision) = found.rows(DecisionLedger)
    assert (stage.kind, stage.outcome, stage.reason) == ("promote", "lead", "came_by_identify")
    assert (decision.kind, decision.reason, decision.detail["policy"]) == (
        "identify",
        "identify_unsigned",
        "fill_blanks",
    )


def test_an_unsigned_call_fills_blanks_and_overwrites_nothing(client, write_key, found, store, organization):
    make_contact(store, organization.organization_id, email=ADA.value, first_name="Augusta")
    traits = {"email": ADA.value, "first_name": "Eve", "last_name": "King", "company": "Evil Inc"}
    consents = [{"wording": "yes"}]
    answer = client.post("/v1/identify", params={"k": write_key}, json={"traits": traits, "consents": consents})
    assert answer.json()["ignored"] == ["consents"]
    assert (found.contact.first_name, found.contact.last_name) == ("Augusta", "King")
    assert found.count(Consent) == 0
    assert [company.name for company in found.rows(Company)] == ["northwind.example"]


def test_a_signed_call_overwrites_and_records_consent(client, write_key, found, store, organization, signature):
    make_contact(store, organization.organization_id, email=ADA.value, first_name="Augusta")
    body = {**SAID, "user_hash": signature, "consents": [{"wording": "Yes", "wording_version": "3"}]}
    answer = client.post("/v1/identify", headers={"X-LH-Key": write_key}, json=body)
    assert (answer.json()["is_signed"], answer.json()["contact_id"]) == (True, None)
    assert found.contact.first_name == "Ada"
    with store.read(Scope.of(organization.organization_id)) as work:
        (consent,) = Consents(work).of_contact(found.contact.contact_id)
        assert (consent.wording_version, consent.source) == ("3", "identify_signed")
    assert found.rows(IdentityDecision)[0].confidence == 1.0


def test_a_wrong_signature_is_refused_and_written_down(client, write_key, found):
    answer = client.post("/v1/identify", params={"k": write_key}, json={**SAID, "user_hash": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_user_hash")
    assert found.contact is None
    (decision,) = found.rows(DecisionLedger)
    assert (decision.kind, decision.reason) == ("reject", "wrong_user_hash")
    assert ADA.value not in str(decision.detail) + decision.subject_id


def test_a_secret_key_speaks_for_everybody_and_learns_whom_it_met(client, store, organization, found):
    key = make_secret_key(store, organization.organization_id)
    answer = client.post("/v1/identify", headers={"Authorization": f"Bearer {key}"}, json=SAID)
    assert answer.json()["outcome"] == "created"
    assert answer.json()["contact_id"] == found.contact.contact_id


def test_the_same_call_again_changes_and_tells_nothing(client, write_key, found):
    for _ in range(3):
        client.post("/v1/identify", params={"k": write_key}, json=SAID)
    assert [found.count(table) for table in (Contact, IdentityDecision, Activity, Job)] == [1, 1, 1, 1]
    assert [line.kind for line in found.rows(DecisionLedger)] == ["promote", "identify"]


@pytest.mark.parametrize(
    ("changes", "headers"), [({"consent": "session"}, {}), ({}, {"Sec-GPC": "1"}), ({}, {"DNT": "1"})]
)
def test_without_consent_the_browser_is_not_tied_to_the_person(client, write_key, found, changes, headers):
    answer = client.post("/v1/identify", params={"k": write_key}, json={**SAID, **changes}, headers=headers)
    assert answer.json()["ignored"] == ["link"]
    assert found.count(IdentityDecision) == 0


def test_attributes_are_kept_defined_by_those_who_may_and_never_teach_an_outcome(
    client, store, organization, write_key, signature, found
):
    with store.write(Scope.of(organization.organization_id), TESTER) as work:
        AttributeDefinitions(work).ensure("won", role="outcome", data_type="boolean")
    traits = {"email": ADA.value, "won": True, "planTier": "team", "seats": 3}
    client.post("/v1/identify", params={"k": write_key}, json={"traits": traits})
    assert found.contact.attributes == {"plan_tier": "team", "seats": 3}
    assert [one.key for one in found.rows(AttributeDefinition)] == ["won"]
    client.post("/v1/identify", params={"k": write_key}, json={"traits": traits, "user_hash": signature})
    assert found.contact.attributes == {"plan_tier": "team", "seats": 3, "won": True}
    types = {one.key: one.data_type for one in found.rows(AttributeDefinition)}
    assert types == {"won": "boolean", "plan_tier": "text", "seats": "integer"}


def test_two_people_at_one_browser_stay_two_contacts_with_an_edge_each(client, write_key, found):
    client.post("/v1/identify", params={"k": write_key}, json=SAID)
    other = {"traits": {"email": "eve@northwind.example"}, "anonymous_id": "browser-1"}
    client.post("/v1/identify", params={"k": write_key}, json=other)
    assert found.count(Contact) == 2
    assert len({edge.right_node for edge in found.rows(IdentityDecision)}) == 2


@pytest.mark.parametrize("traits", [{}, {"first_name": "Ada"}, {"email": "nobody"}])
def test_traits_that_name_nobody_are_refused(client, write_key, traits):
    answer = client.post("/v1/identify", params={"k": write_key}, json={"traits": traits})
    assert answer.status_code == 422
    assert answer.headers["access-control-allow-origin"] == "*"


def test_characters_that_no_database_keeps_are_left_out(client, write_key, found):
    body = '{"traits": {"email": "ada@northwind.example", "first_name": "A\\u0000da", "plan": "\\ud800x"}}'
    answer = client.post(
        "/v1/identify", params={"k": write_key}, content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 202
    assert (found.contact.first_name, found.contact.attributes) == ("Ada", {"plan": "x"})


def test_a_key_is_needed_and_must_be_used_from_its_own_site(client, store, organization):
    assert client.post("/v1/identify", json=SAID).status_code == 401
    key = make_write_key(store, organization.organization_id, allowed_origins=["https://www.example.com"])
    ask = {"params": {"k": key}, "json": SAID}
    assert client.post("/v1/identify", headers={"Origin": "https://evil.example"}, **ask).status_code == 403
    assert client.post("/v1/identify", headers={"Origin": "https://www.example.com"}, **ask).status_code == 202
    assert client.options("/v1/identify", headers={"Origin": "https://www.example.com"}).status_code == 204


def job_payload(clock, **changes):
    return {
        "event_id": "event-1",
        "anonymous_id": "browser-1",
        "user_hash": None,
        "traits": SAID["traits"],
        "occurred_at": (clock() - timedelta(minutes=1)).isoformat(),
        "received_at": clock().isoformat(),
        "page_url": "https://www.example.com/?email=ada@northwind.example",
        **changes,
    }


def run_job(store, settings, clock, organization, payload):
    context = JobContext(store, settings, clock, organization.organization_id, "job-1")
    identify_job.run(context, payload)


def test_an_identify_out_of_a_batch_is_recorded_by_the_worker(store, settings, clock, organization, found):
    run_job(store, settings, clock, organization, job_payload(clock))
    assert found.contact.known_at == clock() - timedelta(minutes=1)
    (edge,) = found.rows(IdentityDecision)
    assert edge.evidence["event_id"] == "event-1"
    assert ADA.value not in str(edge.evidence)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"traits": {"plan": "team"}}, "invalid_input"), ({"user_hash": "0" * 64}, "wrong_user_hash")],
)
def test_a_job_that_names_nobody_ends_and_says_why(store, settings, clock, organization, found, changes, reason):
    run_job(store, settings, clock, organization, job_payload(clock, **changes))
    assert found.contact is None
    assert [decision.reason for decision in found.rows(DecisionLedger)] == [reason]
