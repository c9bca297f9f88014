"""Whether past intervals held what they promised, said no surer than their number allows."""

from __future__ import annotations

from datetime import date, timedelta

from domain.forecasting.coverage import CoverageVerdict, Judged, coverage, separate_spans


def judged(quarter: int, *, held: bool) -> Judged:
    begins = date(2020, 1, 1) + timedelta(days=91 * quarter)
    return Judged(begins, begins + timedelta(days=90), is_held_80=held, is_held_95=held)


def test_forecasts_of_one_quarter_share_its_luck_and_count_once():
    ten_of_each = [judged(quarter, held=True) for quarter in range(3) for _ in range(10)]

    assert separate_spans(ten_of_each) == 3
    assert coverage(ten_of_each, 0.8).verdict is CoverageVerdict.CANNOT_KNOW_YET


def test_no_forecast_of_the_past_says_nothing():
    assert coverage([], 0.95).verdict is CoverageVerdict.CANNOT_KNOW_YET


def test_intervals_that_miss_far_too_often_are_called_too_narrow():
    found = coverage([judged(quarter, held=quarter % 2 == 0) for quarter in range(16)], 0.95)

    assert (found.held_count, found.forecast_count, found.verdict) == (8, 16, CoverageVerdict.TOO_NARROW)


def test_a_miss_in_five_is_what_eighty_per_cent_promise():
    found = coverage([judged(quarter, held=quarter % 5 > 0) for quarter in range(20)], 0.8)

    assert found.verdict is CoverageVerdict.AS_PROMISED
    assert found.low < 0.8 < found.high
