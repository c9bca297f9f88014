"""The ranking as numbers: what lies near the seeds comes first, a seed is judged by the others, and the weight follows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.firmographics import Firmographics
from models_ml.similarity.ranking import centre, rank
from tests.models_ml.similarity.conftest import made_up

NONE = np.zeros(0, dtype=np.int64)


def ranked(companies, positive, negative=NONE):
    vectors = HashingEmbedder().encode(companies.texts)
    candidates = np.setdiff1d(np.arange(len(companies)), np.concatenate([positive, negative]))
    return rank(vectors, Firmographics.of(companies), positive, negative, candidates), candidates


def trade_of(companies, places):
    return [companies.facts[place].industry for place in places]


def test_companies_of_the_seeds_trade_come_first():
    companies = made_up(300)
    found, candidates = ranked(companies, np.flatnonzero(companies.is_customer))
    best = candidates[np.argsort(-found.blend[candidates])][:20]
    assert trade_of(companies, best) == ["Logistics"] * 20
    assert all(companies.facts[found.closest[place]].industry == "Logistics" for place in best)


def test_what_resembles_the_negative_seeds_falls():
    companies = made_up(300)
    positive = np.array(
        [place for place in range(300) if companies.facts[place].industry in {"Logistics", "Software"}][:30]
    )
    negative = np.array([place for place in range(150, 300) if companies.facts[place].industry == "Software"])[:20]
    negative = np.setdiff1d(negative, positive)
    before, _ = ranked(companies, positive)
    after, _ = ranked(companies, positive, negative)
    software = [place for place in range(300) if companies.facts[place].industry == "Software"]
    assert np.mean(after.blend[software]) < np.mean(before.blend[software]) - 0.3


def test_a_seed_is_never_compared_with_itself():
    companies = made_up(60)
    seeds = np.array([3, 4, 5])
    found, _ = ranked(companies, seeds)
    assert all(found.closest[seed] != seed for seed in seeds)
    assert found.text[seeds].max() < 0.999


def test_one_seed_is_enough_to_rank_and_has_no_neighbour_itself():
    found, candidates = ranked(made_up(60), np.array([7]))
    assert found.closest[7] == -1
    assert set(found.closest[candidates]) == {7}
    assert np.all((found.score >= 0) & (found.score <= 100))


def test_text_that_says_nothing_gets_little_weight_and_text_that_says_all_gets_much():
    rng = np.random.default_rng(5)
    told, untold = made_up(400), made_up(400, told=False)
    noise = rng.normal(size=(400, 32)).astype(np.float32)
    customers = np.flatnonzero(told.is_customer)
    others = np.flatnonzero(~told.is_customer)
    by_noise = rank(noise, Firmographics.of(told), customers, NONE, others)
    by_text = rank(HashingEmbedder().encode(untold.texts), Firmographics.of(untold), customers, NONE, others)
    assert by_noise.weight < 0.5 < by_text.weight


def test_fifty_is_as_close_as_the_middle_seed_is_to_the_others():
    companies = made_up(300)
    seeds = np.flatnonzero(companies.is_customer)
    found, _ = ranked(companies, seeds)
    assert np.median(found.score[seeds]) == pytest.approx(50, abs=3)
    order = np.argsort(found.blend)
    assert np.all(np.diff(found.score[order]) >= -1e-9)


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(0, 5))
def test_every_number_is_finite_whatever_is_known(seed, positives, negatives):
    rng = np.random.default_rng(seed)
    companies = made_up(40, seed=seed)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    vectors[rng.random(40) < 0.3] = 0.0  # not embedded yet
    places = rng.permutation(40)
    positive, negative = np.sort(places[:positives]), np.sort(places[positives : positives + negatives])
    found = rank(vectors, Firmographics.of(companies), positive, negative, np.setdiff1d(np.arange(40), positive))
    for numbers in (found.text, found.firm, found.blend, found.score):
        assert np.isfinite(numbers).all()


def test_what_all_texts_have_in_common_is_taken_away():
    rng = np.random.default_rng(1)
    common = np.ones(16) * 4
    vectors = (common + rng.normal(size=(50, 16))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[0] = 0.0
    moved = centre(vectors)
    assert not moved[0].any()
    assert abs(float((moved[1:] @ moved[1:].T).mean())) < 0.1 < float((vectors[1:] @ vectors[1:].T).mean())


def test_a_ranking_without_seeds_is_a_mistake():
    with pytest.raises(ValueError, match="seed"):
        rank(np.zeros((3, 2), dtype=np.float32), Firmographics.of(made_up(3)), NONE, NONE, np.arange(3))
