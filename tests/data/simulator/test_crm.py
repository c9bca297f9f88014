"""A client's past in the store: backdated, once, and the same whether it is written in one go or day by day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np
import pytest

from data.simulator.client import draw_client
from data.simulator.crm import LEAK, contact_ids, write_crm, write_rates
from data.simulator.parameters import ClientPlan, WorldParameters
from domain.tenancy import Scope
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.money import RevenueEntries
from tests.factories import make_organization

WORLD = WorldParameters(
    event_count=6_000, clients=(ClientPlan(name="Acme", share=1, lead_rate=0.2, customer_rate=0.4),)
)


@pytest.fixture(scope="module")
def client():
    return draw_client(WORLD, WORLD.clients[0])


def day(number: int) -> datetime:
    from datetime import UTC

    return datetime.combine(WORLD.starts_on + timedelta(days=number), time(), UTC)


def told(store, scope, client):
    """What the store says of every contact and deal."""
    with store.read(scope) as work:
        contacts, deals = Contacts(work), Deals(work)
        found = {}
        for external_id, contact_id in contact_ids_of(store, scope, client).items():
            contact = contacts.get(contact_id)
            stages = [(change.to_stage, change.occurred_at) for change in contacts.history_of(contact_id)]
            sold = [
                (deal.stage, deal.amount_minor, [(c.to_stage, c.occurred_at) for c in deals.history_of(deal.deal_id)])
                for deal in deals.of_contact(contact_id)
            ]
            found[external_id] = (contact.lifecycle_stage, contact.known_at, contact.attributes, stages, sold)
        revenue = sorted((row.kind, row.amount_minor, str(row.starts_on)) for row in RevenueEntries(work).all())
    return found, revenue


def contact_ids_of(store, scope, client):
    return contact_ids(store, scope, client)


def test_a_second_run_adds_nothing(store, client):
    scope = Scope.of(make_organization(store).organization_id)
    first = write_crm(store, scope, client, until=day(120))
    assert first.contact_count > 30
    assert not write_crm(store, scope, client, until=day(120))


def test_in_parts_it_is_what_it_is_in_one_go(sqlite_store, client):
    whole, parts = (Scope.of(make_organization(sqlite_store, name=name).organization_id) for name in ("Whole", "Parts"))
    write_crm(sqlite_store, whole, client, until=day(120))
    for number in (30, 31, 77, 120):
        write_crm(sqlite_store, parts, client, until=day(number))
    assert told(sqlite_store, parts, client) == told(sqlite_store, whole, client)


def test_only_customers_have_the_attribute_that_tells_the_outcome(sqlite_store, client):
    scope = Scope.of(make_organization(sqlite_store).organization_id)
    write_crm(sqlite_store, scope, client, until=day(120))
    contacts, revenue = told(sqlite_store, scope, client)
    leaked = {stage for stage, _, attributes, _, _ in contacts.values() if LEAK in attributes}
    assert leaked == {"customer"}
    assert revenue
    assert len({len(attributes) for _, _, attributes, _, _ in contacts.values()}) > 1  # some are blank


def test_nothing_is_known_before_it_happened(sqlite_store, client):
    scope = Scope.of(make_organization(sqlite_store).organization_id)
    write_crm(sqlite_store, scope, client, until=day(60))
    contacts, _ = told(sqlite_store, scope, client)
    moments = [known_at for _, known_at, _, _, _ in contacts.values()]
    moments += [at for _, _, _, stages, _ in contacts.values() for _, at in stages]
    assert max(moments) < day(60)
    assert len(contacts) < np.sum(np.isfinite(client.careers.known_at)) + len(client.duplicates.contact)


def test_rates_written_twice_are_the_same_rates(sqlite_store):
    from sqlalchemy import func, select

    from storage.ops.tables import FxRate

    counts = []
    for _ in range(2):
        write_rates(sqlite_store, WORLD.starts_on, WORLD.starts_on + timedelta(days=30))
        with sqlite_store.read(Scope.of("anybody")) as work:
            counts.append(work.session.scalar(select(func.count()).select_from(FxRate)))
    assert counts[0] == counts[1] > 0
