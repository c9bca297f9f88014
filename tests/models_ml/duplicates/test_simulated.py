"""Planted duplicates of worlds that nothing was fitted to are found, by kind of error, and the chances can be believed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from data.simulator.contacts import ERRORS, card_of, second_card
from data.simulator.parameters import WorldParameters
from data.simulator.world import World
from models_ml.duplicates import records
from models_ml.duplicates.comparisons import PEOPLE
from models_ml.duplicates.evaluate import calibration, measure
from models_ml.duplicates.matching import Found, find_pairs

SEEDS = (77, 4_103)
"""Of worlds that no weight was chosen by."""


@dataclass(frozen=True)
class Judged:
    """A client's records, what was found in them, and which pairs are one person."""

    found: Found
    truth: dict[tuple[str, str], str]


def judged(client) -> Judged:
    careers, again = client.careers, client.duplicates
    people, companies = client.people, client.companies
    cards = [card_of(companies, people, int(person)) for person in careers.person.tolist()]
    firms = [companies.domain(int(people.company[person])) for person in careers.person.tolist()]
    rows = [row_of(card, firm) for card, firm in zip(cards, firms, strict=True)]
    truth = {}
    for row, error in zip(again.contact.tolist(), again.error.tolist(), strict=True):
        second = second_card(cards[row], error)
        rows.append(row_of(second, firms[row]))
        truth[cards[row].external_id, second.external_id] = ERRORS[error]
    return Judged(find_pairs(records.people(rows), PEOPLE, at_least=0.01), truth)


def row_of(card, firm):
    return {
        "contact_id": card.external_id, "first_name": card.first_name, "last_name": card.last_name, "email": card.email,
        "phone": card.phone, "company_id": firm,
    }  # fmt: skip


@pytest.fixture(scope="module", params=SEEDS)
def world(request) -> list[Judged]:
    parameters = WorldParameters(seed=request.param, event_count=120_000, duplicate_rate=0.2)
    return [judged(client) for client in World(parameters).clients()]


def test_planted_duplicates_are_found_and_nobody_else(world):
    proposed = {(pair.left_id, pair.right_id) for each in world for pair in each.found.pairs if pair.probability >= 0.5}
    truth = {ids: error for each in world for ids, error in each.truth.items()}
    said = measure(proposed, set(truth))
    assert said.true_count >= 100
    missed = Counter(error for ids, error in truth.items() if ids not in proposed)
    assert said.precision >= 0.97, said
    assert said.recall >= 0.95, missed


def test_the_chances_can_be_believed(world):
    pairs = [pair for each in world for pair in each.found.pairs]
    bands = calibration(pairs, {ids for each in world for ids in each.truth})
    surest = bands[-1]
    assert surest.match_rate >= 0.97
    expected = sum(each.found.expected_matches for each in world)
    assert expected == pytest.approx(sum(len(each.truth) for each in world), rel=0.1)
