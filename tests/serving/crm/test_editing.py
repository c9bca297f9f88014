"""Edits by hand: one contact or many, audited with what was before, and what is not worked yet found again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit
from storage.ops.tables import Contact, Job, LifecycleChange
from tests.factories import make_contact, make_user
from tests.serving.crm.test_contacts import add_score, define, names


@pytest.fixture
def three(store, family):
    """Three leads of the agency, by name."""
    agency = family.agency.organization_id
    define(store, agency, "tier", "Tier")
    define(store, agency, "seats", "Seats", "integer")
    return {
        name: make_contact(store, agency, first_name=name, email=f"{name}@x.example") for name in ("Ada", "Ben", "Cy")
    }


def me(api):
    return api.get("/v1/me").json()["user_id"]


def edit(api, ids, **values):
    return api.post("/v1/contacts/bulk", json={"ids": ids, "set": values})


def test_many_are_edited_at_once_and_each_is_told(api, store, three, stranger):
    theirs = make_contact(store, stranger.organization_id)
    ids = [three["Ada"].contact_id, "nobody", theirs.contact_id, three["Ben"].contact_id, three["Ada"].contact_id]
    sent = {"lifecycle_stage": "mql", "owner_user_id": "me", "attributes": {"tier": "A", "seats": "12"}}
    answer = edit(api, ids, **sent).json()
    assert [found["outcome"] for found in answer["results"]] == ["changed", "not_found", "not_found", "changed"]
    assert answer["changed_count"] == 2
    found = api.get(f"/v1/contacts/{three['Ben'].contact_id}").json()
    assert (found["lifecycle_stage"], found["owner_user_id"]) == ("mql", me(api))
    assert found["attributes"] == {"tier": "A", "seats": 12}
    again = edit(api, ids, **sent).json()
    assert {found["outcome"] for found in again["results"]} == {"unchanged", "not_found"}
    with store.read(Scope.of(stranger.organization_id)) as work:
        assert work.session.get(Contact, theirs.contact_id).lifecycle_stage == "lead"


def test_each_change_is_answered_for_with_before_and_after(api, store, three, family):
    ada = three["Ada"].contact_id
    edit(api, [ada, three["Ben"].contact_id], lifecycle_stage="sql", attributes={"tier": "B"})
    edit(api, [ada], attributes={"tier": None})
    with store.read(Scope.of(family.agency.organization_id)) as work:
        audit = Audit(work)
        assert audit.verify().count == 3
        newest, first = (audit.values_of(row) for row in audit.about("contact", ada))
        assert first.before == {"attributes": {}, "lifecycle_stage": "lead"}
        assert first.after == {"attributes": {"tier": "B"}, "lifecycle_stage": "sql"}
        assert newest.after == {"attributes": {}}
        moves = work.session.scalars(select(LifecycleChange).where(LifecycleChange.contact_id == ada)).all()
        assert [(move.from_stage, move.to_stage) for move in moves] == [(None, "lead"), ("lead", "sql")]
        assert len(work.session.scalars(select(Job).where(Job.kind == "score_contact")).all()) == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "nothing is set"),
        ({"attributes": {"made_up": 1}}, "made_up"),
        ({"attributes": {"seats": "many"}}, "seats"),
        ({"lifecycle_stage": None}, "lifecycle_stage"),
        ({"owner_user_id": "somebody-else"}, "does not work in this organization"),
    ],
)
def test_a_bad_edit_changes_nobody_and_says_why(api, three, values, said):
    answer = edit(api, [three["Ada"].contact_id], **values)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert api.get(f"/v1/contacts/{three['Ada'].contact_id}").json()["attributes"] == {}


def test_a_list_of_more_than_five_hundred_is_refused(api):
    assert edit(api, [str(number) for number in range(501)], lifecycle_stage="mql").status_code == 422


def test_who_only_looks_edits_nobody(sign_in, family, three):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert edit(viewer, [three["Ada"].contact_id], lifecycle_stage="mql").status_code == 403


def test_leads_are_found_by_owner_and_by_whether_somebody_reached_out(api, store, three, family, clock):
    colleague = make_user(store, family.agency.organization_id)
    ada, ben = three["Ada"].contact_id, three["Ben"].contact_id
    for number, contact in enumerate(three.values()):
        add_score(store, contact, 50 + number, clock=clock)
    api.patch(f"/v1/contacts/{ada}", json={"owner_user_id": "me"})
    api.patch(f"/v1/contacts/{ben}", json={"owner_user_id": colleague.user_id})
    asked = {"owner": ["me", "nobody"], "is_worked": False, "sort": "score"}
    assert names(api.get("/v1/contacts", params=asked)) == ["Cy", "Ada"]
    assert names(api.get("/v1/contacts", params={"owner": colleague.user_id})) == ["Ben"]
    api.post("/v1/activities", json={"kind": "note", "summary": "Looks good", "contact_id": ada})
    assert names(api.get("/v1/contacts", params=asked)) == ["Cy", "Ada"]
    api.post("/v1/activities", json={"kind": "call", "summary": "Reached", "contact_id": ada})
    assert names(api.get("/v1/contacts", params=asked)) == ["Cy"]
    assert names(api.get("/v1/contacts", params={"is_worked": True})) == ["Ada"]


def test_deals_with_nothing_planned_are_a_filter(api):
    idle, busy = (api.post("/v1/deals", json={"name": name}).json()["deal_id"] for name in ("Idle", "Busy"))
    task = api.post("/v1/tasks", json={"title": "Call", "deal_id": busy}).json()
    asked = {"filter": "has_next_activity:eq:false"}
    assert [deal["deal_id"] for deal in api.get("/v1/deals", params=asked).json()["items"]] == [idle]
    api.post(f"/v1/tasks/{task['task_id']}/finish", json={})
    assert api.get("/v1/deals", params=asked).json()["total"] == 2


def test_the_timeline_tells_which_of_us_did_it_and_how_it_went(api, three):
    ada = three["Ada"].contact_id
    said = {"kind": "call", "summary": "Tried", "outcome": "no_answer", "contact_id": ada}
    assert api.post("/v1/activities", json=said).status_code == 201
    (line,) = [item for item in api.get(f"/v1/contacts/{ada}/timeline").json()["items"] if item["kind"] == "call"]
    assert (line["actor"], line["actor_id"], line["detail"]) == ("human", me(api), "no answer")
