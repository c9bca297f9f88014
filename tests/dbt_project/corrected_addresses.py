"""Contacts whose address was corrected in the store, as the change log tells of them."""

from __future__ import annotations

from tests.dbt_project.world import World, at


def tell_of_addresses(world: World) -> None:
    """Two people, each with a browser that said their address."""
    world.organization("corrected")
    for contact in ("ina", "kay"):
        world.contact(contact, email_hash=f"hash-{contact}-old")
        world.event(f"{contact}-e1", at(), f"v-{contact}")
        world.event(f"{contact}-e2", at(minutes=1), f"v-{contact}", type="identify", email_hash=f"hash-{contact}-old")


def tell_of_addresses_later(world: World) -> None:
    """Both are corrected; what was one's old address belongs to somebody new by now."""
    world.organization_id = "corrected"
    for contact in ("ina", "kay"):
        world.contact(contact, op="update", email_hash=f"hash-{contact}-new", changed_at=at(days=10))
        world.change(
            "identity_decision", f"{contact}-former", left_node=f"contact:{contact}",
            right_node=f"email:hash-{contact}-old", verdict="same", rule="former_address", evidence={}, confidence=1.0,
            decided_by="user", decided_at=at(days=10), revoked_at=None,
        )  # fmt: skip
    world.contact("liv", at(days=11), email_hash="hash-kay-old")
    world.event("ina-e3", at(days=12), "v-ina-phone")
    world.event("ina-e4", at(days=12, minutes=1), "v-ina-phone", type="identify", email_hash="hash-ina-old")
