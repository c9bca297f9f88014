"""The default world, landed and built once a session: what is known to be true, beside what the product made of it.

    def test_bots_are_found(default_world):
        judged = default_world.rows("select event_id, is_bot from lake.intermediate.int_events_timed")
        truth = default_world.truth["traffic"]          # an Arrow table; all of them are listed in data/simulator/truth.py

Some 20,000 website events of four clients over 120 days. A test that needs another world draws one with `simulate`, which
takes the same seconds again: share it among the tests of a module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from data.simulator.parameters import WorldParameters
from data.simulator.truth import read_truth
from data.simulator.world import World
from domain.settings import DataSettings, SecuritySettings, Settings
from ingest.landing import land
from orchestration.people import create_organization
from orchestration.simulation import load_world
from storage.lake import Lake
from storage.ops import migrate
from storage.ops.store import Store
from tests.dbt_project.world import World as Built

DEFAULT = WorldParameters(event_count=20_000)
KEYS = "test:" + "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0="


@dataclass(frozen=True)
class SimulatedWorld:
    """A lake with a world in it, and the truth about it.

    `organizations`: slug, as in the truth, to organization id. `truth`: table by name. `now`: the moment of the landing
    and of every build, midnight after the last day.
    """

    parameters: WorldParameters
    folder: Path
    settings: Settings
    organizations: dict[str, str]
    truth: dict[str, pa.Table]
    built: Built
    now: datetime

    @property
    def lake(self) -> Lake:
        return self.built.lake

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Answers of the lake (`lake.marts.contacts` …)."""
        return self.built.rows(sql)

    def build(self, *, full_refresh: bool = False) -> None:
        """Every dbt layer, and the components between them."""
        self.built.build(full_refresh=full_refresh, build_at=self.now)


def simulate(parameters: WorldParameters, folder: Path) -> SimulatedWorld:
    """Draws, loads and lands a world in a folder of its own; builds nothing yet."""
    until = World(parameters).ends_on
    now = datetime.combine(until, time(), UTC)
    settings = Settings(data=DataSettings(dir=folder), security=SecuritySettings(keys=SecretStr(KEYS)))
    migrate.upgrade(settings)
    store, lake = Store.open(settings, clock=lambda: now), Lake.open(settings)
    lake.migrate()
    agency = create_organization(store, name="Northlight Agency", currency="EUR")
    loaded = load_world(
        store, lake, parameters, folder / "world", agency=agency.slug, until=until, clock=lambda: now,
        progress=lambda *_: None, gate=False,
    )  # fmt: skip
    land(store, lake, clock=lambda: now)
    store.close()
    lake.close()
    organizations = {named.slug: named.organization_id for named in loaded.clients}
    return SimulatedWorld(parameters, folder, settings, organizations, read_truth(folder / "world"), Built(folder), now)


@pytest.fixture(scope="session")
def default_world(tmp_path_factory) -> Iterator[SimulatedWorld]:
    """The default world, built. Read it only: all tests of the session share it."""
    world = simulate(DEFAULT, tmp_path_factory.mktemp("default_world"))
    world.build()
    yield world
    world.built.close()
