"""Intervals hold what they promise, over many agencies whose truth is known.

Stated bounds of what each interval holds: 74 to 92 of 100 at 80 %, 90 or more at 95 %; looser where few worlds are drawn.
"""

from __future__ import annotations

from collections import Counter

import pytest

from domain.forecasting.coverage import CoverageVerdict, coverage
from domain.forecasting.periods import Part, Period, sundays
from models_ml.forecast.forecast import forecast
from tests.models_ml.forecast.backtests import backtest
from tests.models_ml.forecast.worlds import AS_OF, MOMENT, Nature, draw_agency

NATURES = {
    "as modelled": Nature(),
    "quarters share their luck": Nature(luck=0.3),
    "few deals": Nature(a_week=1.0, years=1.0),
    "a few large deals": Nature(size_spread=1.2),
    "stays of a usual length": Nature(steady=4.0),
}


def held(nature: Nature, worlds: int, *, draws: int) -> dict[tuple[Period, int], float]:
    """Share of worlds whose truth lay in the interval."""
    hits: Counter[tuple[Period, int]] = Counter()
    for seed in range(worlds):
        agency = draw_agency(nature, seed=7_000 + seed)
        found, _ = forecast(agency.entries, agency.states, MOMENT, AS_OF, "UTC", seed=seed, draws=draws)
        for period in Period:
            ends, truth = found.estimates[period, Part.TOTAL].quantiles, agency.won_minor(period)
            for level in (80, 95):
                hits[period, level] += ends[f"low_{level}"] <= truth <= ends[f"high_{level}"]
    return {key: count / worlds for key, count in hits.items()}


def test_eighty_per_cent_intervals_hold_about_eighty_of_a_hundred():
    found = held(Nature(), 25, draws=100)

    for period in Period:
        assert found[period, 80] >= 0.6, found
        assert found[period, 95] >= 0.8, found
    assert 0.7 <= sum(found[period, 80] for period in Period) / len(Period) <= 0.95, found


@pytest.mark.slow
@pytest.mark.parametrize("name", NATURES)
def test_coverage_lies_within_its_bounds(name):
    found = held(NATURES[name], 300, draws=200)

    for period in Period:
        assert 0.74 <= found[period, 80] <= 0.92, (name, found)
        assert found[period, 95] >= 0.9, (name, found)


@pytest.mark.slow
def test_a_backtest_of_years_finds_the_intervals_as_promised():
    agency = draw_agency(Nature(years=6.0, luck=0.2), seed=8)
    first = AS_OF.replace(year=AS_OF.year - 4)

    found = backtest(agency.entries, agency.states, list(sundays(first, AS_OF))[::4], MOMENT, "UTC", seed=1, draws=150)

    for level in (0.8, 0.95):
        assert coverage(found[Period.NEXT_QUARTER], level).verdict is CoverageVerdict.AS_PROMISED
