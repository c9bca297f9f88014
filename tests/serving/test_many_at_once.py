"""Twenty people who work on the same records: nothing that was saved is lost, and nobody waits long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select

from domain.tenancy import Role, Scope
from serving.crm.editing import PER_TRANSACTION
from storage.ops.repositories.audit import Audit
from storage.ops.tables import Activity, AuditEntry, Contact, LifecycleChange
from tests.factories import make_contact

PEOPLE = 20
TRIES = 400


@pytest.fixture
def people(sign_in, family):
    return [sign_in(family.agency.organization_id) for _ in range(PEOPLE)]


def add_a_mark(client, path: str, field: str, mark: str) -> int:
    """Reads, adds a word to what is there, and writes it back unless somebody else was quicker; answers the tries."""
    for tries in range(1, TRIES):
        found = client.get(path).json()
        answer = client.patch(path, json={field: f"{found[field]} {mark}"}, headers={"If-Match": found["etag"]})
        if answer.status_code == 200:
            assert mark in answer.json()[field].split()
            return tries
        assert answer.status_code == 412, answer.text
    raise AssertionError("never got through")


def test_twenty_people_edit_the_same_contact_and_deal_and_every_word_is_kept(people, store, family):
    agency = family.agency.organization_id
    contact = make_contact(store, agency, title="Head")
    pipeline = people[0].get("/v1/pipelines").json()["pipelines"][0]["key"]
    deal = people[0].post("/v1/deals", json={"name": "Relaunch", "pipeline": pipeline}).json()
    places = [(f"/v1/contacts/{contact.contact_id}", "title"), (f"/v1/deals/{deal['deal_id']}", "name")]
    with ThreadPoolExecutor(PEOPLE) as pool:
        waiting = [
            pool.submit(add_a_mark, client, path, field, f"w{number}")
            for number, client in enumerate(people)
            for path, field in places
        ]
        tries = [each.result(timeout=120) for each in waiting]
    assert sum(tries) >= len(tries)
    for path, field in places:
        words = people[0].get(path).json()[field].split()
        assert sorted(words[1:]) == sorted(f"w{number}" for number in range(PEOPLE))
    with store.read(Scope.of(agency)) as work:
        assert Audit(work).verify().broken_at is None
        for entity in ("contact", "deal"):
            changes = select(func.count()).where(AuditEntry.entity == entity, AuditEntry.action == "change")
            assert work.session.scalar(changes) == PEOPLE


def test_a_bulk_edit_and_single_edits_at_once_lose_nothing(people, store, family):
    agency = family.agency.organization_id
    contacts = [make_contact(store, agency, title="Head") for _ in range(3 * PER_TRANSACTION)]
    ids = [contact.contact_id for contact in contacts]

    def in_bulk(stage: str) -> int:
        answer = people[0].post("/v1/contacts/bulk", json={"ids": ids, "set": {"lifecycle_stage": stage}})
        assert answer.status_code == 200, answer.text
        return answer.json()["changed_count"]

    with ThreadPoolExecutor(8) as pool:
        bulk = pool.submit(in_bulk, "mql")
        single = [
            pool.submit(add_a_mark, people[1 + number % 7], f"/v1/contacts/{contact_id}", "title", "x")
            for number, contact_id in enumerate(ids)
        ]
        assert bulk.result(timeout=120) == len(ids)
        for each in single:
            each.result(timeout=120)
    with store.read(Scope.of(agency)) as work:
        rows = work.session.scalars(select(Contact).where(Contact.contact_id.in_(ids))).all()
        assert {(row.lifecycle_stage, row.title) for row in rows} == {("mql", "Head x")}
        assert Audit(work).verify().broken_at is None


def test_a_bulk_edit_is_written_in_parts_and_answered_once(api, store, family):
    agency = family.agency.organization_id
    ids = [make_contact(store, agency).contact_id for _ in range(2 * PER_TRANSACTION + 1)]
    written: list[int] = []

    @event.listens_for(store.engine, "commit")
    def _count(_connection) -> None:
        written.append(1)

    body = {"ids": ids, "set": {"lifecycle_stage": "sql"}}
    key = {"Idempotency-Key": "one-edit"}
    answer = api.post("/v1/contacts/bulk", json=body, headers=key)
    assert answer.json()["changed_count"] == len(ids)
    assert len(written) >= 3, "a part commits before the next begins"
    with store.read(Scope.of(agency)) as work:
        for asked in (
            select(func.count()).where(Contact.lifecycle_stage == "sql"),
            select(func.count()).where(LifecycleChange.to_stage == "sql"),
            select(func.count()).where(Activity.kind == "stage_change", Activity.summary.contains("→ sql")),
            select(func.count()).where(AuditEntry.action == "change"),
        ):
            assert work.session.scalar(asked) == len(ids)
    again = api.post("/v1/contacts/bulk", json=body, headers=key)
    assert (again.headers["Idempotency-Replayed"], again.json()) == ("true", answer.json())
    assert {each["outcome"] for each in api.post("/v1/contacts/bulk", json=body).json()["results"]} == {"unchanged"}


def test_what_was_written_before_a_request_broke_off_stays_and_the_rest_follows(sign_in, store, family):
    """As after a crash between two parts: the first one is there, and the request is sent again."""
    client = sign_in(family.agency.organization_id, Role.ADMIN)
    ids = [make_contact(store, family.agency.organization_id).contact_id for _ in range(PER_TRANSACTION + 5)]
    client.post("/v1/contacts/bulk", json={"ids": ids[:PER_TRANSACTION], "set": {"lifecycle_stage": "lost"}})
    whole = client.post("/v1/contacts/bulk", json={"ids": ids, "set": {"lifecycle_stage": "lost"}}).json()
    assert whole["changed_count"] == 5
    assert [each["contact_id"] for each in whole["results"]] == ids
