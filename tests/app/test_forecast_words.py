"""Forecasts in words: what is missing, whether intervals held, and which forecasts were of this very quarter."""

from __future__ import annotations

from pathlib import Path

from app.charts import BAD, GOOD
from app.forecast_charts import waterfall
from app.forecast_words import HOW, coverage_words, deal_rows, evolution, grouped, lacking, slippage_words, span_words
from domain.forecasting.coverage import FEWEST_SPANS
from domain.forecasting.enough import FEWEST_CLOSED, FEWEST_WEEKS, FEWEST_WON
from domain.forecasting.periods import Period
from models_ml.forecast.forecast import DRAWS
from models_ml.forecast.learning import FEWEST_OF_PIPELINE
from models_ml.forecast.luck import PRIOR_OF_ARRIVALS, PRIOR_OF_WINS
from models_ml.forecast.rates import NEWEST_WEEKS, PRIOR_WEEKS
from models_ml.forecast.weeks import WEEKS_LEARNED

ROOT = Path(__file__).parents[2]
QUARTER = {"period": "this_quarter", "starts_on": "2026-01-01", "ends_on": "2026-03-31"}


def past(day: str, period: str, starts: str, ends: str) -> dict[str, str]:
    return {"as_of_on": day, "period": period, "starts_on": starts, "ends_on": ends}


def covered(**changes: object) -> dict[str, object]:
    told = {"forecast_count": 40, "held_count": 34, "span_count": 5, "low": 0.5, "high": 0.97, "verdict": "as_promised"}
    return {**told, **changes}


def deal(number: int, owner: str | None, amount: int | None, chance: float) -> dict[str, object]:
    return {
        "deal_id": f"d{number}", "name": None, "owner_user_id": owner, "pipeline": "default", "stage": "proposal",
        "weeks_in_stage": 2, "amount_minor": amount, "this_quarter": chance, "won_by_on": "2026-03-01",
        "expected_close_on": None,
    }  # fmt: skip


def test_a_span_names_its_years_where_they_differ():
    assert span_words(QUARTER) == "Jan to Mar 2026"
    assert span_words({"starts_on": "2026-02-09", "ends_on": "2027-02-08"}) == "Feb 2026 to Feb 2027"


def test_what_is_missing_is_said_with_both_numbers():
    said = lacking([{"what": "closed", "has": 12, "needs": 20}, {"what": "weeks", "has": 5, "needs": 8}])

    assert said == "12 of 20 deals that were won or lost, 5 of 8 weeks of history"


def test_few_separate_quarters_are_not_made_a_verdict():
    assert coverage_words(covered(forecast_count=0)) == "No such period is over yet."
    assert "2 separate periods; 4 are needed" in coverage_words(covered(span_count=2, verdict="cannot_know_yet"))
    assert coverage_words(covered()).startswith(
        "34 of 40 forecasts held what was really won (85%); in the long run 50%"
    )


def test_days_that_people_said_are_held_against_what_came():
    told = {"won_count": 40, "late_count": 29, "median_days": 12, "overdue_count": 1}

    assert slippage_words(told) == (
        "29 of 40 won deals came later than people first said, the middle one 12 days after. "
        "1 open deal past the day that people say."
    )
    assert not slippage_words({"won_count": 0, "late_count": 0, "median_days": None, "overdue_count": 0})


def test_a_quarter_was_the_next_one_before_it_was_this_one():
    rows = [
        past("2025-12-28", "next_quarter", "2026-01-01", "2026-03-31"),
        past("2025-12-28", "this_quarter", "2025-10-01", "2025-12-31"),
        past("2026-01-04", "this_quarter", "2026-01-01", "2026-03-31"),
    ]

    assert [one["as_of_on"] for one in evolution(rows, QUARTER)] == ["2025-12-28", "2026-01-04"]


def test_deals_are_summed_by_owner_the_heaviest_first():
    rows = deal_rows(
        [deal(1, None, 1_000, 0.9), deal(2, "ada", 900, 0.8), deal(3, "ada", None, 0.5), deal(4, "ada", 500, 0.6)],
        "this_quarter", {"ada": "Ada"}, {"default": "Sales"}, "EUR",
    )  # fmt: skip

    assert [(one["name"], one["count"], one["amount_minor"], one["weighted"]) for one in grouped(rows, "owner")] == [
        ("Ada", 3, 1_400, 1_020.0),
        ("Nobody", 1, 1_000, 900.0),
    ]
    assert rows[0]["name"] == "No longer here"


def test_bars_of_a_waterfall_hang_between_the_sums():
    option = waterfall(100.0, [("New deals", 40.0, "+40"), ("Lost", -60.0, "-60")], 80.0, ("100", "80"))

    unseen, bars = (one["data"] for one in option["series"])
    assert unseen == [0.0, 100.0, 80.0, 0.0]
    assert [one["value"] for one in bars] == [100.0, 40.0, 60.0, 80.0]


def test_what_was_won_is_no_loss_although_it_is_open_no_more():
    option = waterfall(100.0, [("Won", -40.0, "-40"), ("Lost", -30.0, "-30")], 30.0, ("100", "30"), good="Won")

    _, won, lost, _ = (one["itemStyle"]["color"] for one in option["series"][1]["data"])
    assert (won, lost) == (GOOD, BAD)


def test_what_is_said_of_how_it_is_made_are_the_numbers_that_hold():
    page = " ".join((ROOT / "docs/how-to/read-the-forecast.md").read_text(encoding="utf-8").split())

    assert f"{DRAWS} futures are drawn" in HOW
    assert f"the last {NEWEST_WEEKS} weeks" in HOW
    for sentence in (
        f"needs {FEWEST_CLOSED} deals that were won or lost, of which {FEWEST_WON} were won with an amount",
        f"This quarter needs {FEWEST_WEEKS[Period.THIS_QUARTER]} weeks of history",
        f"the next one {FEWEST_WEEKS[Period.NEXT_QUARTER]}, twelve months {FEWEST_WEEKS[Period.TWELVE_MONTHS]}",
        f"Every deal of the last {WEEKS_LEARNED} weeks",
        f"by {PRIOR_WEEKS:.0f} weeks each",
        f"A pipeline with {FEWEST_OF_PIPELINE} closed deals has odds of its own",
        f"as often as in the last {NEWEST_WEEKS} weeks",
        f"a standard deviation of {PRIOR_OF_WINS} in log-odds of winning, and {PRIOR_OF_ARRIVALS} in the logarithm",
        f"{DRAWS} are drawn",
        f"nothing is judged before {FEWEST_SPANS} separate ones",
    ):
        assert sentence in page, sentence
