"""Sharing counts is off until somebody turns it on, for one client, with a reason that stays; taking it back leaves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.decisions import DecisionKind
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.priors.chances import ClientPrior, LevelPrior
from domain.priors.features import Count
from domain.priors.switches import SETTING, SUBJECT, Switches, read_switches
from domain.tenancy import Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.shared_learning import SharedLearning
from storage.ops.tables import ChangeLog, ScorePrior
from tests.conftest import NOON
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_organization

PRIOR = ClientPrior(0.1, 50, 0.5, 3, 1200, Count(30, 2), {("source", "form"): LevelPrior(0.3, 20, 3, 400)})
WHY = "Agreed in the contract of 3 March"


@pytest.fixture
def family(store):
    return make_agency_with_client(store, "Home")


@pytest.fixture
def client(family):
    return Scope.of(family.client.organization_id)


def switch(store, scope, *, gives=True, uses=True, reason=WHY):
    with store.write(scope, TESTER) as work:
        return SharedLearning(work).switch(gives=gives, uses=uses, by="ada@home.example", reason=reason).switches


def test_it_is_off_until_somebody_turns_it_on_with_a_reason(store, client, clock):
    with store.read(client) as work:
        assert (SharedLearning(work).held().switches, SharedLearning(work).held().since) == (Switches(), None)
    with pytest.raises(InvalidInput):
        switch(store, client, reason=" ")
    assert switch(store, client, uses=False) == Switches(True, False, "ada@home.example", WHY)
    with store.read(client) as work:
        (entry,) = Audit(work).about(SUBJECT, client.organization_id)
        (line,) = Decisions(work).about(SUBJECT, client.organization_id)
        assert entry.action == "shared_learning.switched"
        assert (line.kind, line.outcome, line.detail["note"]) == (DecisionKind.PRIOR, "switched", WHY)
        assert SharedLearning(work).held().since == clock()


def test_what_is_not_plainly_on_is_off():
    assert read_switches({"gives": "yes", "uses": 1}) == Switches()


def test_an_agency_has_no_switch_of_its_own(store, family):
    with pytest.raises(Conflict):
        switch(store, Scope.of(family.agency.organization_id))


def test_what_scores_start_from_has_no_history_and_goes_when_it_is_not_used_any_more(store, client):
    switch(store, client)
    with store.write(client, TESTER) as work:
        shared = SharedLearning(work)
        shared.keep_prior(PRIOR, NOON)
        shared.keep_prior(ClientPrior(0.2, 50, 0.5, 4, 1300), NOON + timedelta(days=1))
        assert shared.prior().prior.mean == 0.2
        assert len(work.session.scalars(select(ScorePrior)).all()) == 1
    switch(store, client, uses=False)
    with store.read(client) as work:
        assert SharedLearning(work).prior() is None
        assert "score_priors" not in {row.entity for row in work.session.scalars(select(ChangeLog))}


def test_a_prior_is_read_as_it_was_kept_and_by_nobody_else(store, client, family):
    with store.write(client, TESTER) as work:
        SharedLearning(work).keep_prior(PRIOR, NOON)
        assert SharedLearning(work).prior().prior == PRIOR
    agency = Scope.of(family.agency.organization_id, client.organization_id)
    for other in (agency, Scope.of(make_organization(store, "Stranger").organization_id)):
        with store.read(other) as work:
            assert SharedLearning(work).prior() is None


def test_an_agency_sees_the_switches_of_its_clients_and_of_no_others(store, family, client):
    strange = make_agency_with_client(store, "Strange")
    for scope in (client, Scope.of(strange.client.organization_id)):
        switch(store, scope)
    with store.read(Scope.of(family.agency.organization_id, client.organization_id)) as work:
        shared = SharedLearning(work)
        assert [one.organization.organization_id for one in shared.clients()] == [client.organization_id]
        with pytest.raises(NotFound):
            shared.held(strange.client.organization_id)
        with pytest.raises(NotAllowed):
            shared.families()


def test_families_never_mix_agencies(store, family, client):
    strange = make_agency_with_client(store, "Strange")
    with store.write(SYSTEM, TESTER) as work:
        silent = Organizations(work).create_client(family.agency.organization_id, "Silent").organization_id
    for scope in (client, Scope.of(strange.client.organization_id)):
        switch(store, scope, uses=False)
    with store.read(SYSTEM) as work:
        found = SharedLearning(work).families()
        assert SharedLearning(work).last_turned_at() is not None
    assert set(found) == {family.agency.organization_id, strange.agency.organization_id}
    assert set(found[family.agency.organization_id]) == {client.organization_id}, f"{silent} never turned its switch"
    assert SETTING == "shared_learning"
