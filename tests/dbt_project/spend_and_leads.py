"""Spend that comes twice, customers that pay by the month, and leads that somebody looked after, or nobody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.dbt_project.world import World, at

DAY = date(2026, 3, 2)


def tell_of_spend_and_leads(world: World) -> None:
    _spend_twice(world)
    _customers_who_pay(world)
    _leads_looked_after(world)


def _spend_twice(world: World) -> None:
    """Two files and a person speak of the same days."""
    world.organization("overlaps")

    def stated(spend_id: str, file: str, campaign: str | None, amount_minor: int, **changes: Any) -> None:
        world.spend(spend_id, DAY, amount_minor, "Paid Search", campaign=campaign, _batch_id=file,
                    _loaded_at=at(days=1 if file == "old.csv" else 2), **changes)  # fmt: skip

    stated("a-old", "old.csv", "Brand DACH", 100_00)
    stated("a-new", "new.csv", "brand-dach", 100_00, source="google")
    stated("b-old", "old.csv", "Generic", 40_00)
    stated("b-new", "new.csv", "generic", 45_00)
    stated("c-google", "old.csv", "Rivals", 7_00, source="google")
    stated("c-bing", "new.csv", "Rivals", 7_00, source="bing")
    world.spend("whole", DAY, 145_00, "Paid Search", _batch_id="account.csv", _loaded_at=at(days=3))
    world.spend("board-1", DAY, 9_00, "Billboard", _batch_id="old.csv", _loaded_at=at(days=1))
    world.spend("board-2", DAY, 9_00, "Tram", _batch_id="new.csv", _loaded_at=at(days=2))
    world.change("spend", "hand", spend_on=DAY, channel="Paid Search", amount_minor=40_00, currency="USD",
                 campaign_id="generic")  # fmt: skip
    world.change("campaign", "generic", name="GENERIC")
    world.spend("franc", DAY, 30_00, "Display", currency="CHF", _batch_id="old.csv", _loaded_at=at(days=1))


def _customers_who_pay(world: World) -> None:
    """One pays by the month since January, another paid once, a third has only the amount of a deal."""
    world.organization("payers")
    for name, won_at in (("monthly", at(days=-50)), ("once", at(days=-2)), ("deal", at(days=-1))):
        world.contact(name, at(days=-60), source="import")
        world.stage(name, "customer", won_at)
        world.deal(f"deal-{name}", name, "won", at(days=-55), closed_at=won_at)
    _revenue(world, "monthly", "recurring", 50_00, date(2026, 1, 15))
    _revenue(world, "once", "one_off", 300_00, date(2026, 3, 1))
    _revenue(world, "later", "one_off", 10_00, date(2026, 4, 30))  # due after the build
    world.event("pay-1", at(days=-58), "v-monthly", utm_source="google", utm_medium="cpc", utm_campaign="brand")
    world.event("pay-2", at(days=-58, minutes=1), "v-monthly", type="identify", email_hash="hash-monthly")


def _revenue(world: World, contact_id: str, kind: str, amount_minor: int, starts_on: date) -> None:
    world.change("revenue_entry", f"{contact_id}-{kind}", contact_id=contact_id if contact_id != "later" else "once",
                 kind=kind, amount_minor=amount_minor, currency="USD", starts_on=starts_on, ends_on=None)  # fmt: skip


def _leads_looked_after(world: World) -> None:
    """Of five leads of March four are reached, after 10, 20 and 60 minutes and before it was a lead; two answer, one
    meets us; a machine's answer is none. In February there was one, and nobody."""
    world.organization("cared_for")
    for number in range(1, 6):
        world.contact(f"care-{number}", at())
        world.stage(f"care-{number}", "lead", at())
    world.contact("care-0", at(days=-10))
    for number, minutes in ((1, 10), (2, 20), (3, 60), (4, -90)):
        _acted(world, f"care-{number}", "email", at(minutes=minutes), detail={"outbox_message_id": f"m{number}"})
        world.message(f"care-sent-{number}", "sent", at(minutes=minutes), f"care-{number}")
    _acted(world, "care-1", "email_reply", at(hours=5), actor_kind="contact")
    _acted(world, "care-2", "email_event", at(hours=5), actor_kind="bot", detail={"bounce": "hard"})
    world.message("care-bounced", "bounced", at(hours=5), "care-2")
    _acted(world, "care-2", "call", at(hours=6), actor_kind="user")
    _acted(world, "care-3", "meeting", at(days=2), actor_kind="user")
    _acted(world, "care-5", "note", at(minutes=5), actor_kind="user")
    world.email("care-m", "replied", at(hours=1), contact_id="care-4", is_machine=True)
    world.spend("care", DAY, 100_00, "Paid Search")


def _acted(world: World, contact_id: str, kind: str, when: datetime, **values: Any) -> None:
    defaults = {"detail": {}, "actor_kind": "system", "is_automated": kind in {"email", "email_event"}}
    world.change("activity", f"{contact_id}-{kind}", contact_id=contact_id, kind=kind, occurred_at=when, known_at=when,
                 **(defaults | values))  # fmt: skip
