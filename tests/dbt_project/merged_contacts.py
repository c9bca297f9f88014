"""Contacts that were merged in the store, and one merge that was undone, as the change log tells of them."""

from __future__ import annotations

from typing import Any

from tests.dbt_project.world import World, at


def tell_of_merges(world: World) -> None:
    """Two records with a browser and a message each, in two organizations; in one of them they are merged already."""
    for organization in ("merged", "unmerged"):
        world.organization(organization)
        for number in (1, 2):
            contact = f"{organization}-{number}"
            world.contact(contact, first_name=f"Mel{number}", last_name=f"Stone{number}")
            world.event(f"{contact}-e1", at(), f"v-{contact}")
            world.event(f"{contact}-e2", at(minutes=1), f"v-{contact}", type="identify", email_hash=f"hash-{contact}")
            world.email(f"{contact}-m", "replied", at(days=2), contact_id=contact, email_hash=f"hash-{contact}")
    _merge(world, "unmerged", "same", merged_into_id="unmerged-1")


def tell_of_merges_later(world: World) -> None:
    """A merge where there was none, and an undo where there was one."""
    world.organization_id = "merged"
    _merge(world, "merged", "same", merged_into_id="merged-1")
    world.organization_id = "unmerged"
    _merge(world, "unmerged", "different", decision="-undo", merged_into_id=None)


def _merge(world: World, organization: str, verdict: str, *, decision: str = "", **values: Any) -> None:
    merged = f"{organization}-2"
    world.contact(merged, op="update", first_name="Mel2", last_name="Stone2", **values)
    if decision:
        _decide(world, organization, "same", "", revoked_at=at(days=20), decided_at=at(days=10))
    _decide(world, organization, verdict, decision, revoked_at=None, decided_at=at(days=20 if decision else 10))


def _decide(world: World, organization: str, verdict: str, decision: str, **values: Any) -> None:
    world.change(
        "identity_decision", f"{organization}-merge{decision}", left_node=f"contact:{organization}-1",
        right_node=f"contact:{organization}-2", verdict=verdict, rule="person", evidence={}, confidence=1.0,
        decided_by="user", **values,
    )  # fmt: skip
