"""Two contacts become one and two again, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.contacts import EmailAddress
from domain.errors import Conflict, InvalidInput, NotFound
from domain.merging import ContactFacts
from domain.survivorship import Rules, choices_of
from domain.tenancy import Scope
from storage.ops.erasing import ask_erasure, erase_from_store
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.consents import Consents, Suppressions
from storage.ops.repositories.contact_children import OWNERS, STAYING
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_merges import ContactMerges
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.repositories.tasks import Tasks
from storage.ops.tables import Activity, Base, Consent, Contact, ContactMerge, LifecycleChange, Suppression, Task
from tests.factories import TESTER, make_contact, make_organization

STAMPS = {"updated_at"}
KEPT = (Activity, Task, Consent, LifecycleChange)


@pytest.fixture
def scope(store) -> Scope:
    return Scope.of(make_organization(store).organization_id)


def two(store, scope, **changes):
    left = make_contact(store, scope.organization_id, email="ada@lovelace.example", first_name="Ada", title="Countess")
    facts = {"email": "a.lovelace@work.example", "first_name": "Augusta", "phone": "+44 20 7946 0000"} | changes
    right = make_contact(store, scope.organization_id, **facts)
    return left.contact_id, right.contact_id


def merge(store, scope, survivor_id, merged_id, by_hand=None):
    with store.write(scope, TESTER) as work:
        merges = ContactMerges(work)
        survivor, merged = merges.pair(survivor_id, merged_id)
        choices = choices_of(merges.record_of(survivor), merges.record_of(merged), Rules(), by_hand)
        return merges.merge(survivor, merged, choices).contact_merge_id


def undo(store, scope, contact_merge_id):
    with store.write(scope, TESTER) as work:
        return ContactMerges(work).undo(ContactMerges(work).held(contact_merge_id))


def content(store, scope, tables=(Contact, *KEPT)):
    with store.read(scope) as work:
        return {
            table.__tablename__: sorted(
                str({name: value for name, value in row.items() if name not in STAMPS})
                for row in work.session.execute(select(table.__table__)).mappings()
            )
            for table in tables
        }


def test_everything_of_the_merged_contact_follows_and_its_id_answers_with_the_survivor(store, scope):
    ada, augusta = two(store, scope)
    with store.write(scope, TESTER) as work:
        Tasks(work).add("Call her", contact_id=augusta)
        Activities(work).add(kind="note", contact_id=augusta, summary="Likes engines")
    merge(store, scope, ada, augusta)
    with store.write(scope, TESTER) as work:
        survivor = ContactDetails(work).contact(augusta)
        assert survivor.contact_id == ada
        assert (survivor.first_name, survivor.phone, survivor.title) == ("Augusta", "+44 20 7946 0000", "Countess")
        for address in ("ada@lovelace.example", "a.lovelace@work.example"):
            assert Contacts(work).find_by_email(EmailAddress(address)).contact_id == ada
        assert Tasks(work).add("Write to her", contact_id=augusta).contact_id == ada
        assert set(work.session.scalars(select(Task.contact_id))) == {ada}
        assert "Likes engines" in {one.summary for one in Activities(work).of_contact(ada)}
        told = ContactFacts(email=EmailAddress("a.lovelace@work.example"), country="GB")
        assert Contacts(work).upsert(told, source="form").contact.contact_id == ada
        assert IdentityDecisions(work).stands(f"contact:{ada}", f"contact:{augusta}", "person")


def test_an_undo_gives_each_their_own_and_leaves_what_came_after_with_the_survivor(store, scope, clock):
    ada, augusta = two(store, scope, country="GB")
    with store.write(scope, TESTER) as work:
        Tasks(work).add("Call her", contact_id=augusta)
    before = content(store, scope)
    made = merge(store, scope, ada, augusta)
    clock.now += timedelta(hours=1)
    with store.write(scope, TESTER) as work:
        after = Tasks(work).add("Asked after the merge", contact_id=augusta).task_id
        ContactDetails(work).change(ContactDetails(work).contact(ada), {"phone": "+44 1"})
    done = undo(store, scope, made)
    assert done.returned["tasks"] == 1
    assert done.stayed == {"tasks": 1}
    assert done.kept_fields == ["phone"]
    with store.write(scope, TESTER) as work:
        assert work.session.get(Task, after).contact_id == ada
        work.session.delete(work.session.get(Task, after))
        work.session.get(Contact, ada).phone = ""
        decisions = IdentityDecisions(work).of_node(f"contact:{ada}")
        assert [one.verdict for one in decisions if one.revoked_at is None] == ["different"]
    assert content(store, scope) == before


def test_an_undo_never_lifts_a_suppression(store, scope):
    ada, augusta = two(store, scope)
    with store.write(scope, TESTER) as work:
        Suppressions(work).add("email", "ada@lovelace.example", reason="unsubscribed", contact_id=ada)
    made = merge(store, scope, ada, augusta)
    undo(store, scope, made)
    with store.read(scope) as work:
        for address in ("ada@lovelace.example", "a.lovelace@work.example"):
            assert Suppressions(work).holding(email=EmailAddress(address)) is not None


def test_a_pause_that_was_asked_for_at_one_address_holds_at_both_and_ends_at_both(store, scope, clock):
    ada, augusta = two(store, scope)
    until = clock.now + timedelta(days=30)
    with store.write(scope, TESTER) as work:
        Suppressions(work).add("email", "ada@lovelace.example", reason="asked_for_a_pause", contact_id=ada, until=until)
    merge(store, scope, ada, augusta)
    for moment, holds in ((clock.now, True), (until, False)):
        clock.now = moment
        with store.read(scope) as work:
            for address in ("ada@lovelace.example", "a.lovelace@work.example"):
                assert (Suppressions(work).holding(email=EmailAddress(address)) is not None) == holds


def test_somebody_who_unsubscribed_while_the_two_were_one_is_left_alone_at_both_addresses(store, scope, clock):
    ada, augusta = two(store, scope)
    with store.write(scope, TESTER) as work:
        Consents(work).record(augusta, purpose="news", is_granted=True, source="form")
    made = merge(store, scope, ada, augusta)
    clock.now += timedelta(hours=1)
    with store.write(scope, TESTER) as work:
        Suppressions(work).add("email", "ada@lovelace.example", reason="unsubscribed", contact_id=ada)
        Consents(work).record(ada, purpose="news", is_granted=False, source="preferences")
    clock.now += timedelta(hours=1)
    undo(store, scope, made)
    with store.read(scope) as work:
        assert Suppressions(work).holding(email=EmailAddress("a.lovelace@work.example")) is not None
        assert not Consents(work).current(augusta, "news").is_granted


def test_the_stricter_of_two_consents_holds(store, scope, clock):
    ada, augusta = two(store, scope)
    with store.write(scope, TESTER) as work:
        Consents(work).record(ada, purpose="news", is_granted=False, source="form")
    clock.now += timedelta(hours=1)
    with store.write(scope, TESTER) as work:
        Consents(work).record(augusta, purpose="news", is_granted=True, source="form")
    clock.now += timedelta(hours=1)
    before = content(store, scope, (Consent,))
    made = merge(store, scope, ada, augusta)
    with store.read(scope) as work:
        assert not Consents(work).current(ada, "news").is_granted
    undo(store, scope, made)
    assert content(store, scope, (Consent,)) == before


def test_a_later_merge_is_undone_first(store, scope):
    ada, augusta = two(store, scope)
    third = make_contact(store, scope.organization_id, email="countess@lovelace.example").contact_id
    before = content(store, scope)
    first = merge(store, scope, ada, augusta)
    second = merge(store, scope, third, ada)
    with store.read(scope) as work:
        assert ContactDetails(work).contact(augusta).contact_id == third
    with pytest.raises(Conflict, match="another one since"):
        undo(store, scope, first)
    undo(store, scope, second)
    undo(store, scope, first)
    assert content(store, scope) == before
    with pytest.raises(Conflict, match="undone already"):
        undo(store, scope, first)


def test_what_cannot_be_merged_is_refused(store, scope):
    ada, augusta = two(store, scope)
    others = make_contact(store, make_organization(store).organization_id, email="eve@elsewhere.example").contact_id
    with store.write(scope, TESTER) as work:
        with pytest.raises(InvalidInput):
            ContactMerges(work).pair(ada, ada)
        with pytest.raises(NotFound):
            ContactMerges(work).pair(ada, others)
    merge(store, scope, ada, augusta)
    with store.write(scope, TESTER) as work, pytest.raises(Conflict, match="was merged into"):
        ContactMerges(work).pair(ada, augusta)


def test_whoever_is_forgotten_is_forgotten_in_every_record_of_theirs(store, settings, scope):
    ada, augusta = two(store, scope)
    with store.write(scope, TESTER) as work:
        Activities(work).add(kind="note", contact_id=augusta, summary="Wrote from a.lovelace@work.example")
    merge(store, scope, ada, augusta)
    with store.write(scope, TESTER) as work:
        erasure_id = ask_erasure(work, email=EmailAddress("a.lovelace@work.example")).erasure_id
    erase_from_store(store, settings, erasure_id, TESTER)
    with store.read(scope) as work:
        for table in (Contact, Activity, ContactMerge):
            assert work.session.scalars(select(table)).all() == []


def test_every_table_that_names_a_contact_follows_or_says_why_not():
    naming = {table.name for table in Base.metadata.sorted_tables if "contact_id" in table.c}
    assert naming - {"contacts"} == {*OWNERS, *STAYING} - {"contacts"}


VALUES = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(["", "Ada", "Augusta"]),
        "last_name": st.sampled_from(["", "King", "Lovelace"]),
        "phone": st.sampled_from(["", "+44 20 7946 0000", "+44 20 7946 0001"]),
        "country": st.sampled_from([None, "GB", "FR"]),
        "external_id": st.sampled_from([None, "own"]),
        "has_email": st.booleans(),
        "attributes": st.dictionaries(st.sampled_from(["plan", "size"]), st.sampled_from(["a", "bb"])),
        "stage": st.sampled_from(["lead", "mql", "customer", "lost"]),
    }
)
SIDES = st.dictionaries(
    st.sampled_from(["email", "first_name", "phone", "country", "lifecycle_stage"]),
    st.sampled_from(["survivor", "merged"]),
)


@given(one=VALUES, other=VALUES, by_hand=SIDES)
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_merging_and_undoing_changes_nothing(sqlite_store, one, other, by_hand):
    store = sqlite_store
    scope = Scope.of(make_organization(store).organization_id)
    ids = []
    for number, values in enumerate((one, other)):
        with store.write(scope, TESTER) as work:
            facts = {key: value for key, value in values.items() if key not in {"has_email", "stage", "external_id"}}
            email = EmailAddress(f"person{number}@x.example") if values["has_email"] else None
            external_id = f"{number}" if values["external_id"] or email is None else None
            told = ContactFacts(email=email, external_id=external_id, **facts)
            contact = Contacts(work).upsert(told, source="api").contact
            contact.lifecycle_stage = values["stage"]
            Activities(work).add(kind="note", contact_id=contact.contact_id, summary=f"of {number}")
            Suppressions(work).add("phone", values["phone"] or "+1", reason="manual", contact_id=contact.contact_id)
            ids.append(contact.contact_id)
    before = content(store, scope)
    try:
        made = merge(store, scope, *ids, by_hand)
    except InvalidInput:  # the only address would have been lost
        return
    held = content(store, scope, (Suppression,))["suppressions"]
    undo(store, scope, made)
    assert content(store, scope) == before
    assert len(content(store, scope, (Suppression,))["suppressions"]) >= len(held)
