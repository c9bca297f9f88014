"""Real companies by name alone: those of one trade, some known, lead to the rest of the trade."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from domain.companies import CompanyFacts
from models_ml.similarity.dataset import Companies
from models_ml.similarity.embed import HashingEmbedder, SentenceEmbedder, has_language_model
from models_ml.similarity.evaluate import evaluate
from models_ml.similarity.search import Wishes, find

BANKS = re.compile(r"\bbanc|bank", re.IGNORECASE)
DRUGS = re.compile(r"pharma|therapeut|biosci|oncolog|vaccin", re.IGNORECASE)


@pytest.fixture(scope="module")
def listed() -> list[str]:
    folder = os.environ.get("LEADHOUSE_TEST_DATA")
    file = Path(folder or "", "matching/sec_companies/company_tickers.parquet")
    if not folder or not file.is_file():
        pytest.skip("no real companies: set LEADHOUSE_TEST_DATA to a folder with matching/sec_companies")
    names = sorted(set(pq.read_table(file, columns=["name"])["name"].to_pylist()))
    trade = [name for name in names if BANKS.search(name) or DRUGS.search(name)]
    rest = np.random.default_rng(0).permutation([name for name in names if name not in set(trade)])[:900]
    return sorted([*trade[::2], *(str(name) for name in rest)])


def as_companies(names: list[str], customers: re.Pattern[str]) -> Companies:
    none = np.zeros(len(names), dtype=np.bool_)
    buys = np.array([bool(customers.search(name)) for name in names])
    facts = tuple(CompanyFacts(name) for name in names)
    return Companies(tuple(names), facts, buys, none, none, none, np.arange(1, len(names) + 1))


@pytest.mark.parametrize("trade", [BANKS, DRUGS], ids=["banks", "drugs"])
def test_by_shared_words_alone_a_trade_is_found_far_better_than_by_chance(listed, trade):
    companies = as_companies(listed, trade)
    found = evaluate(companies, HashingEmbedder().encode(companies.texts))
    assert found.beats_filters
    assert found.recall_of("hybrid").lift > 4


@pytest.mark.embeddings
def test_the_language_model_finds_makers_of_medicines_that_share_no_word_with_the_seeds(listed):
    if not has_language_model():
        pytest.skip("no torch: `make embeddings`")
    seeds = [name for name in listed if re.search(r"therapeut", name, re.IGNORECASE)][:25]
    names = seeds + [name for name in listed if name not in seeds and not re.search(r"therapeut", name, re.IGNORECASE)]
    names = sorted(names[:25] + names[25:][::8])
    companies = as_companies(names, DRUGS)
    vectors = SentenceEmbedder().encode(companies.texts)
    wishes = Wishes(positive_ids=seeds, without_customers=False, limit=25)
    best = [one.company_id for one in find(companies, vectors, wishes).lookalikes]
    others = [name for name in names if name not in seeds]
    by_chance = np.mean([bool(DRUGS.search(name)) for name in others])
    assert np.mean([bool(DRUGS.search(name)) for name in best]) > 3 * by_chance
