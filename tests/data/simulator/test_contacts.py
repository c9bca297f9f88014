"""Second records of a person: each error makes another record that is still recognisably theirs."""

from __future__ import annotations

import pytest

from data.simulator.client import draw_client
from data.simulator.contacts import ERRORS, card_of, second_card
from data.simulator.parameters import ClientPlan, WorldParameters
from domain.contacts import EmailAddress

PLAN = ClientPlan(name="Acme", share=1)


@pytest.fixture(scope="module")
def cards():
    client = draw_client(WorldParameters(event_count=3_000, clients=(PLAN,)), PLAN)
    return [card_of(client.companies, client.people, person) for person in range(client.people.count)]


@pytest.mark.parametrize("error", range(len(ERRORS)), ids=ERRORS)
def test_a_second_record_differs_and_has_an_address_of_its_own_or_none(cards, error):
    seen = {card.email for card in cards}
    for card in cards:
        again = second_card(card, error)
        assert again.external_id != card.external_id
        if again.email is None:
            assert again.phone.replace(" ", "") == card.phone.replace(" ", "")
        else:
            assert EmailAddress.parse(again.email).value == again.email
            assert again.email not in seen
            seen.add(again.email)


def test_every_address_belongs_to_one_person(cards):
    assert len({card.email for card in cards}) == len(cards)
