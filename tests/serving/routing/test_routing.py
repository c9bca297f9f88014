"""Routing through the product: a lead has an owner in the moment it is a lead, and anybody can see why."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from domain.ids import new_id
from domain.merging import ContactFacts
from domain.settings import Settings
from domain.tenancy import Role
from serving.identify.service import Source
from serving.jobs import route_contacts
from serving.jobs.base import JobContext, all_kinds
from serving.routing.taking_up import take_up_scored
from serving.worker import Worker
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.contacts import Contacts
from storage.ops.tables import Score, User
from tests.factories import SYSTEM, TESTER, make_company, make_contact, make_session, make_user


def why(office, contact_id):
    decisions = office.api.get(f"/v1/contacts/{contact_id}").json()["decisions"]
    return [each for each in decisions if each["kind"] == "route"]


def test_a_new_lead_has_an_owner_at_once_who_is_told_and_the_ledger_says_why(office):
    office.put_routing({"name": "DACH", "when": ["country:in:DE,AT"], "people": {office.bob: 1}})
    lead = office.lead(country="DE", first_name="Grace", last_name="Hopper")
    assert office.owner(lead) == office.bob
    (decision,) = why(office, lead)
    assert (decision["outcome"], decision["reason"]) == (office.bob, "pool")
    assert (decision["detail"]["rule"], decision["detail"]["owner"]) == ("DACH", "Bob")
    (told,) = office.told(office.bob)
    assert (told.kind, told.title, told.contact_id) == ("lead_assigned", "Grace Hopper is yours", lead)
    with office.store.read(office.scope) as work:
        lines = [line.summary for line in Activities(work).of_contact(lead) if line.kind == "owner_change"]
    assert lines == ["Nobody → Bob"]


def test_turns_are_kept_between_leads(office):
    office.put_routing()
    assert [office.owner(office.lead()) for _ in range(6)] == [office.ada, office.bob, office.ada] * 2


def test_a_lead_that_no_rule_places_goes_to_the_fallback_with_the_reasons(office):
    office.put_routing(
        {"name": "big", "when": ["employee_count:gte:500"], "people": {office.ada: 1}},
        {"name": "pool", "people": {office.bob: 1}},
    )
    assert office.api.put(f"/v1/routing/people/{office.bob}", json={"is_paused": True}).status_code == 200
    lead = office.lead()
    assert office.owner(lead) == office.boss
    steps = why(office, lead)[0]["detail"]["steps"]
    assert [(step["rule"], step["outcome"]) for step in steps] == [
        ("big", "conditions"), ("pool", "nobody"), ("fallback", "chosen"),
    ]  # fmt: skip
    assert steps[1][office.bob] == "paused"


def test_an_unsigned_word_of_a_page_routes_nobody_and_no_rules_leave_leads_alone(office):
    assert office.owner(office.lead()) is None
    office.put_routing()
    assert office.owner(office.lead(Source.UNSIGNED)) is None
    assert office.api.delete("/v1/routing").json()["routing"] is None
    assert office.owner(office.lead()) is None


def test_whoever_is_full_is_passed_over(office):
    office.put_routing()
    office.api.put(f"/v1/routing/people/{office.ada}", json={"capacity": 1})
    assert [office.owner(office.lead()) for _ in range(3)] == [office.ada, office.bob, office.bob]
    people = {each["name"]: each for each in office.api.get("/v1/routing").json()["people"]}
    assert (people["Ada"]["open_count"], people["Ada"]["absence"]) == (1, "at_capacity")


def test_hours_and_absences_hold_in_the_persons_own_time_zone(office, clock):
    office.put_routing()
    hours = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    duty = {"hours": {"time_zone": "America/Los_Angeles", **hours}}  # noon UTC is four in the morning there
    assert office.api.put(f"/v1/routing/people/{office.ada}", json=duty).status_code == 200
    assert office.owner(office.lead()) == office.bob
    today = clock.now.date().isoformat()
    office.api.put(f"/v1/routing/people/{office.bob}", json={"away": [[today, today]]})
    assert office.owner(office.lead()) == office.boss


def test_a_company_keeps_its_person(office):
    company = make_company(office.store, office.organization_id)
    for _ in range(2):
        known = make_contact(office.store, office.organization_id, company_id=company.company_id)
        with office.writing() as work:
            Contacts(work).get(known.contact_id).owner_user_id = office.bob
    office.put_routing(
        {"name": "known company", "when": ["is_known_company:eq:true"], "choice": "company_owner"},
        {"name": "pool", "people": {office.ada: 1}},
    )
    assert office.owner(office.lead(company_id=company.company_id)) == office.bob
    assert office.owner(office.lead()) == office.ada


def test_routing_by_hand_is_audited_and_keeps_the_owner_that_a_rule_keeps(office):
    office.put_routing({"name": "own", "choice": "owner"}, {"name": "pool", "people": {office.bob: 1}})
    contact = make_contact(office.store, office.organization_id)
    routed = office.api.post(f"/v1/contacts/{contact.contact_id}/route").json()
    assert (routed["owner"], routed["rule"]) == ("Bob", "pool")
    again = office.api.post(f"/v1/contacts/{contact.contact_id}/route").json()
    assert (again["owner"], again["rule"], again["reason"]) == ("Bob", "own", "owner")
    assert len(office.told(office.bob)) == 1


def test_routing_without_rules_is_refused_with_what_to_do(office):
    contact = make_contact(office.store, office.organization_id)
    answer = office.api.post(f"/v1/contacts/{contact.contact_id}/route")
    assert (answer.status_code, "PUT /v1/routing" in answer.json()["hint"]) == (422, True)


def test_a_fallback_who_left_is_replaced(office):
    office.put_routing({"name": "nobody", "when": ["country:eq:XX"], "people": {office.ada: 1}})
    with office.store.write(SYSTEM, TESTER) as work:
        work.session.get(User, office.boss).disabled_at = work.now()
    lead = office.lead()
    owner = office.owner(lead)
    assert owner not in {None, office.boss}
    assert owner in {each["user_id"] for each in office.api.get("/v1/routing").json()["people"]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fallback_user_id": "nobody"}, "fallback_user_id"),
        ({"rules": [{"name": "a", "people": {}}]}, "a pool needs somebody"),
        ({"rules": [{"name": "a", "people": {"nobody": 1}}]}, "does not work here"),
        ({"rules": [{"name": "a", "when": ["shoe_size:eq:1"], "choice": "owner"}]}, "shoe_size"),
    ],
)
def test_rules_that_cannot_hold_are_refused_by_name(office, change, says):
    body = {"rules": [{"name": "pool", "people": {office.ada: 1}}], "fallback_user_id": office.boss} | change
    answer = office.api.put("/v1/routing", json=body)
    assert answer.status_code == 422
    assert says in answer.text


def test_those_who_only_look_are_no_owners_and_change_no_rules(office, sign_in):
    viewer = make_user(office.store, office.organization_id, role=Role.VIEWER)
    assert office.api.put(f"/v1/routing/people/{viewer.user_id}", json={}).status_code == 422
    operator = sign_in(office.organization_id)
    assert (
        operator.put(
            "/v1/routing", json={"rules": [{"name": "x", "choice": "owner"}], "fallback_user_id": office.boss}
        ).status_code
        == 403
    )


def test_a_simulation_counts_explains_and_writes_nothing(office, clock):
    old = make_contact(office.store, office.organization_id, country="DE")
    with office.writing() as work:
        Contacts(work).get(old.contact_id).created_at = clock.now - timedelta(days=91)
    for number in range(6):
        contact = make_contact(office.store, office.organization_id, country="DE" if number % 2 else "US")
        with office.writing() as work:
            Contacts(work).get(contact.contact_id).owner_user_id = office.ada if number < 4 else None
    draft = {
        "rules": [
            {"name": "DACH", "when": ["country:eq:de"], "people": {office.bob: 1}},
            {"name": "rest", "people": {office.ada: 1}},
        ],
        "fallback_user_id": office.boss,
    }
    found = office.api.post("/v1/routing/simulate", json={"routing": draft}).json()
    assert (found["contact_count"], found["unowned_count"], found["changed_count"]) == (6, 2, 2)
    assert found["by_owner"] == {office.bob: 3, office.ada: 3}
    assert found["by_rule"] == {"DACH": 3, "rest": 3, "fallback": 0}
    assert {each["rule"] for each in found["examples"]} == {"DACH", "rest"}
    assert office.told(office.bob) == []
    assert office.api.get("/v1/routing").json()["routing"] is None


def test_an_imports_contacts_are_dealt_out_and_each_owner_is_told_once(office, settings: Settings, clock):
    office.put_routing()
    import_id = new_id()
    with office.writing() as work:
        for number in range(30):
            Contacts(work).upsert(ContactFacts(external_id=f"x{number}"), source="import", import_id=import_id)
    context = JobContext(office.store, settings, clock, office.organization_id, new_id())
    for _ in range(2):
        route_contacts.run(context, {"import_id": import_id})
    with office.store.read(office.scope) as work:
        owners = Counter(Contacts(work).find_by_external_id(f"x{number}").owner_user_id for number in range(30))
    assert owners == {office.ada: 20, office.bob: 10}
    assert [told.title for told in office.told(office.ada)] == ["20 imported leads are yours"]


def test_a_person_reads_their_own_notifications_only(office, sign_in, store):
    office.put_routing()
    office.lead()
    me = sign_in(office.organization_id)
    assert me.get("/v1/notifications").json() == {"unread_count": 0, "items": []}
    headers = {"Authorization": f"Bearer {make_session(store, office.ada)}"}
    found = me.get("/v1/notifications", headers=headers).json()
    assert (found["unread_count"], found["items"][0]["kind"]) == (1, "lead_assigned")
    assert me.post("/v1/notifications/read", json={}).json() == {"read_count": 0}
    assert me.post("/v1/notifications/read", json={}, headers=headers).json() == {"read_count": 1}
    assert me.get("/v1/notifications", headers=headers).json()["unread_count"] == 0


SCORED_FIRST = {"name": "hot", "when": ["band:eq:hot"]}


def scored(office, clock, lead):
    """What the worker writes a moment later."""
    with office.writing() as work:
        work.session.add(
            Score(
                contact_id=lead, organization_id=office.organization_id, score=91, band="hot", grade="A1",
                probability=0.4, model_version="rules-1", scored_at=clock.now, reasons=[],
            )
        )  # fmt: skip
        work.session.flush()
        take_up_scored(work, lead)


def test_a_lead_whose_owner_hangs_on_its_score_waits_for_it_and_says_so(office, settings, clock):
    office.put_routing(SCORED_FIRST | {"people": {office.ada: 1}}, {"name": "rest", "people": {office.bob: 1}})
    lead = office.lead()
    assert office.owner(lead) is None
    clock.now += timedelta(seconds=0.4)
    scored(office, clock, lead)
    assert office.owner(lead) == office.ada
    (decision,) = why(office, lead)
    assert decision["detail"]["steps"][0] == {"rule": "score", "outcome": "waited", "seconds": 0.4, "is_scored": True}
    clock.now += timedelta(minutes=1)
    work_off(office, settings, clock)
    assert len(why(office, lead)) == 1


def test_the_worker_scores_a_lead_and_gives_it_to_whom_its_score_says(office, settings, clock):
    everybody = {"name": "scored", "when": ["score:gte:0"], "people": {office.ada: 1}}
    office.put_routing(everybody, {"name": "rest", "people": {office.bob: 1}})
    lead = office.lead()
    work_off(office, settings, clock)
    assert office.owner(lead) == office.ada


def test_a_lead_does_not_wait_longer_than_ten_seconds(office, settings, clock):
    office.put_routing(SCORED_FIRST | {"people": {office.ada: 1}}, {"name": "rest", "people": {office.bob: 1}})
    office.put_policies({"name": "five minutes", "clock": "speed_to_lead", "target_minutes": 5})
    lead = office.lead()
    came_at = clock.now
    for seconds, owner in ((9, None), (1, office.bob)):
        clock.now += timedelta(seconds=seconds)
        work_off(office, settings, clock, kinds=("take_up_lead",))
        assert office.owner(lead) == owner
    (decision,) = why(office, lead)
    assert decision["detail"]["steps"][0]["is_scored"] is False
    (running,) = office.api.get("/v1/service-levels/clocks").json()["items"]
    assert datetime.fromisoformat(running["started_at"]) == came_at


def test_a_lead_whose_owner_hangs_on_no_score_does_not_wait(office):
    office.put_routing(
        {"name": "DACH", "when": ["country:in:DE"], "people": {office.bob: 1}},
        SCORED_FIRST | {"people": {office.ada: 1}},
    )
    assert office.owner(office.lead(country="DE")) == office.bob
    assert office.owner(office.lead(country="FR")) is None


def work_off(office, settings, clock, *, kinds=None):
    found = all_kinds() if kinds is None else {name: all_kinds()[name] for name in kinds}
    Worker(office.store, settings, clock=clock, kinds=found, lane="short").drain()


def test_workers_that_deal_at_the_same_time_take_turns(office, settings, clock):
    """Two connections at once, fifteen leads each: a pool of weights 2 and 1 is dealt exactly."""
    office.put_routing()
    with ThreadPoolExecutor(2) as both:
        leads = [found for part in both.map(lambda _: [office.lead() for _ in range(15)], range(2)) for found in part]
    assert Counter(office.owner(lead) for lead in leads) == {office.ada: 20, office.bob: 10}
