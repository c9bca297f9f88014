"""What each organization may still win, as known at the end of every week and now."""

import dagster as dg

from models_ml.forecast.publish import forecast_everyone
from orchestration.keys import ml_key, model_key
from orchestration.resources import House


@dg.asset(
    key=ml_key("forecast", "revenue"),
    deps=[model_key("marts", "deal_history"), model_key("intermediate", "int_deal_entries")],
    group_name="ml",
    owners=["team:data-science"],
    kinds={"python", "scipy"},
    description="Expected revenue with intervals for each week end and now, why the pipeline changed, and what became of it.",
    pool="lake_write",
    retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
)
def revenue_forecasts(house: House) -> dg.MaterializeResult:
    report = forecast_everyone(house.lake, clock=house.clock)
    return dg.MaterializeResult(metadata={"organizations": report.organization_count, "days": report.day_count})
