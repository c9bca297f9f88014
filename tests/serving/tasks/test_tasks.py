"""Tasks and logged activities: due in the organization's own day, done once, and told in the timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Role
from storage.ops.tables import Organization
from tests.factories import SYSTEM, TESTER, make_contact, make_user


def make(api, **fields):
    answer = api.post("/v1/tasks", json={"title": "Call back", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_task_is_its_makers_unless_somebody_else_is_named(api, store, family):
    me = api.get("/v1/me").json()["user_id"]
    colleague = make_user(store, family.agency.organization_id)
    assert make(api)["assignee_user_id"] == me
    assert make(api, assignee_user_id=colleague.user_id)["assignee_user_id"] == colleague.user_id
    assert make(api, assignee_user_id=None)["assignee_user_id"] is None
    mine = api.get("/v1/tasks", params={"filter": "assignee_user_id:eq:me"}).json()
    assert mine["total"] == 1


def test_what_is_due_today_ends_at_the_organizations_midnight(api, store, family, clock):
    with store.write(SYSTEM, TESTER) as work:
        work.session.get(Organization, family.agency.organization_id).time_zone = "America/New_York"
    for hours in (-1, 2, 16, 18):  # noon UTC is 7 in New York; its day ends 17 hours later
        make(api, due_at=(clock.now + timedelta(hours=hours)).isoformat())
    make(api)
    assert api.get("/v1/tasks/counts").json() == {"overdue": 1, "today": 2, "upcoming": 1, "whenever": 1}
    due = [task["due"] for task in api.get("/v1/tasks").json()["items"]]
    assert due == ["overdue", "today", "today", "upcoming", "whenever"]


def test_what_is_done_stands_in_the_timeline_once(api, store, family):
    contact = make_contact(store, family.agency.organization_id, first_name="Ada")
    task = make(api, kind="call", contact_id=contact.contact_id)
    for _ in range(2):
        done = api.post(f"/v1/tasks/{task['task_id']}/finish", json={"outcome": "reached"}).json()
    assert (done["status"], done["outcome"]) == ("done", "reached")
    lines = api.get("/v1/activities", params={"contact_id": contact.contact_id}).json()["items"]
    assert [(line["kind"], line["summary"], line["actor_kind"]) for line in lines] == [
        ("task_done", "Call back: reached", "human")
    ]
    again = api.post(f"/v1/tasks/{task['task_id']}/finish", json={"status": "open"}).json()
    assert (again["status"], again["completed_at"], again["outcome"]) == ("open", None, "")


def test_a_stale_change_is_refused(api):
    task = make(api)
    headers = {"If-Match": task["etag"]}
    assert api.patch(f"/v1/tasks/{task['task_id']}", json={"priority": 1}, headers=headers).status_code == 200
    assert api.patch(f"/v1/tasks/{task['task_id']}", json={"priority": 0}, headers=headers).status_code == 412


def test_a_call_is_written_down_when_it_happened(api, store, family, clock):
    contact = make_contact(store, family.agency.organization_id)
    said = {"kind": "call", "summary": "Wants a proposal", "outcome": "reached", "duration_seconds": 320,
            "contact_id": contact.contact_id, "occurred_at": (clock.now - timedelta(hours=1)).isoformat()}  # fmt: skip
    made = api.post("/v1/activities", json=said).json()
    assert (made["kind"], made["actor_kind"], made["is_automated"]) == ("call", "human", False)
    assert made["detail"] == {"outcome": "reached", "duration_seconds": 320}
    future = said | {"occurred_at": (clock.now + timedelta(hours=1)).isoformat()}
    assert api.post("/v1/activities", json=future).status_code == 422
    assert api.post("/v1/activities", json={"kind": "note", "summary": "x"}).status_code == 422


def test_lines_are_paged_newest_first(api, store, family, clock):
    contact = make_contact(store, family.agency.organization_id)
    for number in range(5):
        at = (clock.now - timedelta(minutes=number)).isoformat()
        api.post("/v1/activities", json={"kind": "note", "summary": f"n{number}", "contact_id": contact.contact_id,
                                         "occurred_at": at})  # fmt: skip
    walked, cursor = [], None
    while True:
        asked = {"contact_id": contact.contact_id, "limit": 2} | ({"cursor": cursor} if cursor else {})
        found = api.get("/v1/activities", params=asked).json()
        walked += [line["summary"] for line in found["items"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert walked == ["n0", "n1", "n2", "n3", "n4"]


@pytest.mark.parametrize("field", ["contact_id", "company_id", "deal_id"])
def test_a_task_about_anothers_is_refused(api, store, stranger, field):
    theirs = make_contact(store, stranger.organization_id).contact_id
    assert api.post("/v1/tasks", json={"title": "X", field: theirs}).status_code == 404


def test_a_client_looking_in_sees_no_tasks(sign_in, family):
    assert sign_in(family.client.organization_id, Role.CLIENT_VIEWER).get("/v1/tasks").status_code == 403
