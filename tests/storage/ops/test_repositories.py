"""The smaller repositories: what each promises beyond keeping a row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.contacts import Domain, EmailAddress
from domain.deals import DealStage
from domain.decisions import DecisionKind
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.tenancy import Actor, Role, Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.consents import Consents, Suppressions
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.repositories.money import Campaigns, ClientCosts, FxRates, RevenueEntries, SpendEntries
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.repositories.users import Memberships, Users
from tests.factories import (
    SYSTEM,
    TESTER,
    make_agency_with_client,
    make_contact,
    make_organization,
    make_secret_key,
    make_user,
    make_write_key,
)

ADA = EmailAddress.parse("ada@lovelace.example")


@pytest.fixture
def scope(store):
    return Scope.of(make_organization(store).organization_id)


@pytest.fixture
def ada(store, scope):
    return make_contact(store, scope.organization_id, email=ADA.value)


def test_an_agency_reads_its_clients_and_a_client_reads_itself(store):
    family, stranger = make_agency_with_client(store), make_organization(store)
    with store.read(SYSTEM) as work:
        organizations = Organizations(work)
        assert organizations.scope_of(family.agency.organization_id) == family.agency_scope
        assert organizations.scope_of(family.client.organization_id) == family.client_scope
        assert stranger.organization_id not in organizations.scope_of(family.agency.organization_id).readable_ids
    with store.read(family.client_scope) as work:
        assert [found.organization_id for found in Organizations(work).all()] == [family.client.organization_id]


def test_a_client_has_no_clients_and_every_slug_is_its_own(store):
    family = make_agency_with_client(store, "Acme & Söhne")
    with pytest.raises(InvalidInput), store.write(SYSTEM, TESTER) as work:
        Organizations(work).create_client(family.client.organization_id, "Too deep")
    assert family.agency.slug == "acme-s-hne"
    assert make_organization(store, "Acme & Söhne").slug == "acme-s-hne-2"


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Olympus"}, {"currency": "euro"}, {"name": "  "}])
def test_an_organization_that_could_not_report_is_refused(store, wrong):
    with pytest.raises(InvalidInput), store.write(SYSTEM, TESTER) as work:
        Organizations(work).create_agency(**{"name": "Acme", **wrong})


def test_a_role_in_the_agency_counts_in_its_clients_unless_they_have_one_there(store):
    family = make_agency_with_client(store)
    user = make_user(store, family.agency.organization_id, role=Role.ADMIN)
    with store.write(SYSTEM, TESTER) as work:
        seats = Memberships(work).seats_of(user.user_id)
        assert [(seat.role, seat.is_inherited) for seat in seats] == [(Role.ADMIN, False), (Role.ADMIN, True)]
        Memberships(work).add(user.user_id, Role.VIEWER, family.client.organization_id)
        assert [seat.role for seat in Memberships(work).seats_of(user.user_id)] == [Role.ADMIN, Role.VIEWER]
        with pytest.raises(Conflict):
            Users(work).create(EmailAddress.parse(user.email))


def test_a_key_is_found_by_its_hash_until_it_is_revoked(store, scope):
    public, secret = make_write_key(store, scope.organization_id), make_secret_key(store, scope.organization_id)
    with store.write(scope, TESTER) as work:
        keys = ApiKeys(work)
        assert (keys.find_live(public).prefix, keys.find_live(secret).prefix) == (public, secret[:16])
        keys.revoke(keys.find_live(secret).api_key_id)
        assert keys.find_live(secret) is None
        assert {key.kind for key in keys.all()} == {"write", "secret"}


def test_a_company_is_one_for_each_domain_and_gets_its_name_when_somebody_knows_it(store, scope):
    with store.write(scope, TESTER) as work:
        companies = Companies(work)
        made = companies.upsert(domain=Domain.parse("https://www.acme.example/x"))
        assert (made.name, made.domain) == ("acme.example", "acme.example")
        again = companies.upsert(domain=Domain.parse("ACME.example"), name="Acme", attributes={"size": 3})
        assert (again.company_id, again.name, again.attributes) == (made.company_id, "Acme", {"size": 3})
        assert companies.upsert(domain=Domain.parse("acme.example"), name="Other").name == "Acme"
        assert companies.upsert(name="acme ").company_id == made.company_id


def test_the_newest_consent_counts_until_it_expires(store, scope, ada, clock):
    with store.write(scope, TESTER) as work:
        consents = Consents(work)
        consents.record(ada.contact_id, purpose="newsletter", is_granted=True, source="form", wording="Yes please")
        clock.now += timedelta(hours=1)
        consents.record(ada.contact_id, purpose="newsletter", is_granted=False, source="preference centre")
        assert not consents.current(ada.contact_id, "newsletter").is_granted
        clock.now += timedelta(hours=1)
        until = clock() + timedelta(days=1)
        consents.record(ada.contact_id, purpose="newsletter", is_granted=True, source="form", expires_at=until)
        assert consents.current(ada.contact_id, "newsletter").is_granted
        clock.now += timedelta(days=2)
        assert consents.current(ada.contact_id, "newsletter") is None
        assert consents.current(ada.contact_id, "calls") is None
        assert len(consents.of_contact(ada.contact_id)) == 3


def test_a_suppressed_address_or_domain_holds_however_it_is_written(store, scope):
    with store.write(scope, TESTER) as work:
        suppressions = Suppressions(work)
        suppressions.add("domain", "Lovelace.example", reason="competitor")
        assert suppressions.holding(email=ADA).reason == "competitor"
        assert suppressions.holding(email=EmailAddress.parse("grace@hopper.example")) is None
        suppressions.add("phone", "+44 20 7946 0000", reason="manual")
        assert suppressions.holding(phone="+442079460000").kind == "phone"
        first = suppressions.add("email", "Grace@Hopper.example", reason="unsubscribed", campaign_id="c1")
        assert suppressions.add("email", "grace@hopper.example", reason="manual", campaign_id="c1") is first
        grace = EmailAddress.parse("grace@hopper.example")
        assert suppressions.holding(email=grace) is None
        assert suppressions.holding(email=grace, campaign_id="c1") is first


def test_only_a_person_lifts_a_suppression(store, scope):
    with store.write(scope, TESTER) as work:
        held = Suppressions(work).add("email", ADA.value, reason="unsubscribed").suppression_id
    with pytest.raises(NotAllowed), store.write(scope, Actor("model", "agent")) as work:
        Suppressions(work).lift(held)
    with store.write(scope, TESTER) as work:
        assert Suppressions(work).lift(held).lifted_by == "tester"
        assert Suppressions(work).holding(email=ADA) is None
        Suppressions(work).add("email", ADA.value, reason="complained")
        assert Suppressions(work).holding(email=ADA).reason == "complained"


def test_a_decision_is_written_when_it_or_its_reason_changes(store, scope, clock):
    with store.write(scope, TESTER) as work:
        ledger = Decisions(work)
        said = (DecisionKind.SCORE, "contact", "c1", "hot")
        assert ledger.record(*said, "visited_pricing", {"score": 81}, "v1") is not None
        clock.now += timedelta(minutes=1)
        assert ledger.record(*said, "visited_pricing", {"score": 82}, "v1") is None
        assert ledger.record(*said, "asked_for_a_demo") is not None
        clock.now += timedelta(minutes=1)
        assert ledger.record(DecisionKind.SCORE, "contact", "c1", "warm", "asked_for_a_demo") is not None
        assert [row.outcome for row in ledger.about("contact", "c1")] == ["warm", "hot", "hot"]


def test_settings_have_versions_and_the_past_keeps_its_own(store, scope, clock):
    with store.write(scope, TESTER) as work:
        settings = OrganizationSettings(work)
        assert settings.current("scoring") is None
        first = settings.put("scoring", {"hot": 70})
        assert settings.put("scoring", {"hot": 70}) is first
        then = clock()
        clock.now += timedelta(days=1)
        settings.put("scoring", {"hot": 80})
        assert settings.current("scoring").value == {"hot": 80}
        assert settings.current("scoring", at=then).value == {"hot": 70}
        assert [(row.version, row.created_by) for row in settings.versions("scoring")] == [(2, "tester"), (1, "tester")]


def test_an_identity_decision_is_taken_back_never_changed(store, scope):
    pair = ("contact:c1", "anonymous:a1")
    with store.write(scope, TESTER) as work:
        identities = IdentityDecisions(work)
        same = identities.record(*pair, "same", rule="operator", evidence={"note": "on the phone"})
        assert identities.record(*reversed(pair), "same", rule="operator") is same
        identities.record(*pair, "different", rule="operator")
        assert same.revoked_at is not None
        assert [(row.verdict, row.revoked_at is None) for row in identities.of_node("contact:c1")] == [
            ("different", True),
            ("same", False),
        ]
        for wrong in (("contact:c1", "contact:c1"), ("person:1", "contact:c1"), ("contact", "contact:c1")):
            with pytest.raises(InvalidInput):
                identities.record(*wrong, "same", rule="operator")


def test_a_deal_moves_through_its_stages_with_history_and_a_line_for_the_contact(store, scope, ada, clock):
    with store.write(scope, TESTER) as work:
        deals = Deals(work)
        deal = deals.create(
            "Retainer", amount_minor=500_000, currency="EUR", contact_id=ada.contact_id, external_id="D1"
        )
        clock.now += timedelta(days=3)
        assert deals.move_to(deal, DealStage.WON)
        assert not deals.move_to(deal, DealStage.WON)
        assert deal.closed_at == clock()
        assert [row.to_stage for row in deals.history_of(deal.deal_id)] == ["opportunity", "won"]
        assert [line.kind for line in Activities(work).of_contact(ada.contact_id)] == ["deal_stage_change"]
        assert deals.of_contact(ada.contact_id) == [deal]
        with pytest.raises(Conflict):
            deals.create("Again", external_id="D1")


def test_nothing_refers_to_another_organizations_contact(store, scope):
    stranger = make_contact(store, make_organization(store).organization_id)
    with store.write(scope, TESTER) as work:
        for refer in (
            lambda: Deals(work).create("Theirs", contact_id=stranger.contact_id),
            lambda: Activities(work).add(kind="note", contact_id=stranger.contact_id),
            lambda: Consents(work).record(stranger.contact_id, purpose="x", is_granted=True, source="form"),
        ):
            with pytest.raises(NotFound):
                refer()


def test_a_rejected_event_waits_with_its_reason_until_it_gets_through(store, scope):
    with store.write(scope, TESTER) as work:
        rejected = RejectedEvents(work)
        first = rejected.add(reason="too_late", body="{not json")
        rejected.add(reason="unknown_type", body="{}")
        assert rejected.counts() == {"too_late": 1, "unknown_type": 1}
        rejected.note_attempt(first, got_through=False, reason="invalid_json", message="at 1")
        assert rejected.open(reason="invalid_json") == [first]
        rejected.note_attempt(first, got_through=True)
        assert (first.attempts, rejected.counts()) == (2, {"unknown_type": 1})
        assert first.body == "{not json"


def test_money_is_whole_minor_units_of_a_named_currency(store, scope):
    day = date(2026, 3, 2)
    with store.write(scope, TESTER) as work:
        campaign = Campaigns(work).create("Spring", utm_campaign="Spring_26")
        assert Campaigns(work).find_by_utm("spring_26") is campaign
        with pytest.raises(Conflict):
            Campaigns(work).create("Spring")
        spent = SpendEntries(work).add(
            spend_on=day, channel="Paid Search", amount_minor=12_345, currency="EUR", campaign_id=campaign.campaign_id
        )
        assert SpendEntries(work).between(day, day) == [spent]
        assert SpendEntries(work).between(day + timedelta(days=1), day + timedelta(days=2)) == []
        RevenueEntries(work).add(kind="recurring", amount_minor=100_000, currency="EUR", starts_on=day)
        ClientCosts(work).add(cost_on=day, kind="people", amount_minor=40_000, currency="EUR")
        assert len(RevenueEntries(work).all()) == len(ClientCosts(work).between(day, day)) == 1
        for wrong in ("eur", "EURO", ""):
            with pytest.raises(InvalidInput):
                SpendEntries(work).add(spend_on=day, channel="x", amount_minor=1, currency=wrong)


def test_a_missing_exchange_rate_is_missing_and_no_tenant_sets_one(store, scope):
    day = date(2026, 3, 2)
    with store.write(SYSTEM, TESTER) as work:
        FxRates(work).put(day, "EUR", "USD", 1.1)
        FxRates(work).put(day, "EUR", "USD", 1.12)
    with store.write(scope, TESTER) as work:
        assert FxRates(work).on(day, "EUR", "USD").rate == pytest.approx(1.12)
        assert FxRates(work).on(day, "USD", "EUR") is None
        with pytest.raises(NotAllowed):
            FxRates(work).put(day, "EUR", "USD", 99.0)


def test_an_attribute_stays_as_people_made_it(store, scope):
    with store.write(scope, TESTER) as work:
        attributes = AttributeDefinitions(work)
        made = attributes.ensure("duration", data_type="integer", label="Duration")
        attributes.change("duration", role="post_outcome")
        assert attributes.ensure("duration", data_type="text", role="feature") is made
        assert (made.data_type, made.role) == ("integer", "post_outcome")
        with pytest.raises(InvalidInput):
            attributes.ensure("x", data_type="blob")
