"""Who is whom and what is a machine, recovered from worlds whose truth is known."""

from __future__ import annotations

import pytest

from data.simulator.parameters import DEFAULT_CLIENTS, BotShares, WorldParameters
from tests.recovery import identity_of, mail_machines, website_machines
from tests.simulated import simulate

OTHERS = {
    "another seed": WorldParameters(seed=7, event_count=12_000),
    "many errors": WorldParameters(
        seed=11, event_count=12_000, duplicate_rate=0.3, shared_browser_share=0.12, cleared_cookies_share=0.3
    ),
    "many machines": WorldParameters(
        seed=13, event_count=12_000, clients=DEFAULT_CLIENTS[:2], vpn_share=0.03, gateway_share=0.4,
        bots=BotShares(crawler=0.1, headless=0.08, stealth=0.05, monitor=0.05, form_spam=0.01),
    ),
}  # fmt: skip


def test_people_are_recovered_in_the_default_world(default_world):
    found = identity_of(default_world)
    assert found.precision >= 0.99, found
    assert found.recall >= 0.97, found


def test_machines_are_recovered_in_the_default_world_and_hindsight_betters_the_first_look(default_world):
    for first, hindsight in (website_machines(default_world), mail_machines(default_world)):
        assert hindsight.precision >= 0.98, hindsight
        assert hindsight.recall >= 0.9, hindsight
        assert hindsight.wrong + hindsight.missed < first.wrong + first.missed


@pytest.mark.slow
@pytest.mark.parametrize("parameters", OTHERS.values(), ids=OTHERS.keys())
def test_other_worlds_are_recovered_within_bounds(parameters, tmp_path):
    world = simulate(parameters, tmp_path)
    world.build()
    found = identity_of(world)
    assert found.precision >= 0.98, found
    assert found.recall >= 0.95, found
    for first, hindsight in (website_machines(world), mail_machines(world)):
        assert hindsight.precision >= 0.97, hindsight
        assert hindsight.recall >= 0.88, hindsight
        assert hindsight.wrong + hindsight.missed < first.wrong + first.missed
    world.built.close()
