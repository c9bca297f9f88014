"""What a forecast says, and what it must not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from domain.forecasting.periods import Part, Period
from models_ml.forecast.forecast import Forecast, forecast
from models_ml.forecast.weeks import OPEN
from tests.models_ml.forecast.backtests import backtest
from tests.models_ml.forecast.worlds import AS_OF, MOMENT, Agency, Nature, draw_agency

DRAWS = 100
NEGOTIATION = OPEN.index("negotiation")


@pytest.fixture(scope="module")
def agency() -> Agency:
    return draw_agency(Nature(), seed=11)


def made(agency: Agency, *, seed: int = 1, moment: datetime = MOMENT) -> Forecast:
    found, _ = forecast(agency.entries, agency.states, moment, AS_OF, "UTC", seed=seed, draws=DRAWS)
    return found


@pytest.fixture(scope="module")
def one(agency) -> Forecast:
    return made(agency)


def together(first: Agency, second: Agency) -> Agency:
    """Two pipelines of one organization."""
    entries = second.entries.with_columns(deal_id="b" + pl.col("deal_id"), seq=pl.col("seq") + first.entries.height)
    states = second.states.with_columns(deal_id="b" + pl.col("deal_id"), pipeline=pl.lit("renewals"))
    return Agency(pl.concat([first.entries, entries]), pl.concat([first.states, states]))


def test_rows_that_were_known_later_change_nothing(agency, one):
    known = Agency(
        agency.entries.filter(pl.col("known_at") <= MOMENT), agency.states.filter(pl.col("known_at") <= MOMENT)
    )

    assert known.entries.height < agency.entries.height
    assert made(known) == one


def test_a_price_that_was_raised_later_is_not_known_before(agency, one):
    later = MOMENT + timedelta(days=3)
    old = agency.states.with_columns(known_until=pl.lit(later).cast(agency.states["known_at"].dtype))
    new = agency.states.with_columns(
        known_at=pl.lit(later).cast(agency.states["known_at"].dtype), amount_minor=pl.col("amount_minor") * 9
    )

    assert made(replace(agency, states=pl.concat([old, new]))) == one


def test_won_open_and_new_business_add_up(one):
    for period in Period:
        parts = [one.estimates[period, part].expected for part in (Part.WON, Part.OPEN, Part.NEW)]
        assert sum(parts) == pytest.approx(one.estimates[period, Part.TOTAL].expected)


def test_worst_lies_below_commit_and_best_above(one):
    for estimate in one.estimates.values():
        ends = [estimate.quantiles[name] for name in ("low_95", "worst", "low_80", "commit", "best", "high_95")]
        assert ends == sorted(ends)


def test_a_deal_far_along_is_likelier_and_sooner_won_than_one_that_begins(one):
    by_stage = {OPEN[odds.stage]: odds for odds in one.stages}
    ahead, begins = by_stage["negotiation"], by_stage["opportunity"]

    assert ahead.chance > begins.chance
    assert ahead.won_in_weeks < begins.won_in_weeks
    assert ahead.chance == pytest.approx(0.35 ** (1 / 3), abs=0.08)
    assert begins.chance == pytest.approx(0.35, abs=0.08)


def test_each_pipeline_has_its_own_odds():
    both = together(draw_agency(Nature(win_chance=0.1), seed=3), draw_agency(Nature(win_chance=0.7), seed=4))

    chances = {odds.pipeline: odds.chance for odds in made(both).stages if odds.stage == NEGOTIATION}

    assert chances["default"] == pytest.approx(0.1 ** (1 / 3), abs=0.12)
    assert chances["renewals"] == pytest.approx(0.7 ** (1 / 3), abs=0.08)


def test_a_pipeline_without_history_takes_the_odds_of_all():
    few = draw_agency(Nature(a_week=0.4, years=0.5, days_a_stage=40), seed=5)
    both = together(draw_agency(Nature(), seed=3), few)

    found = made(both)

    assert {odds.pipeline for odds in found.stages} == {"default", ""}
    assert {deal.pipeline for deal in found.deals} == {"default", "renewals"}


def test_too_few_closed_deals_are_not_made_a_forecast():
    found = made(draw_agency(Nature(a_week=0.3, years=0.5), seed=6))

    assert not found.is_known
    assert found.counts.closed < 20


def test_a_year_is_not_told_from_four_months():
    found = made(draw_agency(Nature(a_week=6, years=0.4, days_a_stage=7), seed=7))

    assert {period for period, _ in found.estimates} == {Period.THIS_QUARTER, Period.NEXT_QUARTER}


def test_deals_without_an_amount_count_as_much_as_won_ones_were_worth(agency, one):
    states = agency.states.with_columns(
        amount_minor=pl.when(pl.col("deal_id").is_in([deal.deal_id for deal in one.deals]))
        .then(None)
        .otherwise(pl.col("amount_minor"))
    )

    unpriced = made(replace(agency, states=states)).estimates[Period.TWELVE_MONTHS, Part.OPEN].expected

    assert unpriced == pytest.approx(one.estimates[Period.TWELVE_MONTHS, Part.OPEN].expected, rel=0.35)
    assert np.isfinite(unpriced)


def test_a_past_forecast_is_judged_by_what_became_of_it(agency):
    now = datetime(2026, 7, 1, tzinfo=UTC)

    found = backtest(agency.entries, agency.states, [AS_OF], now, "UTC", seed=1, draws=DRAWS)

    estimate = made(agency).estimates
    for period in (Period.THIS_QUARTER, Period.NEXT_QUARTER):
        ends = estimate[period, Part.TOTAL].quantiles
        (judged,) = found[period]
        assert judged.is_held_80 == (ends["low_80"] <= agency.won_minor(period) <= ends["high_80"])
        assert judged.is_held_95 == (ends["low_95"] <= agency.won_minor(period) <= ends["high_95"])
    assert not found[Period.TWELVE_MONTHS]
