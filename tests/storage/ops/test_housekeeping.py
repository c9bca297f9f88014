"""Housekeeping: what is in the lake may go from the store, but not before, and not what the next decision needs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from domain.decisions import DecisionKind
from domain.tenancy import Scope
from storage.ops.housekeeping import tidy_store
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.tables import ChangeLog, DecisionLedger, LoginSession
from tests.factories import SYSTEM, TESTER, make_organization, make_session, make_user


def decide(store, scope, *outcomes):
    for outcome in outcomes:
        with store.write(scope, TESTER) as work:
            Decisions(work).record(DecisionKind.SCORE, "contact", "c1", outcome, "rules")
        store.clock.now += timedelta(hours=1)


def outcomes_left(store):
    with store.read(SYSTEM) as work:
        return work.session.scalars(select(DecisionLedger.outcome).order_by(DecisionLedger.decided_at)).all()


def land(store):
    with store.write(SYSTEM, TESTER) as work:
        work.session.execute(delete(ChangeLog))


def test_old_decisions_go_once_they_have_landed_and_the_last_one_stays(store, clock):
    scope = Scope.of(make_organization(store).organization_id)
    decide(store, scope, "cold", "warm", "hot")
    clock.now += timedelta(days=31)
    assert tidy_store(store, clock)["decision_ledger"] == 0
    land(store)
    assert tidy_store(store, clock)["decision_ledger"] == 2
    assert outcomes_left(store) == ["hot"]
    decide(store, scope, "hot")
    assert outcomes_left(store) == ["hot"]


def test_young_decisions_stay_and_deleting_one_is_no_change_of_its_own(store, clock):
    scope = Scope.of(make_organization(store).organization_id)
    decide(store, scope, "cold", "warm")
    land(store)
    assert tidy_store(store, clock)["decision_ledger"] == 0
    clock.now += timedelta(days=31)
    tidy_store(store, clock)
    with store.read(SYSTEM) as work:
        assert work.session.scalars(select(ChangeLog)).all() == []


def test_sessions_go_a_month_after_their_end(store, clock):
    user = make_user(store, make_organization(store).organization_id)
    make_session(store, user.user_id)
    clock.now += timedelta(days=20)
    token = make_session(store, user.user_id)
    clock.now += timedelta(days=11, hours=1)
    assert tidy_store(store, clock)["login_sessions"] == 1
    with store.read(SYSTEM) as work:
        assert len(work.session.scalars(select(LoginSession)).all()) == 1
        assert LoginSessions(work).find_live(token) is None
