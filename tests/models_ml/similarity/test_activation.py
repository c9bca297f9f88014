"""Back in the store: every company as the build has it, written only where it says something new."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Scope
from models_ml.similarity.activation import activate_companies, left_alone_and_marked
from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.index import embed_organization
from models_ml.similarity.lookalikes import find_lookalikes
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.consents import Suppressions
from tests.factories import TESTER, make_agency_with_client
from tests.models_ml.similarity.conftest import made_up


@pytest.fixture
def family(store):
    return make_agency_with_client(store)


def listed(store, scope, **asked):
    with store.read(scope) as work:
        return CompanyLists(work).page(limit=200, **asked).rows


def test_companies_and_lookalikes_reach_the_store(store, family, company_lake, clock):
    organization_id = family.agency.organization_id
    company_lake.add(
        organization_id, made_up(120, told=False), last_seen_at=clock() - timedelta(days=3), session_count=4
    )
    embed_organization(company_lake.lake, company_lake.settings, organization_id, embedder=HashingEmbedder())
    report = find_lookalikes(company_lake.lake, company_lake.settings, organization_id)
    done = activate_companies(company_lake.lake, store, organization_id, clock=clock)
    assert (done.company_count, done.written_count, done.removed_count) == (120, 120, 0)
    found = {row.company_id: row for row in listed(store, family.agency_scope)}
    best = report.found.lookalikes[0]
    row = found[best.company_id]
    assert (row.lookalike_rank, row.lookalike_score, row.lookalike_reasons) == (1, best.score, best.reasons)
    assert (row.status, row.session_count, row.last_seen_at) == ("prospect", 4, clock() - timedelta(days=3))
    assert (row.activity, row.richness, row.quality) == (3, 3, 6)
    assert {row.status for row in found.values()} == {"prospect", "customer"}
    assert activate_companies(company_lake.lake, store, organization_id, clock=clock).written_count == 0


def test_a_company_that_is_gone_leaves_the_list_and_others_stay(store, family, company_lake, clock):
    for organization in (family.agency, family.client):
        company_lake.add(organization.organization_id, made_up(30))
        activate_companies(company_lake.lake, store, organization.organization_id, clock=clock)
    with company_lake.lake.writer() as cursor:
        cursor.execute(
            "delete from marts.companies where company_id < 'c0010' and organization_id = ?",
            [family.agency.organization_id],
        )
    done = activate_companies(company_lake.lake, store, family.agency.organization_id, clock=clock)
    assert (done.written_count, done.removed_count) == (0, 10)
    assert len(listed(store, family.agency_scope)) == 20
    assert len(listed(store, Scope.of(family.client.organization_id))) == 30


def test_companies_that_must_not_be_contacted_are_known(store, family, company_lake, clock):
    organization_id = family.agency.organization_id
    company_lake.add(organization_id, made_up(10))
    assert left_alone_and_marked(company_lake.lake, store, organization_id)[0] == set()
    with store.write(family.agency_scope, TESTER) as work:
        Suppressions(work).add("domain", "firm0003.example", reason="competitor")
        Suppressions(work).add("company", "c0005", reason="legal")
    assert left_alone_and_marked(company_lake.lake, store, organization_id)[0] == {"c0003", "c0005"}
