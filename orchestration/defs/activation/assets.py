"""Written back: scores, feature snapshots and companies, where people and the worker read them."""

import dagster as dg

from models_ml.lead_scoring.activation import activate_scores
from models_ml.similarity.activation import activate_companies
from orchestration import rejudging
from orchestration.builds import record_build
from orchestration.keys import activation_key, ml_key, model_key
from orchestration.organizations import all_organizations, organizations_with_contacts
from orchestration.resources import House


@dg.asset(
    key=activation_key("store", "scores"),
    deps=[ml_key("lead_scoring", "scores")],
    group_name="activation",
    owners=["team:data-science"],
    kinds={"python"},
    description="The operational store's scores, with a ledger row for every change of band.",
)
def activated_scores(house: House) -> dg.MaterializeResult:
    reports = [
        activate_scores(
            house.lake, house.store, organization.organization_id, artifacts=house.artifacts, clock=house.clock
        )
        for organization in organizations_with_contacts(house.store)
    ]
    written = sum(report.written_count for report in reports)
    rejudging.finish(house.lake, rejudging.SCORES)
    record_build(house.lake, "activation", f"{written} scores written", house.clock())
    return dg.MaterializeResult(metadata={"dagster/row_count": written})


@dg.asset(
    key=activation_key("store", "companies"),
    deps=[ml_key("similarity", "lookalikes"), model_key("marts", "companies")],
    group_name="activation",
    owners=["team:data-science"],
    kinds={"python"},
    description="The operational store's companies: visits, people, quality, and place among the lookalikes.",
)
def activated_companies(house: House) -> dg.MaterializeResult:
    reports = [
        activate_companies(house.lake, house.store, organization.organization_id, clock=house.clock)
        for organization in all_organizations(house.store)
    ]
    written = sum(report.written_count for report in reports)
    return dg.MaterializeResult(metadata={"dagster/row_count": written})
