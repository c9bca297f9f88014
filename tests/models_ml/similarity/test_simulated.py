"""Whether lookalikes find customers in simulated agencies, as far as what a company does drives who buys."""

from __future__ import annotations

import numpy as np
import pytest

from data.simulator.client import Client, draw_client
from data.simulator.journeys import DAY_SECONDS
from data.simulator.parameters import DEFAULT_CLIENTS, WorldParameters
from data.simulator.words import COUNTRIES, INDUSTRIES, TITLES, TRADES
from domain.companies import CompanyFacts
from models_ml.similarity.dataset import Companies
from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.evaluate import Evaluation, evaluate

pytestmark = pytest.mark.slow
METHODS = ("random", "filters", "hybrid")


def known_companies(client: Client) -> Companies:
    """The companies of everybody known, as the CRM would hold them; who became a customer before the world's end."""
    firms, people, careers = client.companies, client.people, client.careers
    is_known = careers.known_at < client.parameters.days * DAY_SECONDS
    bought = is_known & (careers.customer_at < client.parameters.days * DAY_SECONDS)
    company = people.company[careers.person]
    known = np.unique(company[is_known])
    facts = []
    for number in known.tolist():
        industry = INDUSTRIES[firms.industry[number]]
        titles = dict.fromkeys(TITLES[title] for title in people.title[careers.person[is_known & (company == number)]])
        facts.append(
            CompanyFacts(
                name=firms.name(number), domain=firms.domain(number), industry=industry,
                employee_count=int(firms.employees[number]), country=COUNTRIES[firms.country[number]].code,
                description=f"{firms.name(number)} {TRADES[industry][firms.trade[number]]}.", titles=tuple(titles),
            )
        )  # fmt: skip
    none = np.zeros(len(known), dtype=np.bool_)
    is_customer = np.isin(known, company[bought])
    ids = tuple(f"c{number:06d}" for number in known.tolist())
    return Companies(ids, tuple(facts), is_customer, none, none, none, np.arange(1, len(known) + 1))


def judged(seed: int, icp_pull: float, client: int) -> Evaluation:
    plan = DEFAULT_CLIENTS[client]
    parameters = WorldParameters(seed=seed, event_count=60_000, clients=(plan,), icp_pull=icp_pull)
    companies = known_companies(draw_client(parameters, plan))
    return evaluate(companies, HashingEmbedder().encode(companies.texts))


def recalls(seeds: list[int], icp_pull: float) -> dict[str, float]:
    """In the best tenth, of all customers of three clients of each seed."""
    found = [judged(seed, icp_pull, client) for seed in seeds for client in range(3)]
    weights = [one.customer_count for one in found]
    return {
        method: float(np.average([one.recall_of(method).recall for one in found], weights=weights))
        for method in METHODS
    }


def test_the_ranking_beats_filters_where_descriptions_tell_who_buys_and_never_costs_much():
    without, strong = recalls([301, 302], 0.0), recalls([301, 302], 3.0)
    assert without["hybrid"] >= without["filters"] - 0.02
    assert strong["hybrid"] >= 1.5 * strong["filters"]
    assert strong["filters"] > strong["random"]
