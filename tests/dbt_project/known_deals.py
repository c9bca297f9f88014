"""Deals of which we knew more and more: moved, priced anew, brought along with a past, deleted."""

from __future__ import annotations

from datetime import datetime

from tests.dbt_project.world import World, at


def tell_of_known_deals(world: World) -> None:
    world.organization("dealbook")
    world.contact("buyer")
    world.deal("moved", "buyer", "opportunity", at(), changed_at=at(), pipeline="default")
    _enters(world, "moved", "opportunity", at(), at())
    _enters(world, "moved", "proposal", at(days=5), at(days=7))
    world.deal("brought", "buyer", "won", at(days=-40), changed_at=at(days=3), closed_at=at(days=-20))
    for stage, day in (("opportunity", -40), ("proposal", -30), ("won", -20)):
        _enters(world, "brought", stage, at(days=day), at(days=3))
    world.deal("gone", "buyer", "proposal", at(days=1), changed_at=at(days=1), currency="CHF")
    world.change("deal", "gone", "delete", stage="proposal", amount_minor=100_00, currency="CHF", opened_at=at(days=1),
                 changed_at=at(days=4))  # fmt: skip


def tell_of_known_deals_later(world: World) -> None:
    """It costs more and is won; what was known before stays as it was."""
    world.organization_id = "dealbook"
    world.change("deal", "moved", "update", contact_id="buyer", stage="won", amount_minor=250_00, currency="USD",
                 opened_at=at(), closed_at=at(days=12), changed_at=at(days=12), expected_close_on="2026-03-20")  # fmt: skip
    _enters(world, "moved", "won", at(days=12), at(days=12))


def _enters(world: World, deal_id: str, stage: str, occurred_at: datetime, known_at: datetime) -> None:
    world.change("deal_stage_change", f"{deal_id}-{stage}", deal_id=deal_id, to_stage=stage, occurred_at=occurred_at,
                 known_at=known_at, changed_at=known_at)  # fmt: skip
