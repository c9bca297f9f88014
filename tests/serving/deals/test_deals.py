"""Deals over the API: made, listed, moved along a board, and never lost to two people at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from domain.pipelines import DEFAULT_PIPELINES, as_setting
from domain.tenancy import Role, Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.money import FxRates
from storage.ops.tables import Task
from tests.factories import SYSTEM, TESTER, make_company, make_contact, make_user


def make(api, **fields):
    answer = api.post("/v1/deals", json={"name": "Retainer", "amount_minor": 100_000, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def column(board, key):
    return next(found for found in board["columns"] if found["stage"]["key"] == key)


def test_a_deal_is_made_with_its_people_and_its_first_stage(api, store, family):
    contact = make_contact(store, family.agency.organization_id, first_name="Ada", last_name="Lovelace")
    company = make_company(store, family.agency.organization_id, name="Engines Ltd")
    deal = make(api, contact_id=contact.contact_id, company_id=company.company_id, stage="proposal", currency="EUR")
    assert (deal["contact"]["display_name"], deal["company"]["name"]) == ("Ada Lovelace", "Engines Ltd")
    assert (deal["stage"], deal["counts_as"], deal["weighted_minor"]) == ("proposal", "proposal", 50_000)
    assert [step["to_stage"] for step in deal["history"]] == ["proposal"]
    assert api.get(f"/v1/deals/{deal['deal_id']}").json() == deal


def test_anothers_contact_is_none_of_ours(api, store, stranger):
    theirs = make_contact(store, stranger.organization_id)
    answer = api.post("/v1/deals", json={"name": "Theft", "contact_id": theirs.contact_id})
    assert answer.status_code == 404


def test_an_owner_works_in_the_organization(api, store, family, stranger):
    colleague = make_user(store, family.agency.organization_id)
    outsider = make_user(store, stranger.organization_id)
    assert make(api, owner_user_id=colleague.user_id)["owner_user_id"] == colleague.user_id
    answer = api.post("/v1/deals", json={"name": "X", "owner_user_id": outsider.user_id})
    assert (answer.status_code, answer.json()["detail"]) == (422, "this person does not work in this organization")


def test_somebody_of_the_agency_may_own_a_clients_deal(sign_in, store, family):
    colleague = make_user(store, family.agency.organization_id)
    api = sign_in(family.client.organization_id)
    assert make(api, owner_user_id=colleague.user_id)["owner_user_id"] == colleague.user_id


def test_a_move_is_history_a_line_of_the_timeline_and_closes_what_is_won(api, store, family):
    contact = make_contact(store, family.agency.organization_id)
    deal = make(api, contact_id=contact.contact_id)
    moved = api.post(f"/v1/deals/{deal['deal_id']}/move", json={"stage": "won"}).json()
    assert moved["closed_at"] is not None
    assert [(step["from_stage"], step["to_stage"]) for step in moved["history"]] == [(None, "lead"), ("lead", "won")]
    assert moved["history"][-1]["actor_kind"] == "user"
    with store.read(Scope.of(family.agency.organization_id)) as work:
        (line,) = [one for one in Activities(work).of_contact(contact.contact_id) if one.deal_id == deal["deal_id"]]
    assert (line.kind, line.actor_kind, line.summary) == ("deal_stage_change", "human", "Retainer: lead → won")
    reopened = api.post(f"/v1/deals/{deal['deal_id']}/move", json={"stage": "sql"}).json()
    assert reopened["closed_at"] is None


def test_a_loss_asks_for_its_reason_and_takes_it_in_the_same_request(api):
    deal = make(api)
    refused = api.post(f"/v1/deals/{deal['deal_id']}/move", json={"stage": "lost"})
    assert (refused.status_code, refused.json()["code"]) == (422, "stage_refused")
    assert "lost_reason" in refused.json()["detail"]
    lost = api.post(f"/v1/deals/{deal['deal_id']}/move", json={"stage": "lost", "lost_reason": "Price"}).json()
    assert (lost["stage"], lost["lost_reason"]) == ("lost", "Price")


def test_what_a_stage_asks_for_may_come_with_the_move(sign_in, family):
    admin = sign_in(family.agency.organization_id, Role.ADMIN)
    raw = as_setting(DEFAULT_PIPELINES)
    raw["pipelines"][0]["stages"][4]["requires"] = ["expected_close_on", "attributes.budget"]
    assert admin.put("/v1/pipelines", json=raw).status_code == 200
    deal = make(admin)
    path = f"/v1/deals/{deal['deal_id']}/move"
    assert admin.post(path, json={"stage": "proposal"}).status_code == 422
    body = {"stage": "proposal", "expected_close_on": "2026-05-01", "attributes": {"budget": "10k"}}
    moved = admin.post(path, json=body).json()
    assert (moved["stage"], moved["expected_close_on"], moved["attributes"]) == (
        "proposal", "2026-05-01", {"budget": "10k"},
    )  # fmt: skip


def test_a_change_of_an_older_state_is_refused_and_loses_nothing(api):
    deal = make(api)
    path = f"/v1/deals/{deal['deal_id']}"
    first = api.patch(path, json={"amount_minor": 1}, headers={"If-Match": deal["etag"]})
    assert first.status_code == 200
    assert first.headers["ETag"] == first.json()["etag"] != deal["etag"]
    stale = api.patch(path, json={"amount_minor": 2}, headers={"If-Match": deal["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert api.get(path).json()["amount_minor"] == 1


def test_of_many_who_change_the_same_state_one_wins(api):
    deal = make(api)

    def change(amount: int) -> int:
        headers = {"If-Match": deal["etag"]}
        return api.patch(f"/v1/deals/{deal['deal_id']}", json={"amount_minor": amount}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(change, range(1, 17)))
    assert sorted(answers) == [200] + [412] * 15


def test_twenty_who_each_move_their_own_way_leave_one_unbroken_history(api, store, family):
    deal = make(api)
    stages = ["mql", "sql", "opportunity", "proposal", "negotiation"]
    with ThreadPoolExecutor(10) as pool:
        list(
            pool.map(lambda n: api.post(f"/v1/deals/{deal['deal_id']}/move", json={"stage": stages[n % 5]}), range(20))
        )
    history = api.get(f"/v1/deals/{deal['deal_id']}").json()
    steps = history["history"]
    assert {step["to_stage"] for step in steps[1:]} <= set(stages)
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert Deals(work).get(deal["deal_id"]).stage == history["counts_as"]
    assert (steps[0]["from_stage"], steps[0]["to_stage"]) == (None, "lead")
    left = [step["from_stage"] for step in steps[1:]]
    entered = [step["to_stage"] for step in steps]
    for stage in {*left, *entered}:
        assert entered.count(stage) - left.count(stage) == (1 if stage == history["stage"] else 0), stage


def test_what_is_not_sent_stays_and_null_empties(api):
    deal = make(api, expected_close_on="2026-05-01", attributes={"a": 1, "b": 2})
    path = f"/v1/deals/{deal['deal_id']}"
    changed = api.patch(path, json={"attributes": {"a": None, "c": 3}}).json()
    assert (changed["attributes"], changed["expected_close_on"]) == ({"b": 2, "c": 3}, "2026-05-01")
    assert api.patch(path, json={"expected_close_on": None}).json()["expected_close_on"] is None
    assert api.patch(path, json={"name": None}).status_code == 422


def test_a_board_counts_and_weighs_all_deals_in_the_organizations_currency(api, store):
    with store.write(SYSTEM, TESTER) as work:
        FxRates(work).put(date(2026, 3, 1), "EUR", "USD", 1.1)
        FxRates(work).put(date(2026, 3, 1), "KRW", "USD", 0.0007)
    make(api, stage="negotiation", currency="KRW", amount_minor=1_000_000)
    make(api, stage="proposal", currency="USD")
    make(api, stage="proposal", currency="EUR", probability=0.9)
    make(api, stage="proposal", currency="JPY")
    make(api, stage="lead", currency="USD", amount_minor=500)
    board = api.get("/v1/deals/board", params={"limit": 1}).json()
    proposal = column(board, "proposal")
    assert (proposal["deal_count"], proposal["amount_minor"], proposal["weighted_minor"]) == (3, 210_000, 149_000)
    assert proposal["missing_currencies"] == ["JPY"]
    assert len(proposal["deals"]) == 1
    assert column(board, "lead")["weighted_minor"] == 10
    assert column(board, "negotiation")["amount_minor"] == 70_000  # a won has no minor unit, a dollar a hundred
    assert [found["stage"]["key"] for found in board["columns"]][-2:] == ["won", "lost"]


def test_a_card_tells_what_rots_and_what_has_nothing_planned(api, store, family, clock):
    deal = make(api, stage="proposal")
    card = column(api.get("/v1/deals/board").json(), "proposal")["deals"][0]
    assert (card["is_rotting"], card["has_next_activity"]) == (False, False)
    clock.now += timedelta(hours=23)
    due = clock.now + timedelta(days=3)
    with store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        work.session.add(
            Task(organization_id=family.agency.organization_id, title="Call", deal_id=deal["deal_id"], due_at=due)
        )
    again = api.get(f"/v1/deals/{deal['deal_id']}").json()
    assert again["has_next_activity"] is True
    assert again["next_activity_at"] is not None


def test_deals_of_a_pipeline_that_only_an_import_named_are_on_the_first_board(api, store, family):
    with store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        Deals(work).create("Imported", pipeline="Old CRM")
    board = api.get("/v1/deals/board").json()
    assert [deal["name"] for deal in column(board, "opportunity")["deals"]] == ["Imported"]


def test_lists_are_filtered_and_paged_by_the_common_grammar(api):
    for amount in range(5):
        make(api, name=f"D{amount}", amount_minor=amount * 100, stage="sql" if amount % 2 else "mql")
    asked = {"filter": ["amount_minor:gte:100", "stage:in:sql,mql"], "sort": "-amount_minor", "limit": 2}
    first = api.get("/v1/deals", params=asked).json()
    assert [deal["name"] for deal in first["items"]] == ["D4", "D3"]
    assert first["total"] == 4
    rest = api.get("/v1/deals", params=asked | {"cursor": first["next_cursor"]}).json()
    assert [deal["name"] for deal in rest["items"]] == ["D2", "D1"]
    assert rest["next_cursor"] is None
    assert api.get("/v1/deals", params={"filter": "secret:eq:1"}).status_code == 422


def test_a_stage_with_deals_in_it_is_not_taken_away(sign_in, family):
    admin = sign_in(family.agency.organization_id, Role.ADMIN)
    make(admin, stage="negotiation")
    raw = as_setting(DEFAULT_PIPELINES)
    del raw["pipelines"][0]["stages"][5]
    refused = admin.put("/v1/pipelines", json=raw)
    assert (refused.status_code, refused.json()["detail"]) == (409, "deals stand in default/negotiation")


def test_two_pipelines_each_have_their_own_board(sign_in, family):
    admin = sign_in(family.agency.organization_id, Role.ADMIN)
    raw = as_setting(DEFAULT_PIPELINES)
    raw["pipelines"].append({
        "key": "renewals", "name": "Renewals", "stages": [
            {"key": "due", "name": "Due", "counts_as": "opportunity", "probability": 0.7},
            {"key": "renewed", "name": "Renewed", "counts_as": "won"},
            {"key": "churned", "name": "Churned", "counts_as": "lost"},
        ],
    })  # fmt: skip
    assert admin.put("/v1/pipelines", json=raw).status_code == 200
    deal = make(admin, pipeline="renewals")
    assert (deal["stage"], deal["counts_as"], deal["probability"]) == ("due", "opportunity", 0.7)
    assert column(admin.get("/v1/deals/board", params={"pipeline": "renewals"}).json(), "due")["deal_count"] == 1
    assert column(admin.get("/v1/deals/board").json(), "opportunity")["deal_count"] == 0
    moved = admin.post(f"/v1/deals/{deal['deal_id']}/move", json={"pipeline": "default", "stage": "proposal"}).json()
    assert (moved["pipeline"], moved["stage"]) == ("default", "proposal")


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "X", "currency": "EURO"}, {"name": "X", "stage": "moon"},
                                  {"name": "X", "pipeline": "moon"}, {"name": "X", "amount_minor": -1}, {"nmae": "X"}])  # fmt: skip
def test_a_deal_that_makes_no_sense_is_refused(api, body):
    assert api.post("/v1/deals", json=body).status_code == 422
