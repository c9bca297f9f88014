"""A story: browsers of one person, of two, and one of which a person says whose it is not."""

from __future__ import annotations

from tests.dbt_project.world import World, at


def tell_of_shared_browsers(world: World) -> None:
    world.organization("browsers")
    for name in ("ruth", "nora"):
        world.contact(name)
    _say(world, "own", "ruth", "form")
    _say(world, "shared", "ruth", "form")
    _say(world, "shared", "nora", "identify_unsigned", days=1)
    _say(world, "judged", "ruth", "manual", "different")
    _say(world, "judged", "ruth", "identify_signed", days=2)


def _say(world: World, browser: str, contact: str, rule: str, verdict: str = "same", *, days: int = 0) -> None:
    world.change(
        "identity_decision", f"{browser}-{contact}-{rule}-{verdict}", left_node=f"anonymous:{browser}",
        right_node=f"contact:{contact}", verdict=verdict, rule=rule, evidence={}, confidence=0.9,
        decided_by="user-1", decided_at=at(days=days), revoked_at=None,
    )  # fmt: skip
