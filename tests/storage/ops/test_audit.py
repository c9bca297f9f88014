"""The audit log: chained, sealed, verifiable for ever, and silent about whom was forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from domain.tenancy import Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.subject_keys import SubjectKeys
from storage.ops.store import open_engine
from tests.factories import SYSTEM, TESTER, make_contact, make_organization


@pytest.fixture
def agency(store):
    return make_organization(store)


@pytest.fixture
def ada(store, agency):
    return make_contact(store, agency.organization_id, email="ada@lovelace.example")


@pytest.fixture
def scope(agency):
    return Scope.of(agency.organization_id)


@pytest.fixture
def filled(store, scope, ada, clock):
    """Three acts, one of them about a person."""
    with store.write(scope, TESTER) as work:
        audit = Audit(work)
        audit.record("settings_changed", "organization_setting", "scoring", before={"hot": 70}, after={"hot": 80})
        audit.record(
            "contact_changed",
            "contact",
            ada.contact_id,
            subject_id=ada.contact_id,
            before={"phone": ""},
            after={"phone": "+44 20 7946 0000", "at": clock()},
        )
        audit.record("exported", "contacts", "all")


def tampered(settings, statement):
    """As somebody with the database in hand would do it."""
    engine = open_engine(settings.store.owner_url or settings.store_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select set_config('leadhouse.readable', '*', true)"))
            connection.execute(text("select set_config('leadhouse.writable', '*', true)"))
        assert connection.execute(text(statement)).rowcount > 0
    engine.dispose()


def verified(store, scope):
    with store.read(scope) as work:
        return Audit(work).verify()


def test_what_was_done_can_be_read_by_those_who_may(store, scope, filled, ada):
    with store.read(scope) as work:
        (row,) = Audit(work).about("contact", ada.contact_id)
        values = Audit(work).values_of(row)
        assert values.before == {"phone": ""}
        assert values.after == {"phone": "+44 20 7946 0000", "at": "2026-03-02T12:00:00Z"}
        assert (row.actor_kind, row.actor_id, row.position) == ("user", "tester", 2)
    assert verified(store, scope).count == 3


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("update audit_log set action = 'nothing' where position = 1", 1),
        ("update audit_log set actor_id = 'somebody else' where position = 2", 2),
        ("update audit_log set digest = repeat_ where position = 3".replace("repeat_", f"'{'0' * 64}'"), 3),
        ("delete from audit_log where position = 2", 2),
        ("update audit_log set sealed_after = sealed_before where position = 1", 1),
        ("update audit_log set sealed_after = null where position = 2", 2),
    ],
)
def test_every_change_of_a_row_shows(store, settings, scope, filled, statement, broken_at):
    assert verified(store, scope).broken_at is None
    tampered(settings, statement)
    report = verified(store, scope)
    assert report.broken_at == broken_at
    assert report.reason


def test_the_app_itself_cannot_change_the_log_on_postgresql(store, scope, filled):
    if store.dialect != "postgresql":
        pytest.skip("SQLite has no roles")
    with pytest.raises(Exception, match="permission denied"), store.write(SYSTEM, TESTER) as work:
        work.session.execute(text("delete from audit_log"))


def test_after_shredding_the_chain_stands_and_the_values_are_gone(store, scope, filled, ada):
    with store.write(scope, TESTER) as work:
        assert SubjectKeys(work).shred(ada.contact_id)
    with store.read(scope) as work:
        (row,) = Audit(work).about("contact", ada.contact_id)
        assert Audit(work).values_of(row).is_shredded
    assert verified(store, scope).broken_at is None


def test_each_organization_has_a_chain_of_its_own(store, scope, filled):
    other = make_organization(store)
    with store.write(Scope.of(other.organization_id), TESTER) as work:
        assert Audit(work).record("exported", "contacts", "all").position == 1
