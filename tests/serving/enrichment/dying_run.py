"""A worker that is killed in the middle of a run: `python dying_run.py <data folder> <organization> <run> <origin>`."""

from __future__ import annotations

import sys
from pathlib import Path

from domain.clock import utc_now
from domain.settings import DataSettings, EnrichmentSettings, SecuritySettings, Settings
from domain.tenancy import Scope
from serving.enrichment.doors import Doors
from serving.enrichment.runs import carry_on
from storage.ops.store import Store
from tests.conftest import TEST_KEYS

folder, organization_id, run_id, origin = sys.argv[1:]
settings = Settings(
    data=DataSettings(dir=Path(folder)),
    security=SecuritySettings(keys=TEST_KEYS),
    enrichment=EnrichmentSettings(local_origins=frozenset({origin}), timeout_seconds=1.0),
)
print("begins", flush=True)
carry_on(
    Store.open(settings), settings, Scope.of(organization_id), run_id, Doors(settings), clock=utc_now, seconds=60
)  # fmt: skip
