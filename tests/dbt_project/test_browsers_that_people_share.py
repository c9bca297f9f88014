"""What forms and identify calls say of a browser ties it to one person, and never joins two."""

from __future__ import annotations

import pytest

from models_ml.identity.components import build_components
from tests.dbt_project.world import World, at


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.organization("org-a")
    for name in ("ada", "eve"):
        made.contact(name)
    yield made
    made.close()


def say(world: World, browser: str, contact: str, rule: str, verdict: str = "same", *, days: int = 0) -> None:
    world.change(
        "identity_decision", f"{browser}-{contact}-{rule}-{verdict}", left_node=f"anonymous:{browser}",
        right_node=f"contact:{contact}", verdict=verdict, rule=rule, evidence={}, confidence=0.9,
        decided_by="user-1", decided_at=at(days=days), revoked_at=None,
    )  # fmt: skip


def people_of(world: World) -> dict[str, str]:
    world.land()
    world.dbt("build", "--select", "tag:before_identity")
    build_components(world.lake)
    return {row["node"]: row["person_id"] for row in world.rows("select * from lake.intermediate.identity_components")}


def test_a_shared_browser_joins_nobody_and_a_persons_word_outranks_a_pages(world):
    say(world, "own", "ada", "form")
    say(world, "shared", "ada", "form")
    say(world, "shared", "eve", "identify_unsigned", days=1)
    say(world, "judged", "ada", "manual", "different")
    say(world, "judged", "ada", "identify_signed", days=2)
    people = people_of(world)
    assert people["anonymous:own"] == people["contact:ada"]
    assert people["contact:ada"] != people["contact:eve"]
    assert people["anonymous:shared"] not in {people["contact:ada"], people["contact:eve"]}
    assert people["anonymous:judged"] != people["contact:ada"]
