"""What people did becomes signals in the operational store, where plays and people see them."""

import dagster as dg

from orchestration.behaviour import tell_of_behaviour
from orchestration.keys import activation_key, model_key
from orchestration.organizations import all_organizations
from orchestration.resources import House


@dg.asset(
    key=activation_key("store", "signals"),
    deps=[model_key("marts", "visits_daily"), model_key("marts", "reactions")],
    group_name="activation",
    owners=["team:analytics"],
    kinds={"python"},
    description="Signals of what people did on the site, in mail, forms and on LinkedIn; each is kept once.",
)
def told_signals(house: House) -> dg.MaterializeResult:
    kept = sum(
        tell_of_behaviour(house.lake, house.store, organization.organization_id, house.clock())
        for organization in all_organizations(house.store)
    )
    return dg.MaterializeResult(metadata={"dagster/row_count": kept})
