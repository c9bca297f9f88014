"""How new facts are laid over old ones."""

from __future__ import annotations

import pytest

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.merging import ContactFacts, MergePolicy, merged

KNOWN = {"email": "ada@lovelace.example", "first_name": "Ada", "title": "", "attributes": {"plan": "pro", "size": None}}


def test_blanks_are_filled_and_nothing_else():
    told = ContactFacts(first_name="Augusta", title="Countess", attributes={"plan": "free", "size": 3, "none": ""})
    assert merged(KNOWN, told, MergePolicy.FILL_BLANKS) == ({"title": "Countess"}, {"plan": "pro", "size": 3})


def test_what_is_told_overwrites_where_that_is_allowed():
    told = ContactFacts(first_name="Augusta", attributes={"plan": "free"})
    fields, attributes = merged(KNOWN, told, MergePolicy.OVERWRITE)
    assert fields == {"first_name": "Augusta"}
    assert attributes == {"plan": "free", "size": None}


@pytest.mark.parametrize("policy", MergePolicy)
def test_an_address_is_added_but_never_replaced(policy):
    told = ContactFacts(email=EmailAddress.parse("other@lovelace.example"), external_id="A-1")
    assert merged(KNOWN, told, policy) == ({"external_id": "A-1"}, None)
    assert merged({}, told, policy) == ({"email": "other@lovelace.example", "external_id": "A-1"}, None)


@pytest.mark.parametrize("policy", MergePolicy)
def test_not_told_never_means_erase(policy):
    assert merged(KNOWN, ContactFacts(), policy) == ({}, None)


def test_facts_that_no_column_can_hold_are_refused():
    with pytest.raises(InvalidInput, match="phone"):
        ContactFacts(phone="0" * 41)
