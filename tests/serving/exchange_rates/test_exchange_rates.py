"""Exchange rates over the API: read by everybody who reads figures, written by the operator alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.errors import NotAllowed
from domain.tenancy import Scope
from storage.ops.repositories.money import FxRates
from tests.factories import SYSTEM, TESTER

DAY = date(2026, 3, 1)


@pytest.fixture
def rates(store):
    with store.write(SYSTEM, TESTER) as work:
        for number in range(5):
            FxRates(work).put(DAY + timedelta(days=number), "USD", "EUR", 0.9 + number / 100)
            FxRates(work).put(DAY + timedelta(days=number), "GBP", "EUR", 1.1 + number / 100)


def asked(api, **params):
    answer = api.get("/v1/exchange-rates", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rates_are_paged_newest_first_and_none_is_lost_between_pages(api, rates):
    found, cursor = [], None
    for _ in range(10):
        page = asked(api, limit=3, **({"cursor": cursor} if cursor else {}))
        found += [(item["rate_on"], item["from_currency"]) for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == [
        ((DAY + timedelta(days=number)).isoformat(), code) for number in (4, 3, 2, 1, 0) for code in ("GBP", "USD")
    ]


def test_rates_are_asked_for_by_currency_and_days(api, rates):
    page = asked(api, from_currency="USD", to_currency="EUR", since="2026-03-02", until="2026-03-03")
    assert [(item["rate_on"], item["rate"]) for item in page["items"]] == [
        ("2026-03-03", pytest.approx(0.92)), ("2026-03-02", pytest.approx(0.91)),
    ]  # fmt: skip


def test_a_made_up_cursor_and_a_currency_that_cannot_be_one_are_refused(api, rates):
    assert api.get("/v1/exchange-rates", params={"cursor": "nonsense"}).status_code == 422
    assert api.get("/v1/exchange-rates", params={"from_currency": "euro"}).status_code == 422


def test_no_organization_changes_what_anothers_amounts_are_worth(store, family):
    with pytest.raises(NotAllowed), store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        FxRates(work).put(DAY, "USD", "EUR", 2.0)
