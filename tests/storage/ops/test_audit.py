"""The audit log: chained, sealed, verifiable for ever, and silent about whom was forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.tenancy import Scope
from storage.ops.repositories.audit import BATCH, Act, Audit, ChainReport
from storage.ops.repositories.subject_keys import SubjectKeys
from tests.factories import SYSTEM, TESTER, make_contact, make_organization
from tests.tampering import tamper


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
        # moved: the first two change places
        ("update audit_log set position = case position when 1 then -2 when 2 then -1 else -position end", 1),
        # cut off: the rows that are left are a whole chain
        ("delete from audit_log where position = 3", 3),
        ("delete from audit_log where position > 1", 2),
        ("delete from audit_log", 1),
        ("delete from audit_heads", 4),
        ("update audit_heads set position = 2, chain = (select chain from audit_log where position = 2)", 4),
    ],
)
def test_every_change_of_a_row_shows(store, settings, scope, filled, statement, broken_at):
    assert verified(store, scope).broken_at is None
    assert tamper(settings, statement) > 0
    if "-position" in statement:
        assert tamper(settings, "update audit_log set position = -position") > 0
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


def test_an_end_written_by_whoever_holds_the_database_is_not_believed(store, settings, scope, filled):
    assert tamper(settings, "delete from audit_log where position = 3") > 0
    assert (
        tamper(
            settings, "update audit_heads set position = 2, chain = (select chain from audit_log where position = 2)"
        )
        > 0
    )
    assert verified(store, scope) == ChainReport(2, 3, "the log's end was changed", verified(store, scope).end)


def test_a_log_that_goes_on_after_it_was_cut_has_a_hole(store, settings, scope, filled):
    assert tamper(settings, "delete from audit_log where position = 3") > 0
    with store.write(scope, TESTER) as work:
        Audit(work).record("exported", "contacts", "all")
    report = verified(store, scope)
    assert (report.broken_at, report.reason) == (3, "a row is missing")


def test_an_old_copy_of_the_whole_log_shows_against_a_former_report(store, settings, scope, filled):
    former = verified(store, scope)
    with store.write(scope, TESTER) as work:
        Audit(work).record("exported", "contacts", "all")
    later = verified(store, scope)
    assert (former.count, later.count) == (3, 4)
    assert former.end != later.end
    with store.read(scope) as work:
        third = Audit(work).page(limit=1, before_position=4)[0]
        assert third.chain == former.end


def test_many_acts_at_once_are_chained_like_one_after_another(store, scope, agency):
    contacts = [make_contact(store, agency.organization_id) for _ in range(3)]
    with store.write(scope, TESTER) as work:
        made = Audit(work).record_all(
            [
                Act("change", "contact", each.contact_id, each.contact_id, {"phone": ""}, {"phone": str(number)})
                for number, each in enumerate(contacts)
            ]
        )
        assert Audit(work).record_all([]) == []
    assert [entry.position for entry in made] == [1, 2, 3]
    assert verified(store, scope).broken_at is None
    with store.read(scope) as work:
        (row,) = Audit(work).about("contact", contacts[2].contact_id)
        assert Audit(work).values_of(row).after == {"phone": "2"}


def test_a_verification_is_itself_on_record(store, scope, filled):
    report = verified(store, scope)
    with store.write(scope, TESTER) as work:
        Audit(work).note_verified(report)
    with store.read(scope) as work:
        head = Audit(work).head()
        assert (head.position, head.verified_position, head.verified_fault) == (4, 3, None)
        assert head.verified_at == store.clock()
        assert Audit(work).page(limit=1)[0].action == "verify"
    assert verified(store, scope).broken_at is None


def test_the_guide_lists_every_reason_that_a_verification_gives():
    root = Path(__file__).parents[3]
    guide = (root / "docs/how-to/trust-the-audit-log.md").read_text(encoding="utf-8")
    code = (root / "storage/ops/repositories/audit.py").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z' ]+)`", guide.partition("| Reason |")[2].partition("\n\n")[0]))
    given = set(re.findall(r'"((?:the|a|another|rows?) [a-z\' ]+)"', code))
    assert listed == given


def test_a_log_of_many_batches_is_walked_to_its_end(store, settings, scope, agency):
    contacts = [make_contact(store, agency.organization_id).contact_id for _ in range(3)]
    count = 2 * BATCH + 7
    with store.write(scope, TESTER) as work:
        Audit(work).record_all(
            [Act("change", "contact", contacts[n % 3], contacts[n % 3], {"n": n}, {"n": n + 1}) for n in range(count)]
        )
    assert verified(store, scope).count == count
    assert tamper(settings, f"update audit_log set sealed_after = sealed_before where position = {count - 1}") > 0
    assert verified(store, scope).broken_at == count - 1
