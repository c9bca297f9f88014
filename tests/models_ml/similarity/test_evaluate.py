"""The proof: it finds what is there to be found, and says so when there is nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models_ml.similarity import evaluate as evaluation
from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.evaluate import METHODS, evaluate
from tests.models_ml.similarity.conftest import made_up


def judged(companies, **options):
    return evaluate(companies, HashingEmbedder().encode(companies.texts), **options)


def test_a_trade_that_only_descriptions_tell_is_found_where_filters_cannot():
    found = judged(made_up(600, told=False))
    hybrid, filters, chance = (found.recall_of(method) for method in ("hybrid", "filters", "random"))
    assert found.beats_filters
    assert found.verdict.startswith("Better than filters.")
    assert hybrid.recall > 3 * filters.recall
    assert hybrid.lift == pytest.approx(hybrid.recall / chance.recall, rel=0.05)
    assert hybrid.low <= hybrid.recall <= hybrid.high


def test_where_customers_are_drawn_by_lot_nothing_is_claimed():
    companies = made_up(600, told=False)
    vectors = HashingEmbedder().encode(companies.texts)
    lots = [np.random.default_rng(seed).random(600) < 0.15 for seed in range(12)]
    found = [evaluate(replace(companies, is_customer=lot), vectors) for lot in lots]
    assert np.mean([one.recall_of("hybrid").recall for one in found]) == pytest.approx(0.1, abs=0.025)
    assert sum(one.beats_filters for one in found) <= 1
    assert any(one.verdict.startswith("Not better than filters, nor than chance") for one in found)


def test_where_the_industry_is_all_that_matters_filters_are_as_good_and_it_is_said():
    companies = made_up(600, rate=0.3)
    plain = replace(companies, facts=tuple(replace(facts, description="") for facts in companies.facts))
    found = judged(plain)
    assert found.recall_of("hybrid").recall > 1.5 * found.recall_of("random").recall
    assert "ilters" in found.verdict


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_too_few_customers_are_said_to_be_too_few(rate):
    found = judged(made_up(200, rate=rate))
    assert found.verdict.startswith("Too few to judge")
    assert (found.recalls, found.gain, found.beats_filters) == ((), None, False)


def test_every_method_is_judged_at_every_depth_and_the_same_again():
    companies = made_up(300)
    found = judged(companies)
    assert {one.method for one in found.recalls} == set(METHODS)
    assert found == judged(companies)
    for method in METHODS:
        by_depth = sorted((one.depth, one.recall) for one in found.recalls if one.method == method)
        assert [recall for _, recall in by_depth] == sorted(recall for _, recall in by_depth)


def test_ties_count_by_chance():
    above, tied = np.array([0.0, 5.0, 40.0]), np.array([20.0, 10.0, 1.0])
    assert list(evaluation._hits([(above, tied)], 10)) == [0.5, 0.5, 0.0]


def test_a_large_organization_is_judged_on_a_draw_and_it_is_said(monkeypatch):
    monkeypatch.setattr(evaluation, "MOST_CUSTOMERS", 30)
    monkeypatch.setattr(evaluation, "MOST_OTHERS", 200)
    found = judged(made_up(500))
    assert (found.customer_count, found.company_count) == (30, 230)
    assert "a draw of 30 customers" in found.notes[0]
