"""Who is whom and what is a machine, recovered from worlds whose truth is known."""

from __future__ import annotations

import pytest

from data.simulator.parameters import DEFAULT_CLIENTS, BotShares, WorldParameters
from tests.recovery import identity_of, mail_machines, website_machines
from tests.simulated import simulate

TWENTY = tuple(
    DEFAULT_CLIENTS[number % 4].model_copy(update={"name": f"Client {number:02}", "share": 1.0 / (1 + number)})
    for number in range(20)
)
OTHERS = {
    "another seed": WorldParameters(seed=7, event_count=12_000),
    "many errors": WorldParameters(
        seed=11, event_count=12_000, duplicate_rate=0.3, shared_browser_share=0.12, cleared_cookies_share=0.3
    ),
    "many machines": WorldParameters(
        seed=13, event_count=12_000, clients=DEFAULT_CLIENTS[:2], vpn_share=0.03, gateway_share=0.4,
        bots=BotShares(crawler=0.1, headless=0.08, stealth=0.05, monitor=0.05, form_spam=0.01),
    ),
    "half of them twice, blanks": WorldParameters(seed=104, event_count=12_000, duplicate_rate=0.5, missing_rate=0.3),
    "a quarter share a browser": WorldParameters(
        seed=103, event_count=12_000, shared_browser_share=0.25, second_device_share=0.7
    ),
    "gateways nearly everywhere": WorldParameters(
        seed=105, event_count=12_000, gateway_share=0.7, machine_open_share=0.8, prospect_share=0.3
    ),
    "hardly a machine": WorldParameters(
        seed=106, event_count=12_000, gateway_share=0.05, machine_open_share=0.1,
        bots=BotShares(crawler=0.004, headless=0.002, stealth=0.002, monitor=0.002, form_spam=0.001),
    ),
    "many by VPN, few with consent": WorldParameters(
        seed=201, event_count=10_000, vpn_share=0.15, without_consent_share=0.4, second_device_share=0.9,
        cleared_cookies_share=0.5,
    ),
    "one client": WorldParameters(seed=101, event_count=8_000, clients=DEFAULT_CLIENTS[2:3]),
    "twenty clients": WorldParameters(seed=102, event_count=20_000, clients=TWENTY),
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
