"""Vectors follow the texts: only what changed is embedded, what is gone is forgotten, and no tenant sees another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models_ml.similarity import index
from models_ml.similarity.dataset import read_companies
from models_ml.similarity.embed import HashingEmbedder, SentenceEmbedder, best_embedder, has_language_model
from models_ml.similarity.index import embed_organization, vectors_of
from models_ml.similarity.lookalikes import NO_TEXT, find_lookalikes
from models_ml.similarity.search import Wishes, find, seeds_of
from storage.vectors import Vectors
from tests.models_ml.similarity.conftest import made_up

OURS, THEIRS = "0192a0b0-0000-7000-8000-000000000001", "0192a0b0-0000-7000-8000-000000000002"


class Counting(HashingEmbedder):
    """Counts the texts it was given."""

    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return super().encode(texts)


def embedded(company_lake, organization_id=OURS):
    embedder = Counting()
    report = embed_organization(company_lake.lake, company_lake.settings, organization_id, embedder=embedder)
    return report, embedder.texts


def test_only_changed_texts_are_embedded_again(company_lake):
    company_lake.add(OURS, made_up(50))
    first, texts = embedded(company_lake)
    assert (first.company_count, first.embedded_count, len(texts)) == (50, 50, 50)
    assert embedded(company_lake)[0].embedded_count == 0
    with company_lake.lake.writer() as cursor:
        cursor.execute("update features.company_features set description = 'Entirely new' where company_id = 'c0007'")
        cursor.execute("update features.company_features set session_count = 9")
        cursor.execute("delete from features.company_features where company_id in ('c0001', 'c0002')")
    report, texts = embedded(company_lake)
    assert (report.company_count, report.embedded_count, report.erased_count) == (48, 1, 2)
    assert len(texts) == 1
    assert texts[0].endswith("Entirely new")
    kept = company_lake.rows("ml.similarity__embeddings", OURS, "company_id")
    assert len(kept) == 48
    assert "Entirely new" in next(row["text"] for row in kept if row["company_id"] == "c0007")


def test_a_company_without_a_vector_yet_has_noughts_and_the_rest_their_own(company_lake):
    company_lake.add(OURS, made_up(20))
    embedded(company_lake)
    companies = read_companies(company_lake.lake, OURS)
    vectors, embedder = vectors_of(company_lake.settings, OURS, companies)
    assert embedder.name == "hashed-words-1024"
    assert np.allclose(vectors, HashingEmbedder().encode(companies.texts), atol=1e-6)
    Vectors.open(company_lake.settings, embedder.name, embedder.dimension).erase(OURS, ["c0003"])
    vectors, _ = vectors_of(company_lake.settings, OURS, companies)
    assert not vectors[3].any()
    assert vectors[4].any()


def test_among_very_many_a_shortlist_holds_what_the_whole_would_have_found(company_lake, monkeypatch):
    monkeypatch.setattr(index, "EXACT_UP_TO", 200)
    monkeypatch.setattr(index, "SHORTLIST", 150)
    company_lake.add(OURS, made_up(500))
    embedded(company_lake)
    companies = read_companies(company_lake.lake, OURS)
    wishes = Wishes(from_customers=True, limit=10)
    seeds, _ = seeds_of(companies, wishes)
    places = index.shortlist(company_lake.settings, OURS, companies, seeds)
    assert len(places) < 400
    assert set(seeds) <= set(places)
    part = companies.only(places)
    by_part = find(part, vectors_of(company_lake.settings, OURS, part)[0], wishes)
    trade = {
        facts.industry for one in by_part.lookalikes for facts in [companies.facts[companies.place[one.company_id]]]
    }
    assert trade == {"Logistics"}


def test_the_ranking_is_written_with_its_proof_and_replaces_the_one_before(company_lake):
    company_lake.add(OURS, made_up(300, told=False))
    company_lake.add(THEIRS, made_up(40, seed=9))
    embedded(company_lake)
    first = find_lookalikes(company_lake.lake, company_lake.settings, OURS, suppressed=["c0000"])
    second = find_lookalikes(company_lake.lake, company_lake.settings, OURS)
    rows = company_lake.rows("ml.similarity__lookalikes", OURS, "rank")
    assert {row["run_id"] for row in rows} == {second.run_id}
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    runs = company_lake.rows("ml.similarity__runs", OURS, "ran_at, run_id")
    assert {run["run_id"] for run in runs} == {first.run_id, second.run_id}
    assert "Better than filters" in runs[-1]["verdict"]
    assert runs[-1]["embedder"] == HashingEmbedder.title
    assert company_lake.rows("ml.similarity__lookalikes", THEIRS, "rank") == []


def test_nothing_embedded_leaves_firmographics_and_says_so(company_lake):
    company_lake.add(OURS, made_up(200))
    report = find_lookalikes(company_lake.lake, company_lake.settings, OURS)
    assert report.embedder == NO_TEXT
    best = company_lake.rows("ml.similarity__lookalikes", OURS, "rank")[:10]
    industry = {row["company_id"]: row["industry"] for row in company_lake.rows("marts.companies", OURS, "company_id")}
    assert {industry[row["company_id"]] for row in best} == {"Logistics"}


def test_with_too_few_customers_nothing_is_ranked_and_the_reason_is_kept(company_lake):
    companies = made_up(100, rate=0.0)
    few = companies.is_customer.copy()
    few[:3] = True
    company_lake.add(OURS, replace(companies, is_customer=few))
    report = find_lookalikes(company_lake.lake, company_lake.settings, OURS)
    assert report.found.lookalikes == []
    (run,) = company_lake.rows("ml.similarity__runs", OURS, "run_id")
    assert run["verdict"].startswith("Nothing is ranked yet: 3 of 5 customers")
    assert "Too few to judge" in run["verdict"]


def test_an_organization_without_companies_leaves_no_trace(company_lake):
    assert embed_organization(company_lake.lake, company_lake.settings, OURS, embedder=Counting()).company_count == 0
    find_lookalikes(company_lake.lake, company_lake.settings, OURS)
    assert company_lake.rows("ml.similarity__runs", OURS, "run_id") == []


def test_without_a_language_model_words_take_its_place_under_their_own_name():
    chosen = best_embedder(has_model=False)
    assert isinstance(chosen, HashingEmbedder)
    assert "no language model" in chosen.title
    assert isinstance(best_embedder(has_model=True), SentenceEmbedder)


@pytest.mark.embeddings
def test_the_language_model_knows_what_words_mean():
    if not has_language_model():
        pytest.skip("no torch: `make embeddings`")
    model = SentenceEmbedder()
    found = model.encode(["Freight forwarding and haulage", "Trucks that carry cargo", "Pediatric heart surgery"])
    assert found.shape == (3, model.dimension)
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2
    assert model.encode([]).shape == (0, model.dimension)
    assert np.allclose(model.encode(["Trucks that carry cargo"])[0], found[1], atol=1e-5), "alone or in a batch"
