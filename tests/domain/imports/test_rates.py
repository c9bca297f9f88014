"""Exchange rates as a file says them."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import InvalidInput
from domain.imports.rates import Rate, parse_rates

HEAD = "rate_on,from_currency,to_currency,rate"


def test_a_file_of_rates_is_read_in_any_order_of_columns():
    assert parse_rates([HEAD, "2026-03-02,chf,EUR, 1.0642"]) == [Rate(date(2026, 3, 2), "CHF", "EUR", 1.0642)]
    assert parse_rates(["rate,to_currency,from_currency,rate_on", "2,BGN,EUR,2026-03-02"])[0].to_currency == "BGN"


@pytest.mark.parametrize(
    "line",
    [
        "2.3.2026,CHF,EUR,1",
        "2026-03-02,CHF,EUR,1,06",
        "2026-03-02,CHF,EUR,0",
        "2026-03-02,CHF,EUR,nan",
        "2026-03-02,CHF,EUR,inf",
        "2026-03-02,EUR,EUR,1",
        "2026-03-02,franc,EUR,1",
        "2026-03-02,CHF",
    ],
)
def test_a_fault_is_named_by_its_line_and_nothing_is_taken(line):
    with pytest.raises(InvalidInput, match="line 3"):
        parse_rates([HEAD, "2026-03-02,CHF,EUR,1.06", line])


def test_a_file_without_its_columns_says_what_the_first_line_says():
    with pytest.raises(InvalidInput, match="no column from_currency, to_currency"):
        parse_rates(["rate_on,rate", "2026-03-02,1"])
