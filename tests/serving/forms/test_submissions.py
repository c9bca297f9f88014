"""What is sent through a form: one transaction, once, judged, and never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain.contacts import EmailAddress
from domain.errors import StoreBusy
from serving.forms.service import record_submission
from storage.ops.repositories.consents import Consents
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.forms import Forms, FormSubmissions
from storage.ops.tables import (
    Activity,
    ChangeLog,
    Company,
    Contact,
    DecisionLedger,
    FormSubmission,
    IdentityDecision,
    Job,
    LifecycleChange,
)
from tests.factories import TESTER, make_contact, make_organization, make_secret_key
from tests.serving.forms.conftest import ANSWERS, WORDS

ADA = EmailAddress.parse("ada@northwind.example")


def count(desk, table, **values):
    with desk.store.read(desk.scope) as work:
        return work.session.scalar(select(func.count()).select_from(table).filter_by(**values))


def ada(desk):
    with desk.store.read(desk.scope) as work:
        return Contacts(work).find_by_email(ADA)


def test_a_submission_becomes_a_lead_with_everything_that_belongs_to_it(desk):
    answer = desk.send()
    assert answer.status_code == 202
    assert answer.json() == {
        "submission_id": "submission-1",
        "status": "received",
        "message": "Thank you. We will be in touch shortly.",
        "redirect_url": None,
    }
    contact = ada(desk)
    assert (contact.first_name, contact.lifecycle_stage, contact.source) == ("Ada", "lead", "form")
    assert contact.attributes == {"budget": "large"}
    with desk.store.read(desk.scope) as work:
        company = work.session.get(Company, contact.company_id)
        assert (company.name, company.domain) == ("Northwind", "northwind.example")
        submission = FormSubmissions(work).find("submission-1")
        assert (submission.contact_id, submission.status) == (contact.contact_id, "accepted")
        assert "email" not in submission.page_url
        assert submission.utm == {"source": "news"}
        (consent,) = Consents(work).of_contact(contact.contact_id)
        assert (consent.wording, consent.wording_version, consent.is_granted) == (WORDS, "1", True)
        assert consent.proof["submission_id"] == "submission-1"
        assert len(consent.proof["wording_hash"]) == 64
        edge = work.session.scalars(select(IdentityDecision)).one()
        assert {edge.left_node, edge.right_node} == {"anonymous:browser-1", f"contact:{contact.contact_id}"}
        assert (edge.verdict, edge.rule, edge.confidence) == ("same", "form", 0.9)
        job = work.session.scalars(select(Job)).one()
        assert (job.kind, job.payload) == ("score_contact", {"contact_id": contact.contact_id})
        assert job.priority > 0
    assert count(desk, Activity, contact_id=contact.contact_id, kind="form_submission") == 1
    assert count(desk, LifecycleChange, contact_id=contact.contact_id, to_stage="lead") == 1
    assert count(desk, DecisionLedger, kind="accept", outcome="accepted") == 1
    assert count(desk, DecisionLedger, kind="identify", subject_id=contact.contact_id) == 1


def test_all_of_it_is_one_transaction_for_the_lake(desk):
    desk.send()
    before = {"organization", "form", "attribute_definition"}
    with desk.store.read(desk.scope) as work:
        rows = work.session.execute(
            select(ChangeLog.entity, ChangeLog.transaction_id).where(
                ChangeLog.organization_id == desk.organization_id, ChangeLog.entity.not_in(before)
            )
        ).all()
    assert {entity for entity, _ in rows} >= {
        "contact",
        "company",
        "form_submission",
        "consent",
        "activity",
        "identity_decision",
        "lifecycle_change",
        "decision",
    }
    assert len({transaction for _, transaction in rows}) == 1


def test_a_failure_after_the_last_step_saves_nothing_at_all(desk):
    with pytest.raises(StoreBusy), desk.store.write(desk.scope, TESTER) as work:
        form = Forms(work).get(desk.form_id)
        submission, _ = FormSubmissions(work).add(
            form, "submission-1", submitted_at=desk.clock(), answers=ANSWERS, anonymous_id="browser-1", context={}
        )
        record_submission(work, submission)
        raise StoreBusy
    tables = (FormSubmission, Contact, Company, Activity, IdentityDecision, Job, LifecycleChange, DecisionLedger)
    assert [count(desk, table) for table in tables] == [0] * len(tables)


@pytest.mark.parametrize("changes", [{}, {"answers": {**ANSWERS, "first": "Eve"}}, {"token": "", "honeypot": "x"}])
def test_the_same_submission_gets_the_same_answer_and_is_stored_once(desk, changes):
    first = desk.send()
    desk.clock.now += timedelta(days=9)
    again = desk.send(**changes)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert count(desk, FormSubmission) == 1
    assert count(desk, Activity, kind="form_submission") == 1
    assert ada(desk).first_name == "Ada"


def test_an_id_that_another_form_has_is_a_conflict(desk):
    with desk.store.write(desk.scope, TESTER) as work:
        other = Forms(work).create("Other", fields=Forms(work).get(desk.form_id).fields)
    desk.send()
    desk.form_id = other.form_id
    assert desk.send().status_code == 409


def test_answers_that_do_not_fit_are_named_and_nothing_is_stored(desk):
    answer = desk.send(answers={"email": "nobody", "budget": "huge"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    problem = answer.json()
    assert problem["code"] == "answers_rejected"
    assert {(one["field"], one["code"]) for one in problem["errors"]} == {
        ("email", "not_an_email"),
        ("budget", "not_an_option"),
    }
    assert count(desk, FormSubmission) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"honeypot": "http://spam.example"}, "honeypot_filled"),
        ({"token": ""}, "token_missing_or_forged"),
        ({"token": "18f0.deadbeef"}, "token_missing_or_forged"),
    ],
)
def test_spam_is_held_with_its_reason_and_its_sender_cannot_tell(desk, changes, reason):
    usual = desk.send("submission-0").json()
    answer = desk.send(**changes)
    assert answer.status_code == 202
    assert answer.json() == {**usual, "submission_id": "submission-1"}
    with desk.store.read(desk.scope) as work:
        held = FormSubmissions(work).find("submission-1")
        assert (held.status, held.held_reason, held.contact_id) == ("held", reason, None)
        assert held.answers["email"] == "ada@northwind.example"
    assert count(desk, DecisionLedger, kind="flag", outcome="held", reason=reason) == 1


def test_a_form_filled_in_a_second_is_held(desk):
    desk.send(token=desk.token(seconds_ago=1))
    with desk.store.read(desk.scope) as work:
        assert FormSubmissions(work).find("submission-1").held_reason == "filled_too_fast"


def test_a_person_releases_what_was_held_and_it_becomes_a_lead_as_of_then(desk):
    sent_at = desk.clock()
    desk.send(token="")
    assert ada(desk) is None
    key = make_secret_key(desk.store, desk.organization_id)
    headers = {"Authorization": f"Bearer {key}"}
    desk.clock.now += timedelta(hours=2)
    base = f"/v1/forms/{desk.form_id}/submissions"
    (held,) = desk.client.get(base, params={"status": "held"}, headers=headers).json()
    for _ in range(2):
        released = desk.client.post(f"{base}/{held['form_submission_id']}/release", headers=headers)
        assert released.status_code == 200
        assert released.json()["status"] == "accepted"
    contact = ada(desk)
    assert contact.known_at == sent_at
    assert count(desk, Activity, contact_id=contact.contact_id, kind="form_submission") == 1
    assert count(desk, IdentityDecision) == 1


def test_a_known_person_is_completed_and_corrected_and_stays_one(desk):
    known = make_contact(desk.store, desk.organization_id, email="ada@northwind.example", first_name="A.", phone="1")
    desk.send()
    contact = ada(desk)
    assert contact.contact_id == known.contact_id
    assert (contact.first_name, contact.phone) == ("Ada", "1")
    assert count(desk, Contact) == 1


def test_without_the_box_there_is_no_consent_and_none_is_withdrawn(desk):
    desk.send()
    desk.send("submission-2", consent_given=False)
    with desk.store.read(desk.scope) as work:
        assert [one.is_granted for one in Consents(work).of_contact(ada(desk).contact_id)] == [True]


def test_words_that_were_changed_while_the_page_stood_open_are_not_claimed(desk):
    with desk.store.write(desk.scope, TESTER) as work:
        assert Forms(work).change(desk.form_id, {"consent_text": "Other words"}).consent_version == "2"
    desk.send()
    with desk.store.read(desk.scope) as work:
        (consent,) = Consents(work).of_contact(ada(desk).contact_id)
        assert (consent.wording, consent.wording_version) == ("", "1")


@pytest.mark.parametrize(
    ("changes", "headers"),
    [({"consent": "session"}, {}), ({"consent": "anonymous"}, {}), ({}, {"Sec-GPC": "1"}), ({}, {"DNT": "1"})],
)
def test_without_consent_to_be_linked_the_browser_stays_unknown(desk, changes, headers):
    desk.client.headers.update(headers)
    desk.send(**changes)
    assert ada(desk) is not None
    assert count(desk, IdentityDecision) == 0
    with desk.store.read(desk.scope) as work:
        assert FormSubmissions(work).find("submission-1").anonymous_id is None


def test_a_network_may_send_ten_a_minute_through_one_form(desk):
    answers = [desk.send(f"submission-{number}") for number in range(11)]
    assert [one.status_code for one in answers] == [202] * 10 + [429]
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["access-control-allow-origin"] == "*"


def test_a_submission_that_is_too_large_is_refused(desk):
    assert desk.send(answers={"message": "x" * 300_000}).status_code == 413


def test_characters_that_no_database_keeps_are_left_out(desk):
    answer = desk.send(
        answers={**ANSWERS, "first": "A\x00da\x1b"}, page_url="https://x.example/\x00", utm={"source": "a\x00"}
    )
    assert answer.status_code == 202
    assert ada(desk).first_name == "Ada"
    assert desk.send("sub\x00mission").status_code == 422
    raw = '{"submission_id": "submission-9", "answers": {"email": "ada@northwind.example", "first": "\\ud800"}}'
    assert desk.client.post(f"/v1/forms/{desk.form_id}/submissions", content=raw).status_code in {202, 422}


def test_a_form_that_is_closed_or_unknown_takes_nothing(desk):
    with desk.store.write(desk.scope, TESTER) as work:
        Forms(work).change(desk.form_id, {"is_active": False})
    assert desk.send().status_code == 404
    desk.form_id = "nobody"
    assert desk.send().status_code == 404


def test_another_site_may_ask_and_read_but_never_with_cookies(desk):
    asked = desk.client.options(
        f"/v1/forms/{desk.form_id}/submissions",
        headers={"Origin": "https://www.example.com", "Access-Control-Request-Method": "POST"},
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in asked.headers


def test_a_submission_to_another_organization_knows_nothing_of_this_one(desk):
    other = make_organization(desk.store)
    make_contact(desk.store, other.organization_id, email="ada@northwind.example", first_name="Other")
    desk.send()
    assert ada(desk).first_name == "Ada"
    assert ada(desk).organization_id == desk.organization_id
