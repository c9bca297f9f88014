"""A search: who may be chosen, who comes first, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from domain.companies import CompanyFacts, SizeBand
from domain.errors import InvalidInput
from models_ml.similarity.dataset import Companies
from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.search import Wishes, find
from tests.models_ml.similarity.conftest import made_up


def search(companies, **wishes):
    suppressed = wishes.pop("suppressed", ())
    return find(companies, HashingEmbedder().encode(companies.texts), Wishes(**wishes), suppressed=suppressed)


def ids(found):
    return [one.company_id for one in found.lookalikes]


def test_customers_are_like_what_is_found_and_are_not_found_themselves():
    companies = made_up(300)
    found = search(companies, from_customers=True, limit=20)
    customers = {companies.ids[place] for place in np.flatnonzero(companies.is_customer)}
    assert not customers & set(ids(found))
    assert [one.rank for one in found.lookalikes] == list(range(1, 21))
    assert [one.score for one in found.lookalikes] == sorted((one.score for one in found.lookalikes), reverse=True)
    assert {companies.facts[companies.place[name]].industry for name in ids(found)} == {"Logistics"}
    assert found.candidate_count == 300 - len(customers)


def test_chosen_companies_are_seeds_and_refused_ones_are_the_opposite():
    companies = made_up(300)
    clinics = [
        name for name, facts in zip(companies.ids, companies.facts, strict=True) if facts.industry == "Healthcare"
    ]
    found = search(companies, positive_ids=clinics[:5], negative_ids=[*clinics[5:7], "unknown"], limit=10)
    assert (found.positive_count, found.negative_count) == (5, 2)
    assert not set(clinics[:7]) & set(ids(found))
    assert {companies.facts[companies.place[name]].industry for name in ids(found)} == {"Healthcare"}


def test_filters_and_exclusions_leave_companies_out():
    companies = made_up(300)
    open_deals, visited = companies.has_open_deal.copy(), companies.has_visits.copy()
    open_deals[:100], visited[200:] = True, True
    companies = replace(companies, has_open_deal=open_deals, has_visits=visited)
    found = search(
        companies, from_customers=True, industries=["logistics"], countries=["de", "FR"], sizes=[SizeBand.MEDIUM],
        has_visits=True, limit=300, suppressed=["c0210", "nobody"],
    )  # fmt: skip
    assert found.lookalikes
    for name in ids(found):
        facts = companies.facts[companies.place[name]]
        assert (facts.industry, facts.country in {"DE", "FR"}, 51 <= facts.employee_count <= 200) == (
            "Logistics",
            True,
            True,
        )
        assert companies.place[name] >= 200
    assert "c0210" not in ids(found)
    assert search(companies, from_customers=True, countries=["JP"]).notes == ["No company meets these filters."]


def test_without_a_seed_one_is_told_what_to_do():
    with pytest.raises(InvalidInput) as caught:
        search(made_up(20, rate=0.0), from_customers=True)
    assert "mark your first customers" in caught.value.hint


def test_the_reasons_name_what_is_shared_with_the_closest_seed():
    facts = (
        CompanyFacts("Alpine Logistics", "alpine.example", "Logistics", 120, "DE", "Freight routing", ("Kafka",), ("CMO",), ("/pricing",)),
        CompanyFacts("Nordic Cargo", "nordic.example", "logistics", 95, "DE", "Freight over sea", ("kafka",), ("CMO",), ("/pricing",)),
        *(CompanyFacts(f"Clinic {n}", f"clinic{n}.example", "Health", 9_000, "US", "Patients") for n in range(12)),
    )  # fmt: skip
    none = np.zeros(len(facts), dtype=np.bool_)
    companies = Companies(tuple(f"c{n:02d}" for n in range(14)), facts, none, none, none, none, np.arange(1, 15))
    best = search(companies, positive_ids=["c00"], limit=1).lookalikes[0]
    assert (best.company_id, best.closest_company_id, best.closest_name) == ("c01", "c00", "Alpine Logistics")
    assert best.summary == "Like Alpine Logistics: logistics, 95 and 120 employees, DE, both use kafka"
    assert best.reasons == [
        "Both in logistics",
        "Similar size: 95 and 120 employees",
        "Both in DE",
        "Both use kafka",
        "Same roles: CMO",
        "Both read /pricing",
        "Shared words: freight",
    ]


def test_lost_companies_weigh_against():
    companies = made_up(300)
    lost = np.array([facts.industry == "Software" for facts in companies.facts])
    found = search(replace(companies, is_lost=lost), from_customers=True, from_lost=True, limit=50)
    assert found.negative_count == int(lost.sum())
    assert not {companies.ids[place] for place in np.flatnonzero(lost)} & set(ids(found))


def test_the_same_question_has_the_same_answer():
    companies = made_up(200)
    assert search(companies, from_customers=True) == search(companies, from_customers=True)
