"""Runs of enrichment against providers on loopback: chains, money, faults, and what is left after a kill."""

from __future__ import annotations

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import event, update

from domain.clock import utc_now
from domain.tenancy import Actor
from serving.enrichment.service import preview_of
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.tables import Company, Contact, EnrichmentAnswer, EnrichmentBudget, EnrichmentConnection
from tests.factories import TESTER, make_company, make_contact
from tests.vendor_server import Said


def test_a_chain_stops_at_the_first_valid_value_and_every_call_and_value_is_written_down(desk_anywhere):
    desk = desk_anywhere
    (company_id,) = desk.companies(1)
    desk.vendors.says("/first/", {"size": "51-200", "industry": "Software"})
    desk.vendors.says("/second/", {"size": 140})
    desk.connect_api("first", price=20_000)
    desk.connect_api("second", price=50_000)
    run_id = desk.run(desk.workflow({"employee_count": ["first", "second"], "industry": ["first", "second"]}))
    company = desk.company(company_id)
    assert (company.employee_count, company.industry) == (140, "Software")
    assert desk.status(run_id) == ("finished", "")
    assert [(call.connection, call.outcome, call.cost) for call in desk.calls()] == [
        ("first", "found", 20_000),
        ("second", "found", 50_000),
    ]
    assert desk.spent("run") == desk.spent("day") == (0, 70_000)
    assert {(value.field, value.connection, value.verdict) for value in desk.values()} == {
        ("employee_count", "first", "invalid"),
        ("industry", "first", "written"),
        ("employee_count", "second", "written"),
    }
    (row,) = desk.rows()
    assert (row.status, row.spent, row.filled_count) == ("done", 70_000, 2)


def test_the_same_question_is_bought_once_however_many_ask_it(desk):
    desk.companies(1)
    desk.vendors.says("/first/", Said({"size": 140}))
    desk.connect_api("first", price=20_000)
    workflow = desk.workflow({"employee_count": ["first"]}, overwrite="rules")
    desk.run(workflow)
    desk.run(workflow)
    assert len(desk.vendors.asked) == 1


def test_a_storm_of_429_is_waited_out_and_nothing_is_lost(desk):
    desk.companies(30)
    answered = []

    def busy(asked):
        if len(answered) < 5:
            answered.append(asked)
            return Said({"error": "slow down"}, 429, {"Retry-After": "1"})
        return Said({"size": 140})

    desk.vendors.says("/first/", busy)
    desk.connect_api("first", price=20_000)
    run_id = desk.begin(desk.workflow({"employee_count": ["first"]}))
    again = desk.carry_on(run_id)
    assert timedelta(0) < again - utc_now() <= timedelta(seconds=1)
    time.sleep(1)
    desk.go_on(run_id)
    assert desk.status(run_id) == ("finished", "")
    assert {row.status for row in desk.rows()} == {"done"}
    assert Counter(call.outcome for call in desk.calls()) == {"found": 30, "rate_limited": 5}
    assert desk.spent() == (0, 30 * 20_000)


def test_what_is_not_an_answer_is_a_dead_letter_that_says_why_and_the_next_provider_is_asked(desk):
    desk.companies(4)
    page = Said("<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
    faults = {
        "/first/c0.example": page,
        "/first/c1.example": Said("[1, 2", content_type="application/json"),
        "/first/c2.example": Said({"size": {"low": 1}, "industry": ["x"]}),
        "/first/c3.example": Said({"size": "<b>140</b>", "industry": True}),
    }
    for path, said in faults.items():
        desk.vendors.says(path, said)
    desk.vendors.says("/second/", page)
    desk.connect_api("first")
    desk.connect_api("second", {"industry": "industry"})
    desk.run(desk.workflow({"employee_count": ["first"], "industry": ["first", "second"]}))
    by_company = {desk.company(row.company_id).domain: row for row in desk.rows()}
    assert {domain: row.status for domain, row in by_company.items()} == dict.fromkeys(by_company, "failed")
    assert "malformed" in by_company["c0.example"].problem
    assert "employee_count" not in by_company["c2.example"].problem, "a wrong type is no value, and no failure"
    assert {(value.field, value.verdict) for value in desk.values()} == {
        ("employee_count", "invalid"),
        ("industry", "invalid"),
    }
    assert all(desk.company(row.company_id).employee_count is None for row in desk.rows())
    messages = [call.problem for call in desk.calls() if call.connection == "first" and call.problem]
    assert any("not JSON but text/html: 502 Bad Gateway" in message for message in messages)


def test_a_call_that_may_have_been_charged_counts_as_spent_and_is_not_made_again(desk):
    desk.companies(1)
    desk.vendors.says("/first/", Said({"size": 140}, after=1.4))
    desk.connect_api("first", price=20_000)
    workflow = desk.workflow({"employee_count": ["first"]})
    desk.run(workflow)
    desk.run(workflow)
    assert [(call.outcome, call.cost) for call in desk.calls()] == [("timed_out", 20_000)]
    assert {(row.status, row.problem) for row in desk.rows()} == {("failed", "employee_count: timed_out")}
    assert len(desk.vendors.asked) == 1


def test_a_run_stops_at_its_limit_to_the_call_and_says_so(desk):
    desk.companies(40)
    desk.vendors.says("/first/", Said({"size": 140}, after=0.01))
    desk.connect_api("first", price=20_000)
    run_id = desk.run(desk.workflow({"employee_count": ["first"]}, ceilings={"per_run": 0.25}))
    assert desk.status(run_id) == ("paused", "run_ceiling")
    assert (len(desk.vendors.asked), desk.spent()) == (12, (0, 240_000))


def test_two_workers_together_never_spend_more_than_the_day_allows(desk_anywhere):
    desk = desk_anywhere
    desk.companies(40)
    desk.vendors.says("/first/", Said({"size": 140}, after=0.02))
    desk.connect_api("first", price=20_000)
    with desk.store.write(desk.scope, TESTER) as work:
        OrganizationSettings(work).put("enrichment", {"per_day": 0.3})
    run_id = desk.begin(desk.workflow({"employee_count": ["first"]}))
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(lambda _: desk.carry_on(run_id), range(2)))
    assert desk.spent("day") == (0, 300_000)
    assert len(desk.vendors.asked) == 15
    assert max(again) > utc_now()
    assert desk.status(run_id) == ("running", "day_ceiling")


def test_money_that_was_set_aside_before_midnight_is_settled_in_the_day_it_was_set_aside(desk):
    desk.companies(1)
    began = utc_now()
    moments = {"now": began}

    def after_midnight(_asked):
        moments["now"] = began + timedelta(days=40)
        return Said({"size": 140})

    desk.clock = lambda: moments["now"]
    desk.vendors.says("/first/", after_midnight)
    desk.connect_api("first", price=20_000)
    desk.run(desk.workflow({"employee_count": ["first"]}))
    assert {row.scope: (row.reserved, row.spent) for row in desk.all(EnrichmentBudget)}.keys() >= {
        f"day:{began:%Y-%m-%d}",
        f"month:{began:%Y-%m}",
    }
    assert all((row.reserved, row.spent) == (0, 20_000) for row in desk.all(EnrichmentBudget))


def test_a_worker_that_was_taken_for_dead_neither_counts_twice_nor_loses_what_it_was_told(desk_anywhere):
    desk = desk_anywhere
    (company_id,) = desk.companies(1)
    run_ids = []

    def meanwhile(_asked):
        desk.clock = lambda: utc_now() + timedelta(minutes=2)
        desk.carry_on(run_ids[0], 0.0)  # another worker finds the lease over
        return Said({"size": 140})

    desk.vendors.says("/first/", meanwhile)
    desk.connect_api("first", price=20_000)
    run_ids.append(desk.begin(desk.workflow({"employee_count": ["first"]})))
    desk.carry_on(run_ids[0])
    assert ([call.outcome for call in desk.calls()], desk.spent()) == (["unknown"], (0, 20_000))
    assert desk.company(company_id).employee_count == 140
    desk.go_on(run_ids[0])
    assert (len(desk.vendors.asked), desk.spent(), desk.status(run_ids[0])) == (1, (0, 20_000), ("finished", ""))


def test_a_provider_that_keeps_failing_rests_and_the_rows_wait(desk):
    desk.companies(30)
    desk.vendors.says("/first/", Said({"error": "down"}, 500))
    desk.connect_api("first", concurrent=1)
    run_id = desk.begin(desk.workflow({"employee_count": ["first"]}))
    again = desk.carry_on(run_id, 5)
    assert len(desk.vendors.asked) < 10
    assert again > utc_now() + timedelta(seconds=5)
    (connection,) = desk.all(EnrichmentConnection)
    assert connection.open_until is not None


def test_a_refused_key_is_asked_once_and_the_connection_says_so(desk):
    desk.companies(10)
    desk.vendors.says("/first/", Said("Invalid access credentials.", 401, content_type="text/plain"))
    desk.connect_api("first", concurrent=1)
    desk.run(desk.workflow({"employee_count": ["first"]}))
    (connection,) = desk.all(EnrichmentConnection)
    assert (connection.status, "401" in connection.status_reason) == ("refused", True)
    assert len(desk.vendors.asked) <= 2


def test_a_rate_is_kept_and_no_more_are_out_than_may_be(desk):
    desk.companies(20)
    desk.vendors.says("/first/", Said({"size": 140}, after=0.03))
    desk.connect_api("first", per_minute=600, concurrent=3)
    began = time.monotonic()
    desk.run(desk.workflow({"employee_count": ["first"]}))
    assert time.monotonic() - began > (20 - 3) / 10
    assert desk.vendors.most_at_once <= 3


def test_rows_with_one_question_wait_for_one_answer(desk):
    company = make_company(desk.store, desk.organization_id, domain="acme.example", name="Acme")
    for number in range(8):
        make_contact(
            desk.store, desk.organization_id, email=f"p{number}@acme.example", company_id=company.company_id
        )  # fmt: skip
    desk.vendors.says("/first/", Said({"place": "Berlin"}, after=0.1))
    options = {
        "subject": "contact",
        "url": f"{desk.vendors.address}/first/{{company_domain}}",
        "fields": {"city": "place"},
    }
    desk.connect("first", "http_json", options=options, price=20_000)
    desk.run(desk.workflow({"city": ["first"]}, subject="contact"))
    assert (len(desk.vendors.asked), desk.spent()) == (1, (0, 20_000))
    assert [value.value for value in desk.values()] == ["Berlin"] * 8
    assert sum(value.cost for value in desk.values()) == 20_000


def test_what_others_wrote_stays_and_what_enrichment_wrote_is_renewed_once_it_is_old(desk):
    mine, theirs = desk.companies(2)
    with desk.store.write(desk.scope, TESTER) as work:
        work.session.get_one(Company, theirs).employee_count = 7
    sizes = iter([140, 150])
    desk.vendors.says("/first/", lambda _asked: Said({"size": next(sizes)}))
    desk.connect_api("first")
    workflow = desk.workflow({"employee_count": [{"provider": "first"}]}, overwrite="own")
    desk.run(workflow)
    assert (desk.company(mine).employee_count, desk.company(theirs).employee_count) == (140, 7)
    desk.clock = lambda: utc_now() + timedelta(days=91)
    desk.run(workflow)
    assert (desk.company(mine).employee_count, desk.company(theirs).employee_count) == (150, 7)


def test_a_value_that_somebody_set_by_hand_stays_whatever_the_rules_prefer(desk):
    contact = make_contact(desk.store, desk.organization_id, email="ada@acme.example", title="Founder")
    other = make_contact(desk.store, desk.organization_id, email="bob@acme.example", title="Clerk")
    with desk.store.write(desk.scope, Actor("user", "u1")) as work:
        Audit(work).record("change", "contact", contact.contact_id, before={"title": ""}, after={"title": "Founder"})
    desk.vendors.says("/first/", {"role": "Head of Growth"})
    options = {"subject": "contact", "url": f"{desk.vendors.address}/first/{{email}}", "fields": {"title": "role"}}
    desk.connect("first", "http_json", options=options)
    desk.run(desk.workflow({"title": ["first"]}, subject="contact", overwrite="rules"))
    titles = {each.contact_id: each.title for each in desk.all(Contact)}
    assert titles == {contact.contact_id: "Founder", other.contact_id: "Head of Growth"}
    reasons = {value.contact_id: (value.verdict, value.reason) for value in desk.values()}
    assert reasons[contact.contact_id] == ("kept", "by_hand")


def test_a_status_of_another_address_says_nothing_of_this_one(desk):
    former = {"email_status": "undeliverable", "email_verified": "old@acme.example"}
    moved = make_contact(desk.store, desk.organization_id, email="ada@acme.example", attributes=former)
    same = {"email_status": "undeliverable", "email_verified": "bob@acme.example"}
    stays = make_contact(desk.store, desk.organization_id, email="bob@acme.example", attributes=same)
    desk.vendors.says("/first/", lambda asked: Said({"s": "deliverable", "a": asked.path.rpartition("/")[2]}))
    options = {
        "subject": "contact", "url": f"{desk.vendors.address}/first/{{email}}",
        "fields": {"email_status": "s", "email_verified": "a"},
    }  # fmt: skip
    desk.connect("first", "http_json", options=options)
    desk.run(desk.workflow({"email_verified": ["first"], "email_status": ["first"]}, subject="contact"))
    found = {each.contact_id: each.attributes["email_status"] for each in desk.all(Contact)}
    assert found == {moved.contact_id: "deliverable", stays.contact_id: "undeliverable"}


def test_an_address_that_belongs_to_another_contact_is_not_taken(desk):
    make_contact(desk.store, desk.organization_id, email="ada@acme.example")
    nameless = make_contact(desk.store, desk.organization_id, email=None, external_id="7", first_name="Ada")
    desk.vendors.says("/first/", {"mail": "ada@acme.example"})
    options = {"subject": "contact", "url": f"{desk.vendors.address}/first/{{first_name}}", "fields": {"email": "mail"}}
    desk.connect("first", "http_json", options=options)
    desk.run(desk.workflow({"email": ["first"]}, subject="contact"))
    (value,) = desk.values()
    assert (value.contact_id, value.verdict, value.reason) == (nameless.contact_id, "kept", "belongs_to_another")


def test_a_price_is_told_while_an_old_answer_is_asked_for_anew(desk):
    desk.companies(1)
    desk.vendors.says("/first/", {"size": "51-200"})
    desk.connect_api("first", price=20_000)
    workflow = desk.workflow({"employee_count": ["first"]}, overwrite="rules")
    desk.run(workflow)
    with desk.store.write(desk.scope, TESTER) as work:
        assert preview_of(work, workflow.enrichment_workflow_id, None).known_count == 1
        work.session.execute(update(EnrichmentAnswer).values(outcome="asking"))
        assert preview_of(work, workflow.enrichment_workflow_id, None).known_count == 0


def test_a_run_never_reads_all_that_an_organization_ever_asked(desk):
    desk.companies(30)
    desk.vendors.says("/first/", {"size": 140})
    desk.connect_api("first", price=20_000)
    workflow = desk.workflow({"employee_count": ["first"]}, overwrite="rules")
    asked = {}

    def keep(_connection, _cursor, statement, parameters, _context, is_many):
        asked[statement] = parameters[0] if is_many else parameters

    event.listen(desk.store.engine, "before_cursor_execute", keep)
    try:
        desk.run(workflow)
        desk.run(workflow)
    finally:
        event.remove(desk.store.engine, "before_cursor_execute", keep)
    read = re.compile(r"(SCAN|SEARCH) enrichment_(answers|calls|values|rows)\b")
    with desk.store.engine.connect() as connection:
        steps = [
            step[3]
            for statement, parameters in asked.items()
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    found = [step for step in steps if read.match(step)]
    assert found
    assert [step for step in found if step.startswith("SCAN") or step.endswith("(organization_id=?)")] == []
