"""An organization that enriches, and providers on loopback."""

from __future__ import annotations

import pytest

from tests.factories import make_organization
from tests.factories.enrichment import Desk


@pytest.fixture
def desk(sqlite_store, settings, vendors) -> Desk:
    vendors.forget()
    return Desk(sqlite_store, settings, make_organization(sqlite_store, "Northwind").organization_id, vendors)


@pytest.fixture
def desk_anywhere(store, settings, vendors) -> Desk:
    """The same, on both databases."""
    vendors.forget()
    return Desk(store, settings, make_organization(store, "Northwind").organization_id, vendors)
