"""Attribution that SQL cannot solve: Markov chains and Shapley values, between two parts of dbt, and what chance does to credits."""

import dagster as dg

from models_ml.attribution.solve import solve_attribution
from models_ml.attribution.uncertainty import draw_intervals
from orchestration.keys import ml_key, model_key
from orchestration.resources import House


@dg.asset(
    key=ml_key("attribution", "credits"),
    deps=[model_key("intermediate", "int_paths_counted"), model_key("intermediate", "int_organizations_with_rules")],
    group_name="ml",
    owners=["team:data-science"],
    kinds={"python", "scipy"},
    description="Credits by Markov chain and by Shapley value, for each organization, level and kind of conversion.",
    pool="lake_write",
    retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
)
def attribution_credits(house: House) -> dg.MaterializeResult:
    report = solve_attribution(house.lake, clock=house.clock)
    return dg.MaterializeResult(metadata={"dagster/row_count": report.row_count, "solved": report.solved_count})


@dg.asset(
    key=ml_key("attribution", "intervals"),
    deps=[
        model_key("intermediate", "int_paths_counted"),
        model_key("intermediate", "int_journey_touches"),
        model_key("intermediate", "int_journeys_weighed"),
        model_key("marts", "conversions"),
    ],
    group_name="ml",
    owners=["team:data-science"],
    kinds={"python", "scipy"},
    description="95 % intervals of every channel's credit under every model, by drawing the journeys anew.",
    pool="lake_write",
    retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
)
def attribution_intervals(house: House) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": draw_intervals(house.lake, clock=house.clock)})
