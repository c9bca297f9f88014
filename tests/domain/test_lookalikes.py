"""Pasted lists of domains."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.lookalikes import MOST_DOMAINS, pasted_domains


def test_a_pasted_list_is_read_once_each_and_what_is_no_domain_is_told():
    found = pasted_domains("Rival.com, https://www.rival.com/about;\n mara@partner.io\tnonsense münchen.de")
    assert found.domains == ("rival.com", "partner.io", "xn--mnchen-3ya.de")
    assert found.refused == ("nonsense",)
    assert pasted_domains("  ,;\n").domains == ()


def test_a_list_that_is_too_long_is_to_be_sent_in_parts():
    with pytest.raises(InvalidInput, match="501 domains"):
        pasted_domains(" ".join(f"d{number}.example" for number in range(MOST_DOMAINS + 1)))
