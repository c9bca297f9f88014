"""The change log: every change, in order, in the transaction that made it; and no late commit is skipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from domain.contacts import LifecycleStage
from domain.tenancy import Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.landing_queues import ChangeQueue, Mark
from storage.ops.tables import Activity, ChangeLog, Contact, Organization
from tests.factories import SYSTEM, TESTER, make_contact, make_organization


@pytest.fixture
def scope(store):
    return Scope.of(make_organization(store).organization_id)


def logged(store, entity):
    with store.read(SYSTEM) as work:
        rows = work.session.scalars(select(ChangeLog).where(ChangeLog.entity == entity).order_by(ChangeLog.seq)).all()
        return [(row.op, row.entity_id, msgspec.json.decode(row.row)) for row in rows]


def test_insert_update_and_delete_are_logged_as_the_row_then_stood(store, scope, clock):
    made = make_contact(store, scope.organization_id, first_name="Ada", attributes={"n": 1})
    with store.write(scope, TESTER) as work:
        Contacts(work).get(made.contact_id).first_name = "Augusta"
    with store.write(scope, TESTER) as work:
        for row in Contacts(work).history_of(made.contact_id):
            work.session.delete(row)
        work.session.flush()
        work.session.delete(Contacts(work).get(made.contact_id))
    changes = logged(store, "contact")
    assert [op for op, _, _ in changes] == ["insert", "update", "delete"]
    assert {identity for _, identity, _ in changes} == {made.contact_id}
    assert [row["first_name"] for _, _, row in changes] == ["Ada", "Augusta", "Augusta"]
    assert changes[0][2]["known_at"] == "2026-03-02T12:00:00Z"
    assert changes[0][2]["attributes"] == {"n": 1}


def test_reading_and_writing_the_same_value_logs_nothing(store, scope):
    made = make_contact(store, scope.organization_id, first_name="Ada")
    before = logged(store, "contact")
    with store.write(scope, TESTER) as work:
        Contacts(work).get(made.contact_id).first_name = "Ada"
    assert logged(store, "contact") == before


def test_keys_and_passwords_are_never_logged(store):
    make_organization(store)
    ((_, _, row),) = logged(store, "organization")
    assert "hash_key" not in row


def test_changes_of_one_unit_of_work_stand_together_and_in_order(store, scope):
    made = make_contact(store, scope.organization_id)
    with store.write(scope, TESTER) as work:
        Contacts(work).move_to(Contacts(work).get(made.contact_id), LifecycleStage.MQL, reason="score")
    with store.read(SYSTEM) as work:
        rows = work.session.scalars(select(ChangeLog).order_by(ChangeLog.seq)).all()
        assert [row.entity for row in rows][:3] == ["organization", "contact", "lifecycle_change"]
        assert sorted(row.entity for row in rows[3:]) == ["activity", "contact", "lifecycle_change"]
        assert [row.seq for row in rows] == sorted(row.seq for row in rows)
        if store.dialect == "postgresql":
            assert len({row.transaction_id for row in rows[3:]}) == 1
            assert all(row.transaction_id for row in rows)
        else:
            assert {row.transaction_id for row in rows} == {None}


def test_landing_waits_for_a_transaction_that_began_earlier_on_postgresql(store, scope):
    if store.dialect != "postgresql":
        pytest.skip("on SQLite one writer waits for the other")

    def landed():
        with store.read(SYSTEM) as work:
            queue = ChangeQueue(work)
            place = {name: queue.columns.index(name) for name in ("entity", "entity_id")}
            rows = queue.read(Mark(0, 0), 100)
            return {row[place["entity_id"]] for row in rows if row[place["entity"]] == "contact"}

    with store.write(scope, TESTER) as early:
        early.session.execute(text("select pg_current_xact_id()"))
        late = make_contact(store, scope.organization_id)
        assert landed() == set(), "the later one was taken although an earlier one still runs"
        now = early.now()
        (row,) = Contacts(early).insert_many([{"email": "early@example.com", "known_at": now}])
    assert landed() == {late.contact_id, row["contact_id"]}


def test_a_moment_keeps_its_zone_on_both_databases(store, scope):
    berlin = timezone(timedelta(hours=1))
    at = datetime(2026, 3, 2, 0, 30, 0, 123456, berlin)
    made = make_contact(store, scope.organization_id)
    with store.write(scope, TESTER) as work:
        work.session.add(
            Activity(
                organization_id=scope.organization_id,
                contact_id=made.contact_id,
                kind="note",
                occurred_at=at,
                known_at=at,
            )
        )
    with store.read(scope) as work:
        found = work.session.scalars(select(Activity)).one()
        assert found.occurred_at == at
        assert found.occurred_at.tzinfo is UTC
        assert work.session.scalars(select(Activity).where(Activity.occurred_at < at)).all() == []


def test_a_moment_without_a_zone_is_refused(store, scope):
    with pytest.raises(StatementError, match="naive"), store.write(scope, TESTER) as work:
        work.session.add(Contact(organization_id=scope.organization_id, known_at=datetime(2026, 3, 2)))


def test_a_table_without_an_entity_is_not_landed():
    landed = {mapper.class_.__tablename__ for mapper in Organization.registry.mappers if mapper.class_.__entity__}
    assert not landed & {"users", "login_sessions", "api_keys", "subject_keys", "audit_log", "jobs", "event_inbox"}


def test_many_rows_are_written_as_one_would_be(store, scope):
    """The bulk path of SQLite goes around SQLAlchemy's parameters: both must write the same bytes."""
    at = datetime(2026, 3, 2, 0, 30, 0, 7, timezone(timedelta(hours=1)))
    facts = {"organization_id": scope.organization_id, "kind": "note", "detail": {"ä": [1]}, "occurred_at": at}
    with store.write(scope, TESTER) as work:
        Activities(work).insert_many([{**facts, "known_at": at, "activity_id": "bulk"}])
        work.session.add(Activity(**facts, known_at=at, activity_id="single"))
        work.session.flush()
        bulk, single = (
            work.session.execute(
                text(
                    "select kind, detail, occurred_at, known_at, is_automated, summary from activities"
                    f" where activity_id = '{found}'"
                )
            ).one()
            for found in ("bulk", "single")
        )
        assert bulk == single
    rows = {row["activity_id"]: row for _, _, row in logged(store, "activity")}
    assert {**rows["bulk"], "activity_id": ""} == {**rows["single"], "activity_id": ""}


def test_many_rows_with_a_moment_without_a_zone_are_refused(store, scope):
    row = {"kind": "note", "occurred_at": datetime(2026, 3, 2), "known_at": datetime(2026, 3, 2)}
    with pytest.raises((ValueError, StatementError), match="naive"), store.write(scope, TESTER) as work:
        Activities(work).insert_many([row])
