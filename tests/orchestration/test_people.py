"""People as the command line makes them, and lets them in again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.contacts import EmailAddress
from domain.errors import NotFound
from domain.one_time_codes import code_at, step_at
from orchestration.people import turn_off_second_factor
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.second_factors import SecondFactors
from tests.factories import SYSTEM, TESTER, make_organization, make_session, make_user


def test_who_lost_device_and_recovery_codes_is_let_in_again_and_signed_out_everywhere(store, clock):
    agency = make_organization(store)
    ada = make_user(store, agency.organization_id, email="ada@agency.example")
    token = make_session(store, ada.user_id)
    with store.write(SYSTEM, TESTER) as work:
        secret = SecondFactors(work).begin(ada.user_id)
        assert SecondFactors(work).confirm(ada.user_id, code_at(secret, step_at(clock())))
    assert turn_off_second_factor(store, EmailAddress(ada.email))
    clock.now += timedelta(minutes=1)
    with store.read(SYSTEM) as work:
        assert not SecondFactors(work).state(ada.user_id).is_on
        assert LoginSessions(work).find_live(token) is None
        assert Audit(work).about("user", ada.user_id)[0].action == "second_factor_off"
    assert not turn_off_second_factor(store, EmailAddress(ada.email))


def test_an_address_without_an_account_is_told(store):
    with pytest.raises(NotFound, match="nobody signs in as eve"):
        turn_off_second_factor(store, EmailAddress("eve@agency.example"))
