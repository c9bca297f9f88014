"""A lake with marts of the agency, and nothing of its client."""

from __future__ import annotations

import pytest

from storage.lake import Lake
from tests.app.small_lake import fill


@pytest.fixture
def marts(settings, family) -> Lake:
    lake = Lake.open(settings)
    fill(lake, family.agency.organization_id)
    yield lake
    lake.close()
