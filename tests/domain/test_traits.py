"""What a page says about somebody, read as facts."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.traits import read_traits


def test_names_are_understood_in_any_spelling_and_the_rest_are_attributes():
    told = read_traits(
        {
            "email": "Ada@Northwind.example",
            "firstName": "Ada",
            "Last Name": "Lovelace",
            "jobTitle": "CTO",
            "company": {"name": "Northwind", "plan": "x"},
            "country": "pt",
            "planTier": "team",
            "seats": 12,
            "nested": {"a": 1},
        }
    )
    facts = told.facts
    assert (facts.email.value, facts.first_name, facts.last_name) == ("ada@northwind.example", "Ada", "Lovelace")
    assert (facts.title, facts.country, told.company_name) == ("CTO", "PT", "Northwind")
    assert facts.attributes == {"plan_tier": "team", "seats": 12}


def test_a_whole_name_is_split_once():
    facts = read_traits({"email": "a@b.example", "name": "Ada King Lovelace"}).facts
    assert (facts.first_name, facts.last_name) == ("Ada", "King Lovelace")


def test_traits_must_name_somebody():
    with pytest.raises(InvalidInput):
        read_traits({"first_name": "Ada"})
    assert read_traits({"user_id": 7}).facts.external_id == "7"


def test_a_page_cannot_flood_the_attributes():
    facts = read_traits({"email": "a@b.example", "phone": "1" * 99, **{f"k{n}": "v" * 9_999 for n in range(99)}}).facts
    assert len(facts.attributes) == 30
    assert {len(value) for value in facts.attributes.values()} == {1_000}
    assert len(facts.phone) == 40
