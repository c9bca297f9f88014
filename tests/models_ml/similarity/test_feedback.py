"""Marks in the ranking: good ones draw, unfit ones push away, hidden ones are never found, and what changed is told."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from domain.lookalikes import MarkedCompanies
from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.evaluate import evaluate
from models_ml.similarity.index import embed_organization
from models_ml.similarity.lookalikes import find_lookalikes
from models_ml.similarity.search import Wishes, find
from tests.models_ml.similarity.conftest import made_up

FROM_CUSTOMERS = Wishes(from_customers=True, limit=60)


@pytest.fixture(scope="module")
def world():
    """Logistics companies buy; a few software companies do too, which is what the marks are about."""
    companies = made_up(400, rate=0.3)
    software = [place for place, facts in enumerate(companies.facts) if facts.industry == "Software"]
    customers = companies.is_customer.copy()
    customers[software[:12]] = True
    companies = replace(companies, is_customer=customers)
    return companies, HashingEmbedder().encode(companies.texts)


def ids_of(companies, industry):
    return [
        name for name, facts, buys in zip(companies.ids, companies.facts, companies.is_customer, strict=True)
        if facts.industry == industry and not buys
    ]  # fmt: skip


def found_of(world, marked, wishes=FROM_CUSTOMERS):
    companies, vectors = world
    found = [one.company_id for one in find(companies, vectors, wishes, marked=marked).lookalikes]
    return found, [companies.facts[companies.place[name]].industry for name in found]


def test_unfit_companies_push_what_is_like_them_down_and_are_gone(world):
    software = ids_of(world[0], "Software")
    _, before = found_of(world, MarkedCompanies())
    found, after = found_of(world, MarkedCompanies(unfit=frozenset(software[:6])))
    assert not set(software[:6]) & set(found)
    assert after.count("Software") < before.count("Software")


def test_good_companies_draw_what_is_like_them_and_stay_on_the_list(world):
    hotels = ids_of(world[0], "Hospitality")
    good = MarkedCompanies(good=frozenset(hotels[:10]))
    _, before = found_of(world, MarkedCompanies(), replace(FROM_CUSTOMERS, limit=200))
    found, after = found_of(world, good, replace(FROM_CUSTOMERS, limit=200))
    assert after.count("Hospitality") > before.count("Hospitality")
    assert set(hotels[:10]) & set(found)


def test_what_is_excluded_is_found_by_no_search_and_moves_nothing_else(world):
    first, _ = found_of(world, MarkedCompanies())
    left, _ = found_of(world, MarkedCompanies(excluded=frozenset(first[:5])))
    assert left[:50] == first[5:55]
    seed = Wishes(positive_ids=[first[9]], without_customers=False, limit=60)
    alike, _ = found_of(world, MarkedCompanies(), seed)
    hidden, _ = found_of(world, MarkedCompanies(excluded=frozenset(alike[:1])), seed)
    assert alike[0] not in hidden


def test_marks_are_judged_on_the_same_customers_held_out_and_without_any_nothing_is_said(world):
    companies, vectors = world
    plain = evaluate(companies, vectors)
    assert plain.marked_gain is None
    assert plain.recall_of("marked") is None
    hotels = frozenset(ids_of(companies, "Hospitality")[:8])
    judged = evaluate(companies, vectors, MarkedCompanies(unfit=hotels))
    assert judged.recall_of("hybrid") == plain.recall_of("hybrid")
    mean, low, high = judged.marked_gain
    assert low <= mean <= high
    assert mean == pytest.approx(judged.recall_of("marked").recall - judged.recall_of("hybrid").recall, abs=2e-4)
    unwanted = [name for name, buys in zip(companies.ids, companies.is_customer, strict=True) if buys][:3]
    fewer = evaluate(companies, vectors, MarkedCompanies(unfit=frozenset(unwanted)))
    assert fewer.customer_count == plain.customer_count - 3


def test_the_run_tells_who_came_among_the_first_who_left_and_why(company_lake, world):
    companies, _ = world
    company_lake.add("org", companies)
    embed_organization(company_lake.lake, company_lake.settings, "org", embedder=HashingEmbedder())
    first = find_lookalikes(company_lake.lake, company_lake.settings, "org")
    assert first.feedback is None
    names = [one.company_id for one in first.found.lookalikes]
    marked = MarkedCompanies(unfit=frozenset(names[:2]), excluded=frozenset(names[2:3]))
    second = find_lookalikes(company_lake.lake, company_lake.settings, "org", marked=marked)
    told = json.loads(company_lake.rows("ml.similarity__runs", "org", "ran_at")[-1]["report"])["feedback"]
    assert (told["unfit_count"], told["excluded_count"], told["compared"]) == (2, 1, 50)
    assert told["stayed_count"] + told["left_count"] == 50
    why = {one["company_id"]: (one["before"], one["why"]) for one in told["left"]}
    assert (why[names[0]], why[names[2]]) == ((1, "unfit"), (3, "excluded"))
    assert not set(names[:3]) & {one.company_id for one in second.found.lookalikes}
    assert np.isclose(told["entered_count"], told["left_count"])
