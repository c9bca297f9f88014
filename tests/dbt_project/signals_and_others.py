"""Four hundred companies with signals, of which one kind doubles what comes of it and another does nothing."""

from __future__ import annotations

import random
from datetime import datetime

from tests.dbt_project.world import World, at

ORGANIZATION = "worth"
WORTH = {"hiring": 2.0, "news": 1.0}
"""How many times as often companies with such a signal buy, in truth."""
MOMENT = at(days=-60)


def tell_of_signals(world: World) -> None:
    """Who is qualified has signals more often and buys more often: counted without looking at that, news would seem to
    help."""
    world.organization(ORGANIZATION)
    chance = random.Random(3)
    for number in range(400):
        is_qualified = chance.random() < 0.5
        company_id, contact_id = f"w-co-{number}", f"w-{number}"
        world.change("company", company_id, name=company_id, domain=f"{company_id}.example", attributes={})
        world.contact(contact_id, at(days=-200), company_id=company_id, lifecycle_stage="lead")
        if is_qualified:
            world.stage(contact_id, "mql", at(days=-150))
        buys = 0.25 if is_qualified else 0.08
        for kind, worth in WORTH.items():
            if chance.random() < (0.45 if is_qualified else 0.15):
                signal(world, f"{kind}-{number}", company_id, kind, MOMENT)
                buys *= worth
        if chance.random() < buys:
            world.stage(contact_id, "customer", at(days=-59 + chance.randrange(28)))


def signal(world: World, signal_id: str, company_id: str, kind: str, when: datetime) -> None:
    world.change(
        "buying_signal", signal_id, company_id=company_id, kind=kind, source="test", strength=10.0,
        half_life_days=30.0, observed_at=when, created_at=when,
    )  # fmt: skip
