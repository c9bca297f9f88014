"""One lake, built three times at most in a test run: after the first landing, after the second, and from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from orchestration import rejudging
from tests.dbt_project.stories import continue_the_stories, tell
from tests.dbt_project.world import BUILD_AT, World

LAYERS = ("staging", "intermediate", "marts", "features")


@dataclass(frozen=True, slots=True)
class Told:
    """The world after both landings, and what the training rows were after the first."""

    world: World
    training_before: list[dict[str, Any]]
    credits_before: list[dict[str, Any]]
    """Of the brothers who were still one person."""

    def rows(self, table: str, organization_id: str, order: str = "1, 2") -> list[dict[str, Any]]:
        return self.world.rows(
            f"select * from lake.{table} where organization_id = '{organization_id}' order by {order}"
        )


@pytest.fixture(scope="session")
def told(tmp_path_factory) -> Iterator[Told]:
    """All stories, landed in two parts with a build after each."""
    world = World(tmp_path_factory.mktemp("stories"))
    tell(world)
    world.build()
    before = world.rows("select * from lake.features.contact_training_rows order by contact_id")
    joined = world.rows(
        "select * from lake.marts.attribution_credits where organization_id = 'twice' and model = 'linear' "
        "and attribution_level = 'person' order by all"
    )
    continue_the_stories(world)
    world.build(between=lambda lake: rejudging.begin(lake, BUILD_AT))
    rejudging.finish(world.lake, rejudging.MARTS)
    rejudging.finish(world.lake, rejudging.SCORES)
    yield Told(world, before, joined)
    world.close()
