"""An agency with a client, somebody who may write, somebody who may only look, and the API as each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from domain.tenancy import Role
from serving.main import create_app
from storage.ops.repositories.login_sessions import LoginSessions
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_organization, make_user
from tests.factories.offices import Office


@pytest.fixture
def family(store):
    return make_agency_with_client(store, "Northwind")


@pytest.fixture
def stranger(store):
    """Another agency, whose rows nobody here may see."""
    return make_organization(store, "Elsewhere")


@pytest.fixture
def web(store, settings, clock) -> Iterator[TestClient]:
    api_only = settings.model_copy(update={"web": settings.web.model_copy(update={"role": "api"})})
    with TestClient(create_app(api_only, store=store, clock=clock)) as client:
        yield client


@pytest.fixture
def sign_in(store, web):
    """`sign_in(organization_id, role)` answers a client that acts as a new member there."""

    def opened(organization_id: str, role: Role = Role.OPERATOR) -> TestClient:
        user = make_user(store, organization_id, role=role)
        with store.write(SYSTEM, TESTER) as work:
            token = LoginSessions(work).create(user.user_id, lasts=timedelta(days=60))
        return TestClient(web.app, headers={"Authorization": f"Bearer {token}"})

    return opened


@pytest.fixture
def office(store, family, sign_in) -> Office:
    """The agency with people who may take leads."""
    return Office(store, family.agency.organization_id, sign_in(family.agency.organization_id, Role.ADMIN))


@pytest.fixture
def api(sign_in, family) -> TestClient:
    """An operator of the agency."""
    return sign_in(family.agency.organization_id)
