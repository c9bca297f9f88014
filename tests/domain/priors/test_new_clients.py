"""A new client with thirty leads, in agencies whose truth is known: its chances are nearer to the truth with the prior."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from domain.priors.disclosure import Rules
from domain.priors.making import make_prior
from tests.domain.priors.worlds import OUTCOME, agency, tally_of

WORLDS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """Log-loss and Brier score of the newcomer's next leads, in expectation, and how often the interval held the truth."""

    loss: float
    loss_alone: float
    brier: float
    brier_alone: float
    covered: float
    weight: float


@cache
def outcomes(own_leads: int, clients: int = 6, common: float = 0.6, own: float = 0.25) -> list[Outcome]:
    return [outcome for seed in range(WORLDS) if (outcome := _outcome(seed, own_leads, clients, common, own))]


def _outcome(seed: int, own_leads: int, clients: int, common: float, own: float) -> Outcome | None:
    chance = np.random.default_rng(seed)
    newcomer, *others = agency(chance, clients, common=common, own=own)
    tallies = {}
    for number, client in enumerate(others):
        people, _, good = client.draw(chance, int(chance.integers(150, 1500)))
        tallies[f"client-{number}"] = tally_of(people, good)
    people, _, good = newcomer.draw(chance, own_leads)
    made = make_prior(tallies, "newcomer", tally_of(people, good), Rules())
    if made.prior is None:  # one client makes up most of the others
        return None
    later, truth, _ = newcomer.draw(chance, 1500)
    chances = made.prior.chances()
    found = [chances.of(levels) for levels in later]
    promised = np.array([one.probability for one in found])
    alone = np.full(len(later), (good.sum() + 0.5) / (own_leads + 1))
    covered = np.mean([one.low <= true <= one.high for one, true in zip(found, truth, strict=True)])
    return Outcome(
        _loss(truth, promised), _loss(truth, alone), _brier(truth, promised), _brier(truth, alone), float(covered),
        made.prior.weight,
    )  # fmt: skip


def _loss(truth, promised) -> float:
    return float(-(truth * np.log(promised) + (1 - truth) * np.log1p(-promised)).mean())


def _brier(truth, promised) -> float:
    return float((truth * (1 - promised) ** 2 + (1 - truth) * promised**2).mean())


@pytest.mark.parametrize("own_leads", [0, 30, 100])
def test_chances_are_better_with_the_prior_than_by_ones_own_leads_alone(own_leads):
    found = outcomes(own_leads)
    assert len(found) >= 0.8 * WORLDS
    assert np.mean([one.loss < one.loss_alone and one.brier < one.brier_alone for one in found]) >= 0.9
    assert np.mean([one.loss for one in found]) < 0.92 * np.mean([one.loss_alone for one in found])
    assert np.mean([one.brier for one in found]) < 0.95 * np.mean([one.brier_alone for one in found])


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    assert np.mean([one.covered for own_leads in (0, 30, 100) for one in outcomes(own_leads)]) >= 0.9


def test_where_clients_have_nothing_in_common_features_are_hardly_believed_and_little_is_lost():
    found = outcomes(30, common=0.0, own=0.5)
    assert np.mean([one.weight for one in found]) < 0.4
    assert np.mean([one.loss for one in found]) < 1.02 * np.mean([one.loss_alone for one in found])
    assert np.mean([one.covered for one in found]) >= 0.85


def test_a_client_that_counts_something_else_starts_from_nothing():
    chance = np.random.default_rng(1)
    given = {str(number): tally_of(*_two(client, chance)) for number, client in enumerate(agency(chance, 4))}
    own = tally_of([], np.zeros(0), "attribute:subscribed")
    assert make_prior(given, "new", own, Rules()).reason == "too_few_clients"
    assert make_prior(given, "new", tally_of([], np.zeros(0), OUTCOME), Rules()).reason == "enough_clients"


def _two(client, chance):
    people, _, good = client.draw(chance, 400)
    return people, good
