"""Attribution that SQL cannot solve: Markov chains and Shapley values, between two parts of dbt."""

import dagster as dg

from models_ml.attribution.solve import solve_attribution
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
