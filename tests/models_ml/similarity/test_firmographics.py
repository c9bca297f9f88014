"""How typical a company is of the seeds, as odds that lean on what is known of everybody."""

from __future__ import annotations

import numpy as np
import pytest

from domain.companies import CompanyFacts
from models_ml.similarity.dataset import Companies
from models_ml.similarity.firmographics import PRIOR, Firmographics


def companies(*facts: CompanyFacts) -> Companies:
    none = np.zeros(len(facts), dtype=np.bool_)
    return Companies(
        tuple(f"c{n}" for n in range(len(facts))), facts, none, none, none, none, np.arange(1, len(facts) + 1)
    )


def of(industry="", **more):
    return CompanyFacts("x", industry=industry, **more)


def test_the_odds_are_the_shares_with_their_prior():
    told = companies(*[of("A")] * 10, *[of("B")] * 10)
    odds = Firmographics.of(told).log_odds(np.arange(4))
    base = 10.5 / 21
    assert odds[5] == pytest.approx(np.log((4 + PRIOR * base) / (4 + PRIOR) / base))
    assert odds[15] == pytest.approx(np.log((0 + PRIOR * base) / (4 + PRIOR) / base))
    assert odds[0] == pytest.approx(np.log((3 + PRIOR * base) / (3 + PRIOR) / base)), "a seed is judged by the others"


def test_what_is_unknown_counts_nought():
    told = companies(of("A"), of("A"), of(), of("B"))
    assert Firmographics.of(told).log_odds(np.array([0, 1]))[2] == 0.0


def test_a_size_lends_to_the_bands_beside_it():
    sizes = [120] * 10 + [300] * 10 + [9_000] * 10
    told = companies(*(of(employee_count=size) for size in sizes))
    odds = Firmographics.of(told).log_odds(np.arange(10))
    assert odds[5] > odds[15] > odds[25]


def test_a_technology_that_seeds_share_counts_for_its_users_only():
    told = companies(*[of(technologies=("Kafka",))] * 5, *[of(technologies=("Rails",))] * 5, of())
    odds = Firmographics.of(told).log_odds(np.arange(3))
    assert odds[4] > 0 > odds[9]
    assert odds[10] == 0.0


def test_filters_take_the_values_that_cover_four_fifths_of_the_seeds():
    told = companies(*[of("A")] * 8, *[of("B")] * 1, *[of("C")] * 1, *[of("A")] * 2, of("B"), of())
    assert list(Firmographics.of(told).matches(np.arange(10))[10:]) == [1, 1, 0, 0]
