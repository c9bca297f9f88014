"""What clients of an agency start from that have no model yet, where they agreed to share counts."""

import dagster as dg

from domain.priors.disclosure import Rules
from models_ml.lead_scoring.priors import build_priors, is_due
from orchestration.builds import last_built_at, record_build
from orchestration.keys import ml_key, model_key
from orchestration.resources import House


@dg.asset(
    key=ml_key("lead_scoring", "priors"),
    deps=[model_key("features", "contact_training_rows")],
    group_name="ml",
    owners=["team:data-science"],
    kinds={"python", "scipy"},
    description="Rates of an agency's other clients that agreed to it, rounded, for each client that starts from them: once a "
    "day, and after a switch was turned.",
    pool="lake_write",
)
def lead_scoring_priors(context: dg.AssetExecutionContext, house: House) -> dg.MaterializeResult:
    if not is_due(house.store, last_built_at(house.lake, "priors"), house.clock()):
        return dg.MaterializeResult(metadata={"summary": "made less than a day ago, and no switch was turned since"})
    limits = house.settings.priors
    rules = Rules(limits.least_clients, limits.least_people, limits.most_share)
    report = build_priors(house.lake, house.store, rules, clock=house.clock)
    record_build(house.lake, "priors", report.summary, house.clock())
    context.log.info("%s", report.summary)
    return dg.MaterializeResult(metadata={"summary": report.summary})
