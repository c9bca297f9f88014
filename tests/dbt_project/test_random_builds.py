"""Worlds drawn by chance, landed in pieces with a build after each: whatever came when, a build from nothing agrees."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from tests.dbt_project.test_builds import fingerprints
from tests.dbt_project.world import World, at

ORGANIZATIONS = ("north", "south")
LANDINGS = 3
SOURCES = [{}, {}, {"referrer": "https://www.google.com/"}, {"utm_source": "news", "utm_medium": "email"},
           {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "c1"}, {"gclid": "x"}]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [11, 12])
def test_whatever_lands_in_whatever_order_a_build_in_steps_equals_one_from_nothing(tmp_path, seed):
    world = World(tmp_path)
    chance = random.Random(seed)
    for landing in range(LANDINGS):
        world.landed_at = at(days=landing)
        for organization_id in ORGANIZATIONS:
            if landing == 0:
                world.organization(organization_id, time_zone="Europe/Berlin")
            world.organization_id = organization_id
            _draw(world, chance, landing)
        world.build()
    in_steps = fingerprints(world)
    world.close()
    single = World(tmp_path, threads=1)
    single.build(full_refresh=True)
    assert fingerprints(single) == in_steps
    single.close()


def _draw(world: World, chance: random.Random, landing: int) -> None:
    """A landing of one organization: half of its news is late, about visitors, contacts and decisions old and new."""
    here = world.organization_id
    people = [f"{here}-{number}" for number in range(8 + 2 * landing)]
    browsers = [f"{here}-v{number}" for number in range(15)]
    # Within three hours of a day, at full five minutes: sessions are long, and some moments shared.
    for number in range(60):
        day = chance.randrange(landing + 1) if chance.random() < 0.5 else landing
        when = at(days=day, minutes=5 * chance.randrange(36))
        _event(world, chance, f"{landing}-{number}", chance.choice(browsers), people, when)
    if landing:  # the same events once more, as a client that never heard the answer would send them
        for number in range(5):
            _event(world, chance, f"{landing - 1}-{number}", chance.choice(browsers), people, at(days=landing))
    for contact_id in people if landing == 0 else chance.sample(people, 4):
        op = "delete" if landing and chance.random() < 0.3 else "update" if landing else "insert"
        stage = chance.choice(["lead", "mql", "sql", "customer"])
        world.contact(contact_id, at(days=landing / 2), op, lifecycle_stage=stage, changed_at=at(days=landing))
        world.stage(contact_id, stage, at(days=landing, hours=chance.randrange(12)))
        world.email(
            f"{contact_id}-{landing}",
            chance.choice(["sent", "clicked", "replied"]),
            at(days=landing),
            contact_id=contact_id,
        )
        world.deal(f"d-{contact_id}", contact_id, chance.choice(["proposal", "won"]), at(days=landing))
    for number in range(3):
        revoked = {"revoked_at": at(days=landing)} if chance.random() < 0.4 else {}
        left = "contact:" + chance.choice(people) if chance.random() < 0.6 else "anonymous:" + chance.choice(browsers)
        world.change(
            "identity_decision", f"{here}-{chance.randrange(4)}", "update" if landing else "insert", left_node=left,
            right_node="contact:" + chance.choice(people), verdict=chance.choice(["same", "same", "different"]), rule="person",
            evidence={}, confidence=1.0, decided_by="user", decided_at=at(days=landing, minutes=number), **revoked,
        )  # fmt: skip
    if landing in {1, 2} and here == "south":
        world.setting("session_rules", inactivity_minutes=chance.choice([10, 45]), new_session_on_campaign=landing == 1)


def _event(world: World, chance: random.Random, number: str, browser: str, people: list[str], when) -> None:
    changes = dict(chance.choice(SOURCES))
    if chance.random() < 0.15:
        changes |= {"type": "identify", "email_hash": f"hash-{chance.choice(people)}"}
    elif chance.random() < 0.3:
        changes |= {"type": "page_ping", "properties": '{"engaged_seconds": 7.3}'}
    if chance.random() < 0.05:
        changes |= {"is_bot": True, "bot_reasons": "crawler_user_agent"}
    world.event(
        f"{world.organization_id}-{number}", when, browser if chance.random() < 0.9 else None,
        received_at=when + timedelta(seconds=1), session_hint=browser, **changes,
    )  # fmt: skip
